//! Pairs of a group and the number of a text, each packed into a word.

use hashbrown::{HashMap, HashSet};

type Hasher = foldhash::fast::RandomState;

/// Which text is in which group.
pub(super) enum Pairs {
    /// Some maybe several times.
    Listed(Vec<u64>),
    /// Whether it is there is all that is asked.
    Seen(HashSet<u64, Hasher>),
    Counted(HashMap<u64, u64, Hasher>),
}

impl Pairs {
    #[inline]
    pub(super) fn add(&mut self, group: u32, number: u32, times: u64) {
        let key = u64::from(group) << 32 | u64::from(number);
        match self {
            Pairs::Listed(pairs) => pairs.push(key),
            Pairs::Seen(pairs) => _ = pairs.insert(key),
            Pairs::Counted(pairs) => *pairs.entry(key).or_insert(0) += times,
        }
    }

    /// Hands out group, number of the text and count, in no order.
    pub(super) fn each(&self, mut f: impl FnMut(usize, usize, u64)) {
        let mut each = |key: &u64, times| f((key >> 32) as usize, (key & u64::from(u32::MAX)) as usize, times);
        match self {
            Pairs::Listed(pairs) => pairs.iter().for_each(|key| each(key, 1)),
            Pairs::Seen(pairs) => pairs.iter().for_each(|key| each(key, 1)),
            Pairs::Counted(pairs) => pairs.iter().for_each(|(key, times)| each(key, *times)),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Pairs::Listed(pairs) => pairs.len(),
            Pairs::Seen(pairs) => pairs.len(),
            Pairs::Counted(pairs) => pairs.len(),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            Pairs::Listed(pairs) => pairs.capacity() * size_of::<u64>(),
            Pairs::Seen(pairs) => pairs.allocation_size(),
            Pairs::Counted(pairs) => pairs.allocation_size(),
        }
    }

    /// Takes all of them away.
    pub(super) fn take(&mut self) -> Pairs {
        let none = match self {
            Pairs::Listed(_) => Pairs::Listed(Vec::new()),
            Pairs::Seen(_) => Pairs::Seen(HashSet::default()),
            Pairs::Counted(_) => Pairs::Counted(HashMap::default()),
        };
        std::mem::replace(self, none)
    }
}
