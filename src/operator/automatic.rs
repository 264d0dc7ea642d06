//! KV_MODE: the fields that are found in the text of an event without a rule for each.
//!
//! Events come with the fields that are found by default. Where a stanza of props.conf wants them found in another way, what the default
//! found is taken back, and the text is read again. What an event has from elsewhere, as an export has it, stays.

use super::reading::{self, json};
use super::unnest::Unnested;
use super::{Context, Step};
use crate::column::{Batch, Builder, Column, Mask, Value, choose};
use crate::diagnostic::Diagnostic;
use crate::input::parse::is_internal;
use crate::input::text::{Written, each_pair};
use crate::knowledge::multikv::TableLayout;
use crate::knowledge::props::{Kv, Pairs};
use crate::plan::reading::Table;
use crate::plan::{Form, Needs, Reading};
use crate::xml;
use indexmap::IndexMap;
use std::sync::Arc;

/// The fields of one text, in their order.
type Found = IndexMap<String, Vec<Value<'static>>, foldhash::fast::RandomState>;

/// Finds the fields of these rows anew. Events of Windows in XML keep theirs: they have rules of their own.
pub fn find(batch: &mut Batch, rows: &Mask, how: &Kv, needs: &Needs, cx: &Context) -> Result<(), Diagnostic> {
    let Some(raw) = batch.get("_raw").cloned() else { return Ok(()) };
    // What was found in the way that events are read by default.
    let default = Kv { json: !how.keeps_json, pairs: Some(Pairs { escaped: false, trim: true }), ..Kv::default() };
    let mut changes: IndexMap<String, Vec<(usize, Value<'static>)>> = IndexMap::new();
    let mut size = 0;
    for row in rows.rows() {
        cx.at(row)?;
        cx.memory.fits(size)?;
        let cell = raw.get(row);
        let Some(text) = cell.as_text().filter(|text| !is_windows(text)) else { continue };
        let (old, mut new) = (fields(&text, &default, needs), fields(&text, how, needs));
        for (name, values) in old {
            let value = Value::multi(values);
            if batch.value(&name, row) != value {
                continue;
            }
            let again = new.shift_remove(&name).map_or(Value::Null, Value::multi);
            if again != value {
                size += 32 + again.heap_bytes();
                changes.entry(name).or_default().push((row, again));
            }
        }
        for (name, values) in new {
            if batch.value(&name, row).is_null() {
                let value = Value::multi(values);
                size += 32 + value.heap_bytes();
                changes.entry(name).or_default().push((row, value));
            }
        }
    }
    for (name, changed) in changes {
        cx.check()?;
        let (old, mut new) = (batch.column(&name), Builder::new());
        let mut changed = changed.into_iter().peekable();
        for row in 0..batch.len() {
            match changed.next_if(|(at, _)| *at == row) {
                Some((_, value)) => new.push(value),
                None => new.push(old.get(row)),
            }
        }
        batch.set(name.as_str(), new.finish());
    }
    Ok(())
}

/// An event of Windows in XML.
fn is_windows(text: &str) -> bool {
    let tag = text.trim_start().strip_prefix('<').unwrap_or_default();
    let name = tag.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default();
    name == "Event" || name.ends_with(":Event")
}

/// The fields that a text has, read in this way.
fn fields(text: &str, how: &Kv, needs: &Needs) -> Found {
    let mut found = Found::default();
    let mut add = |name: &str, value: Value<'static>| {
        if needs.has(name) && !is_internal(name) {
            found.entry(name.to_string()).or_default().push(value);
        }
    };
    let first = text.trim_start().as_bytes().first();
    if how.json && matches!(first, Some(b'{' | b'[')) {
        json::every(text, &mut add);
    }
    if how.xml && first == Some(&b'<') {
        xml::every(text, &mut add);
    }
    if let Some(Pairs { escaped, trim }) = how.pairs {
        // The first value of a key counts, and what JSON says goes before.
        each_pair(text, Written { escaped, trim, ..Written::AUTO }, |key, place, quoted| {
            let value = text.get(place).unwrap_or_default();
            if needs.has(key) && !is_internal(key) && !found.contains_key(key) {
                let value = if escaped && quoted { value.replace("\\\"", "\"").replace("\\\\", "\\") } else { value.to_string() };
                found.insert(key.to_string(), vec![Value::owned(value)]);
            }
        });
    }
    found
}

/// The rows of a table while they are on their way.
const ROWS: &str = "_kv_table";

/// An event for each line of the tables in the text of these rows, as `multikv` makes them; other rows stay.
pub fn expand(mut batch: Batch, rows: &Mask, layout: Option<Arc<TableLayout>>, cx: &Context) -> Result<Batch, Diagnostic> {
    let table =
        Table { layout, output: ROWS.into(), fields: Vec::new(), filter: Vec::new(), header_line: None, header: true, several: true, keep_original: false };
    reading::read(&mut batch, &Reading { field: "_raw".into(), form: Form::Table(table), wanted: Needs::All }, cx)?;
    let chosen = choose::choose(&batch.column(ROWS), &Arc::new(Column::null(batch.len())), rows);
    batch.set(ROWS, chosen);
    let mut batch = Unnested { field: ROWS.into(), limit: None }.apply(batch, cx)?;
    reading::read(&mut batch, &Reading { field: ROWS.into(), form: Form::Object { prefix: String::new() }, wanted: Needs::All }, cx)?;
    batch.remove(ROWS);
    Ok(batch)
}
