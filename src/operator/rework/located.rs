//! Geospatial lookups: the region that a place lies in, by counting how often a line from it crosses the outline.

use crate::column::{Batch, Builder, Value};
use crate::diagnostic::Diagnostic;
use crate::knowledge::geo::{Features, Point, Polygon, Ring};
use crate::operator::Context;
use crate::plan::rework::Located;

/// A polygon with the rectangle around it.
struct Region<'a> {
    id: &'a str,
    polygon: &'a Polygon,
    low: Point,
    high: Point,
}

/// Rows with the region of their place; the first that has it, of those that overlap.
pub(super) fn locate(mut batch: Batch, how: &Located, cx: &Context) -> Result<Batch, Diagnostic> {
    let features = cx.knowledge.features(&how.collection)?;
    let regions = regions(&features);
    let (x, y) = (batch.column(&how.longitude), batch.column(&how.latitude));
    let mut found: Vec<Option<&str>> = Vec::with_capacity(batch.len());
    cx.memory.charge(batch.len().saturating_mul(16))?;
    for row in 0..batch.len() {
        cx.check()?;
        let place = x.number(row).zip(y.number(row));
        found.push(place.and_then(|p| regions.iter().find(|r| r.holds(p)).map(|r| r.id)));
    }
    for (column, field) in &how.outputs {
        let old = batch.column(field);
        let mut cells = Builder::new();
        for (row, id) in found.iter().enumerate() {
            match id {
                Some(id) if how.overwrite || old.is_null(row) => cells.push_text(if column == "featureId" { id } else { &how.collection }),
                None if how.overwrite => cells.push(Value::Null),
                _ => cells.push(old.get(row)),
            }
        }
        cx.memory.charge(cells.bytes())?;
        batch.set(field.clone(), cells.finish());
    }
    Ok(batch)
}

fn regions(features: &Features) -> Vec<Region<'_>> {
    let mut all = Vec::new();
    for (id, polygons) in &features.by_id {
        for polygon in polygons {
            let points = || polygon.iter().flatten();
            let low = points().fold((f64::MAX, f64::MAX), |l, p| (l.0.min(p.0), l.1.min(p.1)));
            let high = points().fold((f64::MIN, f64::MIN), |h, p| (h.0.max(p.0), h.1.max(p.1)));
            all.push(Region { id, polygon, low, high });
        }
    }
    all
}

impl Region<'_> {
    /// Within the outline, and in none of its holes.
    fn holds(&self, p: Point) -> bool {
        let near = p.0 >= self.low.0 && p.0 <= self.high.0 && p.1 >= self.low.1 && p.1 <= self.high.1;
        near && self.polygon.iter().map(|ring| crossings(ring, p)).sum::<usize>() % 2 == 1
    }
}

/// How often the line to the east of a place crosses a ring.
fn crossings(ring: &Ring, p: Point) -> usize {
    let Some(mut before) = ring.last().copied() else { return 0 };
    let mut count = 0;
    for point in ring {
        if (point.1 > p.1) != (before.1 > p.1) && p.0 < (before.0 - point.0) * (p.1 - point.1) / (before.1 - point.1) + point.0 {
            count += 1;
        }
        before = *point;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lie_in_outlines_and_not_in_holes() {
        let text = r#"{"features":[{"id":"a","geometry":{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10]],[[4,4],[6,4],[6,6],[4,6]]]}}]}"#;
        let features = Features::read("x.json", text.as_bytes(), None).unwrap();
        let regions = regions(&features);
        for (place, want) in [((1.0, 1.0), true), ((5.0, 5.0), false), ((11.0, 5.0), false), ((9.9, 9.9), true), ((-1.0, 3.0), false)] {
            assert_eq!(regions[0].holds(place), want, "{place:?}");
        }
    }
}
