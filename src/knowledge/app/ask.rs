//! What the knowledge holds, by kind and name.

use super::Knowledge;
use crate::column::Name;
use crate::diagnostic::Diagnostic;
use crate::knowledge::conf::Stanza;
use crate::knowledge::datamodel::{self, Dataset, Model};
use crate::knowledge::detection::Detection;
use crate::knowledge::eventtype::EventType;
use crate::knowledge::geoip::GeoIp;
use crate::knowledge::literal::Origin;
use crate::knowledge::lookup::Lookups;
use crate::knowledge::macros::Macros;
use crate::knowledge::multikv::TableLayout;
use crate::knowledge::place::{files_below, read_text};
use crate::knowledge::props::{self, FieldRules, Rules};
use crate::knowledge::saved::SavedSearch;
use crate::knowledge::tags::Tags;
use crate::knowledge::transform::Transform;
use indexmap::IndexMap;
use std::path::PathBuf;
use std::sync::Arc;

impl Knowledge {
    /// The fields that an expression of a rule reads, found out by `find` the first time; none where it cannot be read.
    pub fn reads(&self, expression: &str, find: impl FnOnce() -> Option<Vec<Name>>) -> Option<Arc<[Name]>> {
        let known = || self.reads.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(names) = known().get(expression) {
            return names.clone();
        }
        let names: Option<Arc<[Name]>> = find().map(Arc::from);
        known().insert(expression.to_string(), names.clone());
        names
    }

    /// Where the values of a field come from, found out by `find` the first time; none where something may make them that is not in
    /// the raw record.
    pub fn origin(&self, field: &Name, find: impl FnOnce() -> Option<Origin>) -> Option<Arc<Origin>> {
        let known = || self.origins.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(origin) = known().get(field) {
            return origin.clone();
        }
        let origin = find().map(Arc::new);
        known().insert(field.clone(), origin.clone());
        origin
    }

    /// The places of addresses, where a database was named.
    pub fn places(&self) -> Option<&Arc<GeoIp>> {
        self.places.as_ref()
    }

    /// The forms of the apps, by name: texts with `[[type:field]]` in them.
    pub fn forms(&self) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = Vec::new();
        for file in self.forms.iter().filter_map(|dir| files_below(dir, &["form"]).ok()).flatten() {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if let (false, Ok(text)) = (all.iter().any(|(n, _)| *n == name), read_text(&file)) {
                all.push((name, text));
            }
        }
        all
    }

    /// A stanza of transforms.conf that makes fields; `None` where there is none of this name.
    ///
    /// Errors: what the stanza lacks.
    pub fn transform(&self, name: &str) -> Option<Result<Transform, String>> {
        self.layers.transforms.resolved().find(|s| s.name == name).map(|s| Transform::from_stanza(&s))
    }

    /// The search macros.
    pub fn macros(&self) -> &Macros {
        &self.macros
    }

    /// The search-time rules, stanza by stanza.
    pub fn rules(&self) -> &[FieldRules] {
        &self.rules
    }

    /// The rules that hold for events of a source, host and source type.
    pub fn rules_for(&self, source: &str, host: &str, sourcetype: &str) -> Rules {
        props::effective(&self.rules, source, host, sourcetype)
    }

    /// The lookups.
    pub fn lookups(&self) -> &Lookups {
        &self.lookups
    }

    /// The event types by name.
    pub fn event_types(&self) -> &IndexMap<String, EventType> {
        &self.event_types
    }

    /// The tags.
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// The saved searches by name.
    pub fn saved(&self) -> &IndexMap<String, SavedSearch> {
        &self.saved
    }

    /// The detections of content directories.
    pub fn detections(&self) -> &[Detection] {
        &self.detections
    }

    /// The data models by name: those of apps, and those of the Common Information Model.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        datamodel::all(&self.models)
    }

    /// A dataset by the model's name and its own; the model's first where that is not given.
    pub fn dataset(&self, model: &str, dataset: Option<&str>) -> Option<&Dataset> {
        datamodel::find(&self.models, model, dataset)
    }

    /// Is there an app whose folder has this name?
    pub fn has_app(&self, name: &str) -> bool {
        self.apps.iter().any(|a| a.file_name().is_some_and(|n| n == name))
    }

    /// The text of a file in the `anonymizer` folder of an app; of any where none is named. `None` where there is none.
    ///
    /// Errors: [`Code::DATA_FILE`] where the file cannot be read.
    pub fn anonymizer(&self, app: Option<&str>, file: &str) -> Result<Option<String>, Diagnostic> {
        let named = |a: &&PathBuf| app.is_none_or(|name| a.file_name().is_some_and(|n| n == name));
        let found = self.apps.iter().filter(named).map(|a| a.join("anonymizer").join(file)).find(|f| f.is_file());
        found.map(|f| read_text(&f)).transpose()
    }

    /// The names of the transaction types.
    pub fn transaction_types(&self) -> impl Iterator<Item = String> {
        self.layers.transactions.resolved().map(|s| s.name)
    }

    /// The settings of a transaction type, by its name.
    pub fn transaction_type(&self, name: &str) -> Option<Stanza> {
        self.layers.transactions.resolved().find(|s| s.name == name)
    }

    /// The sections of tables in text, by the name of their stanza in multikv.conf; `None` where there is none of this name.
    ///
    /// Errors: a sentence about the setting that is wrong.
    pub fn table_layout(&self, name: &str) -> Option<Result<TableLayout, String>> {
        self.layers.tables.resolved().find(|s| s.name == name).map(|s| TableLayout::from_stanza(&s))
    }

    /// The names of the stanzas of multikv.conf.
    pub fn table_layouts(&self) -> impl Iterator<Item = String> + '_ {
        self.layers.tables.resolved().map(|s| s.name)
    }

    /// What was left out of the files, and why.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.read_warnings.iter().chain(&self.build_warnings)
    }
}
