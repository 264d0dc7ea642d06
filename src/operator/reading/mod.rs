//! One field's text read as fields, once per distinct value: what `spath`, `extract`, `xmlkv`, `xpath`, `fromjson` and `iplocation` do.

pub mod json;
mod pairs;
mod sections;
mod table;
mod xpath;

use super::{Context, extract};
use crate::column::{Batch, Builder, Column, Name, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::knowledge::GeoIp;
use crate::knowledge::geoip::is_private;
use crate::plan::reading::PLACES;
use crate::plan::{Form, Reading};
use crate::xml::{self, Emit};
use indexmap::IndexMap;
use std::net::IpAddr;

/// How many values are read between two looks at the cancel token and the memory account.
const PACE: usize = 64;
/// What a row of a column takes at least.
const CELL: usize = 12;

/// Makes the fields. Where the text gives none a field keeps what it has.
pub fn read(batch: &mut Batch, reading: &Reading, cx: &Context) -> Result<(), Diagnostic> {
    let Some(source) = batch.get(&reading.field).cloned() else { return Ok(()) };
    let (values, codes) = match source.as_ref() {
        Column::Dict { codes, values, .. } if values.len() <= codes.len() => (values.as_ref(), Some(codes)),
        plain => (plain, None),
    };
    let mut made: IndexMap<Name, Builder, foldhash::fast::RandomState> = IndexMap::default();
    // Places are columns also where none is found.
    for name in reading.made().into_iter().flatten().filter(|n| matches!(reading.form, Form::Location { .. }) && reading.wanted.has(n)) {
        made.insert(name, Builder::new());
    }
    let (mut size, mut held) = (0, 0);
    for row in 0..values.len() {
        if row % PACE == 0 {
            cx.check()?;
        }
        if size > held {
            // Names that never come again, or few bytes that become many, end at the account and not in memory.
            held = size + (16 << 20);
            cx.memory.fits(size)?;
        }
        let value = values.get(row);
        if matches!(value, Value::Null) {
            continue;
        }
        let mut found: IndexMap<Name, Vec<Value<'_>>, foldhash::fast::RandomState> = IndexMap::default();
        for text in value.each().iter().filter_map(Value::as_text) {
            one(&text, reading, cx, &mut |name, value| {
                if !reading.wanted.has(name) {
                    return;
                }
                size += CELL + value.heap_bytes();
                match found.get_mut(name) {
                    Some(all) => all.push(value),
                    None => drop(found.insert(name.into(), vec![value])),
                }
            });
        }
        for (name, all) in found {
            if !made.contains_key(&name) {
                size += values.len() * CELL;
                cx.memory.fits(size)?;
            }
            let column = made.entry(name).or_default();
            column.pad(row);
            column.push(Value::multi(all));
        }
    }
    for (name, mut column) in made {
        column.pad(values.len());
        let column = column.finish();
        let column = match codes {
            Some(codes) => Column::coded(codes.clone(), column),
            None => column,
        };
        extract::put(batch, &name, column);
    }
    Ok(())
}

/// The fields of one text.
fn one(text: &str, reading: &Reading, cx: &Context, emit: Emit<'_, 'static>) {
    match &reading.form {
        Form::Document { limit } => {
            let start = first(text, *limit);
            if start.len() < text.len() && is_document(text) {
                let cut = format!("`spath` read only the first {limit} characters of `{}`, as Splunk does", reading.field);
                cx.warn(Diagnostic::warning(Code::ROWS, cut).help("Name what you need with `path=`: a path reads the whole text."));
            }
            match start.trim_start().as_bytes().first() {
                Some(b'{' | b'[') => json::every(start, emit),
                Some(b'<') => xml::every(start, emit),
                _ => {}
            }
        }
        Form::Path { path, output } => match text.trim_start().as_bytes().first() {
            Some(b'{' | b'[') => json::at(text, path).into_iter().for_each(|v| emit(output, v)),
            Some(b'<') => xml::at(text, path).into_iter().for_each(|v| emit(output, v)),
            _ => {}
        },
        Form::Pairs(pairs) => {
            let start = first(text, pairs.characters);
            let cut = pairs::read(start, pairs, emit) || start.len() < text.len();
            if cut {
                cx.warn(
                    Diagnostic::warning(
                        Code::ROWS,
                        format!("`extract` took the first {} pairs of the first {} characters of an event", pairs.limit, pairs.characters),
                    )
                    .help("Raise `limit=` or `maxchars=`."),
                );
            }
        }
        Form::Object { prefix } => json::object(text, prefix, emit),
        Form::Elements => xml::pairs(text, emit),
        Form::XPath { path, output, default } => {
            let found = xpath::find(text, path, cx).unwrap_or_else(|| {
                let error = Diagnostic::warning(Code::ROWS, "the XPath costs too much over some of the texts, and finds nothing in them");
                cx.warn(error.help("Say where to look, in place of `//`, and leave out conditions within conditions."));
                Vec::new()
            });
            match (found.is_empty(), default) {
                (true, Some(text)) => emit(output, Value::owned(text.as_str())),
                _ => found.into_iter().for_each(|t| emit(output, Value::owned(t))),
            }
        }
        Form::Table(table) => table::rows(text, table, emit),
        Form::Location { places, prefix, all, language } => location(text, places.as_deref(), (prefix, *all, language), cx, emit),
    }
}

/// So many characters of a text.
fn first(text: &str, limit: usize) -> &str {
    // A text has no more characters than bytes.
    if text.len() <= limit {
        return text;
    }
    text.char_indices().nth(limit).map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}

fn is_document(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[', '<'])
}

/// The place of an address.
fn location(text: &str, places: Option<&GeoIp>, (prefix, all, language): (&str, bool, &str), cx: &Context, emit: Emit<'_, 'static>) {
    let Some(address) = text.trim().parse::<IpAddr>().ok().filter(|a| !is_private(*a)) else { return };
    let Some(places) = places else {
        cx.warn(
            Diagnostic::warning(Code::LOOKUP, "`iplocation` has no address database, so it adds nothing")
                .help("Give a file in MaxMind's format: `--geoip GeoLite2-City.mmdb`."),
        );
        return;
    };
    let Some(place) = places.find(address, language) else { return };
    let text = |t: Option<String>| t.map_or(Value::Null, Value::owned);
    let metro = place.metro_code.map_or(Value::Null, |n| Value::Number(f64::from(n)));
    let (lat, lon) = (Value::from(place.latitude), Value::from(place.longitude));
    let values = [text(place.city), text(place.country), text(place.region), lat, lon, text(place.continent), metro, text(place.time_zone)];
    for (name, value) in PLACES.iter().zip(values).take(if all { PLACES.len() } else { 5 }) {
        if !value.is_null() {
            emit(&format!("{prefix}{name}"), value);
        }
    }
}
