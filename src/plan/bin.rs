//! Spans of `bin` and `timechart` as they are written.

use super::BinSpan;
use crate::column::number;
use crate::time::Span;

impl BinSpan {
    /// A span as `bin` takes it: `10`, `0.5`, `5m`, `log10`, `2log3`. A plain number is a number of seconds where `timed`.
    pub fn parse(text: &str, timed: bool, align: Option<f64>) -> Option<BinSpan> {
        let lower = text.to_ascii_lowercase();
        if let Some((coefficient, base)) = lower.split_once("log") {
            let read = |t: &str, default| if t.is_empty() { Some(default) } else { number::parse(t) };
            let (coefficient, base) = (read(coefficient, 1.0)?, read(base, 10.0)?);
            return (base > 1.0 && coefficient >= 1.0 && coefficient < base).then_some(BinSpan::Log { coefficient, base });
        }
        match number::parse(text) {
            Some(n) if !timed => (n > 0.0 && n.is_finite()).then_some(BinSpan::Number(n)),
            _ => Span::parse(text).or_else(|| Span::parse(&lower)).map(|span| BinSpan::Time { span, align }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_spans() {
        for bad in ["", "0", "-5", "x", "log1", "10log10", "0log10", "logx", "5parsec", "nan"] {
            assert_eq!(BinSpan::parse(bad, false, None), None, "{bad}");
        }
        assert!(matches!(BinSpan::parse("30", true, None), Some(BinSpan::Time { .. })));
        assert!(matches!(BinSpan::parse("5M", false, None), Some(BinSpan::Time { .. })));
    }
}
