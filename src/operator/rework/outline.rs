//! geom and geomfilter: outlines of regions as GeoJSON, simplified and cut at a rectangle.
//!
//! Lines are simplified by the method of Douglas and Peucker ("Algorithms for the reduction of the number of points required to represent a
//! digitized line", 1973), and cut by that of Sutherland and Hodgman ("Reentrant polygon clipping", 1974).

use crate::column::{Batch, Builder, Column, Mask, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::knowledge::geo::{Features, Point, Polygon, Ring, outlines};
use crate::operator::Context;
use crate::plan::rework::{Area, Outlines};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// The field of the outlines.
const GEOM: &str = "geom";
const COLLECTION: &str = "featureCollection";

/// Rows with the outlines of the regions that they name.
pub(super) fn outlined(batch: Batch, how: &Outlines, cx: &Context) -> Result<Batch, Diagnostic> {
    let (ids, named) = (batch.column(&how.id), batch.column(COLLECTION));
    let mut collections: HashMap<String, Arc<Features>, RandomState> = HashMap::default();
    let mut known: HashMap<(String, String), Option<String>, RandomState> = HashMap::default();
    let mut cells = Builder::new();
    let mut seen: Vec<String> = Vec::new();
    for row in 0..batch.len() {
        cx.check()?;
        let collection = how.collection.clone().or_else(|| named.get(row).as_text().map(|t| t.into_owned()));
        let (Some(collection), Some(id)) = (collection, ids.get(row).as_text().map(|t| t.into_owned())) else {
            cells.push_null();
            continue;
        };
        let features = match collections.get(&collection) {
            Some(features) => features.clone(),
            None => {
                let features = cx.knowledge.features(&collection)?;
                collections.insert(collection.clone(), features.clone());
                features
            }
        };
        let key = (collection, id);
        if !known.contains_key(&key) {
            let text = features.by_id.get(&key.1).and_then(|polygons| shown(polygons, how.area, how.tolerance));
            seen.push(key.1.clone());
            known.insert(key.clone(), text);
        }
        match known.get(&key).and_then(Option::as_deref) {
            Some(text) => {
                cx.memory.charge(text.len())?;
                cells.push_text(text);
            }
            None => cells.push_null(),
        }
    }
    let mut out = batch;
    out.set(GEOM, cells.finish());
    match &how.collection {
        Some(collection) if how.all => {
            let features = cx.knowledge.features(collection)?;
            let missing = features.by_id.iter().filter(|(id, _)| !seen.contains(id));
            let rest = others(&out, missing, collection, how, cx)?;
            Ok(if rest.is_empty() { out } else { Batch::concat(vec![out, rest]) })
        }
        _ => Ok(out),
    }
}

/// A row for each region that no row names: numbers are 0.
fn others<'a>(
    batch: &Batch,
    missing: impl Iterator<Item = (&'a String, &'a Vec<Polygon>)>,
    collection: &str,
    how: &Outlines,
    cx: &Context,
) -> Result<Batch, Diagnostic> {
    let (mut ids, mut shapes) = (Builder::new(), Builder::new());
    for (id, polygons) in missing {
        cx.check()?;
        let Some(text) = shown(polygons, how.area, how.tolerance) else { continue };
        cx.memory.charge(text.len() + id.len())?;
        ids.push_text(id);
        shapes.push_text(&text);
    }
    let rows = ids.len();
    let mut rest = Batch::new(rows);
    for (name, column) in batch.columns() {
        let numeric = !column.all_null() && (0..column.len()).all(|i| column.is_null(i) || column.number(i).is_some());
        let value = if numeric { Value::Number(0.0) } else { Value::Null };
        rest.set(name.clone(), Column::Const(value, rows));
    }
    rest.set(Name::from(COLLECTION), Column::Const(Value::owned(collection), rows));
    rest.set(how.id.clone(), ids.finish());
    rest.set(GEOM, shapes.finish());
    Ok(rest)
}

/// The rows whose outlines touch the area, with what lies within. Rows without an outline stay.
pub(super) fn clipped(mut batch: Batch, area: Area, cx: &Context) -> Result<Batch, Diagnostic> {
    let column = batch.column(GEOM);
    if area.is_world() || column.all_null() {
        return Ok(batch);
    }
    let mut kept = Mask::new(batch.len(), true);
    let mut cells = Builder::new();
    for row in 0..batch.len() {
        cx.check()?;
        let value = column.get(row);
        let mut polygons = Vec::new();
        if let Some(json) = value.as_text().and_then(|t| serde_json::from_str(&t).ok()) {
            outlines(&json, &mut polygons, 8);
        }
        match shown(&polygons, area, 0.0) {
            Some(text) => {
                cx.memory.charge(text.len())?;
                cells.push_text(&text);
            }
            None => {
                kept.set(row, value.is_null());
                cells.push(value);
            }
        }
    }
    batch.set(GEOM, cells.finish());
    Ok(batch.filter(&kept))
}

/// Polygons as GeoJSON; `None` where nothing of them lies in the area.
fn shown(polygons: &[Polygon], area: Area, tolerance: f64) -> Option<String> {
    let simple = |polygon: &Polygon| -> Option<Polygon> {
        let mut rings = polygon.iter().map(|ring| simplified(ring, tolerance));
        let outer = rings.next().filter(|r| r.len() > 2)?;
        Some(std::iter::once(outer).chain(rings.filter(|r| r.len() > 2)).collect())
    };
    let mut all: Vec<Polygon> = polygons.iter().filter_map(simple).collect();
    if all.is_empty() {
        // What is smaller than the tolerance must not vanish altogether.
        all = polygons.iter().max_by_key(|p| p.first().map_or(0, Vec::len)).cloned().into_iter().collect();
    }
    let cut = |polygon: Polygon| -> Option<Polygon> {
        let mut rings = polygon.into_iter().map(|ring| if area.is_world() { ring } else { area.cut(ring) });
        let outer = rings.next().filter(|r| r.len() > 2)?;
        Some(std::iter::once(outer).chain(rings.filter(|r| r.len() > 2)).collect())
    };
    let all: Vec<Polygon> = all.into_iter().filter_map(cut).collect();
    if all.is_empty() {
        return None;
    }
    let ring = |ring: &Ring| {
        let points: Vec<String> = ring.iter().chain(ring.first()).map(|(x, y)| format!("[{x},{y}]")).collect();
        format!("[{}]", points.join(","))
    };
    let polygon = |p: &Polygon| format!("[{}]", p.iter().map(ring).collect::<Vec<_>>().join(","));
    Some(format!("{{\"type\":\"MultiPolygon\",\"coordinates\":[{}]}}", all.iter().map(polygon).collect::<Vec<_>>().join(",")))
}

/// A ring without the points that lie closer than the tolerance to the line without them.
fn simplified(ring: &Ring, tolerance: f64) -> Ring {
    let first = match ring.first() {
        Some(first) if tolerance > 0.0 && ring.len() > 3 => *first,
        _ => return ring.clone(),
    };
    // The ring is parted at the point that is furthest from its first one.
    let far = |p: &Point| (p.0 - first.0).powi(2) + (p.1 - first.1).powi(2);
    let opposite = ring.iter().enumerate().max_by(|a, b| far(a.1).total_cmp(&far(b.1))).map_or(0, |(n, _)| n);
    let closed: Ring = ring.iter().chain(std::iter::once(&first)).copied().collect();
    let mut keep = vec![false; closed.len()];
    for end in [0, opposite, closed.len() - 1] {
        keep.iter_mut().skip(end).take(1).for_each(|k| *k = true);
    }
    let mut open = vec![(0, opposite), (opposite, closed.len() - 1)];
    while let Some((from, to)) = open.pop() {
        let (Some(a), Some(b)) = (closed.get(from), closed.get(to)) else { continue };
        let between = closed.iter().enumerate().skip(from + 1).take(to.saturating_sub(from + 1));
        let furthest = between.map(|(n, p)| (n, distance(*p, *a, *b))).max_by(|x, y| x.1.total_cmp(&y.1));
        if let Some((n, d)) = furthest.filter(|(_, d)| *d > tolerance) {
            keep.iter_mut().skip(n).take(1).for_each(|k| *k = true);
            debug_assert!(d > tolerance);
            open.push((from, n));
            open.push((n, to));
        }
    }
    let mut out: Ring = closed.into_iter().zip(keep).filter(|(_, k)| *k).map(|(p, _)| p).collect();
    out.pop();
    out
}

/// How far a point is from the line between two others.
fn distance(p: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx.hypot(dy);
    match length > 0.0 {
        true => (dy * (p.0 - a.0) - dx * (p.1 - a.1)).abs() / length,
        false => (p.0 - a.0).hypot(p.1 - a.1),
    }
}

impl Area {
    fn is_world(&self) -> bool {
        *self == Area::WORLD
    }

    /// What of a ring lies within: each side of the area cuts off what is beyond it.
    fn cut(&self, ring: Ring) -> Ring {
        let x = |at: f64| move |a: Point, b: Point| (at, a.1 + (b.1 - a.1) * (at - a.0) / (b.0 - a.0));
        let y = |at: f64| move |a: Point, b: Point| (a.0 + (b.0 - a.0) * (at - a.1) / (b.1 - a.1), at);
        let Area { min_x, min_y, max_x, max_y } = *self;
        let ring = beyond(ring, |p| p.0 >= min_x, x(min_x));
        let ring = beyond(ring, |p| p.0 <= max_x, x(max_x));
        let ring = beyond(ring, |p| p.1 >= min_y, y(min_y));
        beyond(ring, |p| p.1 <= max_y, y(max_y))
    }
}

fn beyond(ring: Ring, inside: impl Fn(&Point) -> bool, cross: impl Fn(Point, Point) -> Point) -> Ring {
    let mut out: Ring = Vec::with_capacity(ring.len() + 4);
    let Some(mut before) = ring.last().copied() else { return out };
    for point in ring {
        if inside(&point) != inside(&before) {
            out.push(cross(before, point));
        }
        if inside(&point) {
            out.push(point);
        }
        before = point;
    }
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_simplified_and_cut() {
        let ring = vec![(0.0, 0.0), (2.0, 0.05), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)];
        assert_eq!(simplified(&ring, 0.1), [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]);
        assert_eq!(simplified(&ring, 0.01), ring);
        let area = Area { min_x: 2.0, min_y: -1.0, max_x: 9.0, max_y: 2.0 };
        let square = vec![(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)];
        let mut cut = area.cut(square.clone());
        cut.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        assert_eq!(cut, [(2.0, 0.0), (2.0, 2.0), (4.0, 0.0), (4.0, 2.0)]);
        assert!(Area { min_x: 5.0, ..area }.cut(square.clone()).is_empty());
        let small = vec![vec![vec![(0.0, 0.0), (0.01, 0.0), (0.01, 0.01), (0.0, 0.01)]]];
        assert!(shown(&small, Area::WORLD, 1.0).unwrap().contains("0.01"));
        assert_eq!(shown(&[vec![square]], Area { min_x: 5.0, ..area }, 0.1), None);
    }
}
