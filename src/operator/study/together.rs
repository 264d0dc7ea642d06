//! associate, analyzefields: what one field tells of another.

use super::coded::{Coded, chosen, numeric};
use crate::column::{Batch, Builder, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::study::Associated;
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// associate: by how many bits a field's entropy (Shannon, "A Mathematical Theory of Communication", 1948) falls where another field has
/// a certain value. Rows that lack one of both do not count. `Top_Conditional_Value` says how frequent the value is in all of these rows, and
/// how frequent where the reference has its value; `Support` is the share of all rows in which it has.
pub(super) fn associate(batch: &Batch, how: &Associated, cx: &Context) -> Result<Batch, Diagnostic> {
    let mut fields = Vec::new();
    for (name, column) in chosen(batch, &how.fields) {
        fields.push(Coded::new(name, column, cx)?);
    }
    let mut cells: [Builder; 9] = Default::default();
    for reference in &fields {
        let enough = |code: u32| {
            let count = reference.count(code);
            u64::from(count) >= how.least_count && f64::from(count) / batch.len() as f64 >= how.least_share
        };
        for target in fields.iter().filter(|t| t.name != reference.name) {
            let mut together: HashMap<(u32, u32), u32, RandomState> = HashMap::default();
            let mut alone = vec![0u32; target.counts.len()];
            for row in 0..batch.len() {
                cx.at(row)?;
                let (Some(r), Some(t)) = (reference.code(row), target.code(row)) else { continue };
                alone.iter_mut().skip(t as usize).take(1).for_each(|n| *n += 1);
                if enough(r) {
                    *together.entry((r, t)).or_insert(0) += 1;
                }
            }
            cx.memory.fits(together.len() * 32)?;
            let before = entropy(alone.iter().copied());
            let mut pairs: Vec<((u32, u32), u32)> = together.into_iter().collect();
            pairs.sort_unstable_by_key(|((r, t), _)| (*r, *t));
            for group in pairs.chunk_by(|a, b| a.0.0 == b.0.0) {
                let Some(((value, _), _)) = group.first().copied() else { continue };
                let after = entropy(group.iter().map(|(_, n)| *n));
                if before - after < how.improvement || before - after <= 0.0 {
                    continue;
                }
                let total: u32 = group.iter().map(|(_, n)| n).sum();
                // Of equally frequent ones the value that stands first.
                let top = group.iter().fold(None, |best: Option<(u32, u32)>, ((_, t), n)| best.filter(|b| b.1 >= *n).or(Some((*t, *n))));
                let (top, often) = top.unwrap_or_default();
                let seen = alone.get(top as usize).copied().unwrap_or_default();
                let percent = |n: u32, of: u32| 100.0 * f64::from(n) / f64::from(of.max(1));
                let (was, is) = (percent(seen, alone.iter().sum()), percent(often, total));
                let support = f64::from(reference.count(value)) / batch.len() as f64;
                let value = reference.text(value);
                let text =
                    format!("When '{}' has the value '{value}', the entropy of '{}' decreases from {before:.3} to {after:.3}.", reference.name, target.name);
                let row = [
                    Value::owned(&*reference.name),
                    Value::owned(value),
                    Value::owned(&*target.name),
                    Value::owned(format!("{} ({was:.2}% -> {is:.2}%)", target.text(top))),
                    before.into(),
                    after.into(),
                    (before - after).into(),
                    Value::owned(text),
                    support.into(),
                ];
                cells.iter_mut().zip(row).for_each(|(c, v)| c.push(v));
            }
        }
    }
    const NAMES: [&str; 9] = [
        "Reference_Key",
        "Reference_Value",
        "Target_Key",
        "Top_Conditional_Value",
        "Unconditional_Entropy",
        "Conditional_Entropy",
        "Entropy_Improvement",
        "Description",
        "Support",
    ];
    let mut out = Batch::new(cells[0].len());
    NAMES.into_iter().zip(cells).for_each(|(name, c)| out.set(name, c.finish()));
    Ok(out)
}

/// In bits.
fn entropy(counts: impl Iterator<Item = u32> + Clone) -> f64 {
    let total: f64 = counts.clone().map(f64::from).sum();
    let bits: f64 = counts.filter(|n| *n > 0).map(|n| f64::from(n) / total).map(|p| -p * p.log2()).sum();
    // No minus before a zero.
    bits + 0.0
}

/// analyzefields: how well a numeric field foretells the class of a row. The guess is the class for which the number is likeliest, each
/// class being a normal distribution weighed by its frequency (the Bayes rule; Duda and Hart, "Pattern Classification", 1973, chapter 2).
pub(super) fn analyze(batch: &Batch, class: &Name, cx: &Context) -> Result<Batch, Diagnostic> {
    let classes = Coded::new(class, &batch.column(class), cx)?;
    let mut cells: [Builder; 5] = Default::default();
    for (name, column) in chosen(batch, &[]).filter(|(name, column)| *name != class && numeric(column)) {
        let mut of: Vec<Normal> = vec![Normal::default(); classes.counts.len()];
        let both = || (0..batch.len()).filter_map(|row| column.number(row).zip(classes.code(row)));
        for (n, code) in both() {
            of.iter_mut().skip(code as usize).take(1).for_each(|c| c.add(n));
        }
        cx.check()?;
        let (mut right, mut total) = (vec![0u32; of.len()], 0u32);
        for (row, (n, code)) in both().enumerate() {
            if row.is_multiple_of(256) {
                cx.check()?;
            }
            let guess = of.iter().enumerate().fold((0, f64::NEG_INFINITY), |best, (c, normal)| match normal.score(n) {
                score if score > best.1 => (c, score),
                _ => best,
            });
            total += 1;
            right.iter_mut().skip(code as usize).take(1).for_each(|r| *r += u32::from(guess.0 == code as usize));
        }
        let shares: Vec<f64> = right.iter().zip(&of).filter(|(_, c)| c.count > 0.0).map(|(r, c)| f64::from(*r) / c.count).collect();
        let number = |n: f64, of: f64| if of > 0.0 { Value::Number(n / of) } else { Value::Null };
        let present = (0..batch.len()).filter(|row| !column.is_null(*row)).count() as f64;
        let row = [
            Value::owned(&**name),
            present.into(),
            number(f64::from(total), classes.present() as f64),
            number(f64::from(right.iter().sum::<u32>()), f64::from(total)),
            number(shares.iter().sum(), shares.len() as f64),
        ];
        cells.iter_mut().zip(row).for_each(|(c, v)| c.push(v));
    }
    let mut out = Batch::new(cells[0].len());
    ["field", "count", "cocur", "acc", "balacc"].into_iter().zip(cells).for_each(|(name, c)| out.set(name, c.finish()));
    Ok(out)
}

/// Mean and spread, kept up to date number by number (Welford, 1962).
#[derive(Clone, Default)]
struct Normal {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Normal {
    fn add(&mut self, n: f64) {
        self.count += 1.0;
        let before = n - self.mean;
        self.mean += before / self.count;
        self.squares += before * (n - self.mean);
    }

    /// The logarithm of frequency times density, up to a constant; a class of one number is a narrow one.
    fn score(&self, n: f64) -> f64 {
        if self.count == 0.0 {
            return f64::NEG_INFINITY;
        }
        let variance = (self.squares / self.count).max(1e-9 * (1.0 + self.mean * self.mean));
        self.count.ln() - 0.5 * (variance.ln() + (n - self.mean) * (n - self.mean) / variance)
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    const ROWS: &str = r#"[{"a":"x","b":"1","n":"5"},{"a":"x","b":"1","n":"6"},{"a":"y","b":"2","n":"50"},{"a":"y","b":"3","n":"60"},{"a":"z"}]"#;

    #[test]
    fn entropy_falls() {
        let got = run(ROWS, "* | associate supcnt=2 improv=1 a b | fields - Description");
        let want = r#"[{"Reference_Key":"a","Reference_Value":"x","Target_Key":"b","Top_Conditional_Value":"1 (50.00% -> 100.00%)","Unconditional_Entropy":1.5,"Conditional_Entropy":0,"Entropy_Improvement":1.5,"Support":0.4},{"Reference_Key":"b","Reference_Value":"1","Target_Key":"a","Top_Conditional_Value":"x (50.00% -> 100.00%)","Unconditional_Entropy":1,"Conditional_Entropy":0,"Entropy_Improvement":1,"Support":0.4}]"#;
        assert_eq!(got, want);
        assert_eq!(run(ROWS, "* | associate"), "[]");
    }

    #[test]
    fn numbers_foretell_classes() {
        assert_eq!(run(ROWS, "* | fields a n | analyzefields classfield=a"), r#"[{"field":"n","count":4,"cocur":0.8,"acc":1,"balacc":1}]"#);
        assert_eq!(run(ROWS, "* | fields a n | analyzefields classfield=none"), r#"[{"field":"n","count":4}]"#);
    }
}
