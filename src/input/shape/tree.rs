//! What stands between the values of records, as a tree: every path from its root is a shape.

use super::signs::Signs;
use super::{Found, Seams, Stop, Traced};
use crate::input::marks::{Language, Marks};
use crate::input::near::Text;

/// What may come next at most: where two bytes do not tell, it is compared one by one.
const WAYS: usize = 128;

/// Little stands before a value, it ends at the next mark, and nobody wants it or what is in front of it.
const PLAIN: u8 = 1;

/// The same of one that somebody may want: where the record does not matter, it is of no use.
const SIMPLE: u8 = 2;

/// Where every record begins.
pub const ROOT: usize = 0;

/// The tree.
#[derive(Debug)]
pub struct Tree<A> {
    /// The first one is the root, once there is any.
    pub branches: Vec<Branch<A>>,
    /// Branches whose next ones are others than before.
    changed: Vec<usize>,
}

/// A value that differs from record to record, and what stands before it.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Step<A> {
    pub before: Text,
    /// How many marks that has.
    pub marks: u32,
    /// Whether it can be passed by: a [`SIMPLE`] one, a [`PLAIN`] one.
    pub ease: u8,
    pub stop: Stop,
    pub act: Option<A>,
    /// Values in it that somebody wants.
    pub inside: Box<[Found<A>]>,
}

/// Values that always follow one another.
#[derive(Debug)]
pub struct Branch<A> {
    pub steps: Vec<Step<A>>,
    /// What may come after them, with a step at least: that with more text before its first value before that with less. The order stays as it is: what comes
    /// next is foreseen by the processor, which the last order that was useful would only confuse.
    pub next: Vec<usize>,
    /// How those are told apart.
    signs: Option<Signs>,
    /// What may stand between the last value of a record and its end, with the values in it that somebody wants.
    pub tails: Vec<Tail<A>>,
    /// The one that it comes after.
    before: usize,
    /// No record matters that goes on so, in the text of this number.
    hopeless: u64,
}

/// What may stand at the end of a record.
#[derive(Debug)]
pub struct Tail<A> {
    pub piece: Between<Box<[u8]>, A>,
    /// Do records matter that are of this shape? That goes for the text of this number.
    told: Option<(u64, bool)>,
}

/// A piece of a record between values that differ, with the values in it that somebody wants, by their place in the piece.
#[derive(Debug)]
pub struct Between<T, A> {
    pub text: T,
    pub inside: Vec<Found<A>>,
}

/// Pieces of a record, and the values between them: one piece more than values.
type Pieces<'a, A> = (Vec<Between<&'a [u8], A>>, Vec<Traced<A>>);

/// The pieces of a record between the values that differ, and those values.
fn pieces<'a, A: Copy>(language: Language, record: &'a [u8], values: &[(Traced<A>, bool)]) -> Option<Pieces<'a, A>> {
    let (mut pieces, mut varying, mut at, mut inside) = (Vec::new(), Vec::new(), 0, Vec::new());
    for (value, constant) in values {
        match (constant, value.found(language, record)) {
            (false, _) => {
                pieces.push(Between { text: record.get(at..value.start)?, inside: std::mem::take(&mut inside) });
                varying.push(*value);
                at = value.end;
            }
            (true, Some(found)) => inside.push(Found { start: found.start - at, end: found.end - at, constant: true, ..found }),
            (true, None) => {}
        }
    }
    pieces.push(Between { text: record.get(at..)?, inside });
    Some((pieces, varying))
}

impl<A> Branch<A> {
    fn new(steps: Vec<Step<A>>, before: usize) -> Branch<A> {
        Branch { steps, next: Vec::new(), signs: None, tails: Vec::new(), before, hopeless: 0 }
    }

    /// Which of its steps are passed by in a text.
    #[inline(always)]
    pub fn passed_by(&self, text: u64) -> u8 {
        if self.hopeless == text { SIMPLE } else { PLAIN }
    }

    /// What may come next, in order; of what is left out no text stands at this place.
    #[inline(always)]
    pub fn ways(&self, bytes: &[u8], at: u32) -> &[usize] {
        let first = self.signs.as_ref().map_or(0, |signs| signs.first(bytes, at));
        self.next.get(first..).unwrap_or_default()
    }
}

impl<A> Default for Tree<A> {
    fn default() -> Self {
        Tree { branches: Vec::new(), changed: Vec::new() }
    }
}

impl<A: Copy + PartialEq> Tree<A> {
    /// Is nothing known?
    pub fn is_empty(&self) -> bool {
        self.branches.is_empty()
    }

    /// Adds the shape of a record whose values are these, in order, each with whether it is always the same; nothing where there is no room
    /// for it.
    pub fn add(&mut self, language: Language, record: &[u8], values: &[(Traced<A>, bool)], seams: Option<&mut Seams>) -> Option<()> {
        if self.branches.is_empty() {
            self.branches.push(Branch::new(Vec::new(), ROOT));
        }
        let (mut befores, values) = pieces(language, record, values)?;
        seams.into_iter().for_each(|seams| befores.iter().for_each(|piece| seams.add(piece.text)));
        let tail = befores.pop()?;
        // What a record has further on may give the same texts another meaning: those are two steps.
        let same_value = |step: &Step<A>, v: &Traced<A>| step.stop == v.stop && step.act == v.act;
        let same_text = |step: &Step<A>, b: &Between<&[u8], A>| step.before.is(b.text) && *step.inside == *b.inside;
        let is = |step: &Step<A>, i: usize| values.get(i).is_some_and(|v| same_value(step, v)) && befores.get(i).is_some_and(|b| same_text(step, b));
        // Along what is known, a step at a time.
        let (mut known, mut branch) = (0, ROOT);
        loop {
            // Records of the new shape may matter.
            self.branches.get_mut(branch)?.hopeless = 0;
            let steps = &self.branches.get(branch)?.steps;
            let same = steps.iter().enumerate().take_while(|(i, step)| is(step, known + i)).count();
            known += same;
            if same < steps.len() {
                self.split(branch, same);
                break;
            }
            match self.branches.get(branch)?.next.iter().copied().find(|id| self.first(*id).is_some_and(|step| is(step, known))) {
                Some(next) => branch = next,
                None => break,
            }
        }
        if let Some(before) = befores.get(known) {
            let next = &self.branches.get(branch)?.next;
            if next.len() >= WAYS {
                return None;
            }
            let place = next.partition_point(|id| self.first(*id).is_some_and(|step| step.before.len() >= before.text.len()));
            let steps = values.iter().zip(befores).skip(known).map(|(v, before)| {
                let text = Text::new(before.text);
                Step {
                    ease: match text.is_short() && v.stop == Stop::Mark {
                        true if v.act.is_none() && before.inside.is_empty() => SIMPLE | PLAIN,
                        true => SIMPLE,
                        false => 0,
                    },
                    before: text,
                    marks: Marks::count(language, before.text) as u32,
                    stop: v.stop,
                    act: v.act,
                    inside: before.inside.into(),
                }
            });
            let new = self.branches.len();
            self.branches.push(Branch::new(steps.collect(), branch));
            self.branches.get_mut(branch)?.next.insert(place, new);
            self.changed.push(branch);
            branch = new;
        }
        let tails = &mut self.branches.get_mut(branch)?.tails;
        if tails.iter().any(|t| *t.piece.text == *tail.text) {
            return Some(());
        }
        (tails.len() < WAYS).then(|| tails.push(Tail { piece: Between { text: tail.text.into(), inside: tail.inside }, told: None }))
    }

    /// What was told of the records of a text that end so.
    pub fn told(&self, (branch, tail): (usize, usize), text: u64) -> Option<bool> {
        let told = self.branches.get(branch)?.tails.get(tail)?.told;
        told.filter(|(of, _)| *of == text).map(|(_, matters)| matters)
    }

    /// Tells of the records of a text that end so whether they matter.
    pub fn tell(&mut self, (branch, tail): (usize, usize), text: u64, matters: bool) {
        if let Some(tail) = self.branches.get_mut(branch).and_then(|b| b.tails.get_mut(tail)) {
            tail.told = Some((text, matters));
        }
        if matters {
            return;
        }
        let mut at = branch;
        loop {
            let Some(branch) = self.branches.get(at).filter(|b| b.hopeless != text) else { return };
            let next = |id: &usize| self.branches.get(*id).is_some_and(|b| b.hopeless == text);
            if !branch.tails.iter().all(|t| t.told == Some((text, false))) || !branch.next.iter().all(next) {
                return;
            }
            let before = branch.before;
            self.branches.get_mut(at).into_iter().for_each(|b| b.hopeless = text);
            at = before;
        }
    }

    /// The first step of a branch.
    fn first(&self, branch: usize) -> Option<&Step<A>> {
        self.branches.get(branch)?.steps.first()
    }

    /// Finds out how to tell apart what may come next, where that has changed: once for all that was added.
    pub fn tell_apart(&mut self) {
        self.changed.sort_unstable();
        self.changed.dedup();
        for id in std::mem::take(&mut self.changed) {
            let next = self.branches.get(id).map(|b| b.next.as_slice()).unwrap_or_default();
            let texts: Vec<&Text> = next.iter().filter_map(|id| self.first(*id)).map(|step| &step.before).collect();
            let signs = Signs::new(&texts);
            if let Some(branch) = self.branches.get_mut(id) {
                branch.signs = signs;
            }
        }
    }

    /// Makes what follows the first steps of a branch a branch of its own.
    fn split(&mut self, branch: usize, steps: usize) {
        let new = self.branches.len();
        let Some(b) = self.branches.get_mut(branch).filter(|b| steps <= b.steps.len()) else { return };
        let rest = b.steps.split_off(steps);
        let first = Branch { next: vec![new], ..Branch::new(std::mem::take(&mut b.steps), b.before) };
        let rest = Branch { steps: rest, before: branch, ..std::mem::replace(b, first) };
        let next = rest.next.clone();
        // What changed before belongs to it now.
        self.changed.push(new);
        self.branches.push(rest);
        for id in next {
            self.branches.get_mut(id).into_iter().for_each(|b| b.before = new);
        }
    }
}
