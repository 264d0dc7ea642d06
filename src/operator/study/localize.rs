//! localize: the spans of time in which events lie close together, latest first.

use crate::column::{Batch, Column};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::study::Localize;

/// A row a span: neighbours within `pause` seconds belong together, and the span reaches a little beyond its events.
pub(super) fn localize(batch: &Batch, how: &Localize, cx: &Context) -> Result<Batch, Diagnostic> {
    let column = batch.column("_time");
    cx.memory.charge(batch.len() * 24)?;
    let mut times: Vec<f64> = (0..batch.len()).filter_map(|row| column.number(row)).filter(|t| t.is_finite()).collect();
    times.sort_unstable_by(f64::total_cmp);
    cx.check()?;
    let spans: Vec<&[f64]> = times.chunk_by(|a, b| b - a <= how.pause).rev().collect();
    let mut out = Batch::new(spans.len());
    let first = |s: &&[f64]| s.first().copied().unwrap_or_default() - how.before;
    let last = |s: &&[f64]| s.last().copied().unwrap_or_default() + how.after;
    out.set("starttime", Column::numbers(spans.iter().map(first).collect()));
    out.set("endtime", Column::numbers(spans.iter().map(last).collect()));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn a_pause_parts() {
        let rows = r#"[{"_time":100},{"_time":1000},{"_time":150},{"_time":210},{"x":"1"}]"#;
        let want = r#"[{"starttime":970,"endtime":1030},{"starttime":70,"endtime":240}]"#;
        assert_eq!(run(rows, "* | localize"), want);
        let narrow = r#"[{"starttime":1000,"endtime":1060},{"starttime":210,"endtime":270},{"starttime":100,"endtime":210}]"#;
        assert_eq!(run(rows, "* | localize maxpause=50s timebefore=0s timeafter=1m"), narrow);
        assert_eq!(run("[]", "* | localize"), "[]");
    }
}
