//! Outlines of regions by name, as geospatial lookups have them: GeoJSON, KML, and KML zipped as KMZ.

use super::lookup_table::LookupTable;
use super::place::MAX_BYTES;
use crate::column::{Batch, Column, Value};
use indexmap::IndexMap;
use serde_json::Value as Json;
use std::io::Read;

/// Longitude and latitude, in degrees.
pub type Point = (f64, f64);

/// A closed line, without its first point repeated at the end.
pub type Ring = Vec<Point>;

/// An outline and the holes in it.
pub type Polygon = Vec<Ring>;

/// Regions by their names.
#[derive(Clone, Debug, Default)]
pub struct Features {
    pub by_id: IndexMap<String, Vec<Polygon>>,
}

/// What GeoJSON may call a region by, where it has no `id`.
const NAMES: [&str; 6] = ["featureId", "name", "NAME", "Name", "id", "ID"];

impl Features {
    /// The regions of a file, by the end of its name.
    ///
    /// Errors: half a sentence about what is wrong with it.
    pub fn read(name: &str, bytes: &[u8], id: Option<&str>) -> Result<Features, String> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let features = match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "kmz" => Features::of_kml(&text(&unzipped(bytes)?), id),
            "kml" => Features::of_kml(&text(bytes), id),
            _ => Features::of_json(&text(bytes), id)?,
        };
        match features.by_id.is_empty() {
            true => Err("has no region with an outline and a name".into()),
            false => Ok(features),
        }
    }

    /// The regions as rows: the name of the lookup and that of the region.
    pub fn table(&self, name: &str) -> LookupTable {
        let mut rows = Batch::new(self.by_id.len());
        rows.set("featureCollection", Column::Const(Value::owned(name), self.by_id.len()));
        rows.set("featureId", self.by_id.keys().map(|id| Value::text(id)).collect::<Column>());
        LookupTable { fields: rows.names().cloned().collect(), rows, warnings: Vec::new() }
    }

    fn add(&mut self, id: String, polygons: Vec<Polygon>) {
        if !id.is_empty() && !polygons.is_empty() {
            self.by_id.entry(id).or_default().extend(polygons);
        }
    }

    fn of_json(text: &str, id: Option<&str>) -> Result<Features, String> {
        let json: Json = serde_json::from_str(text).map_err(|e| format!("is no GeoJSON: {e}"))?;
        let mut all = Features::default();
        let one = std::slice::from_ref(&json);
        for feature in json.get("features").and_then(Json::as_array).map_or(one, Vec::as_slice) {
            let text = |v: &Json| v.as_str().map(str::to_string).or_else(|| v.as_number().map(ToString::to_string));
            let property = |name: &str| feature.get("properties").and_then(|p| p.get(name)).and_then(text);
            let name = match id {
                Some(id) => property(id.rsplit('/').next().unwrap_or(id)),
                None => feature.get("id").and_then(text).or_else(|| NAMES.iter().find_map(|n| property(n))),
            };
            let mut polygons = Vec::new();
            if let Some(geometry) = feature.get("geometry") {
                outlines(geometry, &mut polygons, 8);
            }
            all.add(name.unwrap_or_default(), polygons);
        }
        Ok(all)
    }

    /// Placemarks with their polygons. `id` is the way to the element with the name, by default `/Placemark/name`.
    fn of_kml(text: &str, id: Option<&str>) -> Features {
        let mut all = Features::default();
        let way = id.unwrap_or("/Placemark/name");
        let last = way.rsplit('/').find(|p| !p.is_empty()).unwrap_or("name");
        let (element, attribute) = match last.split_once('[') {
            Some((element, rest)) => (element, rest.split(['\'', '"']).nth(1)),
            None => (last, None),
        };
        for mark in elements(text, "Placemark") {
            let named =
                elements_with(mark, element).find(|(tag, _)| attribute.is_none_or(|a| tag.contains(&format!("\"{a}\"")) || tag.contains(&format!("'{a}'"))));
            let polygons = elements(mark, "Polygon").filter_map(|polygon| {
                let rings = |side: &'static str| elements(polygon, side).flat_map(|s| elements(s, "coordinates")).map(points).filter(|r| r.len() > 2);
                let outer = rings("outerBoundaryIs").next()?;
                Some(std::iter::once(outer).chain(rings("innerBoundaryIs")).collect())
            });
            all.add(named.map(|(_, text)| plain(text)).unwrap_or_default(), polygons.collect());
        }
        all
    }
}

fn unzipped(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let wrong = |e: zip::result::ZipError| format!("is no zip file: {e}");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).map_err(wrong)?;
    let is_kml =
        |n: usize, archive: &mut zip::ZipArchive<_>| archive.by_index(n).is_ok_and(|f| f.name().is_ok_and(|n| n.to_ascii_lowercase().ends_with(".kml")));
    let number = (0..archive.len()).find(|n| is_kml(*n, &mut archive)).ok_or("has no KML file in it")?;
    let mut out = Vec::new();
    archive.by_index(number).map_err(wrong)?.take(MAX_BYTES + 1).read_to_end(&mut out).map_err(|e| format!("cannot be unpacked: {e}"))?;
    if out.len() as u64 > MAX_BYTES { Err(format!("is larger than {} MiB", MAX_BYTES >> 20)) } else { Ok(out) }
}

/// The polygons of a geometry of GeoJSON; collections nest no deeper than `depth`.
pub fn outlines(geometry: &Json, into: &mut Vec<Polygon>, depth: usize) {
    let list = |key: &str| geometry.get(key).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    let polygon = |rings: &[Json]| -> Polygon { rings.iter().filter_map(ring).filter(|r| r.len() > 2).collect() };
    match geometry.get("type").and_then(Json::as_str) {
        Some("Polygon") => into.push(polygon(list("coordinates"))),
        Some("MultiPolygon") => into.extend(list("coordinates").iter().filter_map(Json::as_array).map(|p| polygon(p))),
        Some("GeometryCollection") if depth > 0 => list("geometries").iter().for_each(|g| outlines(g, into, depth - 1)),
        _ => {}
    }
    into.retain(|p| !p.is_empty());
}

/// Is it a place, or near one? What is far beyond would break sums.
fn on_earth(p: &Point) -> bool {
    p.0.abs() <= 1000.0 && p.1.abs() <= 1000.0
}

fn ring(json: &Json) -> Option<Ring> {
    let point = |p: &Json| Some((p.get(0)?.as_f64()?, p.get(1)?.as_f64()?)).filter(on_earth);
    Some(opened(json.as_array()?.iter().filter_map(point).collect()))
}

fn points(text: &str) -> Ring {
    let point = |t: &str| {
        let mut numbers = t.split(',').map(|n| n.trim().parse::<f64>().ok().filter(|n| n.is_finite()));
        Some((numbers.next()??, numbers.next()??)).filter(on_earth)
    };
    opened(text.split_ascii_whitespace().filter_map(point).collect())
}

fn opened(mut ring: Ring) -> Ring {
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

/// The contents of the elements of this name; those inside one of the same name are part of it.
fn elements<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    elements_with(text, name).map(|(_, inside)| inside)
}

/// The same with their opening tags.
fn elements_with<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let at = rest.find(&open)?;
            let tag_on = rest.get(at + open.len()..)?;
            if !tag_on.starts_with(['>', ' ', '\t', '\r', '\n', '/']) {
                rest = tag_on;
                continue;
            }
            let tag_end = tag_on.find('>')?;
            let (tag, inside_on) = (tag_on.get(..tag_end)?, tag_on.get(tag_end + 1..)?);
            if tag.ends_with('/') {
                rest = inside_on;
                continue;
            }
            let end = inside_on.find(&close)?;
            rest = inside_on.get(end + close.len()..)?;
            return Some((tag, inside_on.get(..end)?));
        }
    })
}

/// The text of an element, with its entities as characters.
fn plain(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix("<![CDATA[").and_then(|t| t.strip_suffix("]]>")).unwrap_or(text).trim();
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")].iter().fold(text.to_string(), |t, (from, to)| t.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KML: &str = r#"<?xml version="1.0"?><kml><Document><name>all</name>
        <Placemark id="1"><name>A &amp; B</name><ExtendedData><SimpleData name="code">AB</SimpleData></ExtendedData>
          <MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0,5 4,0 4,4 0,4 0,0</coordinates></LinearRing></outerBoundaryIs>
            <innerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2 1,1</coordinates></LinearRing></innerBoundaryIs></Polygon>
          <Polygon><outerBoundaryIs><LinearRing><coordinates>9,9 10,9 10,10</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark>
        <Placemark><name><![CDATA[C]]></name><Point><coordinates>1,1</coordinates></Point></Placemark></Document></kml>"#;

    #[test]
    fn outlines_are_read() {
        let kml = Features::read("x.kml", KML.as_bytes(), None).unwrap();
        let square = vec![vec![(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)], vec![(1.0, 1.0), (2.0, 1.0), (2.0, 2.0)]];
        assert_eq!(kml.by_id["A & B"], [square, vec![vec![(9.0, 9.0), (10.0, 9.0), (10.0, 10.0)]]]);
        assert_eq!(kml.by_id.len(), 1);
        let coded = Features::read("x.kml", KML.as_bytes(), Some("/Placemark/ExtendedData/SimpleData[@name='code']")).unwrap();
        assert!(coded.by_id.contains_key("AB"));
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file("doc.kml", zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, KML.as_bytes()).unwrap();
        let kmz = zip.finish().unwrap().into_inner();
        assert_eq!(Features::read("x.kmz", &kmz, None).unwrap().by_id, kml.by_id);
        let json = r#"{"type":"FeatureCollection","features":[{"id":7,"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}},
            {"properties":{"name":"B","k":"b"},"geometry":{"type":"GeometryCollection","geometries":[{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1]]]]},{"type":"Point","coordinates":[1,1]}]}}]}"#;
        let read = Features::read("x.geojson", json.as_bytes(), None).unwrap();
        assert_eq!(read.by_id.keys().collect::<Vec<_>>(), ["7", "B"]);
        assert_eq!(Features::read("x.json", json.as_bytes(), Some("k")).unwrap().by_id.keys().collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn what_is_none_is_said() {
        for (name, bytes, want) in
            [("a.json", "{", "no GeoJSON"), ("a.json", "{}", "no region"), ("a.kml", "<Placemark><name>", "no region"), ("a.kmz", "x", "no zip file")]
        {
            let got = Features::read(name, bytes.as_bytes(), None).unwrap_err();
            assert!(got.contains(want), "{name}: {got}");
        }
    }
}
