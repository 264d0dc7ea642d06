//! What any front end needs while a query is being typed: completion, highlighting, cards under the cursor, and whether the text is
//! whole. No protocol and no terminal: positions are byte offsets into the text.

pub mod complete;
pub mod finished;
pub mod highlight;
pub mod hover;
pub mod place;

use crate::column::Name;
use crate::knowledge::Knowledge;

/// What is known beside the language itself.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub knowledge: &'a Knowledge,
    /// The fields of the loaded events, sorted.
    pub fields: &'a [Name],
}
