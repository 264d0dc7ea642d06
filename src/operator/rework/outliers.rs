//! outlier: values far from the quartiles of their field are cut to the threshold, or their rows taken out.

use crate::aggregate::running::running;
use crate::aggregate::{Call, find};
use crate::column::{Batch, Builder, Column, Mask, Name, Value, number};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::Outliers;
use std::sync::Arc;

/// Thresholds lie so many interquartile ranges beyond the quartiles.
pub(super) fn treat(mut batch: Batch, outliers: &Outliers, cx: &Context) -> Result<Batch, Diagnostic> {
    let columns: Vec<(Name, Arc<Column>)> =
        batch.columns().filter(|(n, _)| outliers.fields.iter().any(|f| f.matches(n))).map(|(n, c)| (n.clone(), c.clone())).collect();
    let mut kept = Mask::new(batch.len(), true);
    for (name, column) in columns {
        let Some((low, high)) = thresholds(&column, outliers, cx)? else { continue };
        let beyond = |n: f64| match n {
            n if n > high => Some(high),
            n if outliers.lower && n < low => Some(low),
            _ => None,
        };
        if outliers.remove {
            (0..batch.len()).filter(|i| column.number(*i).and_then(beyond).is_some()).for_each(|i| kept.set(i, false));
            continue;
        }
        let mut out = Builder::new();
        for row in 0..batch.len() {
            match column.number(row).and_then(beyond) {
                Some(limit) if outliers.mark => out.push(Value::owned(format!("000{}", number::format(limit)))),
                Some(limit) => out.push_number(limit),
                None => out.push(column.get(row)),
            }
        }
        batch.set(name, out.finish());
    }
    Ok(batch.filter(&kept))
}

/// The lowest and the highest value that are no outliers; none where the field holds no numbers.
fn thresholds(column: &Column, outliers: &Outliers, cx: &Context) -> Result<Option<(f64, f64)>, Diagnostic> {
    let Some((function, _)) = find("perc25") else { return Ok(None) };
    let mut numbers: Vec<f64> = (0..column.len()).filter_map(|i| column.number(i)).filter(|n| !n.is_nan()).collect();
    numbers.sort_unstable_by(f64::total_cmp);
    cx.check()?;
    let quartile = |percent: f64| {
        let call =
            Call { name: "perc".into(), number: Some(percent), list_limit: 0, env: cx.env.clone(), inside: Default::default(), stretch: None, stored: false };
        let mut state = running(function, &call, false);
        // Ascending, so that each goes to the end.
        numbers.iter().for_each(|n| state.push(&Value::Number(*n), None));
        state.value().as_number()
    };
    Ok(quartile(25.0).zip(quartile(75.0)).map(|(q1, q3)| {
        let away = outliers.param * (q3 - q1);
        (q1 - away, q3 + away)
    }))
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn values_beyond_the_thresholds() {
        let rows = r#"[{"n":"1"},{"n":"2"},{"n":"3"},{"n":"4"},{"n":"50"},{"n":"-50"},{}]"#;
        for (options, want) in [
            ("param=1", r#"[{"n":"1"},{"n":"2"},{"n":"3"},{"n":"4"},{"n":7},{"n":"-50"},{}]"#),
            ("param=1 uselower=t mark=t", r#"[{"n":"1"},{"n":"2"},{"n":"3"},{"n":"4"},{"n":"0007"},{"n":"000-2"},{}]"#),
            ("param=1 action=rm uselower=t", r#"[{"n":"1"},{"n":"2"},{"n":"3"},{"n":"4"},{}]"#),
            ("param=99", r#"[{"n":"1"},{"n":"2"},{"n":"3"},{"n":"4"},{"n":"50"},{"n":"-50"},{}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | outlier {options} n")), want, "{options}");
        }
    }
}
