//! format and return: rows as one search expression.

use crate::column::{Batch, Column, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::reshape::{Format, Return};

/// One row whose field `search` holds the text.
fn row(text: String) -> Batch {
    let mut out = Batch::new(1);
    out.set("search", Column::Const(Value::owned(text), 1));
    out
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// `( ( a="x" AND b="y" ) OR ( … ) )` in other pieces. Internal fields and missing values stay out; fields called `search` and
/// `query` stand for their text alone.
pub fn format(rows: &Batch, how: &Format, cx: &Context) -> Result<Batch, Diagnostic> {
    let [open, first, and, last, or, close] = &how.pieces;
    let most = if how.max == 0 { usize::MAX } else { usize::try_from(how.max).unwrap_or(usize::MAX) };
    let test = |name: &str, value: &Value<'_>| {
        let text = value.as_text().unwrap_or_default();
        if matches!(name, "search" | "query") { text.into_owned() } else { format!("{name}=\"{}\"", escaped(&text)) }
    };
    let mut any = Vec::new();
    for i in 0..rows.len().min(most) {
        cx.at(i)?;
        let fields = rows.columns().filter(|(n, c)| !n.starts_with('_') && !c.is_null(i));
        let tests: Vec<String> = fields
            .map(|(name, column)| {
                let each: Vec<String> = column.get(i).each().iter().map(|v| test(name, v)).collect();
                let joined = each.join(&format!(" {} ", how.mvsep));
                if each.len() > 1 { format!("( {joined} )") } else { joined }
            })
            .collect();
        if !tests.is_empty() {
            let text = format!("{first} {} {last}", tests.join(&format!(" {and} ")));
            cx.memory.charge(text.len())?;
            any.push(text);
        }
    }
    Ok(row(match any.is_empty() {
        true => how.empty.clone(),
        false => format!("{open} {} {close}", any.join(&format!(" {or} "))).trim().to_string(),
    }))
}

/// `a="x" b="y"`, bare values for `$a`; several rows as `(…) OR (…)`. Nothing found gives no row.
pub fn returned(rows: &Batch, how: &Return, cx: &Context) -> Result<Batch, Diagnostic> {
    let most = usize::try_from(how.count).unwrap_or(usize::MAX);
    let mut any = Vec::new();
    for i in 0..rows.len().min(most) {
        cx.at(i)?;
        let items = how.items.iter().filter_map(|(field, name)| {
            let value = rows.value(field, i);
            let text = value.as_text()?;
            Some(match name {
                Some(name) => format!("{name}=\"{}\"", escaped(&text)),
                None => text.into_owned(),
            })
        });
        let text = items.collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            any.push(text);
        }
    }
    Ok(match any.as_slice() {
        [] => Batch::default(),
        [one] => row(one.clone()),
        _ => row(any.iter().map(|t| format!("({t})")).collect::<Vec<_>>().join(" OR ")),
    })
}
