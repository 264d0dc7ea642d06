//! kmeans: rows around k centres, by Lloyd's algorithm ("Least Squares Quantization in PCM", 1982) from starts as k-means++ draws them
//! (Arthur and Vassilvitskii, 2007). Under the city block distance centres are medians, under the cosine distance means of unit
//! vectors (Dhillon and Modha, 2001). Draws come from a generator of fixed seed: the same rows give the same clusters.

use crate::column::{Batch, Builder, Column, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::study::{Distance, Kmeans};

/// Rows of a cluster beside each other, with its number and centre; for a range of k one row a k.
pub(super) fn kmeans(batch: &Batch, how: &Kmeans, cx: &Context) -> Result<Batch, Diagnostic> {
    let names: Vec<Name> = if how.fields.is_empty() {
        let numeric = |c: &Column| (0..c.len()).all(|i| c.is_null(i) || c.number(i).is_some_and(f64::is_finite)) && !c.all_null();
        batch.columns().filter(|(n, c)| !n.starts_with('_') && numeric(c)).map(|(n, _)| n.clone()).collect()
    } else {
        how.fields.clone()
    };
    let columns: Vec<_> = names.iter().map(|n| batch.column(n)).collect();
    cx.memory.charge(batch.len().saturating_mul(columns.len() * 8 + 32))?;
    let (mut points, mut rows): (Vec<f64>, Vec<u32>) = (Vec::new(), Vec::new());
    for row in 0..batch.len() {
        cx.cancel.at(row)?;
        let start = points.len();
        points.extend(columns.iter().filter_map(|c| c.number(row).filter(|n| n.is_finite())));
        // A row that lacks a number is in no cluster.
        if points.len() - start == columns.len() && !columns.is_empty() {
            rows.push(row as u32);
        } else {
            points.truncate(start);
        }
    }
    let space = Space { points: &points, width: columns.len().max(1), distance: how.distance, cx };
    if rows.is_empty() {
        return Ok(Batch::default());
    }
    if how.least != how.most {
        return summary(&space, how);
    }
    let found = space.best(how.least, how)?;
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|at| found.labels.get(*at));
    let places: Vec<u32> = order.iter().filter_map(|at| rows.get(*at).copied()).collect();
    let labels: Vec<u32> = order.iter().filter_map(|at| found.labels.get(*at).copied()).collect();
    let mut out = batch.take_while(&places, || cx.cancel.check())?;
    out.set(how.into.clone(), Column::numbers(labels.iter().map(|l| f64::from(*l) + 1.0).collect()));
    if how.centroids {
        for (axis, name) in names.iter().enumerate() {
            let cell = |label: &u32| found.centres.get(*label as usize * space.width + axis).copied().unwrap_or_default();
            out.set(format!("centroid_{name}"), Column::numbers(labels.iter().map(cell).collect()));
        }
    }
    Ok(out)
}

fn summary(space: &Space<'_>, how: &Kmeans) -> Result<Batch, Diagnostic> {
    let (mut ks, mut distortions, mut sizes) = (Builder::new(), Builder::new(), Builder::new());
    for k in how.least..=how.most.min(space.len() as u64).max(how.least) {
        let found = space.best(k, how)?;
        let mut counts = vec![0u32; found.centres.len() / space.width];
        found.labels.iter().for_each(|l| counts.iter_mut().skip(*l as usize).take(1).for_each(|c| *c += 1));
        ks.push_number(k as f64);
        distortions.push_number(found.distortion);
        sizes.push(Value::multi(counts.into_iter().map(|c| Value::Number(f64::from(c)))));
    }
    let mut out = Batch::new(ks.len());
    out.set("k", ks.finish());
    out.set("size", sizes.finish());
    out.set("distortion", distortions.finish());
    Ok(out)
}

struct Space<'a> {
    /// Row by row.
    points: &'a [f64],
    width: usize,
    distance: Distance,
    cx: &'a Context,
}

/// Clusters; those without rows are left out, and they are numbered by their first rows.
struct Found {
    labels: Vec<u32>,
    centres: Vec<f64>,
    distortion: f64,
}

impl Space<'_> {
    fn len(&self) -> usize {
        self.points.len() / self.width
    }

    fn point(&self, at: usize) -> &[f64] {
        self.points.get(at * self.width..(at + 1) * self.width).unwrap_or_default()
    }

    fn apart(&self, a: &[f64], b: &[f64]) -> f64 {
        let pairs = || a.iter().zip(b);
        match self.distance {
            Distance::Squares => pairs().map(|(a, b)| (a - b) * (a - b)).sum(),
            Distance::CityBlock => pairs().map(|(a, b)| (a - b).abs()).sum(),
            Distance::Cosine => {
                let (dot, na, nb) = pairs().fold((0.0, 0.0, 0.0), |(d, x, y), (a, b)| (d + a * b, x + a * a, y + b * b));
                if na > 0.0 && nb > 0.0 { 1.0 - dot / (na * nb).sqrt() } else { f64::from(u8::from(na != nb)) }
            }
        }
    }

    /// The nearest centre and how far it is.
    fn nearest(&self, point: &[f64], centres: &[f64]) -> (u32, f64) {
        let mut best = (0, f64::INFINITY);
        for (label, centre) in centres.chunks_exact(self.width).enumerate() {
            let apart = self.apart(point, centre);
            if apart < best.1 {
                best = (label as u32, apart);
            }
        }
        best
    }

    /// The run with the least distortion.
    fn best(&self, k: u64, how: &Kmeans) -> Result<Found, Diagnostic> {
        let mut random = Random(0x5eed);
        let mut best: Option<Found> = None;
        for _ in 0..how.reps.max(1) {
            let run = self.run(k, how, &mut random)?;
            if best.as_ref().is_none_or(|b| run.distortion < b.distortion) {
                best = Some(run);
            }
        }
        Ok(best.unwrap_or(Found { labels: Vec::new(), centres: Vec::new(), distortion: 0.0 }))
    }

    fn run(&self, k: u64, how: &Kmeans, random: &mut Random) -> Result<Found, Diagnostic> {
        let mut centres = self.start(k, random)?;
        let mut labels = vec![0u32; self.len()];
        let mut distortion = self.assign(&centres, &mut labels)?;
        for _ in 0..how.iterations {
            let moved = self.centred(&labels, &centres)?;
            let mut next = labels.clone();
            let now = self.assign(&moved, &mut next)?;
            let (same, gain) = (next == labels, distortion - now);
            (centres, labels, distortion) = (moved, next, now);
            if same || gain <= how.tolerance {
                break;
            }
        }
        Ok(self.numbered(labels, &centres, distortion))
    }

    /// The first centre is any point; each other one a point drawn by its distance to the nearest centre.
    fn start(&self, k: u64, random: &mut Random) -> Result<Vec<f64>, Diagnostic> {
        let mut centres = self.point((random.unit() * self.len() as f64) as usize).to_vec();
        let mut nearest = vec![f64::INFINITY; self.len()];
        for _ in 1..k {
            let last = centres.get(centres.len() - self.width..).unwrap_or_default().to_vec();
            let mut total = 0.0;
            for (at, near) in nearest.iter_mut().enumerate() {
                self.cx.cancel.at(at)?;
                *near = near.min(self.apart(self.point(at), &last));
                total += *near;
            }
            // All points are centres already.
            if total <= 0.0 {
                break;
            }
            let mut left = random.unit() * total;
            let drawn = nearest.iter().position(|near| {
                left -= near;
                left < 0.0 && *near > 0.0
            });
            let farthest = || (0..nearest.len()).max_by(|a, b| f64::total_cmp(&nearest[*a], &nearest[*b])).unwrap_or_default();
            centres.extend_from_slice(self.point(drawn.unwrap_or_else(farthest)));
        }
        Ok(centres)
    }

    fn assign(&self, centres: &[f64], labels: &mut [u32]) -> Result<f64, Diagnostic> {
        let mut distortion = 0.0;
        for (at, label) in labels.iter_mut().enumerate() {
            if at.is_multiple_of(256) {
                self.cx.cancel.check()?;
            }
            let (nearest, apart) = self.nearest(self.point(at), centres);
            *label = nearest;
            distortion += apart;
        }
        Ok(distortion)
    }

    /// The centre of each cluster's points; a cluster without points keeps its centre.
    fn centred(&self, labels: &[u32], before: &[f64]) -> Result<Vec<f64>, Diagnostic> {
        let mut out = before.to_vec();
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); before.len() / self.width];
        labels.iter().enumerate().for_each(|(at, l)| members.iter_mut().skip(*l as usize).take(1).for_each(|m| m.push(at)));
        for (members, centre) in members.iter().zip(out.chunks_exact_mut(self.width)).filter(|(m, _)| !m.is_empty()) {
            self.cx.cancel.check()?;
            for (axis, cell) in centre.iter_mut().enumerate() {
                let along = members.iter().map(|at| self.point(*at).get(axis).copied().unwrap_or_default());
                *cell = match self.distance {
                    Distance::Squares => along.sum::<f64>() / members.len() as f64,
                    Distance::CityBlock => median(along.collect()),
                    Distance::Cosine => {
                        let length = |at: usize| self.point(at).iter().map(|x| x * x).sum::<f64>().sqrt();
                        along.zip(members).map(|(x, at)| if length(*at) > 0.0 { x / length(*at) } else { 0.0 }).sum::<f64>() / members.len() as f64
                    }
                };
            }
        }
        Ok(out)
    }

    fn numbered(&self, labels: Vec<u32>, centres: &[f64], distortion: f64) -> Found {
        let mut numbers = vec![u32::MAX; centres.len() / self.width];
        let mut ordered = Vec::with_capacity(centres.len());
        let number = |label: u32| {
            let Some(number) = numbers.get_mut(label as usize) else { return 0 };
            if *number == u32::MAX {
                *number = (ordered.len() / self.width) as u32;
                ordered.extend_from_slice(centres.get(label as usize * self.width..(label as usize + 1) * self.width).unwrap_or_default());
            }
            *number
        };
        let labels = labels.into_iter().map(number).collect();
        Found { labels, centres: ordered, distortion }
    }
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_unstable_by(f64::total_cmp);
    let at = |place: usize| all.get(place).copied().unwrap_or_default();
    (at(all.len() / 2) + at(all.len().saturating_sub(1) / 2)) / 2.0
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    /// A number from 0 up to 1, the 1 not included.
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn rows_around_centres() {
        let rows = r#"[{"x":"1","y":"1"},{"x":"10","y":"10"},{"x":"2","y":"1"},{"x":"a","y":"3"},{"x":"11","y":"10"},{"x":"1","y":"2"}]"#;
        let got = run(rows, "* | kmeans k=2 x y | table x CLUSTERNUM centroid_x centroid_y");
        let third = 4.0 / 3.0;
        let near = |x: &str| format!(r#"{{"x":"{x}","CLUSTERNUM":1,"centroid_x":{third},"centroid_y":{third}}}"#);
        let far = |x: &str| format!(r#"{{"x":"{x}","CLUSTERNUM":2,"centroid_x":10.5,"centroid_y":10}}"#);
        assert_eq!(got, format!("[{},{},{},{},{}]", near("1"), near("2"), near("1"), far("10"), far("11")));
        let sizes = r#"[{"k":2,"size":[3,2],"distortion":4},{"k":3,"size":[1,2,2],"distortion":2.5}]"#;
        let got = run(rows, "* | kmeans k=2-3 dt=cityblock x y");
        assert!(got.starts_with(r#"[{"k":2,"size":[3,2],"distortion":3}"#), "{got} {sizes}");
        assert_eq!(run(rows, "* | kmeans k=9 dt=cos showcentroid=f x y | stats dc(CLUSTERNUM) AS n, count"), r#"[{"n":4,"count":5}]"#);
        assert_eq!(run(rows, "* | kmeans nothing"), "[]");
        assert_eq!(run(r#"[{"x":"5"},{"x":"5"}]"#, "* | kmeans k=2 cnumfield=c | table c"), r#"[{"c":1},{"c":1}]"#);
    }
}
