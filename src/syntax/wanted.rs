//! What the grammar would have accepted: one set that is both the syntax error and the completion menu.

use std::cell::RefCell;

/// Something that could stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Want {
    Command,
    Keyword(&'static str),
    Option(&'static str),
    Symbol(char),
    Field,
    Value,
    Expression,
    Function,
    Aggregate,
    Number,
    String,
    Subsearch,
    SearchTerm,
    Comparison,
    Lookup,
    End,
}

impl Want {
    /// As it is named in a message.
    pub fn describe(self) -> String {
        match self {
            Want::Command => "a command".into(),
            Want::Keyword(k) => format!("`{k}`"),
            Want::Option(o) => format!("`{o}=`"),
            Want::Symbol(c) => format!("`{c}`"),
            Want::Field => "a field".into(),
            Want::Value => "a value".into(),
            Want::Expression => "an expression".into(),
            Want::Function => "a function".into(),
            Want::Aggregate => "a stats function".into(),
            Want::Number => "a number".into(),
            Want::String => "a quoted text".into(),
            Want::Subsearch => "a subsearch in `[…]`".into(),
            Want::SearchTerm => "a search term".into(),
            Want::Comparison => "a comparison operator".into(),
            Want::Lookup => "a lookup".into(),
            Want::End => "`|` or the end of the query".into(),
        }
    }
}

/// Collects what was wanted at the furthest token that any attempt reached.
#[derive(Debug, Default)]
pub struct Wanted {
    inner: RefCell<(usize, Vec<Want>)>,
}

impl Wanted {
    /// Something was wanted at this token and was not there.
    pub fn add(&self, position: usize, want: Want) {
        let mut inner = self.inner.borrow_mut();
        if position > inner.0 {
            *inner = (position, Vec::new());
        }
        if position == inner.0 && !inner.1.contains(&want) {
            inner.1.push(want);
        }
    }

    /// The furthest token.
    pub fn position(&self) -> usize {
        self.inner.borrow().0
    }

    /// The furthest token and what would have fitted there.
    pub fn take(&self) -> (usize, Vec<Want>) {
        std::mem::take(&mut self.inner.borrow_mut())
    }
}

/// The wants as a list in words: "a field, `by` or `|`". Options are summed up when there are many.
pub fn list(wants: &[Want]) -> String {
    let mut words: Vec<String> = wants.iter().filter(|w| !matches!(w, Want::Option(_))).map(|w| w.describe()).collect();
    let options: Vec<&Want> = wants.iter().filter(|w| matches!(w, Want::Option(_))).collect();
    if options.len() > 3 {
        words.push("an option".into());
    } else {
        words.extend(options.iter().map(|w| w.describe()));
    }
    match words.as_slice() {
        [] => "something else".into(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}
