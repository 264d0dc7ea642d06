//! One diagnostic.

use super::{Code, Kind, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
    Note,
}

/// A further place, with what it has to do with the matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// What is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub code: &'static Code,
    /// One sentence, lower case, no full stop.
    pub message: String,
    /// The place; `None` for trouble that is not in the query's text.
    pub span: Option<Span>,
    /// A few words at the caret.
    pub label: String,
    pub others: Vec<Label>,
    /// What to do: whole sentences.
    pub help: Vec<String>,
    /// A text that would be right in place of the span.
    pub fix: Option<String>,
}

impl Diagnostic {
    /// An error of a code.
    pub fn error(code: &'static Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code,
            message: message.into(),
            span: None,
            label: String::new(),
            others: Vec::new(),
            help: Vec::new(),
            fix: None,
        }
    }

    /// A warning of a code: the query runs all the same.
    pub fn warning(code: &'static Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message) }
    }

    /// At this place.
    pub fn at(mut self, span: Span) -> Diagnostic {
        self.span = Some(span);
        self
    }

    /// With these words at the caret.
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.label = text.into();
        self
    }

    /// With another place that belongs to the matter.
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.others.push(Label { span, text: text.into() });
        self
    }

    /// With a sentence that says what to do.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help.push(text.into());
        self
    }

    /// With the text that would be right in place of the span.
    pub fn fix(mut self, text: impl Into<String>) -> Diagnostic {
        self.fix = Some(text.into());
        self
    }

    /// The kind of trouble, as `spl batch` names it.
    pub fn kind(&self) -> Kind {
        self.code.kind
    }

    /// Is it an error?
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        self.help.iter().try_for_each(|h| write!(f, "; {h}"))
    }
}

impl std::error::Error for Diagnostic {}
