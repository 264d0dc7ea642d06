//! A place in a source text.

use super::SourceId;

/// Bytes `start..end` of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Span {
    #[serde(skip)]
    pub source: SourceId,
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// A span of a source.
    pub fn new(source: SourceId, start: usize, end: usize) -> Span {
        Span { source, start, end: end.max(start) }
    }

    /// From the start of this one to the end of the other; this one alone where they lie in different sources.
    pub fn to(self, end: Span) -> Span {
        if self.source == end.source { Span::new(self.source, self.start, end.end) } else { self }
    }

    /// The place just behind this span.
    pub fn after(self) -> Span {
        Span { start: self.end, ..self }
    }
}
