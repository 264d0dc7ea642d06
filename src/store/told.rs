//! What the columns of a table tell of the texts of its rows, so that a text is looked for in distinct values instead of everything that was
//! read.
//!
//! A record whose shape is known consists of the texts between its values, the seams, which are the same for many records, and of its values.
//! Most of them stand in a column as they are, but for escapes of one letter; for the others, and for records that were read in another way,
//! the table keeps that part of the text itself.

use crate::column::{Batch, Column, Text, Value};
use crate::input::shape::Seams;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

/// What is kept of the texts of a segment is at most one part in so many of them. The small tables of tests learn their shapes to the last
/// row, and are to tell something all the same.
const KEPT: usize = if cfg!(debug_assertions) { 1 } else { 4 };

/// What is known of the texts of a table's rows.
#[derive(Debug)]
pub struct Told {
    seams: Seams,
    texts: Arc<Column>,
    /// For each segment what its plain columns and dictionaries do not tell, a text a row; `None` where that is too much.
    untold: Vec<Option<Text>>,
    /// The dictionaries that the segments share.
    dictionaries: Vec<Arc<Column>>,
}

impl Told {
    /// Of segments, with what their fields do not tell as far as that is known; nothing where they tell too little to be asked.
    pub fn new(segments: &[Batch], untold: Vec<Option<Text>>, seams: Seams) -> Option<Told> {
        let untold: Vec<Option<Text>> = segments.iter().zip(untold).map(|(rows, untold)| kept(rows, with_multivalues(rows, untold?))).collect();
        if seams.are_lost() || untold.iter().all(Option::is_none) {
            return None;
        }
        let mut seen = HashSet::new();
        let shared = |column: &Arc<Column>| match column.as_ref() {
            Column::Dict { values, shared: true, .. } => seen.insert(Arc::as_ptr(values)).then(|| values.clone()),
            _ => None,
        };
        let dictionaries = segments.iter().flat_map(Batch::columns).map(|(_, column)| column).filter_map(shared).collect();
        let texts = Arc::new(Column::Text(Text::of(&seams.texts())));
        Some(Told { seams, texts, untold, dictionaries })
    }

    /// What the plain columns and the dictionaries of a segment do not tell.
    pub fn untold(&self, segment: usize) -> Option<&Text> {
        self.untold.get(segment)?.as_ref()
    }

    /// The dictionaries that the segments share, each once.
    pub fn dictionaries(&self) -> &[Arc<Column>] {
        &self.dictionaries
    }

    /// May the text have a backslash and a letter where a value has another character?
    pub fn has_escapes(&self) -> bool {
        self.seams.have_escapes()
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

/// What is not told of each row, and all values of columns that have several in some row.
fn with_multivalues(rows: &Batch, untold: Text) -> Text {
    let several: Vec<&Arc<Column>> = rows.columns().map(|(_, column)| column).filter(|c| matches!(c.as_ref(), Column::Mixed(_))).collect();
    if several.is_empty() {
        return untold;
    }
    let text = |row: usize| {
        let mut text = untold.get(row).map(Cow::Borrowed);
        for column in &several {
            let values = column.get(row);
            for value in values.each().iter().filter_map(Value::as_text) {
                let all = text.get_or_insert_default().to_mut();
                all.push('\n');
                all.push_str(&value);
            }
        }
        text
    };
    (0..rows.len()).map(text).collect()
}

/// That, where it is much shorter than the texts of the rows, which all have one.
fn kept(rows: &Batch, untold: Text) -> Option<Text> {
    let Some(Column::Text(raw)) = rows.get("_raw").map(Arc::as_ref) else { return None };
    let bytes = |text: &Text| (0..text.len()).filter_map(|row| text.place(row)).map(|(_, place)| place.len()).sum::<usize>();
    ((0..raw.len()).all(|row| raw.place(row).is_some()) && bytes(&untold) * KEPT <= bytes(raw)).then_some(untold)
}
