//! Shapes: records of a file mostly look alike, so what stands between their values is learnt once and then only compared.
//!
//! A record that was read the careful way leaves a trace: where its values lie. The text between them goes into a tree in which every
//! path is a shape. The next record of that shape is read by one comparison a value, its [marks](super::marks) say where the values end,
//! and it is as well-formed as the first one was. A record of another shape is read the careful way again.

use super::json::scan;
use super::lanes::{self, Lanes, Work};
use super::marks::{Language, Marks};
use super::near::{self, Text};
use std::ops::Range;

/// Values of all shapes at most: records that never repeat their shape must not fill the memory.
const STEPS: usize = 4096;

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
    language: Language,
    marks: Marks,
    steps: Vec<Step<A>>,
    /// The first one is where every record begins.
    branches: Vec<Branch>,
    found: Vec<Found<A>>,
}

/// A value, and what stands before it.
#[derive(Clone, Debug)]
struct Step<A> {
    before: Text,
    /// How many marks that has.
    marks: u32,
    stop: Stop,
    act: Option<A>,
}

/// Values that always follow one another.
#[derive(Debug)]
struct Branch {
    steps: Range<usize>,
    /// What may come after them, the likelier first.
    next: Vec<usize>,
    /// What stands between the last value of a record and its end.
    tail: Option<Box<[u8]>>,
}

/// Where every record begins.
const ROOT: usize = 0;

/// Why a record was not followed to its end.
enum Lost {
    /// It is of no known shape.
    Unknown,
    /// More of its marks are needed.
    Marks,
}

impl<A: Copy> Shapes<A> {
    /// None yet.
    pub fn new(language: Language) -> Shapes<A> {
        Shapes { language, marks: Marks::new(language), steps: Vec::new(), branches: Vec::new(), found: Vec::new() }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Shapes::new(self.language);
    }

    /// The wanted values of the record at `start..end`, where it is of a known shape. What lies behind it may be looked at, and
    /// changes nothing. All records that are asked for are of one text.
    pub fn read(&mut self, bytes: &[u8], start: usize, end: usize) -> Option<&[Found<A>]> {
        self.follow::<true>(bytes, start, end)?;
        Some(&self.found)
    }

    /// The same of a record that begins at a place, with the place behind it: the closing tag of an element of XML is the first one
    /// of its name, and an object of JSON is read to its last brace.
    pub fn read_open(&mut self, bytes: &[u8], start: usize) -> Option<(usize, &[Found<A>])> {
        let end = self.follow::<false>(bytes, start, bytes.len())?;
        Some((end, &self.found))
    }

    fn follow<const TO_THE_END: bool>(&mut self, bytes: &[u8], start: usize, end: usize) -> Option<usize> {
        if self.branches.is_empty() {
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

    /// Remembers the shape of the record at `start..end`, whose values are these, in order.
    pub fn learn(&mut self, bytes: &[u8], start: usize, end: usize, values: &[Traced<A>]) {
        if self.steps.len() + values.len() > STEPS {
            return;
        }
        if self.branches.is_empty() {
            self.branches.push(Branch { steps: 0..0, next: Vec::new(), tail: None });
        }
        let Some(tail) = bytes.get(values.last().map_or(start, |v| v.end)..end) else { return };
        let befores = [start].into_iter().chain(values.iter().map(|v| v.end)).zip(values).map(|(at, v)| bytes.get(at..v.start));
        let Some(befores) = befores.collect::<Option<Vec<_>>>() else { return };
        let is = |step: &Step<A>, i: usize| values.get(i).is_some_and(|v| step.stop == v.stop) && befores.get(i).is_some_and(|b| step.before.is(b));
        // Along what is known, a step at a time.
        let (mut known, mut branch) = (0, ROOT);
        loop {
            let Some(steps) = self.branches.get(branch).map(|b| b.steps.clone()) else { return };
            let same = self.steps.get(steps.clone()).unwrap_or_default().iter().enumerate().take_while(|(i, step)| is(step, known + i)).count();
            known += same;
            if same < steps.len() {
                self.split(branch, same);
                break;
            }
            let begins = |id: &usize| self.branches.get(*id).and_then(|b| self.steps.get(b.steps.start)).is_some_and(|step| is(step, known));
            match self.branches.get(branch).and_then(|b| b.next.iter().copied().find(begins)) {
                Some(next) => branch = next,
                None => break,
            }
        }
        if known < values.len() {
            let first = self.steps.len();
            self.steps.extend(values.iter().zip(befores).skip(known).map(|(v, before)| Step {
                before: Text::new(before),
                marks: Marks::count(self.language, before) as u32,
                stop: v.stop,
                act: v.act,
            }));
            let new = self.branches.len();
            self.branches.push(Branch { steps: first..self.steps.len(), next: Vec::new(), tail: None });
            if let Some(b) = self.branches.get_mut(branch) {
                b.next.push(new);
            }
            branch = new;
        }
        if let Some(b) = self.branches.get_mut(branch) {
            b.tail = Some(tail.into());
        }
    }

    /// Makes what follows the first steps of a branch a branch of its own.
    fn split(&mut self, branch: usize, steps: usize) {
        let new = self.branches.len();
        let Some(b) = self.branches.get_mut(branch) else { return };
        let middle = b.steps.start + steps;
        let rest = Branch { steps: middle..b.steps.end, next: std::mem::replace(&mut b.next, vec![new]), tail: b.tail.take() };
        b.steps.end = middle;
        self.branches.push(rest);
    }
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
        let Follow { shapes: Shapes { marks, steps, branches, found, .. }, bytes, start, end } = self;
        found.clear();
        let known = marks.known();
        let (mut at, mut passed, mut branch) = (start, 0, ROOT);
        loop {
            let here = branches.get(branch).ok_or(Lost::Unknown)?;
            for step in steps.get(here.steps.clone()).unwrap_or_default() {
                if !step.before.stands(lanes, bytes, at) {
                    return Err(Lost::Unknown);
                }
                at += step.before.len();
                passed += step.marks as usize;
                let stop = if step.stop == Stop::Mark {
                    *known.get(passed).ok_or(Lost::Marks)? as usize
                } else {
                    at + length(step.stop, lanes, bytes, at).ok_or(Lost::Unknown)?
                };
                if let Some(act) = step.act {
                    let escaped = step.stop == Stop::Mark && near::has::<b'\\'>(lanes, bytes, at, stop - at);
                    found.push(Found { start: at, end: stop, act, escaped });
                }
                at = stop;
            }
            let mut place = 0;
            branch = loop {
                let Some(next) = here.next.get(place) else {
                    let (Some(rest), Some(tail)) = (bytes.get(at..end), here.tail.as_deref()) else { return Err(Lost::Unknown) };
                    let ends = if TO_THE_END { rest == tail } else { rest.starts_with(tail) };
                    if !ends {
                        return Err(Lost::Unknown);
                    }
                    let end = at + tail.len();
                    marks.pass(passed, end);
                    return Ok(end);
                };
                if let Some(step) = branches.get(*next).and_then(|b| steps.get(b.steps.start))
                    && step.before.stands(lanes, bytes, at)
                {
                    break *next;
                }
                place += 1;
            };
        }
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

    /// The values of a record, after others were learnt whose values are the capital letters.
    fn read(learnt: &[&str], text: &str) -> Option<Vec<(usize, String)>> {
        let mut shapes = Shapes::new(Language::Xml);
        for record in learnt {
            let values = record.match_indices(|c: char| c.is_ascii_uppercase()).enumerate();
            let values = values.map(|(i, (at, _))| Traced { start: at, end: at + 1, stop: Stop::Mark, act: (i != 1).then_some(i) });
            shapes.learn(record.as_bytes(), 0, record.len(), &values.collect::<Vec<_>>());
        }
        let known = shapes.read(text.as_bytes(), 0, text.len()).map(|f| f.iter().map(|f| (f.act, text[f.start..f.end].to_string())).collect());
        let open = format!("{text} and {text}");
        let (end, found) = shapes.read_open(open.as_bytes(), 0).map_or((0, 0), |(end, found)| (end, found.len()));
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
}
