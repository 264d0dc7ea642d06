//! erex: an expression is learnt from the rows, and takes a field out of all of them.

use crate::column::{Batch, Builder, Value};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::operator::Context;
use crate::plan::rework::Learn;
use crate::plan::text::quoted;
use crate::regex::Regex;
use crate::regex::learn::learn;

/// The rows with the field, and a note of the expression; rows without a match keep what they have.
pub(super) fn extract(mut batch: Batch, how: &Learn, cx: &Context) -> Result<Batch, Diagnostic> {
    let from = batch.column(&how.from);
    let values: Vec<Value<'_>> = (0..batch.len()).map(|row| from.get(row)).collect();
    cx.memory.charge(values.len() * 48)?;
    let texts: Vec<Option<std::borrow::Cow<'_, str>>> = values.iter().flat_map(Value::each).map(Value::as_text).collect();
    let known: Vec<&str> = texts.iter().flatten().map(AsRef::as_ref).collect();
    let warn = |message: String, help: &str| cx.warn(Diagnostic::warning(Code::LEARNT, message).at(how.place).help(help));
    let learnt = match learn(&known, &how.examples, &how.against, how.trainers, || cx.check())? {
        None => {
            warn(format!("none of the examples stands in `{}`", how.from), "Write them as they stand in the text, or name another field with `fromfield`.");
            return Ok(batch);
        }
        Some(None) => {
            warn("no regular expression was found that fits the examples".into(), "Give other examples, or write the expression yourself with `rex`.");
            return Ok(batch);
        }
        Some(Some(learnt)) => learnt,
    };
    // Not every field's name may name a group.
    let name: String = how.into.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let pattern = learnt.pattern(&if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name });
    let field = if &*how.from == "_raw" { String::new() } else { format!("field={} ", quoted(&how.from)) };
    let note = Diagnostic::warning(Code::LEARNT, format!("learnt: rex {field}{}", quoted(&pattern)));
    cx.warn(Diagnostic { severity: Severity::Note, ..note }.at(how.place));
    let regex = Regex::new(&pattern).map_err(|why| Diagnostic::error(Code::REGEX, why))?;
    let old = batch.column(&how.into);
    let mut cells = Builder::new();
    for (row, value) in values.iter().enumerate() {
        cx.at(row)?;
        let found = value.each().iter().find_map(|v| regex.captures_at(&v.as_text()?, 0)?.get(1).map(str::to_string));
        match found {
            Some(text) => cells.push_text(&text),
            None => cells.push(old.get(row)),
        }
    }
    cx.memory.charge(cells.bytes())?;
    batch.set(how.into.clone(), cells.finish());
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::operator::testing::{rows, run, shown};
    use crate::store::Catalog;
    use crate::{Engine, Settings};

    const ROWS: &str = r#"[{"_raw":"a port=3351 b","p":"old"},{"_raw":"port=22 c"},{"_raw":"no such","p":"old"},{"x":"k: v","_raw":"z"}]"#;

    #[test]
    fn a_field_is_taken_out_by_examples() {
        for (query, want) in [
            ("erex p examples=3351,8 | table p", r#"[{"p":"3351"},{"p":"22"},{"p":"old"},{}]"#),
            ("erex \"the p\" examples=\"3351\" counterexamples=\"22\" maxtrainers=1 | table \"the p\"", r#"[{"the p":"3351"},{},{},{}]"#),
            ("erex v fromfield=x examples=v | table v", r#"[{},{},{},{"v":"v"}]"#),
            ("erex v examples=nothing | table v", "[{},{},{},{}]"),
            ("erex v", "expected `examples=`"),
            ("erex examples=1", "expected a field"),
            ("erex v examples=\", \"", "without examples"),
            ("erex v examples=1 maxtrainers=0", "from 1 to 1000"),
            ("erex v examples=1 from=x", "no option `from`"),
        ] {
            let got = run(ROWS, &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }

    #[test]
    fn it_tells_what_it_learnt() {
        let engine = Engine::new(Catalog::of_rows(rows(ROWS)), Knowledge::builtin(), Settings::default());
        let told = |query: &str| engine.run(query).unwrap().warnings.iter().map(|w| w.message.clone()).collect::<Vec<_>>().join("; ");
        assert_eq!(told("* | erex p examples=3351"), r#"learnt: rex "\\bport=(?<p>\\d+)\\b""#);
        assert_eq!(
            told("* | erex p.x fromfield=x examples=v"),
            r#"learnt: rex field="x" "^(?:[^ ]* ){1}(?<p_x>\\w+)\\b""#.replace("^(?:[^ ]* ){1}", r"\\bk:\\s+")
        );
        assert_eq!(told("* | erex p examples=nothing"), "none of the examples stands in `_raw`");
        let same = engine.run(r#"* | rex "\\bport=(?<q>\\d+)\\b" | table q"#).unwrap();
        assert_eq!(shown(&same.rows), r#"[{"q":"3351"},{"q":"22"},{},{}]"#);
    }
}
