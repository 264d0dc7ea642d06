//! trendline: moving averages.

use super::Carry;
use crate::column::{Batch, Builder};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::{Average, Trend};
use std::collections::VecDeque;

/// Averages that move along the rows which hold a number; others get none and do not count.
pub(super) struct Trends(Vec<Moving>);

struct Moving {
    trend: Trend,
    /// The last values, oldest first, as many as the period.
    values: VecDeque<f64>,
    /// The exponential average so far.
    smooth: Option<f64>,
    seen: usize,
}

impl Trends {
    pub fn new(trends: Vec<Trend>) -> Trends {
        Trends(trends.into_iter().map(|trend| Moving { trend, values: VecDeque::new(), smooth: None, seen: 0 }).collect())
    }
}

impl Moving {
    /// The average with this value; none before as many values as the period were there.
    fn next(&mut self, n: f64) -> Option<f64> {
        self.seen = self.seen.saturating_add(1);
        let period = self.trend.period.max(1);
        let full = self.seen >= period;
        let p = period as f64;
        match self.trend.kind {
            Average::Exponential => {
                // The reference weighs the average so far by this, and the new value by the rest.
                let weight = 2.0 / (p + 1.0);
                let smooth = self.smooth.map_or(n, |before| weight * before + (1.0 - weight) * n);
                self.smooth = Some(smooth);
                full.then_some(smooth)
            }
            kind => {
                self.values.push_back(n);
                if self.values.len() > period {
                    self.values.pop_front();
                }
                // Summed up anew each time, so that no noise gathers; a period is at most 10,000.
                full.then(|| match kind {
                    Average::Weighted => self.values.iter().zip(1u32..).map(|(v, w)| v * f64::from(w)).sum::<f64>() / (p * (p + 1.0) / 2.0),
                    _ => self.values.iter().sum::<f64>() / p,
                })
            }
        }
    }
}

impl Carry for Trends {
    fn apply(&mut self, mut batch: Batch, cx: &Context) -> Result<Batch, Diagnostic> {
        for moving in &mut self.0 {
            let column = batch.column(&moving.trend.field);
            let mut out = Builder::new();
            for row in 0..batch.len() {
                if row % 64 == 0 {
                    cx.check()?;
                }
                match column.number(row).and_then(|n| moving.next(n)) {
                    Some(n) => out.push_number(n),
                    None => out.push_null(),
                }
            }
            batch.set(moving.trend.into.clone(), out.finish());
        }
        Ok(batch)
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn averages_move() {
        let rows = r#"[{"n":"3"},{"n":"6"},{"n":"x"},{"n":"9"}]"#;
        for (average, want) in [
            ("sma2", r#"[{},{"r":4.5},{},{"r":7.5}]"#),
            ("ema2", r#"[{},{"r":4},{},{"r":5.666666666666667}]"#),
            ("wma2", r#"[{},{"r":5},{},{"r":8}]"#),
            ("sma4", "[{},{},{},{}]"),
        ] {
            assert_eq!(run(rows, &format!("* | trendline {average}(n) AS r | table r")), want, "{average}");
        }
    }
}
