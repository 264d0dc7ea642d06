//! Outlines of regions: geospatial lookups and the files of them.

use super::Knowledge;
use crate::diagnostic::{Code, Diagnostic};
use crate::knowledge::geo::Features;
use crate::knowledge::place::read_bytes;
use std::sync::Arc;

impl Knowledge {
    /// Is this the name of a geospatial lookup?
    pub fn is_geo(&self, name: &str) -> bool {
        let known = self.features.lock().unwrap_or_else(|e| e.into_inner()).contains_key(name);
        let external = || self.layers.transforms.resolved().any(|s| s.name == name && s.get("external_type").is_some_and(|t| t.trim() == "geo"));
        let there = |end: &str| self.lookups.path(&format!("{name}.{end}")).is_ok();
        known || external() || self.lookups.def(name).is_none() && ["kmz", "kml", "geojson"].into_iter().any(there)
    }

    /// The outlines of regions of a geospatial lookup: one of transforms.conf with `external_type = geo`, or a file of this name.
    ///
    /// Errors: [`Code::LOOKUP`] where there is none, or its file holds no regions.
    pub fn features(&self, name: &str) -> Result<Arc<Features>, Diagnostic> {
        let known = || self.features.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(features) = known().get(name) {
            return Ok(features.clone());
        }
        let stanza = self.layers.transforms.resolved().find(|s| s.name == name);
        let set = |key: &str| stanza.as_ref().and_then(|s| s.get(key)).map(str::trim).filter(|v| !v.is_empty());
        let files: Vec<String> = match set("filename") {
            Some(file) => vec![file.to_string()],
            None => std::iter::once(name.to_string()).chain(["kmz", "kml", "geojson", "json"].map(|end| format!("{name}.{end}"))).collect(),
        };
        let Some(path) = files.iter().find_map(|f| self.lookups.path(f).ok()) else {
            let d = Diagnostic::error(Code::LOOKUP, format!("there are no outlines of regions `{name}`"));
            return Err(d.help(format!("Splunk's own are not part of this program: put a file such as `{name}.geojson`, `.kml` or `.kmz` into the lookups/ folder of an app, and give it with `--app DIR`.")));
        };
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let read = Features::read(&file, &read_bytes(&path)?, set("feature_id_element"));
        let features = Arc::new(read.map_err(|why| Diagnostic::error(Code::LOOKUP, format!("the file `{file}` {why}")))?);
        known().insert(name.to_string(), features.clone());
        Ok(features)
    }

    /// Adds outlines of regions that are given as GeoJSON.
    ///
    /// Errors: [`Code::LOOKUP`] where they are none.
    pub fn add_features_text(&mut self, name: &str, text: &str) -> Result<(), Diagnostic> {
        let read = Features::read("text.geojson", text.as_bytes(), None).map_err(|why| Diagnostic::error(Code::LOOKUP, format!("`{name}` {why}")))?;
        self.features.lock().unwrap_or_else(|e| e.into_inner()).insert(name.to_string(), Arc::new(read));
        Ok(())
    }
}
