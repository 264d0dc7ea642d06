//! Shapes: records of a file mostly look alike, so what stands between their values is learnt once and then only compared.
//!
//! A record that was read the careful way leaves a trace: where its values lie. The text between them, and with it the values that are
//! always the same, goes into a [tree] in which every path is a shape. The next record of that shape is read by one
//! comparison a value, its [marks](super::marks) say where the values end, and it is as well-formed as the first one was. A record of another
//! shape is read the careful way again.

mod seams;
mod signs;
mod tree;

pub use seams::Seams;

use super::json::scan;
use super::marks::{Language, Marks};
use super::near;
use crate::machine::lanes::{self, Lanes, Work};
use hashbrown::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use tree::{Step, Tail, Tree};

/// Values of all shapes at most: records that never repeat their shape must not fill the memory.
const VALUES: usize = 4096;

/// Bytes of a record whose shape is kept at most, and of all such records.
const BYTES: usize = 64 << 10;
const ALL_BYTES: usize = 2 << 20;

/// Records of a shape that are read the careful way before one says which of their values are always the same.
const SAMPLES: usize = 4;

/// So often may a value turn out to differ after all; from then on none counts as always the same.
const REBUILT: usize = 200;

/// So many records that their shape could not help, and all is forgotten: others have become the usual ones.
const REFUSED: usize = 4096;

/// Bytes behind the start of a record whose marks are looked for at first: few records are longer.
const AHEAD: usize = 4 << 10;

/// How one knows where a value ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// At the next mark: the text of an element of XML, a string of JSON.
    Mark,
    /// At the next `'`, before any tag.
    Apostrophe,
    /// At the next `"`, before any tag.
    Quote,
    /// Where a JSON number, `true`, `false` or `null` ends.
    Word,
}

/// A value of a record, with what is to be done with it; nothing, where nobody wants it.
#[derive(Clone, Copy, Debug)]
pub struct Traced<A> {
    pub start: usize,
    pub end: usize,
    pub stop: Stop,
    pub act: Option<A>,
}

impl<A: Copy> Traced<A> {
    /// The same as it would be found; nothing where nobody wants it.
    pub fn found(&self, language: Language, text: &[u8]) -> Option<Found<A>> {
        let escaped = || language == Language::Json && self.stop == Stop::Mark && text.get(self.start..self.end).is_some_and(|v| v.contains(&b'\\'));
        self.act.map(|act| Found { start: self.start, end: self.end, act, escaped: escaped(), constant: false })
    }
}

/// A value that somebody wants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found<A> {
    pub start: usize,
    pub end: usize,
    pub act: A,
    /// It has escapes.
    pub escaped: bool,
    /// All records of the shape have it.
    pub constant: bool,
}

impl<A: Copy> Found<A> {
    /// The same, counted from a place.
    fn behind(&self, place: usize) -> Found<A> {
        Found { start: place + self.start, end: place + self.end, ..*self }
    }
}

/// The shapes seen so far.
#[derive(Debug)]
pub struct Shapes<A> {
    language: Language,
    marks: Marks,
    tree: Tree<A>,
    /// Where somebody asks for them.
    seams: Option<Seams>,
    /// By what stands between the values.
    samples: HashMap<u64, Sample<A>, foldhash::fast::RandomState>,
    /// Values and bytes of all samples.
    values: usize,
    bytes: usize,
    /// How often a value turned out to differ after all.
    rebuilt: usize,
    /// Records whose shape could not help.
    refused: usize,
    found: Vec<Found<A>>,
    /// Where the last record that was followed ended, and the number of its text.
    last: (usize, usize),
    text: u64,
}

/// The first record of a shape.
#[derive(Debug)]
struct Sample<A> {
    record: Vec<u8>,
    values: Vec<Traced<A>>,
    /// Which values were the same in all records of the shape.
    constant: Vec<bool>,
    records: usize,
}

impl<A: Copy + PartialEq> Shapes<A> {
    /// None yet.
    pub fn new(language: Language) -> Shapes<A> {
        Shapes {
            language,
            marks: Marks::new(language),
            tree: Tree::default(),
            seams: None,
            samples: HashMap::default(),
            values: 0,
            bytes: 0,
            rebuilt: 0,
            refused: 0,
            found: Vec::new(),
            last: (0, 0),
            text: 1,
        }
    }

    /// The same, which notes what stands between values.
    pub fn telling(language: Language) -> Shapes<A> {
        let seams = if language == Language::Json { Seams::of_json() } else { Seams::default() };
        Shapes { seams: Some(seams), ..Shapes::new(language) }
    }

    /// Forgets everything but the seams.
    pub fn clear(&mut self) {
        *self = Shapes { seams: self.seams.take(), text: self.text, ..Shapes::new(self.language) };
    }

    /// What stands between the values of all records that were followed so far, where that was noted.
    pub fn seams(&self) -> Option<&Seams> {
        self.seams.as_ref()
    }

    /// Begins with another text, whose records may be of the same shapes. Whether they matter is to be told again.
    pub fn begin(&mut self) {
        self.marks.clear();
        self.text += 1;
    }

    /// What was found in the last record that was followed; it may lack some where the record does not matter.
    pub fn found(&self) -> &[Found<A>] {
        &self.found
    }

    /// Does the last record that was followed matter? What is asked of its values tells that, and whether values that are always the same decided: then it
    /// goes for all records of this text and shape.
    pub fn decide(&mut self, ask: impl FnOnce(&[Found<A>]) -> (bool, bool)) -> bool {
        if let Some(matters) = self.tree.told(self.last, self.text) {
            return matters;
        }
        let (matters, always) = ask(&self.found);
        if always {
            self.tree.tell(self.last, self.text, matters);
        }
        matters
    }

    /// Finds the wanted values of the record at `start..end`, where it is of a known shape. What lies behind it may be looked at, and
    /// changes nothing. All records that are asked for are of one text.
    pub fn read(&mut self, bytes: &[u8], start: usize, end: usize) -> Option<()> {
        self.follow::<true>(bytes, start, end).map(|_| ())
    }

    /// The same of a record that begins at a place; gives the place behind it: the closing tag of an element of XML is the first one
    /// of its name, and an object of JSON is read to its last brace.
    pub fn read_open(&mut self, bytes: &[u8], start: usize) -> Option<usize> {
        self.follow::<false>(bytes, start, bytes.len())
    }

    fn follow<const TO_THE_END: bool>(&mut self, bytes: &[u8], start: usize, end: usize) -> Option<usize> {
        if self.tree.is_empty() {
            return None;
        }
        self.marks.cover(bytes, start, start.saturating_add(AHEAD).min(end));
        loop {
            match lanes::run(Follow::<A, TO_THE_END> { shapes: self, bytes, start, end }) {
                Ok(end) => return Some(end),
                Err(Lost::Unknown) => return None,
                Err(Lost::Marks) => {
                    let ahead = self.marks.reach(start).saturating_mul(2);
                    if !self.marks.cover(bytes, start, start.saturating_add(ahead).min(end)) {
                        return None;
                    }
                }
            }
        }
    }

    /// Remembers the shape of the record at `start..end`, which was none that is known, and whose values are these, in order.
    pub fn learn(&mut self, bytes: &[u8], start: usize, end: usize, values: &[Traced<A>]) {
        if self.sample(bytes, start, end, values).is_none() {
            self.refused += 1;
            if self.refused > REFUSED {
                self.clear();
            }
        }
    }

    /// The same; nothing where that cannot help.
    fn sample(&mut self, bytes: &[u8], start: usize, end: usize, values: &[Traced<A>]) -> Option<()> {
        let record = bytes.get(start..end).filter(|r| r.len() <= BYTES)?;
        let values: Vec<_> = values.iter().map(|v| Traced { start: v.start - start, end: v.end - start, ..*v }).collect();
        let mut hash = self.samples.hasher().build_hasher();
        let mut at = 0;
        for v in &values {
            record.get(at..v.start)?.hash(&mut hash);
            at = v.end;
        }
        record.get(at..)?.hash(&mut hash);
        let key = hash.finish();
        let Some(sample) = self.samples.get_mut(&key) else {
            if self.values + values.len() > VALUES || self.bytes + record.len() > ALL_BYTES {
                return None;
            }
            (self.values, self.bytes) = (self.values + values.len(), self.bytes + record.len());
            let constant = vec![self.rebuilt < REBUILT; values.len()];
            self.samples.insert(key, Sample { record: record.to_vec(), values, constant, records: 1 });
            return Some(());
        };
        sample.records += 1;
        let mut changed = false;
        for ((constant, old), new) in sample.constant.iter_mut().zip(&sample.values).zip(&values) {
            if *constant && sample.record.get(old.start..old.end) != record.get(new.start..new.end) {
                (*constant, changed) = (false, true);
            }
        }
        let told = match sample.records {
            SAMPLES => self.tree.add(self.language, &sample.record, &sample.traced(), self.seams.as_mut()),
            ..SAMPLES => Some(()),
            _ if changed => {
                self.rebuilt += 1;
                if self.rebuilt == REBUILT {
                    self.samples.values_mut().for_each(|s| s.constant.fill(false));
                }
                self.tree = Tree::default();
                let usual = self.samples.values().filter(|s| s.records >= SAMPLES);
                usual.for_each(|s| _ = self.tree.add(self.language, &s.record, &s.traced(), self.seams.as_mut()));
                Some(())
            }
            _ => None,
        };
        self.tree.tell_apart();
        told
    }
}

impl<A: Copy> Sample<A> {
    /// The values, each with whether it is always the same.
    fn traced(&self) -> Vec<(Traced<A>, bool)> {
        self.values.iter().copied().zip(self.constant.iter().copied()).collect()
    }
}

/// Why a record was not followed to its end.
enum Lost {
    /// It is of no known shape.
    Unknown,
    /// More of its marks are needed.
    Marks,
}

/// Follows a record along a known shape to its end, which is at `end` or, where that is open, before it.
struct Follow<'a, A, const TO_THE_END: bool> {
    shapes: &'a mut Shapes<A>,
    bytes: &'a [u8],
    start: usize,
    end: usize,
}

impl<A: Copy, const TO_THE_END: bool> Work for Follow<'_, A, TO_THE_END> {
    type Answer = Result<usize, Lost>;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Result<usize, Lost> {
        let Follow { shapes: Shapes { marks, tree: Tree { branches, .. }, found, last, text, .. }, bytes, start, end } = self;
        found.clear();
        let known = marks.known();
        let (mut at, mut passed) = (u32::try_from(start).map_err(|_| Lost::Unknown)?, 0);
        let mut here = branches.get(tree::ROOT).ok_or(Lost::Unknown)?;
        let mut branch = tree::ROOT;
        'branches: loop {
            'ways: for way in here.ways(bytes, at) {
                let Some(next) = branches.get(*way) else { continue };
                let mut left = next.steps.iter();
                let passed_by = next.passed_by(*text);
                while let Some(step) = left.next() {
                    let skipped = step.ease & passed_by != 0;
                    if !step.before.begins(lanes, bytes, at) || !skipped && !step.before.ends(bytes, at) {
                        let is_first = left.len() + 1 == next.steps.len();
                        if is_first {
                            continue 'ways;
                        }
                        return Err(Lost::Unknown);
                    }
                    passed += step.marks as usize;
                    let mark = known.get(passed);
                    at = if skipped { *mark.ok_or(Lost::Marks)? } else { step.take(lanes, bytes, at, mark, found)? };
                }
                here = next;
                branch = *way;
                continue 'branches;
            }
            let at = at as usize;
            let rest = bytes.get(at..end).unwrap_or_default();
            let ends = |tail: &Tail<A>| if TO_THE_END { *rest == *tail.piece.text } else { rest.starts_with(&tail.piece.text) };
            let (place, tail) = here.tails.iter().enumerate().find(|(_, tail)| ends(tail)).ok_or(Lost::Unknown)?;
            *last = (branch, place);
            let tail = &tail.piece;
            found.extend(tail.inside.iter().map(|f| f.behind(at)));
            let end = at + tail.text.len();
            marks.pass(lanes, bytes, passed, end);
            return Ok(end);
        }
    }
}

impl<A: Copy> Step<A> {
    /// The end of the value whose text before it is here, with all that somebody wants of both.
    #[inline(always)]
    fn take(&self, lanes: impl Lanes, bytes: &[u8], at: u32, mark: Option<&u32>, found: &mut Vec<Found<A>>) -> Result<u32, Lost> {
        let place = at as usize;
        let start = place + self.before.len();
        let end = match self.stop {
            Stop::Mark => *mark.ok_or(Lost::Marks)? as usize,
            stop => start + length(stop, lanes, bytes, start).ok_or(Lost::Unknown)?,
        };
        found.extend(self.inside.iter().map(|f| f.behind(place)));
        if let Some(act) = self.act {
            let escaped = self.stop == Stop::Mark && near::has::<b'\\'>(lanes, bytes, start, end - start);
            found.push(Found { start, end, act, escaped, constant: false });
        }
        Ok(end as u32)
    }
}

/// The length of a value that does not end at the next mark.
#[inline(always)]
fn length(stop: Stop, lanes: impl Lanes, bytes: &[u8], at: usize) -> Option<usize> {
    match stop {
        Stop::Word => match near::number(lanes, bytes, at) {
            Some(length) => Some(length),
            None => scan::word(bytes.get(at..)?),
        },
        // A tag inside quotes, which is no XML, could be the closing one.
        Stop::Quote => near::find::<b'"', b'<'>(lanes, bytes, at),
        _ => near::find::<b'\'', b'<'>(lanes, bytes, at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of a record, after others were learnt, each ten times: its values are the letters, the large ones another one each time.
    /// Nobody wants the second value.
    fn read(learnt: &[&str], text: &str) -> Option<Vec<(usize, String)>> {
        let mut shapes = Shapes::new(Language::Xml);
        for (record, digit) in learnt.iter().flat_map(|record| ('0'..='9').map(move |digit| (record, digit))) {
            let record = record.replace(|c: char| c.is_ascii_uppercase(), &digit.to_string());
            let places = record.match_indices('>').map(|(at, _)| at + 1).filter(|at| record.as_bytes().get(*at).is_some_and(|b| *b != b'<'));
            let values = places.enumerate().map(|(i, at)| Traced { start: at, end: at + 1, stop: Stop::Mark, act: (i != 1).then_some(i) });
            shapes.learn(record.as_bytes(), 0, record.len(), &values.collect::<Vec<_>>());
        }
        let known = shapes.read(text.as_bytes(), 0, text.len());
        let known = known.map(|()| shapes.found().iter().map(|f| (f.act, text[f.start..f.end].to_string())).collect());
        let open = format!("{text} and {text}");
        let (end, found) = shapes.read_open(open.as_bytes(), 0).map_or((0, 0), |end| (end, shapes.found().len()));
        assert_eq!(known.as_ref().map(Vec::len), (end == text.len() && end > 0).then_some(found), "{text}");
        known
    }

    #[test]
    fn records_of_a_known_shape() {
        let (one, two, three) = ("<a>A</a><b>B</b><c>C</c>", "<a>A</a><d>D</d>", "<a>A</a><b>B</b><e>E</e>");
        let long = "x".repeat(100_000);
        for learnt in [&[one, two, three][..], &[three, two, one], &[two, one, three, two]] {
            let wanted = |values: &[(usize, &str)]| Some(values.iter().map(|(i, v)| (*i, v.to_string())).collect::<Vec<_>>());
            assert_eq!(read(learnt, "<a></a><b>x</b><c>yz</c>"), wanted(&[(0, ""), (2, "yz")]));
            assert_eq!(read(learnt, "<a>5</a><d>6</d>"), wanted(&[(0, "5")]));
            assert_eq!(read(learnt, "<a>1</a><b>2</b><e>3</e>"), wanted(&[(0, "1"), (2, "3")]));
            assert_eq!(read(learnt, &format!("<a>1</a><b>{long}</b><e>{long}</e>")), wanted(&[(0, "1"), (2, &long)]));
            for other in ["", "<a>1</a>", "<a>1</a><b>2</b><c>3", "<a>1</a><f>2</f><c>3</c>", "<a>1<b>2</b><c>3</c>", "<a>1</a><d>2</d><c>3</c>"] {
                assert_eq!(read(learnt, other), None, "{other}");
            }
        }
        assert_eq!(read(&[], one), None);
    }

    #[test]
    fn values_that_are_always_the_same() {
        let wanted = |values: &[(usize, &str)]| Some(values.iter().map(|(i, v)| (*i, v.to_string())).collect::<Vec<_>>());
        // All four together, or only some of them.
        for learnt in [&["<a>x</a><b>y</b><c>Z</c><d>w</d>"][..], &["<a>x</a><b>y</b><c>Z</c><d>w</d>", "<a>x</a><b>y</b><e>E</e>"]] {
            assert_eq!(read(learnt, "<a>x</a><b>y</b><c>123</c><d>w</d>"), wanted(&[(0, "x"), (2, "123"), (3, "w")]));
            for other in ["<a>v</a><b>y</b><c>1</c><d>w</d>", "<a>x</a><b>v</b><c>1</c><d>w</d>", "<a>x</a><b>y</b><c>1</c><d>v</d>"] {
                assert_eq!(read(learnt, other), None, "{other}");
            }
        }
        assert_eq!(read(&["<a>x</a>"], "<a>x</a>"), wanted(&[(0, "x")]));
        // One that differs after all makes a shape of its own.
        let learnt = ["<a>x</a><b>B</b><c>z</c>", "<a>v</a><b>B</b><c>z</c>"];
        assert_eq!(read(&learnt, "<a>u</a><b>1</b><c>z</c>"), wanted(&[(0, "u"), (2, "z")]));
    }
}
