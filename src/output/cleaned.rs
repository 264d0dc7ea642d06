//! Diagnostics for a terminal.

use super::visible;
use crate::diagnostic::Diagnostic;
use std::borrow::Cow;

/// The diagnostic with nothing in its words that a terminal obeys: they may quote logs and file names.
pub fn cleaned(diagnostic: &Diagnostic) -> Diagnostic {
    let mut d = diagnostic.clone();
    let clean = |text: &mut String| {
        if let Cow::Owned(t) = visible(text) {
            *text = t;
        }
    };
    clean(&mut d.message);
    clean(&mut d.label);
    d.help.iter_mut().for_each(clean);
    d.others.iter_mut().for_each(|l| clean(&mut l.text));
    d
}
