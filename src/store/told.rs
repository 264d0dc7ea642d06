//! What the columns of a table tell of the text of its rows, so that a text is looked for in distinct values instead of everything that was
//! read.
//!
//! A record whose shape is known consists of the texts between its values, the seams, which are the same for many records, and of its values.
//! Most of them stand in a column as they are; for the others, and for records that were read in another way, the table keeps that part of
//! the text itself.

use crate::column::{Batch, Column, Text};
use crate::input::shape::Seams;
use std::collections::HashSet;
use std::sync::Arc;

/// What the rows of a table do not tell by their columns.
#[derive(Debug)]
pub struct Told {
    seams: Seams,
    texts: Arc<Column>,
    /// For each segment the part of the text of its rows that is not told; `None` where there is too much of it.
    rests: Vec<Option<Text>>,
    /// The dictionaries that the segments share.
    dictionaries: Vec<Arc<Column>>,
}

impl Told {
    /// Of segments, with what their columns do not tell as far as that is known; nothing where they tell too little to be asked.
    pub fn new(segments: &[Batch], rests: Vec<Option<Text>>, seams: Seams) -> Option<Told> {
        let rests: Vec<Option<Text>> = segments.iter().zip(rests).map(|(rows, rest)| rest.filter(|rest| is_worth_it(rows, rest))).collect();
        if seams.are_lost() || rests.iter().all(Option::is_none) {
            return None;
        }
        let mut seen = HashSet::new();
        let shared = |column: &Arc<Column>| match column.as_ref() {
            Column::Dict { values, shared: true, .. } => seen.insert(Arc::as_ptr(values)).then(|| values.clone()),
            _ => None,
        };
        let dictionaries = segments.iter().flat_map(Batch::columns).map(|(_, column)| column).filter_map(shared).collect();
        let texts = Arc::new(Column::Text(Text::of(&seams.texts())));
        Some(Told { seams, texts, rests, dictionaries })
    }

    /// What the columns of a segment do not tell.
    pub fn rest(&self, segment: usize) -> Option<&Text> {
        self.rests.get(segment)?.as_ref()
    }

    /// The dictionaries that the segments share, each once.
    pub fn dictionaries(&self) -> &[Arc<Column>] {
        &self.dictionaries
    }

    /// All texts between values.
    pub fn seams(&self) -> &Arc<Column> {
        &self.texts
    }

    /// Could a text of ASCII characters stand partly in a value, partly beside it?
    pub fn may_cut(&self, text: &str) -> bool {
        self.seams.may_cut(text)
    }
}

/// Is the rest much shorter than the texts of the rows, which all have one?
fn is_worth_it(rows: &Batch, rest: &Text) -> bool {
    let Some(Column::Text(raw)) = rows.get("_raw").map(Arc::as_ref) else { return false };
    let bytes = |text: &Text| (0..text.len()).filter_map(|row| text.place(row)).map(|(_, place)| place.len()).sum::<usize>();
    (0..raw.len()).all(|row| raw.place(row).is_some()) && bytes(rest) * 2 <= bytes(raw)
}
