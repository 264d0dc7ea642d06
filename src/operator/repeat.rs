//! foreach and map: a template for each field of several, for each value of one, or for each row.

use super::extend::Extend;
use super::fork::filled;
use super::{Context, Step, Stream, Whole, build, drain};
use crate::column::{Batch, Builder, Column, Name, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::reshape::{ITEM, ITER};
use crate::plan::template::Surroundings;
use crate::plan::{Extension, FieldPattern, Node, Repeat, Template, Values};
use indexmap::IndexMap;
use std::sync::Arc;

/// Runs a template over all rows.
pub fn repeat(input: Stream, repeat: Arc<Repeat>, cx: &Arc<Context>) -> Stream {
    let shared = cx.clone();
    Whole::stream(input, cx, move |batch, cx| match repeat.as_ref() {
        Repeat::Fields { template, fields, marks, shows, found } => {
            let mut found = found.lock().unwrap_or_else(|e| e.into_inner());
            if !shows {
                *found = fields_of(&batch, fields);
            }
            let names = found.clone();
            drop(found);
            let texts = names.into_iter().map(|(name, parts)| marks.filled(&template.text, &name, &parts));
            one_by_one(template, texts, *shows, batch, &shared)
        }
        Repeat::Values { field, from, steps } => values(batch, field, *from, steps, cx),
        Repeat::Rows { template, most } => searches(&batch, template, *most, &shared),
        Repeat::Filled { template, pieces, subsearches } => step(template, &completed(template, pieces, subsearches, &shared)?, batch, &shared),
    })
}

/// The template over the rows, once.
fn step(template: &Template, text: &str, batch: Batch, cx: &Arc<Context>) -> Result<Batch, Diagnostic> {
    one_by_one(template, std::iter::once(text.to_string()), false, batch, cx)
}

/// Columns may be many: what they hold is counted anew after so many texts.
const COUNTED: usize = 64;

/// The filled-in texts of a template over the rows, one after the other. Where it shows, only what they show fields as.
fn one_by_one(template: &Template, texts: impl Iterator<Item = String>, shows: bool, mut batch: Batch, cx: &Arc<Context>) -> Result<Batch, Diagnostic> {
    let around = Surroundings { knowledge: &cx.knowledge, env: &cx.env, limits: &cx.limits, in_order: true, states: true };
    let mut charged = batch.bytes();
    for (n, text) in texts.enumerate() {
        cx.check()?;
        let (node, shown) = template.plan_and_shows(&text, Node::Held, &around)?;
        let steps = if shows { shown.into_iter().fold(Node::Held, |node, shown| shown.over(node)).over_held() } else { node.over_held() };
        match steps {
            Ok(steps) => batch = Extend(steps).apply(batch, cx)?,
            // They are the rows of the result, but for what changes.
            Err(node) => {
                cx.memory.release(charged);
                batch = drain(build(filled(node, &Arc::new(batch)), cx)?, cx)?;
                charged = batch.bytes();
            }
        }
        if n % COUNTED == COUNTED - 1 {
            let bytes = batch.bytes();
            cx.memory.charge(bytes.saturating_sub(charged))?;
            charged = charged.max(bytes);
        }
    }
    Ok(batch)
}

/// The text of a stage with what its subsearches found in their places.
fn completed(template: &Template, pieces: &[String], subsearches: &[Node], cx: &Arc<Context>) -> Result<String, Diagnostic> {
    let mut pieces = pieces.iter();
    // Without its pipe the stage would be words to search for.
    let mut text = format!("| {}", pieces.next().map_or("", String::as_str));
    for (node, piece) in subsearches.iter().zip(pieces) {
        let found = super::subsearch::text(node.clone(), cx)?.ok_or_else(|| {
            Diagnostic::error(Code::RUNTIME, "a subsearch found nothing that could stand in its place")
                .at(template.span)
                .help("Let it always give a row, as `stats` without BY does, or add one with `appendpipe`.")
        })?;
        text.extend([found.as_str(), piece]);
    }
    Ok(text)
}

/// Bytes of stack for the plans of templates within templates.
const STACK: usize = 64 << 20;

/// The rows of a search for each of the first rows.
fn searches(batch: &Batch, template: &Template, most: u64, cx: &Arc<Context>) -> Result<Batch, Diagnostic> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if batch.len() > most {
        let message = format!("`map` got {} rows; searches run for the first {most} (`maxsearches`)", batch.len());
        cx.warn(Diagnostic::warning(Code::ROWS, message));
    }
    let around = Surroundings { knowledge: &cx.knowledge, env: &cx.env, limits: &cx.limits, in_order: cx.store.in_order(), states: cx.store.holds_states() };
    let mut parts = Vec::new();
    for row in 0..batch.len().min(most) {
        cx.check()?;
        let text = with_row(template, batch, row)?;
        let rows = stacker::maybe_grow(STACK / 2, STACK, || {
            let node = template.plan(&text, Node::Start, &around)?;
            let node = if cx.optimise { crate::plan::rules::apply(node) } else { crate::plan::rules::apply_required(node) };
            drain(build(node, cx)?, cx)
        })?;
        parts.push(rows);
    }
    Batch::concat_while(parts, || cx.check())
}

/// The template with values of a row in place of `$field$`. In double quotes a value is escaped; outside it is put into quotes
/// unless it reads as one word.
fn with_row(template: &Template, batch: &Batch, row: usize) -> Result<String, Diagnostic> {
    let (mut out, mut rest, mut quoted) = (String::new(), template.text.as_str(), false);
    while let Some(c) = rest.chars().next() {
        if let Some(name) = variable(rest) {
            let value = match name {
                "_serial_id" => Some((row + 1).to_string()),
                _ => batch.value(name, row).as_text().map(|t| t.into_owned()),
            };
            let Some(value) = value else {
                return Err(Diagnostic::error(Code::RUNTIME, format!("`map` found no value of `{name}` in row {}", row + 1))
                    .at(template.span)
                    .help("Give every row a value with `fillnull`, or keep the rows that have one with `where`."));
            };
            let escaped = || value.replace('\\', "\\\\").replace('"', "\\\"");
            let word = !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || "_.:/@%+-".contains(c));
            match (quoted, word) {
                (true, _) => out.push_str(&escaped()),
                (false, true) => out.push_str(&value),
                (false, false) => out.push_str(&format!("\"{}\"", escaped())),
            }
            rest = rest.get(name.len() + 2..).unwrap_or_default();
            continue;
        }
        let taken = match c {
            '\\' => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            '"' => {
                quoted = !quoted;
                1
            }
            _ => c.len_utf8(),
        };
        out.push_str(rest.get(..taken).unwrap_or_default());
        rest = rest.get(taken..).unwrap_or_default();
    }
    Ok(out)
}

/// The name at the beginning of `$name$…`.
fn variable(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('$')?;
    let name = inside.get(..inside.find('$')?)?;
    let fits = |c: char| c.is_alphanumeric() || "_.:-{}@".contains(c);
    (!name.is_empty() && name.chars().all(fits)).then_some(name)
}

/// Fields with what the wildcards stand for: those that have a value somewhere, by the order of the patterns, and names without
/// a wildcard in any case. A field that several patterns name counts once.
fn fields_of(batch: &Batch, patterns: &[FieldPattern]) -> IndexMap<Name, Vec<String>> {
    let mut all = IndexMap::new();
    for pattern in patterns {
        let found: Vec<(Name, Vec<String>)> = match &pattern.wildcard {
            None => vec![(pattern.text.as_str().into(), Vec::new())],
            Some(wildcard) => {
                let there = batch.columns().filter(|(n, c)| pattern.matches(n) && !c.all_null());
                there.map(|(n, _)| (n.clone(), wildcard.capture(n).unwrap_or_default().into_iter().map(String::from).collect())).collect()
            }
        };
        for (name, parts) in found {
            all.entry(name).or_insert(parts);
        }
    }
    all
}

/// The place of a row while rows are apart.
const PLACE: &str = "__foreach_row";

/// The steps for the first value of every row, then for the second of those that have one, and so on.
fn values(batch: Batch, field: &Name, from: Values, steps: &[Extension], cx: &Context) -> Result<Batch, Diagnostic> {
    let len = batch.len();
    let lists: Vec<Vec<Value<'static>>> = (0..len).map(|i| list(batch.value(field, i), from)).collect();
    cx.memory.charge(lists.iter().flatten().map(|v| size_of::<Value<'_>>() + v.heap_bytes()).sum())?;
    let mut active = batch;
    active.set(PLACE, Column::numbers((0..len).map(|i| i as f64).collect()));
    let extend = Extend(steps.to_vec());
    let mut done = Vec::new();
    for round in 0.. {
        cx.check()?;
        let places: Vec<usize> = (0..active.len()).filter_map(|i| Some(active.value(PLACE, i).as_integer()? as usize)).collect();
        let goes_on = |place: &usize| lists.get(*place).is_some_and(|l| l.len() > round);
        let (on, off): (Vec<u32>, Vec<u32>) = (0..places.len() as u32).partition(|&i| places.get(i as usize).is_some_and(goes_on));
        if !off.is_empty() {
            done.push(active.take(&off));
        }
        if on.is_empty() {
            break;
        }
        let mut next = if off.is_empty() { active } else { active.take(&on) };
        let mut items = Builder::new();
        for place in places.iter().filter(|p| goes_on(p)) {
            items.push(lists.get(*place).and_then(|l| l.get(round)).map_or(Value::Null, Value::borrowed));
        }
        next.set(ITEM, items.finish());
        next.set(ITER, Column::Const(Value::Number(round as f64), next.len()));
        active = extend.apply(next, cx)?;
    }
    // Rows whose values ran out first come first: new fields are in the order in which the rows that have most of them got them.
    done.reverse();
    let mut all = Batch::concat_while(done, || cx.check())?;
    let mut back = vec![0u32; len];
    for i in 0..all.len() {
        if let Some(to) = all.value(PLACE, i).as_integer().and_then(|p| back.get_mut(p as usize)) {
            *to = i as u32;
        }
    }
    [PLACE, ITEM, ITER].iter().for_each(|n| drop(all.remove(n)));
    all.take_while(&back, || cx.check())
}

/// The values to go through.
fn list(value: Value<'_>, from: Values) -> Vec<Value<'static>> {
    let array = || match serde_json::from_str(value.as_text()?.as_ref()) {
        Ok(serde_json::Value::Array(all)) => Some(all.into_iter().map(element).collect::<Vec<_>>()),
        _ => None,
    };
    let each = || value.each().iter().map(|v| v.clone().into_owned()).collect::<Vec<_>>();
    match (from, &value) {
        (Values::Multivalue, _) | (Values::Either, Value::Multi(_)) => each(),
        (Values::JsonArray, _) => array().unwrap_or_default(),
        (Values::Either, _) => array().unwrap_or_else(each),
    }
}

/// An element of a JSON array: texts without quotes, objects and arrays as JSON.
fn element(json: serde_json::Value) -> Value<'static> {
    match json {
        serde_json::Value::String(text) => Value::owned(text),
        serde_json::Value::Number(n) => n.as_f64().map_or_else(|| Value::owned(n.to_string()), Value::Number),
        other => Value::owned(other.to_string()),
    }
}
