//! States as columns: what `sistats` and `prestats=t` give, and what stats functions take in again.
//!
//! The columns are Splunk's, `psrsvd_<piece>_<field>`: `ct` counts values and `nc` numbers, `sm` and `ss` are the sums of the numbers
//! and of their squares, `vt` is their precision (digits behind the point), `nn`, `nx`, `sn` and `sx` are the least and greatest number
//! and text, `vm` holds values and `rd` numbers with how often they are there, as `value;count;…`. For states that Splunk has no published column for there are further ones of the same
//! form. `psrsvd_gc` counts the rows of a group and `psrsvd_v` is the version, by which such a row is known.

use crate::column::{Batch, Column, Value};
use std::sync::Arc;

/// The version: a row that has it holds states.
pub const MARK: &str = "psrsvd_v";
/// The number of rows of a group.
pub const ROWS: &str = "psrsvd_gc";

/// A piece of the states of all groups, by the letters between `psrsvd_` and the field.
pub type Piece = (&'static str, Column);

/// The name of a piece's column.
pub fn column_name(piece: &str, field: Option<&str>) -> String {
    match field {
        Some(field) => format!("psrsvd_{piece}_{field}"),
        // A bare count counts rows.
        None if piece == "ct" => ROWS.to_string(),
        None => format!("psrsvd_{piece}"),
    }
}

/// The field of a piece's column, and the piece.
pub fn field_of(column: &str) -> Option<(&str, &str)> {
    column.strip_prefix("psrsvd_")?.split_once('_')
}

/// Pieces that any function may fall back to where Splunk itself wrote the row.
pub const COMMON: [&str; 7] = ["ct", "nc", "sm", "ss", "nn", "nx", "vt"];

/// Rows that hold states: those of one function and field.
pub struct Pieces<'a> {
    pub rows: &'a Batch,
    pub field: Option<&'a str>,
}

impl Pieces<'_> {
    /// A piece of every row; null where it is not there.
    pub fn get(&self, piece: &str) -> Arc<Column> {
        self.rows.column(&column_name(piece, self.field))
    }

    /// The times of the rows.
    pub fn times(&self) -> Arc<Column> {
        self.rows.column("_time")
    }
}

/// Texts as one, each with `;` behind it; `;` and `\` within have a `\` before them. Null for none.
pub fn joined<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Value<'static> {
    let mut out = String::new();
    for text in texts {
        for c in text.as_ref().chars() {
            if matches!(c, ';' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
        out.push(';');
    }
    if out.is_empty() { Value::Null } else { Value::owned(out) }
}

/// The texts that were joined.
pub fn parted(value: &Value<'_>) -> Vec<String> {
    let (mut all, mut one) = (Vec::new(), String::new());
    let text = value.as_text().unwrap_or_default();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => one.extend(chars.next()),
            ';' => all.push(std::mem::take(&mut one)),
            c => one.push(c),
        }
    }
    if !one.is_empty() {
        all.push(one);
    }
    all
}

/// Numbers as one text.
pub fn joined_numbers(numbers: impl IntoIterator<Item = f64>) -> Value<'static> {
    joined(numbers.into_iter().map(crate::column::number::format))
}

/// The numbers of such a text, as many at a time; what is left over or no number is left out.
pub fn parted_numbers<const N: usize>(value: &Value<'_>) -> Vec<[f64; N]> {
    let number = |text: &String| match text.as_str() {
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        text => crate::column::number::parse(text),
    };
    let texts = parted(value);
    texts.chunks_exact(N).filter_map(|chunk| chunk.iter().map(number).collect::<Option<Vec<f64>>>()?.try_into().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, column, run_at};
    use super::super::{Call, Rows, all};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_come_back(texts in proptest::collection::vec("[a;\\\\ é]{0,4}", 0..5)) {
            prop_assert_eq!(parted(&joined(&texts)), texts);
        }

        #[test]
        fn states_come_back_as_they_were(cells in proptest::collection::vec("-|[0-9]{1,3}(\\.5)?|[a-c;\\\\]{1,2}|7\\|x", 1..30), cut in 0usize..30) {
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            let cut = cut.min(cells.len());
            let groups: Vec<u32> = (0..cells.len() as u32).map(|i| i % 3).collect();
            let times: Vec<String> = (0..cells.len()).map(|i| (i * 7 % 11).to_string()).collect();
            let times: Vec<&str> = times.iter().map(String::as_str).collect();
            for function in all().filter(|f| !f.name.starts_with("rate_")) {
                let name = if function.numbered { format!("{}30", function.name) } else { function.name.to_string() };
                let want = run_at(&name, &column(&cells), &column(&times), &groups, 3);
                let (function, call) = call(&name);
                let stored = |from: usize, to: usize| {
                    let mut state = (function.make)(&call);
                    state.update(&Rows { groups: &groups[from..to], column: Some(&column(&cells[from..to])), time: Some(&column(&times[from..to])) }, 3);
                    let mut rows = Batch::new(3);
                    state.store(3).into_iter().for_each(|(piece, column)| rows.set(column_name(piece, Some("f")), column));
                    rows
                };
                let mut whole = (function.make)(&call);
                for rows in [stored(0, cut), stored(cut, cells.len())] {
                    whole.merge(restored(function.make, &call, &rows), &[0, 1, 2], 3);
                }
                let got = whole.finish(3);
                for (i, want) in want.iter().enumerate() {
                    let got = got.get(i).each().iter().filter_map(|v| v.as_text().map(|t| t.into_owned())).collect::<Vec<_>>().join(", ");
                    let same = got == *want || got.parse::<f64>().is_ok_and(|g| want.parse::<f64>().is_ok_and(|w| (g - w).abs() < 1e-9 * w.abs().max(1.0)));
                    prop_assert!(same, "{name}: {got}, not {want}, of {cells:?} cut at {cut}");
                }
            }
        }
    }

    fn restored(make: fn(&Call) -> Box<dyn super::super::Accumulator>, call: &Call, rows: &Batch) -> Box<dyn super::super::Accumulator> {
        let mut state = make(call);
        state.restore(&Pieces { rows, field: Some("f") }, rows.len());
        state
    }

    #[test]
    fn a_server_s_own_rows_are_read() {
        let rows = |pieces: &[(&str, &str)]| {
            let mut rows = Batch::new(1);
            pieces.iter().for_each(|(piece, value)| rows.set(column_name(piece, Some("f")), column(&[value])));
            rows
        };
        for (name, pieces, want) in [
            ("avg", &[("ct", "3"), ("nc", "2"), ("sm", "5")][..], "2.5"),
            ("stdev", &[("nc", "2"), ("sm", "4"), ("ss", "10")], "1.4142135623730951"),
            ("max", &[("ct", "2"), ("nc", "2"), ("nx", "10"), ("sx", "9")], "10"),
            ("max", &[("ct", "3"), ("nc", "2"), ("nx", "10"), ("sx", "a")], "a"),
            ("dc", &[("vm", "a;2;b;1;")], "2"),
            ("median", &[("rd", "1;1;5;2;")], "5"),
            ("count", &[("ct", "7")], "7"),
        ] {
            let (function, call) = call(name);
            let got = restored(function.make, &call, &rows(pieces)).finish(1);
            assert_eq!(got.get(0).as_text().as_deref(), Some(want), "{name}");
        }
    }
}
