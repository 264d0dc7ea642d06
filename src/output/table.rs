//! Tables with borders, and one line a field where a table would be too wide to read.

use super::{Export, Kept, Options, Sink, cell, visible};
use crate::column::Batch;
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Width};
use std::borrow::Cow;
use std::io;
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// A column is still readable when it is cut to this many characters.
const READABLE: usize = 24;
/// Characters of a cell at most: more is no longer looked at in a table.
const CELL: usize = 4096;

/// Rows that are laid out at a time.
const PAGE: usize = if cfg!(test) { 3 } else { 1000 };
/// Blanks on the sides of a cell's text.
const PADDING: usize = 2;

/// The formats table and vertical.
pub struct Table {
    options: Options,
    vertical: bool,
    kept: Kept,
    /// Rows kept; no more than the cap.
    shown: usize,
    rows: usize,
}

impl Table {
    pub fn new(options: &Options, vertical: bool) -> Table {
        Table { options: options.clone(), vertical, kept: Kept::default(), shown: 0, rows: 0 }
    }
}

impl Export for Table {
    fn rows(&mut self, batch: Batch, _: &mut Sink) -> io::Result<()> {
        self.rows += batch.len();
        let room = self.options.cap.map_or(usize::MAX, |cap| cap - self.shown.min(cap));
        if room > 0 {
            let batch = batch.slice(0, room);
            self.shown += batch.len();
            self.kept.0.push(batch);
        }
        Ok(())
    }

    fn collects(&self) -> bool {
        self.options.cap.is_none_or(|cap| self.shown < cap)
    }

    fn finish(&mut self, sink: &mut Sink) -> io::Result<()> {
        let rows = self.kept.take();
        if rows.is_empty() {
            return Ok(());
        }
        let vertical = self.vertical || (self.options.auto_vertical && !fits(&rows, &self.options));
        if vertical {
            records(&rows, &self.options, sink)?
        } else {
            write(&rows, &self.options, sink)?
        }
        if self.rows > self.shown {
            sink.text(&format!("{} rows ({} shown)\n", self.rows, self.shown))?;
        }
        Ok(())
    }
}

/// Columns of the terminal, where there is one.
pub fn terminal_width() -> Option<usize> {
    comfy_table::Table::new().width().map(usize::from).filter(|w| *w > 0)
}

/// Can the rows be read as a table of the width there is?
fn fits(rows: &Batch, options: &Options) -> bool {
    let Some(width) = options.width else { return true };
    let fields = cell::shown_fields(rows, false);
    let needed = |field: &String| {
        let widest = (0..rows.len().min(200)).map(|r| cell::shown(field, &rows.value(field, r), &options.zone).lines().map(|l| l.width()).max().unwrap_or(0));
        widest.chain([field.width()]).max().unwrap_or(0).min(READABLE.max(field.width()))
    };
    fields.iter().map(|f| needed(f) + 3).sum::<usize>() < width
}

/// A cell's text: nothing in it can leave the cell.
fn cell_text(value: &str) -> String {
    // It has no more characters than bytes.
    let past = if value.len() > CELL { value.char_indices().nth(CELL) } else { None };
    let cut = past.map_or(Cow::Borrowed(value), |(at, _)| Cow::Owned(format!("{}…", value.get(..at).unwrap_or_default())));
    let shown = visible(&cut);
    if shown.contains('\t') { shown.replace('\t', "    ") } else { shown.into_owned() }
}

/// A field's value in a row as it stands in its cell.
fn content(rows: &Batch, field: &str, row: usize, options: &Options) -> String {
    cell_text(&cell::shown(field, &rows.value(field, row), &options.zone))
}

/// Writes rows as a table, page by page where they are many: to lay them all out at once takes ten times their memory.
fn write(rows: &Batch, options: &Options, sink: &mut Sink) -> io::Result<()> {
    let fields = cell::shown_fields(rows, false);
    let widths: Option<Vec<usize>> = (rows.len() > PAGE).then(|| fields.iter().map(|f| width(rows, f, options)).collect());
    // What is too wide has to be arranged as a whole.
    let widths = widths.filter(|all| options.width.is_none_or(|most| all.iter().map(|w| w + 3).sum::<usize>() < most));
    let Some(widths) = widths.filter(|all| !all.is_empty()) else { return sink.text(&text(rows, options)) };
    for start in (0..rows.len()).step_by(PAGE) {
        let (first, last) = (start == 0, start + PAGE >= rows.len());
        let mut table = laid_out(rows, &fields, start..rows.len().min(start + PAGE), first, options);
        for (column, width) in table.column_iter_mut().zip(&widths) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(u16::try_from(width + PADDING).unwrap_or(u16::MAX))));
        }
        let lines: Vec<String> = table.lines().collect();
        // The border above is the first page's, that below the last one's.
        let shown = lines.get(usize::from(!first)..lines.len().saturating_sub(usize::from(!last))).unwrap_or_default();
        sink.text(&ended(shown.iter().map(String::as_str)))?;
    }
    Ok(())
}

/// The widest line of a field in any row, or of its name.
fn width(rows: &Batch, field: &str, options: &Options) -> usize {
    let widest = |text: &str| text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0);
    let header = if options.header { widest(&cell_text(field)) } else { 0 };
    (0..rows.len()).map(|row| widest(&content(rows, field, row, options))).fold(header, usize::max)
}

/// Rows as a table, every line ended.
pub fn text(rows: &Batch, options: &Options) -> String {
    let fields = cell::shown_fields(rows, false);
    if fields.is_empty() {
        return format!("{} rows without fields\n", rows.len());
    }
    let mut table = laid_out(rows, &fields, 0..rows.len(), true, options);
    if let Some(width) = options.width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.try_into().unwrap_or(u16::MAX));
    }
    ended(table.lines())
}

fn ended(lines: impl Iterator<Item = impl AsRef<str>>) -> String {
    lines.map(|line| format!("{}\n", line.as_ref().trim_end())).collect()
}

/// Some rows in cells, below the names of their fields where these are wanted.
fn laid_out(rows: &Batch, fields: &[String], range: Range<usize>, header: bool, options: &Options) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.force_no_tty().load_style(comfy_table::presets::UTF8_FULL_CONDENSED);
    if options.header && header {
        table.set_header(fields.iter().map(|f| Cell::new_owned(cell_text(f))));
    }
    // Numbers that eval or stats made stand right; a time is shown as a date.
    let numbers: Vec<bool> = fields.iter().map(|f| f != "_time" && rows.column(f).is_of_numbers()).collect();
    for row in range {
        let cell = |f: &String| Cell::new_owned(content(rows, f, row, options));
        table.add_row(fields.iter().zip(&numbers).map(|(f, number)| if *number { cell(f).set_alignment(CellAlignment::Right) } else { cell(f) }));
    }
    table
}

/// One line a field, a rule above each row.
fn records(rows: &Batch, options: &Options, sink: &mut Sink) -> io::Result<()> {
    let fields = cell::shown_fields(rows, true);
    for row in 0..rows.len() {
        let values: Vec<_> = fields.iter().map(|f| (f, rows.value(f, row))).filter(|(_, v)| !v.is_null()).collect();
        let margin = values.iter().map(|(f, _)| f.width()).max().unwrap_or(0).min(40);
        sink.text(&format!("─── row {} {}\n", row + 1, "─".repeat(margin.max(8))))?;
        for (field, value) in values {
            let name = visible(field);
            let indent = " ".repeat(margin.saturating_sub(name.width()));
            let shown = visible(&cell::shown(field, &value, &options.zone)).replace('\n', &format!("\n{} │ ", " ".repeat(margin)));
            sink.text(&format!("{indent}{name} │ {shown}\n"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Format, testing::written};
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_hides_internal_fields_and_counts_what_it_leaves_out() {
        let rows = json!([{"_cd": "x", "a": "1", "m": ["p", "q"]}, {"a": "2"}, {"a": "3"}]);
        let options = Options { cap: Some(2), ..Options::default() };
        let text = written(Format::Table, &options, &[rows]);
        assert_eq!(text, "┌───┬───┐\n│ a ┆ m │\n╞═══╪═══╡\n│ 1 ┆ p │\n│   ┆ q │\n│ 2 ┆   │\n└───┴───┘\n3 rows (2 shown)\n");
        assert_eq!(written(Format::Table, &Options::default(), &[]), "");
    }

    #[test]
    fn many_rows_look_as_if_they_were_laid_out_at_once() {
        let values = [json!("x"), json!(["p", "longer", "p"]), json!("né日本 😀"), json!(""), json!(null), json!("two\nlines"), json!(12.5)];
        for count in 0..4 * PAGE {
            let rows: Vec<_> = (0..count).map(|i| json!({"a": values[i % values.len()], "name": i, "_time": i})).collect();
            for (header, width) in [(true, None), (false, None), (true, Some(200)), (true, Some(24))] {
                let options = Options { header, width, ..Options::default() };
                let rows = crate::input::rows(&rows.iter().filter_map(|r| r.as_object().cloned()).collect::<Vec<_>>());
                let shared = super::super::testing::Shared::default();
                let mut sink = Sink::new(Box::new(shared.clone()), false);
                write(&rows, &options, &mut sink).unwrap();
                sink.flush().unwrap();
                assert_eq!(shared.text(), text(&rows, &options), "{count} {header} {width:?}");
            }
        }
    }

    #[test]
    fn hostile_cells_stay_in_their_cell() {
        let rows = [json!([{"a": "\u{1b}[2J\rx\u{202e}"}])];
        let text = written(Format::Table, &Options::default(), &rows);
        assert!(text.contains("│ ␛[2J␍x\\u202e │"), "{text}");
        assert!(written(Format::Vertical, &Options::default(), &rows).contains("a │ ␛[2J␍x\\u202e\n"));
    }

    #[test]
    fn wide_rows_turn_vertical() {
        let row: serde_json::Map<String, serde_json::Value> = (0..9).map(|i| (format!("field{i}"), json!("x".repeat(30)))).collect();
        let options = Options { auto_vertical: true, width: Some(80), ..Options::default() };
        assert!(written(Format::Table, &options, &[json!([row])]).starts_with("─── row 1"));
        assert!(written(Format::Table, &options, &[json!([{"a": "1"}])]).starts_with("┌"));
    }
}
