//! Shapes: records of a file mostly look alike, so what stands between their values is learnt once and then only compared.
//!
//! A record that was read the careful way leaves a trace: where its values lie. The text between them goes into a tree in which every
//! path is a shape. The next record of that shape is read by one comparison and one search a value, and it is as well-formed
//! as the first one was. A record of another shape is read the careful way again.

use super::json::scan;
use super::near::{self, Text, Texts};

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
    /// The first one is where every record begins.
    nodes: Vec<Node<A>>,
    texts: Texts,
    found: Vec<Found<A>>,
}

#[derive(Debug)]
struct Node<A> {
    /// What stands before the value.
    before: Text,
    stop: Stop,
    act: Option<A>,
    /// What most likely comes after the value.
    likely: u32,
    /// What else may come after it, the likelier first.
    others: Vec<u32>,
    /// What stands between the last value of a record and its end.
    tail: Option<Box<[u8]>>,
}

/// Where every record begins.
const ROOT: usize = 0;

/// No node.
const NONE: u32 = u32::MAX;

impl<A> Default for Shapes<A> {
    fn default() -> Self {
        Shapes { nodes: Vec::new(), texts: Texts::default(), found: Vec::new() }
    }
}

impl<A: Copy> Shapes<A> {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.texts.clear();
    }

    /// The wanted values of the record at `start..end`, where it is of a known shape. What lies behind it may be looked at, and
    /// changes nothing.
    pub fn read(&mut self, bytes: &[u8], start: usize, end: usize) -> Option<&[Found<A>]> {
        self.follow::<true>(bytes, start, end)?;
        Some(&self.found)
    }

    /// The same of an element of XML that begins at a place, with the place behind it: its closing tag is the first one of its name.
    pub fn read_element(&mut self, bytes: &[u8], start: usize) -> Option<(usize, &[Found<A>])> {
        let end = self.follow::<false>(bytes, start, bytes.len())?;
        Some((end, &self.found))
    }

    /// Follows a record along a known shape to its end, which is at `end` or, where that is open, before it.
    fn follow<const TO_THE_END: bool>(&mut self, bytes: &[u8], start: usize, end: usize) -> Option<usize> {
        self.found.clear();
        let (mut at, mut last) = (start, ROOT);
        while at <= end {
            let likely = self.nodes.get(last)?.likely as usize;
            let node = match self.nodes.get(likely) {
                Some(node) if self.texts.stands(node.before, bytes, at) => {
                    last = likely;
                    node
                }
                _ => match self.other(last, bytes, at) {
                    Some(other) => {
                        last = other;
                        self.nodes.get(other)?
                    }
                    None => {
                        let (rest, tail) = (bytes.get(at..end)?, self.nodes.get(last)?.tail.as_deref()?);
                        let ends = if TO_THE_END { rest == tail } else { rest.starts_with(tail) };
                        return ends.then_some(at + tail.len());
                    }
                },
            };
            at += node.before.len();
            let length = match node.stop {
                Stop::Byte(b'<') => near::find::<b'<'>(bytes, at)?,
                Stop::Byte(b'"') => near::find::<b'"'>(bytes, at)?,
                Stop::Byte(b'\'') => near::find::<b'\''>(bytes, at)?,
                Stop::Byte(byte) => memchr::memchr(byte, bytes.get(at..)?)?,
                Stop::JsonString => string(bytes, at)?,
                Stop::JsonWord => scan::word(bytes.get(at..end)?)?,
            };
            // A tag inside quotes, which is no XML, could be the closing one.
            if !TO_THE_END && node.stop != Stop::Byte(b'<') && near::find::<b'<'>(bytes, at)? < length {
                return None;
            }
            if let Some(act) = node.act {
                let escaped = node.stop == Stop::JsonString && bytes.get(at..at + length).is_some_and(|value| memchr::memchr(b'\\', value).is_some());
                self.found.push(Found { start: at, end: at + length, act, escaped });
            }
            at += length;
        }
        None
    }

    /// What comes after a node though it is not the likeliest; it is likelier from now on.
    #[cold]
    fn other(&mut self, last: usize, bytes: &[u8], at: usize) -> Option<usize> {
        let node = self.nodes.get(last)?;
        let place = node.others.iter().position(|id| self.nodes.get(*id as usize).is_some_and(|n| self.texts.stands(n.before, bytes, at)))?;
        let node = self.nodes.get_mut(last)?;
        let id = *node.others.get(place)?;
        match (place, node.others.first_mut()) {
            (0, Some(first)) => std::mem::swap(first, &mut node.likely),
            _ => node.others.swap(place, place - 1),
        }
        Some(id as usize)
    }

    /// Remembers the shape of the record at `start..end`, whose values are these, in order.
    pub fn learn(&mut self, bytes: &[u8], start: usize, end: usize, values: &[Traced<A>]) {
        if self.nodes.len() + values.len() > NODES {
            return;
        }
        if self.nodes.is_empty() {
            let before = self.texts.add(b"");
            self.nodes.push(Node { before, stop: Stop::JsonWord, act: None, likely: NONE, others: Vec::new(), tail: None });
        }
        let (mut at, mut last) = (start, ROOT);
        for v in values {
            let (Some(before), Some(node)) = (bytes.get(at..v.start), self.nodes.get(last)) else { return };
            let same = |id: &u32| self.nodes.get(*id as usize).is_some_and(|n| n.stop == v.stop && self.texts.is(n.before, before));
            let known = [node.likely].iter().chain(&node.others).copied().find(same);
            last = match known {
                Some(id) => id as usize,
                None => self.add(last, before, v),
            };
            at = v.end;
        }
        if let (Some(node), Some(tail)) = (self.nodes.get_mut(last), bytes.get(at..end)) {
            node.tail = Some(tail.into());
        }
    }

    /// A node for what may come after another one.
    fn add(&mut self, last: usize, before: &[u8], value: &Traced<A>) -> usize {
        let id = self.nodes.len();
        if let Some(node) = self.nodes.get_mut(last) {
            match node.likely {
                NONE => node.likely = id as u32,
                _ => node.others.push(id as u32),
            }
        }
        let before = self.texts.add(before);
        self.nodes.push(Node { before, stop: value.stop, act: value.act, likely: NONE, others: Vec::new(), tail: None });
        id
    }
}

/// The length of a JSON string's inside: up to the first quote that no backslash escapes.
#[inline]
fn string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += near::find::<b'"'>(bytes, at)?;
        // Paths are full of backslashes, so they are looked at only before a quote.
        let before = bytes.get(start..at)?;
        if before.last() != Some(&b'\\') || before.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 0 {
            return Some(at - start);
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
    fn quotes_are_found_at_every_place() {
        for length in 0..100 {
            let text = vec![b'a'; length];
            assert_eq!(string(&text, 0), None);
            for at in 0..length {
                let mut other = text.clone();
                other[at] = b'"';
                assert_eq!(string(&other, 0), Some(at));
                // An odd number of backslashes escapes the quote, an even one does not.
                other[..at].fill(b'\\');
                assert_eq!(string(&other, 0), (at % 2 == 0).then_some(at));
            }
        }
    }

    #[test]
    fn json_values_end_where_json_says() {
        assert_eq!(string(b"a\\\"b\\\\\" c", 0), Some(6));
        assert_eq!(string(b"\"", 0), Some(0));
        assert_eq!((string(b"a\\", 0), string(b"a\\\"", 0)), (None, None));
    }
}
