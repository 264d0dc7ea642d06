//! x11: a series without its season, by the three rounds of the X-11 method (Shiskin, Young and Musgrave, "The X-11 Variant of the Census
//! Method II Seasonal Adjustment Program", 1967; Ladiray and Quenneville, "Seasonal Adjustment with the X-11 Method", 2001): a first round
//! finds extreme values and makes them count less, a second one looks again, a third one gives the season.

mod extreme;
mod part;
mod trend;

use super::season::{centred, length};
use crate::column::{Batch, Builder};
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::{Cancel, Context};
use crate::plan::study::Adjust;
use part::{Filter, THREE_BY_FIVE, THREE_BY_THREE, seasons};

/// Seasons shorter than this are not looked for.
const SHORTEST: usize = 5;

/// Charged for a row.
const ROW: usize = 400;

pub(super) fn adjust(mut batch: Batch, how: &Adjust, cx: &Context) -> Result<Batch, Diagnostic> {
    let column = batch.column(&how.field);
    cx.memory.charge(batch.len() * ROW)?;
    let series: Vec<Option<f64>> = (0..batch.len()).map(|row| column.number(row).filter(|n| n.is_finite())).collect();
    let period = match how.period {
        Some(period) => Some(period),
        None => length(&series, SHORTEST, &cx.cancel)?,
    };
    let mut ratios = how.ratios;
    if ratios && series.iter().flatten().any(|n| *n <= 0.0) {
        cx.warn(
            Diagnostic::warning(Code::ROWS, "x11 takes seasons out by division only where all numbers are above 0: they were subtracted").help("Use `add`."),
        );
        ratios = false;
    }
    let numbers = series.iter().flatten().count();
    let adjusted = match period {
        Some(period) if numbers >= 2 * period => {
            let bounds = series.iter().position(Option::is_some).zip(series.iter().rposition(Option::is_some));
            let (from, to) = bounds.unwrap_or_default();
            let within = series.get(from..=to).unwrap_or_default();
            let given = filled(within, period);
            let missing: Vec<bool> = within.iter().map(Option::is_none).collect();
            let calm = Rounds { period, ratios, given, missing }.adjusted(&cx.cancel)?;
            let mut all = vec![None; from];
            all.extend(calm.into_iter().zip(within).map(|(calm, value)| value.map(|_| calm)));
            all.resize(series.len(), None);
            all
        }
        Some(period) => {
            cx.warn(
                Diagnostic::warning(Code::ROWS, format!("x11 needs two seasons, {} numbers here", 2 * period)).help("Give it more rows, or a shorter period."),
            );
            return Ok(batch);
        }
        // No season, nothing to take out.
        None => series,
    };
    let mut cells = Builder::new();
    adjusted.into_iter().for_each(|n| cells.push(n.into()));
    batch.set(how.into.clone(), cells.finish());
    Ok(batch)
}

/// The values, with those of the same part of the seasons around where some are missing: they do not count, but something must stand there.
fn filled(series: &[Option<f64>], period: usize) -> Vec<f64> {
    let present = |at: usize| series.get(at).copied().flatten();
    let near = |step: usize| {
        let last = series.len().saturating_sub(1);
        let seen = |place: &dyn Fn(usize) -> usize| {
            let mut seen: Vec<Option<f64>> = Vec::with_capacity(series.len());
            for at in 0..series.len() {
                let before = at.checked_sub(step).and_then(|one| present(place(one)).or(seen.get(one).copied().flatten()));
                seen.push(before);
            }
            seen
        };
        let (before, behind) = (seen(&|at| at), seen(&|at| last - at));
        let mean = |(a, b): (&Option<f64>, &Option<f64>)| a.zip(*b).map(|(a, b)| f64::midpoint(a, b)).or(*a).or(*b);
        before.iter().zip(behind.iter().rev()).map(mean).collect::<Vec<Option<f64>>>()
    };
    let values = series.iter().zip(near(period)).zip(near(1));
    values.map(|((value, same), beside)| value.or(same).or(beside).unwrap_or_default()).collect()
}

fn without(a: f64, b: f64, ratios: bool) -> f64 {
    match ratios {
        true if b != 0.0 => a / b,
        true => a,
        false => a - b,
    }
}

struct Rounds {
    period: usize,
    ratios: bool,
    given: Vec<f64>,
    missing: Vec<bool>,
}

/// What a round finds.
struct Found {
    season: Vec<f64>,
    trend: Vec<f64>,
}

impl Rounds {
    fn adjusted(&self, cancel: &Cancel) -> Result<Vec<f64>, Diagnostic> {
        let first = self.round(&self.given, true, cancel)?;
        let second = self.round(&self.tamed(&first), false, cancel)?;
        let last = self.round(&self.tamed(&second), false, cancel)?;
        Ok(self.apart(&self.given, &last.season))
    }

    /// A round over the series, extreme values of which count less already, or are to.
    fn round(&self, series: &[f64], first: bool, cancel: &Cancel) -> Result<Found, Diagnostic> {
        cancel.check()?;
        let options = |values: Vec<f64>| values.into_iter().map(Some).collect::<Vec<Option<f64>>>();
        let level = centred(&options(series.to_vec()), self.period);
        let beside = series.iter().zip(level).map(|(x, level)| level.map(|level| without(*x, level, self.ratios))).collect();
        let season = self.season(beside, &THREE_BY_THREE, first);
        cancel.check()?;
        let trend = trend::trend(&self.apart(series, &season), self.ratios, !first);
        let season = self.season(options(self.apart(series, &trend)), &THREE_BY_FIVE, first);
        Ok(Found { season, trend })
    }

    fn season(&self, beside: Vec<Option<f64>>, filter: &Filter, tame: bool) -> Vec<f64> {
        let season = seasons(&beside, self.period, filter, self.ratios);
        if !tame {
            return season;
        }
        let nothing = self.nothing();
        let irregular: Vec<f64> = beside.iter().zip(&season).map(|(x, s)| x.map_or(nothing, |x| without(x, *s, self.ratios))).collect();
        let missing: Vec<bool> = beside.iter().zip(&self.missing).map(|(x, m)| *m || x.is_none()).collect();
        let counts = extreme::counts(&irregular, &missing, self.period, nothing);
        seasons(&extreme::calmed(&beside, &counts, self.period), self.period, filter, self.ratios)
    }

    /// The given series with irregulars only as far as they count.
    fn tamed(&self, found: &Found) -> Vec<f64> {
        let irregular = self.apart(&self.apart(&self.given, &found.season), &found.trend);
        let counts = extreme::counts(&irregular, &self.missing, self.period, self.nothing());
        let one = |(given, (irregular, count)): (&f64, (&f64, &f64))| match self.ratios {
            true => without(*given, *irregular, true) * (1.0 + count * (irregular - 1.0)),
            false => given - irregular * (1.0 - count),
        };
        self.given.iter().zip(irregular.iter().zip(&counts)).map(one).collect()
    }

    fn apart(&self, a: &[f64], b: &[f64]) -> Vec<f64> {
        a.iter().zip(b).map(|(a, b)| without(*a, *b, self.ratios)).collect()
    }

    /// What a season or an irregular is that changes nothing.
    fn nothing(&self) -> f64 {
        if self.ratios { 1.0 } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::testing::run;

    #[test]
    fn the_season_goes() {
        let query = |how: &str, n: &str| {
            format!(
                "| makeresults count=60 | streamstats count AS i | eval season=case(i%6=0,0.3,i%6=3,-0.3,true(),0), n={n} | x11 {how} AS a | eval off=abs(a-100-i) | stats max(off) AS off | eval off=if(off<1, 1, off)"
            )
        };
        for how in ["add6(n)", "add() 6 (n)", "add(n)"] {
            assert_eq!(run("[]", &query(how, "100+i+100*season")), r#"[{"off":1}]"#, "{how}");
        }
        for how in ["mult6(n)", "6(n)", "mult(n)", "n"] {
            assert_eq!(run("[]", &query(how, "(100+i)*(1+season)")), r#"[{"off":1}]"#, "{how}");
        }
        let rows = r#"[{"n":"1"},{"n":"-2"},{"n":"x"}]"#;
        assert_eq!(run(rows, "* | x11 add(n) AS a | table a"), r#"[{"a":1},{"a":-2},{}]"#);
        assert_eq!(run(rows, "* | x11 add7(n) AS a | table n"), r#"[{"n":"1"},{"n":"-2"},{"n":"x"}]"#);
        assert_eq!(filled(&[Some(1.0), None, Some(3.0), Some(2.0), None, None], 2), [1.0, 2.0, 3.0, 2.0, 3.0, 2.0]);
    }

    #[test]
    fn extreme_values_and_gaps_stay_by_themselves() {
        let rows = |change: &str| {
            let query = format!("| makeresults count=84 | streamstats count AS i | eval n=200+i/2+5*(i%7)+(i*37%5), {change} | x11 add7(n) AS a | table i n a");
            let rows: serde_json::Value = serde_json::from_str(&run("[]", &query)).unwrap();
            rows.as_array().unwrap().iter().map(|row| row["a"].as_f64()).collect::<Vec<_>>()
        };
        let usual = rows("x=1");
        for (change, most) in
            [("n=n+if(i=40, 200, 0)", 10.0), ("n=n+if(i=40, 20, 0)", 1.0), ("n=if(i=40, null(), n)", 1.0), ("n=if(i=40 OR i=1, null(), n)", 1.0)]
        {
            let got = rows(change);
            let off = got.iter().zip(&usual).enumerate().filter(|(at, _)| *at != 39).filter_map(|(_, (a, b))| Some(((*a)? - (*b)?).abs()));
            let off = off.fold(0.0, f64::max);
            assert!(off < most, "{change}: {off}");
        }
        assert_eq!(rows("n=if(i=40, null(), n)")[39], None);
    }

    #[test]
    fn multiplied_seasons_with_an_extreme_value() {
        let query = "| makeresults count=96 | streamstats count AS i | eval season=case(i%12=0,1.3,i%12=6,0.7,true(),1), t=100+i, n=t*season*if(i=50,3,1) | x11 mult12(n) AS a | eval off=if(i=50,0,abs(a/t-1)) | stats max(off) AS off | eval off=if(off<0.05, 1, off)";
        assert_eq!(run("[]", query), r#"[{"off":1}]"#);
    }
}
