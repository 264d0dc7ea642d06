//! Shapes: records of a file mostly look alike, so what stands between their values is learnt once and then only compared.
//!
//! A record that was read the careful way leaves a trace: where its values lie. The text between them goes into a tree in which every
//! path is a shape. The next record of that shape is read by one comparison and one search a value, and it is as well-formed
//! as the first one was. A record of another shape is read the careful way again.

use super::json::scan;

/// Nodes of the tree at most: records that never repeat their shape must not fill the memory.
const NODES: usize = 4096;

/// How one knows where a value ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// At the next such byte.
    Byte(u8),
    /// At the quote that ends a JSON string.
    JsonString,
    /// Where a JSON number, `true`, `false` or `null` ends.
    JsonWord,
}

/// A value of a record, with what is to be done with it; nothing, where nobody wants it.
#[derive(Clone, Copy, Debug)]
pub struct Traced<A> {
    pub start: usize,
    pub end: usize,
    pub stop: Stop,
    pub act: Option<A>,
}

/// A value that somebody wants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found<A> {
    pub start: usize,
    pub end: usize,
    pub act: A,
    /// It has escapes.
    pub escaped: bool,
}

/// The shapes seen so far.
#[derive(Debug)]
pub struct Shapes<A> {
    nodes: Vec<Node<A>>,
    first: Vec<u32>,
    found: Vec<Found<A>>,
}

#[derive(Debug)]
struct Node<A> {
    /// What stands before the value.
    before: Box<[u8]>,
    stop: Stop,
    act: Option<A>,
    /// What may come after the value, the likeliest first.
    next: Vec<u32>,
    /// What stands between the last value of a record and its end.
    tail: Option<Box<[u8]>>,
}

impl<A> Default for Shapes<A> {
    fn default() -> Self {
        Shapes { nodes: Vec::new(), first: Vec::new(), found: Vec::new() }
    }
}

impl<A: Copy> Shapes<A> {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.first.clear();
    }

    /// The wanted values of the record at `start..end`, where it is of a known shape.
    pub fn read(&mut self, bytes: &[u8], start: usize, end: usize) -> Option<&[Found<A>]> {
        self.found.clear();
        let record = bytes.get(..end)?;
        let mut at = start;
        let mut last: Option<u32> = None;
        loop {
            let rest = record.get(at..)?;
            let next = match last {
                None => &mut self.first,
                Some(id) => &mut self.nodes.get_mut(id as usize)?.next,
            };
            let mut known = next.iter().enumerate().map(|(place, id)| (place, *id));
            let hit = match known.next() {
                Some((_, id)) if self.nodes.get(id as usize).is_some_and(|n| begins(rest, &n.before)) => Some((0, id)),
                _ => known_in(&self.nodes, last.map_or(self.first.as_slice(), |l| self.nodes.get(l as usize).map_or(&[], |n| &n.next)), rest),
            };
            let Some((place, id)) = hit else {
                let tail = self.nodes.get(last? as usize)?.tail.as_deref()?;
                return (rest == tail).then_some(&self.found);
            };
            if place > 0 {
                let next = match last {
                    None => &mut self.first,
                    Some(id) => &mut self.nodes.get_mut(id as usize)?.next,
                };
                next.swap(place, place - 1);
            }
            let node = self.nodes.get(id as usize)?;
            at += node.before.len();
            let rest = record.get(at..)?;
            let length = match node.stop {
                Stop::Byte(b) => find(b, rest)?,
                Stop::JsonString => string(rest)?,
                Stop::JsonWord => scan::word(rest)?,
            };
            if let Some(act) = node.act {
                let escaped = node.stop == Stop::JsonString && rest.get(..length).is_some_and(|value| memchr::memchr(b'\\', value).is_some());
                self.found.push(Found { start: at, end: at + length, act, escaped });
            }
            at += length;
            last = Some(id);
        }
    }

    /// Remembers the shape of the record at `start..end`, whose values are these, in order.
    pub fn learn(&mut self, bytes: &[u8], start: usize, end: usize, values: &[Traced<A>]) {
        if self.nodes.len() + values.len() > NODES {
            return;
        }
        let mut at = start;
        let mut last: Option<u32> = None;
        for v in values {
            let Some(before) = bytes.get(at..v.start) else { return };
            let next = match last {
                None => &self.first,
                Some(id) => match self.nodes.get(id as usize) {
                    Some(n) => &n.next,
                    None => return,
                },
            };
            let same = next.iter().copied().find(|&id| self.nodes.get(id as usize).is_some_and(|n| *n.before == *before && n.stop == v.stop));
            let id = same.unwrap_or_else(|| {
                let id = self.nodes.len() as u32;
                self.nodes.push(Node { before: before.into(), stop: v.stop, act: v.act, next: Vec::new(), tail: None });
                match last {
                    None => self.first.push(id),
                    Some(l) => self.nodes.get_mut(l as usize).into_iter().for_each(|n| n.next.push(id)),
                }
                id
            });
            at = v.end;
            last = Some(id);
        }
        if let (Some(node), Some(tail)) = (last.and_then(|id| self.nodes.get_mut(id as usize)), bytes.get(at..end)) {
            node.tail = Some(tail.into());
        }
    }
}

/// The first of these nodes whose text comes next, with its place among them.
fn known_in<A>(nodes: &[Node<A>], next: &[u32], rest: &[u8]) -> Option<(usize, u32)> {
    next.iter().copied().enumerate().find(|(_, id)| nodes.get(*id as usize).is_some_and(|n| begins(rest, &n.before)))
}

/// Do the bytes begin with this text? Compared sixteen at a time: the texts are too short for a call to be worth it.
#[inline]
fn begins(bytes: &[u8], text: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..text.len()) else { return false };
    let ((a, _), (b, _)) = (bytes.as_chunks::<16>(), text.as_chunks::<16>());
    match (bytes.last_chunk::<16>(), text.last_chunk::<16>()) {
        (Some(x), Some(y)) => x == y && a == b,
        _ => bytes.iter().zip(text).all(|(x, y)| x == y),
    }
}

/// A byte in each place of a word.
const fn repeated(byte: u8) -> u64 {
    u64::MAX / 255 * byte as u64
}

/// The bytes of a word that are zero, as their top bits; exact up to the first of them.
#[inline]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(repeated(1)) & !word & repeated(0x80)
}

/// Words that are looked at here before a call is worth it: most values are short.
const WORDS: usize = 3;

/// The place of a byte.
#[inline]
fn find(byte: u8, bytes: &[u8]) -> Option<usize> {
    let words = bytes.as_chunks::<8>().0;
    for (n, eight) in words.iter().take(WORDS).enumerate() {
        let found = zeros(u64::from_le_bytes(*eight) ^ repeated(byte));
        if found != 0 {
            return Some(n * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let seen = words.len().min(WORDS) * 8;
    memchr::memchr(byte, bytes.get(seen..)?).map(|i| seen + i)
}

/// The length of a JSON string's inside: up to the first quote that no backslash escapes.
#[inline]
fn string(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += find(b'"', rest.get(at..)?)?;
        // Paths are full of backslashes, so they are looked at only before a quote.
        let before = rest.get(..at)?;
        if before.last() != Some(&b'\\') || before.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 0 {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_a_known_shape() {
        let mut shapes = Shapes::default();
        let values = |ranges: &[(usize, usize)]| -> Vec<Traced<u8>> {
            ranges
                .iter()
                .enumerate()
                .map(|(i, (start, end))| Traced { start: *start, end: *end, stop: Stop::Byte(b'<'), act: (i != 1).then_some(i as u8) })
                .collect()
        };
        shapes.learn(b"<a>1</a><b>22</b><c>3</c>", 0, 25, &values(&[(3, 4), (11, 13), (20, 21)]));
        let read = |shapes: &mut Shapes<u8>, text: &str| {
            shapes.read(text.as_bytes(), 0, text.len()).map(|f| f.iter().map(|f| (f.act, text[f.start..f.end].to_string())).collect::<Vec<_>>())
        };
        assert_eq!(read(&mut shapes, "<a></a><b>x</b><c>yz</c>"), Some(vec![(0, String::new()), (2, "yz".into())]));
        for other in ["", "<a>1</a>", "<a>1</a><b>2</b><c>3</c> ", "<a>1</a><b>2</b><c>3", "<a>1</a><d>2</d><c>3</c>", "<a>1<b>2</b><c>3</c>"] {
            assert_eq!(read(&mut shapes, other), None, "{other}");
        }
        shapes.learn(b"<a>1</a><d>2</d>", 0, 16, &values(&[(3, 4), (11, 12)]));
        assert_eq!(read(&mut shapes, "<a>5</a><d>6</d>"), Some(vec![(0, "5".into())]));
        assert!(read(&mut shapes, "<a></a><b>x</b><c>yz</c>").is_some());
    }

    #[test]
    fn bytes_are_found_and_texts_compared_at_every_length() {
        for length in 0..60 {
            let text = vec![b'a'; length];
            for at in 0..length {
                let mut other = text.clone();
                other[at] = b'<';
                assert_eq!(find(b'<', &other), Some(at), "{length} {at}");
                assert!(!begins(&other, &text) && begins(&other, &other) && !begins(&other[..at], &text));
            }
            assert_eq!((find(b'<', &text), string(&text)), (None, None));
            for at in 0..length {
                let mut other = text.clone();
                other[at] = b'"';
                assert_eq!(string(&other), Some(at));
                // An odd number of backslashes escapes the quote, an even one does not.
                other[..at].fill(b'\\');
                assert_eq!(string(&other), (at % 2 == 0).then_some(at));
            }
        }
        assert_eq!(find(0xff, &[0x7f, 0xfe, 0, 1, 2, 3, 4, 5, 0xff]), Some(8));
    }

    #[test]
    fn json_values_end_where_json_says() {
        assert_eq!(string(b"a\\\"b\\\\\" c"), Some(6));
        assert_eq!(string(b"\""), Some(0));
        assert_eq!((string(b"a\\"), string(b"a\\\"")), (None, None));
    }
}
