//! kmeans: rows in groups around means.
//!
//! Lloyd's method: means are put among the rows, every row goes to the nearest one, and the means move to the middle of their
//! rows, until they stand still. The first means are rows far from each other (k-means++ with a fixed series of numbers, so that
//! the same rows give the same groups); of all repetitions the one with the least sum of distances stands.

use super::Filling;
use crate::column::{Batch, Column, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::reshape::{Distance, Kmeans};

/// Groups are numbered from 1 in the order in which rows first belong to them, and their rows stand together. Rows that lack a number stay
/// without a group, behind the others.
pub fn kmeans(mut rows: Batch, how: &Kmeans, cx: &Context) -> Result<Batch, Diagnostic> {
    let numeric = |c: &Column| (0..c.len()).any(|i| c.number(i).is_some()) && (0..c.len()).all(|i| c.is_null(i) || c.number(i).is_some());
    let asked = |name: &str| how.fields.is_empty() && !name.starts_with('_') || how.fields.iter().any(|f| f.matches(name));
    let fields: Vec<Name> = rows.columns().filter(|(n, c)| asked(n) && numeric(c)).map(|(n, _)| n.clone()).collect();
    let columns: Vec<_> = fields.iter().map(|f| rows.column(f)).collect();
    cx.memory.charge(rows.len().saturating_mul(fields.len() + 4).saturating_mul(8))?;
    let (mut points, mut places) = (Vec::new(), Vec::new());
    for row in 0..rows.len() {
        cx.at(row)?;
        if let Some(point) = columns.iter().map(|c| c.number(row)).collect::<Option<Vec<f64>>>().filter(|p| !p.is_empty()) {
            points.push(point);
            places.push(row);
        }
    }
    if how.k.0 != how.k.1 {
        let mut out = Filling::new(["k", "distortion"].map(Into::into));
        for k in how.k.0..=how.k.1 {
            let best = best(&points, k, how, cx)?;
            out.push([Value::Number(k as f64), Value::Number(best.cost)]);
        }
        return Ok(out.finish());
    }
    let best = best(&points, how.k.0, how, cx)?;
    let mut groups: Vec<Option<usize>> = vec![None; rows.len()];
    places.iter().zip(&best.groups).for_each(|(place, group)| groups.get_mut(*place).into_iter().for_each(|g| *g = Some(*group)));
    let mut numbers: Vec<usize> = Vec::new();
    let shown: Vec<Option<usize>> = groups
        .iter()
        .map(|g| {
            g.map(|g| {
                numbers.iter().position(|n| *n == g).unwrap_or_else(|| {
                    numbers.push(g);
                    numbers.len() - 1
                })
            })
        })
        .collect();
    rows.set(how.number.clone(), shown.iter().map(|n| n.map_or(Value::Null, |n| Value::Number(n as f64 + 1.0))).collect::<Column>());
    if how.centroids {
        for (d, field) in fields.iter().enumerate() {
            let mean = |g: &Option<usize>| g.and_then(|g| best.means.get(g)?.get(d)).map_or(Value::Null, |m| Value::Number(*m));
            rows.set(format!("centroid_{field}").as_str(), groups.iter().map(mean).collect::<Column>());
        }
    }
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    order.sort_by_key(|row| shown.get(*row as usize).copied().flatten().unwrap_or(usize::MAX));
    rows.take_while(&order, || cx.check())
}

/// One way to put the points into groups.
struct Grouping {
    means: Vec<Vec<f64>>,
    groups: Vec<usize>,
    cost: f64,
}

fn best(points: &[Vec<f64>], k: u64, how: &Kmeans, cx: &Context) -> Result<Grouping, Diagnostic> {
    let k = usize::try_from(k).unwrap_or(usize::MAX).min(points.len());
    let mut best = Grouping { means: Vec::new(), groups: Vec::new(), cost: f64::INFINITY };
    for rep in 0..how.reps.max(1) {
        let one = lloyd(points, first(points, k, rep, how.distance, cx)?, how, cx)?;
        if one.cost < best.cost || best.groups.is_empty() {
            best = one;
        }
    }
    Ok(best)
}

/// The first means: a point, then points chosen the more likely the further they are from those chosen.
fn first(points: &[Vec<f64>], k: usize, rep: u64, distance: Distance, cx: &Context) -> Result<Vec<Vec<f64>>, Diagnostic> {
    let mut state = rep.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x5DEE_CE66);
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let start = (random() * points.len() as f64) as usize;
    let mut means: Vec<Vec<f64>> = points.get(start.min(points.len().saturating_sub(1))).cloned().into_iter().take(k).collect();
    let mut far = vec![f64::INFINITY; points.len()];
    while means.len() < k {
        cx.check()?;
        if let Some(last) = means.last() {
            far.iter_mut().zip(points).for_each(|(f, p)| *f = f.min(distance.between(p, last)));
        }
        let mut left = random() * far.iter().sum::<f64>();
        let chosen = far.iter().position(|f| {
            left -= f;
            left <= 0.0 && *f > 0.0
        });
        // Where all points are means already, there are no more groups.
        let Some(next) = chosen.and_then(|i| points.get(i)) else { break };
        means.push(next.clone());
    }
    Ok(means)
}

fn lloyd(points: &[Vec<f64>], mut means: Vec<Vec<f64>>, how: &Kmeans, cx: &Context) -> Result<Grouping, Diagnostic> {
    let width = points.first().map_or(0, Vec::len);
    let mut groups = vec![0; points.len()];
    for step in 0..=how.iterations {
        let mut cost = 0.0;
        for (n, (point, group)) in points.iter().zip(&mut groups).enumerate() {
            cx.at(n)?;
            let near = means.iter().enumerate().map(|(g, m)| (g, how.distance.between(point, m))).min_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((g, d)) = near {
                (*group, cost) = (g, cost + d);
            }
        }
        cx.check()?;
        let mut sums = vec![(vec![0.0; width], 0.0); means.len()];
        for (point, group) in points.iter().zip(&groups) {
            if let Some((sum, n)) = sums.get_mut(*group) {
                sum.iter_mut().zip(point).for_each(|(s, x)| *s += x);
                *n += 1.0;
            }
        }
        let moved: Vec<Vec<f64>> =
            sums.into_iter().zip(&means).map(|((sum, n), old)| if n > 0.0 { sum.iter().map(|s| s / n).collect() } else { old.clone() }).collect();
        let furthest = moved.iter().zip(&means).map(|(a, b)| Distance::Euclidean.between(a, b)).fold(0.0, f64::max);
        if furthest <= how.tolerance || step == how.iterations {
            return Ok(Grouping { means: moved, groups, cost });
        }
        means = moved;
    }
    Ok(Grouping { means, groups, cost: f64::INFINITY })
}

impl Distance {
    fn between(self, a: &[f64], b: &[f64]) -> f64 {
        let pairs = || a.iter().zip(b);
        match self {
            Distance::Cityblock => pairs().map(|(x, y)| (x - y).abs()).sum(),
            Distance::Euclidean => pairs().map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt(),
            Distance::SquaredEuclidean => pairs().map(|(x, y)| (x - y).powi(2)).sum(),
            Distance::Cosine => {
                let dot: f64 = pairs().map(|(x, y)| x * y).sum();
                let length = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
                let product = length(a) * length(b);
                if product > 0.0 { (1.0 - dot / product).max(0.0) } else { 1.0 }
            }
        }
    }
}
