//! What commands and functions say of themselves. Help, completion, the manual and the coverage table derive from it.

/// How much of Splunk's documented behaviour is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Support {
    /// All of it.
    Full,
    /// It runs; what lacks is said here.
    Partial(&'static str),
    /// Known, parsed as far as its options allow, not built yet.
    Planned,
    /// It needs a server, a person or outside state; never run. Says what.
    Outside(&'static str),
}

/// An example that runs, and is run by the tests.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Example {
    /// For a command a whole query; for a function an eval expression.
    pub spl: &'static str,
    /// For a command what it shows; for a function the value that comes out, as text (a multivalue joined with `, `).
    pub shows: &'static str,
}
