//! Writing rows to a file. The file is replaced when it is whole; rows go on as they came.

use super::Context;
use crate::column::{Batch, Column, Name, Value, cast};
use crate::diagnostic::{Code, Diagnostic};
use crate::function::json_of;
use crate::knowledge::LookupTable;
use crate::output::Replacing;
use crate::plan::write::{Layout, Write};
use crate::time::strftime;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

/// Rows between two looks at the cancel token.
const PACE: usize = 256;

/// Writes the rows and gives them back.
pub fn write(rows: Batch, write: &Write, cx: &Context) -> Result<Batch, Diagnostic> {
    let chosen = rows.slice(0, write.max.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX)));
    let there = write.file.exists();
    let done = match (rows.is_empty(), there) {
        (true, true) if write.append || write.key.is_some() || !write.override_if_empty => Ok(()),
        (true, true) if !write.create_empty => std::fs::remove_file(&write.file),
        (true, false) if !write.create_empty => Ok(()),
        _ => {
            let text = text(&chosen, write, there, cx)?;
            cx.check()?;
            put(&write.file, text.as_bytes())
        }
    };
    done.map_err(|e| {
        Diagnostic::error(Code::DATA_FILE, format!("cannot write {}: {e}", write.file.display())).help("Its directory must exist and let you write.")
    })?;
    cx.knowledge.lookups().forget(&write.file);
    Ok(rows)
}

/// The file's bytes, packed where its name says so.
fn put(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut out = Replacing::create(file)?;
    if file.extension().is_some_and(|e| e == "gz") {
        let mut gz = flate2::write::GzEncoder::new(&mut out, flate2::Compression::default());
        gz.write_all(bytes)?;
        gz.finish()?;
    } else {
        out.write_all(bytes)?;
    }
    out.commit()
}

/// All that the file will hold.
fn text(rows: &Batch, write: &Write, there: bool, cx: &Context) -> Result<String, Diagnostic> {
    match &write.layout {
        Layout::Csv { multivalues } => {
            let all = match there && (write.append || write.key.is_some()) {
                true => joined(LookupTable::read(&write.file)?, rows, write, cx),
                false => rows.clone(),
            };
            cx.memory.fits(all.bytes())?;
            csv(&all, *multivalues, cx)
        }
        layout => {
            let mut out = match there && write.append {
                true => std::fs::read_to_string(&write.file)
                    .map_err(|e| Diagnostic::error(Code::DATA_FILE, format!("cannot read {}: {e}", write.file.display())))?,
                false => String::new(),
            };
            for row in 0..rows.len() {
                if row % PACE == 0 {
                    cx.check()?;
                    cx.memory.fits(out.len())?;
                }
                match layout {
                    Layout::Hec { index, host, source, sourcetype } => out.push_str(&hec(
                        rows,
                        row,
                        cx.env.now,
                        [("index", Some(index)), ("host", host.as_ref()), ("source", source.as_ref()), ("sourcetype", Some(sourcetype))],
                    )),
                    Layout::Events { time, marker } => out.push_str(&event(rows, row, *time, marker, cx)),
                    Layout::Rows { lower } => out.push_str(&object(rows, row, *lower)),
                    Layout::Csv { .. } => {}
                }
                out.push('\n');
            }
            Ok(out)
        }
    }
}

/// The rows of a table with new ones behind, or in place of those with the same key. Fields that the table lacks stay out.
fn joined(table: LookupTable, rows: &Batch, write: &Write, cx: &Context) -> Batch {
    if table.fields.is_empty() {
        return rows.clone();
    }
    let lacking: Vec<&str> = rows.names().filter(|n| !table.fields.contains(n)).map(AsRef::as_ref).collect();
    if !lacking.is_empty() {
        let names = lacking.join("`, `");
        cx.warn(
            Diagnostic::warning(Code::FIELD, format!("{} has no column `{names}`: not written", write.file.display()))
                .help("Write it anew without `append=t`."),
        );
    }
    let columns: Vec<(Name, Arc<Column>)> = table.fields.iter().map(|f| (f.clone(), rows.column(f))).collect();
    let new = rows.with_columns(columns);
    let Some(key) = &write.key else { return Batch::concat(vec![table.rows, new]) };
    let text = |batch: &Batch, row: usize| batch.value(key, row).as_text().map(|t| t.into_owned());
    let mut places: HashMap<String, u32> = HashMap::new();
    let old = table.rows.len() as u32;
    let both = Batch::concat(vec![table.rows, new]);
    let mut order: Vec<u32> = Vec::new();
    for row in 0..both.len() as u32 {
        match text(&both, row as usize).map(|k| (places.get(&k).copied(), k)) {
            Some((Some(place), _)) if row >= old => {
                if let Some(slot) = order.get_mut(place as usize) {
                    *slot = row;
                }
            }
            Some((None, k)) => {
                places.insert(k, order.len() as u32);
                order.push(row);
            }
            _ => order.push(row),
        }
    }
    both.take(&order)
}

fn csv(rows: &Batch, multivalues: bool, cx: &Context) -> Result<String, Diagnostic> {
    let fail = |e: String| Diagnostic::error(Code::RUNTIME, format!("the rows cannot be written as CSV: {e}"));
    let mut out = csv::Writer::from_writer(Vec::new());
    let names: Vec<&Name> = rows.names().collect();
    if !names.is_empty() {
        let multi = names.iter().filter(|_| multivalues).map(|n| format!("__mv_{n}"));
        out.write_record(names.iter().map(|n| n.to_string()).chain(multi)).map_err(|e| fail(e.to_string()))?;
    }
    for row in 0..rows.len() {
        if row % PACE == 0 {
            cx.check()?;
        }
        let values: Vec<Value<'_>> = rows.columns().map(|(_, c)| c.get(row)).collect();
        let plain = values.iter().map(|v| cast::join(v.each(), "\n"));
        let multi = values.iter().filter(|_| multivalues).map(|v| match v {
            // `$` around each value, doubled within.
            Value::Multi(all) => all.iter().map(|v| format!("${}$", v.as_text().unwrap_or_default().replace('$', "$$"))).collect::<Vec<_>>().join(";"),
            _ => String::new(),
        });
        out.write_record(plain.chain(multi)).map_err(|e| fail(e.to_string()))?;
    }
    let bytes = out.into_inner().map_err(|e| fail(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| fail(e.to_string()))
}

/// An event's own text; for rows without one, their fields.
fn event(rows: &Batch, row: usize, time: bool, marker: &str, cx: &Context) -> String {
    if let Some(raw) = rows.value("_raw", row).as_text() {
        return raw.replace(['\n', '\r'], " ");
    }
    let mut parts = Vec::new();
    let at = rows.value("_time", row).as_number().or(Some(cx.env.now)).filter(|_| time);
    parts.extend(at.and_then(|t| strftime::strftime(t, "%m/%d/%Y %H:%M:%S %z", &cx.env.zone)));
    for (name, column) in rows.columns().filter(|(n, _)| !n.starts_with('_')) {
        let value = column.get(row);
        if !value.is_null() {
            parts.push(format!("{name}=\"{}\"", cast::join(value.each(), ",").replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " ")));
        }
    }
    if !marker.is_empty() {
        parts.push(marker.to_string());
    }
    parts.join(", ")
}

/// The time and the fields of a row.
fn object(rows: &Batch, row: usize, lower: bool) -> String {
    let mut object = Map::new();
    for (name, column) in rows.columns().filter(|(name, _)| !name.starts_with('_') || &***name == "_time") {
        let value = column.get(row);
        let small = |v: &Value<'_>| v.as_text().map(|t| Value::owned(t.to_lowercase()));
        let value = if lower && &**name != "_time" { Value::multi(value.each().iter().filter_map(small)) } else { value };
        if !value.is_null() {
            object.insert(name.to_string(), json_of(&value));
        }
    }
    Json::Object(object).to_string()
}

fn hec(rows: &Batch, row: usize, now: f64, meta: [(&str, Option<&String>); 4]) -> String {
    let mut object = Map::new();
    // Rows without a time are of now, as with the other format.
    object.insert("time".into(), json_of(&Value::Number(rows.value("_time", row).as_number().unwrap_or(now))));
    object.extend(meta.into_iter().filter_map(|(name, value)| Some((name.to_string(), Json::from(value?.as_str())))));
    let fields = || rows.columns().filter(|(n, c)| !n.starts_with('_') && !c.is_null(row)).map(|(n, c)| (n.to_string(), json_of(&c.get(row))));
    let event = rows.value("_raw", row).as_text().map_or_else(|| Json::Object(fields().collect()), |raw| Json::from(raw.as_ref()));
    object.insert("event".into(), event);
    Json::Object(object).to_string()
}
