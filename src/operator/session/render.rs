//! A transaction as one row: the time of its first event, the texts of all, and the union of their fields.

use super::{Gathered, Kind};
use crate::column::{Batch, Builder, Column, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::Session;
use std::collections::BTreeMap;

/// Transactions between two looks at the cancel token.
const PACE: usize = 64;

/// A row each, newest first by the time of the first event.
pub(super) fn render(batch: &Batch, mut all: Vec<Gathered>, session: &Session, cx: &Context) -> Result<Batch, Diagnostic> {
    let times = batch.column("_time");
    let time = |row: Option<&u32>| row.and_then(|&r| times.number(r as usize));
    // Of equal times the one whose newest event came first.
    all.sort_by_key(|g| g.rows.first().copied());
    all.sort_by(|a, b| match (time(a.rows.last()), time(b.rows.last())) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    let mut out = Batch::new(all.len());
    for (name, column) in batch.columns() {
        let column = merged(name, column, &all, session, cx)?;
        cx.memory.fits(column.bytes(&mut Default::default()))?;
        out.set(name.clone(), column);
    }
    if let Some(name) = &session.name {
        let named = all.iter().map(|g| if g.kind == Kind::Orphan { Value::Null } else { Value::text(name) });
        out.set("transactiontype", named.collect::<Column>());
    }
    let orphan = |g: &Gathered| g.kind == Kind::Orphan;
    let mut number = |name: &str, of: &dyn Fn(&Gathered) -> Option<f64>| {
        let column: Column = all.iter().map(|g| Value::from(of(g))).collect();
        out.set(name, column);
    };
    let found = |row: u32| session.fields.iter().filter(|f| !batch.value(f, row as usize).is_null()).count();
    number("duration", &|g| (!orphan(g)).then(|| time(g.rows.first()).zip(time(g.rows.last())).map_or(0.0, |(last, first)| micros(last - first))));
    number("eventcount", &|g| (!orphan(g)).then_some(g.rows.len() as f64));
    number("closed_txn", &|g| (!orphan(g)).then_some(f64::from(u8::from(g.kind == Kind::Closed))));
    number("field_match_sum", &|g| (!orphan(g)).then(|| g.rows.iter().map(|&r| found(r)).sum::<usize>() as f64));
    if let Some(raw) = batch.get("_raw") {
        let lines = |row: &u32| raw.get(*row as usize).as_text().map_or(0, |t| t.lines().count().max(1));
        number("linecount", &|g| (!orphan(g)).then(|| g.rows.iter().map(lines).sum::<usize>() as f64));
    }
    if session.keep_orphans {
        number("_txn_orphan", &|g| Some(f64::from(u8::from(orphan(g)))));
    }
    Ok(out)
}

/// Times are exact to the microsecond; what subtracting doubles adds is noise.
fn micros(seconds: f64) -> f64 {
    let rounded = (seconds * 1e6).round() / 1e6;
    if rounded.is_finite() { rounded } else { seconds }
}

/// One field of every transaction.
fn merged(name: &Name, column: &Column, all: &[Gathered], session: &Session, cx: &Context) -> Result<Column, Diagnostic> {
    let list = session.lists.iter().any(|f| f.matches(name));
    let mut out = Builder::new();
    for (n, gathered) in all.iter().enumerate() {
        if n % PACE == 0 {
            cx.check()?;
        }
        // In the order of time.
        let rows = || gathered.rows.iter().rev().map(|&r| column.get(r as usize));
        match (&**name, gathered.rows.as_slice()) {
            (_, [only]) => out.push(column.get(*only as usize)),
            ("_time", _) => out.push(rows().find(|v| !v.is_null()).unwrap_or_default()),
            ("_raw", _) if !session.raw_values => {
                let texts: Vec<String> = rows().filter_map(|v| v.as_text().map(|t| t.into_owned())).collect();
                out.push(if texts.is_empty() { Value::Null } else { Value::owned(texts.join("\n")) });
            }
            ("_raw", _) => out.push(Value::multi(rows())),
            _ if list && rows().any(|v| !v.is_null()) => {
                out.push(Value::multi(rows().map(|v| if v.is_null() { Value::owned(session.null.as_str()) } else { v })));
            }
            _ => out.push(distinct(rows())),
        }
    }
    Ok(out.finish())
}

/// Each value once, by code point.
fn distinct<'v>(values: impl Iterator<Item = Value<'v>>) -> Value<'static> {
    let mut all: BTreeMap<String, Value<'static>> = BTreeMap::new();
    for value in values {
        for one in value.each() {
            if let Some(text) = one.as_text()
                && !all.contains_key(text.as_ref())
            {
                all.insert(text.into_owned(), one.clone().into_owned());
            }
        }
    }
    Value::multi(all.into_values())
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn fields_are_united() {
        let rows = r#"[{"_time":2,"_raw":"b","a":"2","c":["y","x"]},{"_time":1,"_raw":"a\nz","a":"10","c":"x"}]"#;
        let common = r#""duration":1,"eventcount":2,"closed_txn":0,"field_match_sum":0,"linecount":3}]"#;
        for (options, want) in [
            ("", r#"[{"_time":1,"_raw":"a\nz\nb","a":["10","2"],"c":["x","y"],"#),
            ("mvlist=t", r#"[{"_time":1,"_raw":"a\nz\nb","a":["10","2"],"c":["x","y","x"],"#),
            ("mvlist=a mvraw=t", r#"[{"_time":1,"_raw":["a\nz","b"],"a":["10","2"],"c":["x","y"],"#),
        ] {
            assert_eq!(run(rows, &format!("* | transaction {options}")), format!("{want}{common}"), "{options}");
        }
    }
}
