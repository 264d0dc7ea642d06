//! The texts that spans point into: what the user wrote, and macro bodies.

use super::Span;
use std::sync::Arc;

/// Number of a source within its [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SourceId(pub u32);

/// Where a source text came from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// The user's own text: a query, or a file of that name.
    Text(Option<String>),
    /// The body of a macro after its arguments were put in, and the call that asked for it.
    Macro { name: String, call: Span },
}

/// One text.
#[derive(Clone, Debug)]
pub struct Source {
    pub text: Arc<str>,
    pub origin: Origin,
}

/// All texts of one query. The first is the user's.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    all: Vec<Source>,
}

impl Sources {
    /// A query's own text, with the file that it stands in.
    pub fn new(text: &str, file: Option<String>) -> Sources {
        Sources { all: vec![Source { text: text.into(), origin: Origin::Text(file) }] }
    }

    /// Adds a text.
    pub fn add(&mut self, source: Source) -> SourceId {
        self.all.push(source);
        SourceId(self.all.len() as u32 - 1)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.all.iter()
    }

    /// A source by number.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.all.get(id.0 as usize)
    }

    /// The text that a span covers; empty where it covers none.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).and_then(|s| s.text.get(span.start..span.end)).unwrap_or_default()
    }

    /// The same place in the user's own text: a span in a macro body is taken back to the call, through every nesting.
    pub fn in_user_text(&self, mut span: Span) -> Span {
        // A chain is at most as long as there are sources.
        for _ in 0..self.all.len() {
            match self.get(span.source).map(|s| &s.origin) {
                Some(Origin::Macro { call, .. }) => span = *call,
                _ => break,
            }
        }
        span
    }
}
