//! All knowledge objects together: the built-in ones, and what apps and content directories lay over them.

use super::conf::{Conf, Stanza};
use super::datamodel::{self, Dataset, Model};
use super::detection::Detection;
use super::eventtype::{self, EventType};
use super::geo::Features;
use super::geoip::GeoIp;
use super::lookup::{self, Loader, LookupDef, Lookups};
use super::lookup_table::LookupTable;
use super::macros::{self, Macros};
use super::multikv::TableLayout;
use super::place::{files_below, read_bytes, read_text};
use super::props::{self, FieldRules, Rules};
use super::saved::{self, SavedSearch};
use super::tags::Tags;
use super::transform::Transform;
use super::yaml::Yaml;
use crate::column::Name;
use crate::diagnostic::{Code, Diagnostic};
use hashbrown::HashMap;
use indexmap::IndexMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The built-in files: name and text.
pub const BUILTIN: &[(&str, &str)] = &[
    ("props.conf", include_str!("defaults/props.conf")),
    ("transforms.conf", include_str!("defaults/transforms.conf")),
    ("eventtypes.conf", include_str!("defaults/eventtypes.conf")),
    ("tags.conf", include_str!("defaults/tags.conf")),
];

/// Source types for which the rules of a source hold too: older versions of Splunk's add-on named the source type as the
/// source is named today.
const ALSO_KNOWN_AS: &[(&str, &str)] = &[
    (
        "source::(XmlWinEventLog:Microsoft-Windows-Sysmon|WinEventLog:Microsoft-Windows-Sysmon|Syslog:Linux-Sysmon)/Operational",
        "(?::){0}XmlWinEventLog:Microsoft-Windows-Sysmon/Operational|sysmon:linux",
    ),
    ("source::(XmlWinEventLog|WinEventLog):Security", "(?::){0}XmlWinEventLog:Security"),
    ("source::(XmlWinEventLog|WinEventLog):System", "(?::){0}XmlWinEventLog:System"),
];

/// What is known beside the events. Whatever is added later lies over what is there, setting by setting, as apps do in
/// Splunk. Trouble in a file leaves the bad part out and is kept among the warnings.
#[derive(Debug, Default)]
pub struct Knowledge {
    layers: Layers,
    macros: Macros,
    rules: Vec<FieldRules>,
    lookups: Lookups,
    event_types: IndexMap<String, EventType>,
    tags: Tags,
    saved: IndexMap<String, SavedSearch>,
    /// Outlines of regions, by the name of their lookup: those that were given as text, and those that were read.
    features: Mutex<IndexMap<String, Arc<Features>>>,
    /// The data models of apps.
    models: IndexMap<String, Model>,
    detections: Vec<Detection>,
    places: Option<Arc<GeoIp>>,
    /// The directories of the apps; later ones come first.
    apps: Vec<PathBuf>,
    /// Directories with forms for `kvform`; those of later apps come first.
    forms: Vec<PathBuf>,
    /// The fields that expressions of rules read, once that was asked: every plan asks, and expressions hold regular expressions.
    reads: Mutex<HashMap<String, Option<Arc<[Name]>>>>,
    /// From reading files, and from making sense of the layers as they are now.
    read_warnings: Vec<Diagnostic>,
    build_warnings: Vec<Diagnostic>,
}

/// The .conf files as laid over each other so far.
#[derive(Debug, Default)]
struct Layers {
    macros: Conf,
    props: Conf,
    transforms: Conf,
    event_types: Conf,
    tags: Conf,
    saved: Conf,
    transactions: Conf,
    tables: Conf,
}

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
}

impl Layers {
    fn each(&mut self) -> [(&'static str, &mut Conf); 8] {
        [
            ("macros.conf", &mut self.macros),
            ("props.conf", &mut self.props),
            ("transforms.conf", &mut self.transforms),
            ("eventtypes.conf", &mut self.event_types),
            ("tags.conf", &mut self.tags),
            ("savedsearches.conf", &mut self.saved),
            ("transactiontypes.conf", &mut self.transactions),
            ("multikv.conf", &mut self.tables),
        ]
    }
}

impl Knowledge {
    /// The built-in knowledge alone.
    pub fn builtin() -> Knowledge {
        let mut knowledge = Knowledge::default();
        for (name, conf) in knowledge.layers.each() {
            for (_, text) in BUILTIN.iter().filter(|(n, _)| *n == name) {
                conf.merge(Conf::parse(text, &format!("built-in {name}").into(), &mut knowledge.read_warnings));
            }
        }
        for (from, to) in ALSO_KNOWN_AS {
            if let Some(stanza) = knowledge.layers.props.stanza(from).cloned() {
                knowledge.layers.props.add(stanza.renamed(*to));
            }
        }
        knowledge.build();
        knowledge
    }

    /// Lays an app over it: `default/` and `local/` with their .conf files, and `lookups/`.
    ///
    /// Errors: [`Code::DATA_FILE`] where it is no directory, has none of the three, or a file cannot be read.
    pub fn add_app(&mut self, app: &Path) -> Result<(), Diagnostic> {
        if !["default", "local", "lookups"].iter().any(|d| app.join(d).is_dir()) {
            let error = Diagnostic::error(Code::DATA_FILE, format!("{} is no app directory", app.display()));
            return Err(error.help("An app has default/, local/ or lookups/ in it."));
        }
        for (name, conf) in self.layers.each() {
            conf.merge(Conf::layered(app, name, &mut self.read_warnings)?);
        }
        for folder in ["default", "local"] {
            let dir = app.join(folder).join("data/models");
            if dir.is_dir() {
                let models = datamodel::read_dir(&dir, &mut self.read_warnings)?;
                self.models.extend(models.into_iter().map(|m| (m.name.clone(), m)));
            }
        }
        self.lookups.add_dir(&app.join("lookups"));
        self.apps.insert(0, app.to_path_buf());
        self.forms.insert(0, app.join("form"));
        self.build();
        Ok(())
    }

    /// Lays macros over it: a macros.conf, a contentctl YAML file, or a directory of either.
    ///
    /// Errors: [`Code::DATA_FILE`] where it cannot be read.
    pub fn add_macros(&mut self, path: &Path) -> Result<(), Diagnostic> {
        let files = if path.is_dir() { files_below(path, &["conf", "yml", "yaml"])? } else { vec![path.to_path_buf()] };
        let in_directory = path.is_dir();
        for file in files {
            match file.extension().and_then(|e| e.to_str()) {
                Some("yml" | "yaml") => self.add_yaml(&file, |yaml, _| macros::stanza_of_yaml(yaml), |layers| &mut layers.macros),
                _ if in_directory && file.file_name().is_some_and(|n| n != "macros.conf") => {}
                _ => self.layers.macros.merge(Conf::read(&file, &mut self.read_warnings)?),
            }
        }
        self.build();
        Ok(())
    }

    /// Lays the macros of a macros.conf that is given as text over it.
    pub fn add_macros_text(&mut self, text: &str, name: &str) {
        let conf = Conf::parse(text, &name.into(), &mut self.read_warnings);
        self.layers.macros.merge(conf);
        self.build();
    }

    /// Lets data that is loaded into an index stand in for a lookup of that name, where none is defined.
    pub fn add_loaded_table(&mut self, index: &str, load: Loader) {
        self.lookups.add_loaded(index, load);
    }

    /// Lays the stanzas of a transforms.conf that is given as text over it; lookup definitions are among them.
    pub fn add_transforms_text(&mut self, text: &str, name: &str) {
        let conf = Conf::parse(text, &name.into(), &mut self.read_warnings);
        self.layers.transforms.merge(conf);
        self.build();
    }

    /// Adds a lookup table that is given as CSV text, under the name of its file.
    ///
    /// Errors: [`Code::LOOKUP`] where it is no CSV.
    pub fn add_lookup_text(&mut self, filename: &str, csv: &str) -> Result<(), Diagnostic> {
        let table = LookupTable::from_csv(csv.as_bytes()).map_err(|why| Diagnostic::error(Code::LOOKUP, format!("the lookup `{filename}` {why}")))?;
        self.lookups.add_table(filename, table);
        Ok(())
    }

    /// Lays a contentctl checkout over it: `macros/`, `lookups/` and `detections/`, as far as it has them.
    ///
    /// Errors: [`Code::DATA_FILE`] where it has none of them or a directory cannot be read.
    pub fn add_content(&mut self, root: &Path) -> Result<(), Diagnostic> {
        let [macros, lookups, detections] = ["macros", "lookups", "detections"].map(|d| root.join(d));
        if ![&macros, &lookups, &detections].iter().any(|d| d.is_dir()) {
            let error = Diagnostic::error(Code::DATA_FILE, format!("{} is no content directory", root.display()));
            return Err(error.help("It should have detections/, macros/ or lookups/ in it."));
        }
        if macros.is_dir() {
            self.add_macros(&macros)?;
        }
        if lookups.is_dir() {
            for file in files_below(&lookups, &["yml", "yaml"])? {
                self.add_yaml(&file, lookup::stanza_of_yaml, |layers| &mut layers.transforms);
                if let Some(dir) = file.parent() {
                    self.lookups.add_dir(dir);
                }
            }
            self.lookups.add_dir(&lookups);
        }
        if detections.is_dir() {
            let new = Detection::read_dir(&detections, &mut self.read_warnings)?;
            self.detections.retain(|old| !new.iter().any(|n| n.stem == old.stem));
            self.detections.extend(new);
        }
        self.build();
        Ok(())
    }

    /// Lets `iplocation` read this database.
    ///
    /// Errors: [`Code::DATA_FILE`] where it cannot be read or is none.
    pub fn set_places(&mut self, file: &Path) -> Result<(), Diagnostic> {
        self.places = Some(Arc::new(GeoIp::open(file)?));
        Ok(())
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

    /// Adds a data model that is given as JSON text; one that is none becomes a warning.
    pub fn add_model_text(&mut self, text: &str, name: &str) {
        match Model::read(text) {
            Ok(model) => drop(self.models.insert(model.name.clone(), model)),
            Err(why) => self.read_warnings.push(Diagnostic::warning(Code::DATA_FILE, format!("{name}: {why}"))),
        }
    }

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

    /// Lays the text of a multikv.conf over what is there.
    pub fn add_multikv_text(&mut self, text: &str, name: &str) {
        self.layers.tables.merge(Conf::parse(text, &name.into(), &mut self.read_warnings));
    }

    /// Lays the text of a transactiontypes.conf over what is there.
    pub fn add_transactions_text(&mut self, text: &str, name: &str) {
        self.layers.transactions.merge(Conf::parse(text, &name.into(), &mut self.read_warnings));
    }

    /// What was left out of the files, and why.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.read_warnings.iter().chain(&self.build_warnings)
    }

    fn add_yaml(&mut self, file: &Path, stanza: impl Fn(&Yaml, &str) -> Option<Stanza>, conf: impl Fn(&mut Layers) -> &mut Conf) {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        match Yaml::read(file) {
            Ok(yaml) => stanza(&yaml, &stem).into_iter().for_each(|s| conf(&mut self.layers).add(s)),
            Err(e) => self.read_warnings.push(e),
        }
    }

    /// Makes the objects from the layers.
    fn build(&mut self) {
        let mut warnings = Vec::new();
        let layers = &self.layers;
        self.macros = Macros::from_conf(&layers.macros, &mut warnings);
        self.rules = props::read(&layers.props, &layers.transforms, &mut warnings);
        self.event_types = eventtype::read(&layers.event_types, &mut warnings);
        self.tags = Tags::from_conf(&layers.tags, &mut warnings);
        self.saved = saved::read(&layers.saved);
        self.lookups.clear();
        for stanza in layers.transforms.resolved() {
            match LookupDef::from_stanza(&stanza, &mut warnings) {
                Ok(def) => def.into_iter().for_each(|d| self.lookups.add(d)),
                Err(e) => warnings.push(e),
            }
        }
        self.build_warnings = warnings;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn messages(k: &Knowledge) -> Vec<String> {
        k.warnings().map(|w| w.message.clone()).collect()
    }

    #[test]
    fn the_shipped_macros_read() {
        let mut k = Knowledge::builtin();
        k.add_macros(&Path::new(env!("CARGO_MANIFEST_DIR")).join("queries")).unwrap();
        assert_eq!(messages(&k), [""; 0]);
        assert!(k.macros().find("sysmon", 0).is_some() && k.macros().find("security_content_ctime", 1).is_some());
        assert_eq!(k.macros().find("detect_regasm_with_network_connection_filter", 0).unwrap().definition, "search *");
    }

    #[test]
    fn an_app_lies_over_the_built_in_rules() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("default/props.conf", "[source::XmlWinEventLog:Security]\nEVAL-user = mine\n");
        write("local/macros.conf", "[m]\ndefinition = 2\n");
        write("default/macros.conf", "[m]\ndefinition = 1\ndescription = d\n");
        write("default/transforms.conf", "[t]\nfilename = t.csv\n[bad]\nfilename = t.csv\nmatch_type = X\n");
        write("default/tags.conf", "[eventtype=sysmon_dns]\nmine = enabled\n");
        write("default/savedsearches.conf", "[s]\nsearch = x\n");
        write("lookups/t.csv", "a\n1\n");
        let mut k = Knowledge::builtin();
        k.add_app(dir.path()).unwrap();
        let rules = k.rules_for("XmlWinEventLog:Security", "", "XmlWinEventLog");
        let of = |f: &str| rules.evals.iter().find(|e| e.field == f).unwrap().expression.clone();
        assert_eq!((of("user").as_str(), of("src_user").contains("SubjectUserName")), ("mine", true));
        let m = k.macros().find("m", 0).unwrap();
        assert_eq!((m.definition.as_str(), m.description.as_deref()), ("2", Some("d")));
        assert_eq!((k.lookups().get("t").unwrap().table.rows.len(), k.saved().len()), (1, 1));
        assert_eq!(k.tags().of("eventtype", "sysmon_dns").last(), Some("mine"));
        assert_eq!(messages(&k).len(), 1, "{:?}", messages(&k));
        assert!(k.add_app(&dir.path().join("default")).unwrap_err().message.contains("no app directory"));
    }

    #[test]
    fn a_content_directory_reads() {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("macros/a.yml", "name: a\ndefinition: index=a\n"),
            ("macros/broken.yml", "name: [\n"),
            ("lookups/l.yml", "name: l\nfilename: l.csv\nmatch_type: WILDCARD(x)\n"),
            ("lookups/l.csv", "x\n*\n"),
            ("detections/endpoint/d.yml", "name: D\nsearch: index=a\n"),
            ("detections/other.yml", "name: no search\n"),
        ] {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut k = Knowledge::builtin();
        k.add_content(dir.path()).unwrap();
        k.add_content(dir.path()).unwrap();
        assert_eq!((k.detections().len(), k.macros().find("a", 0).is_some()), (1, true));
        let index = k.lookups().get("l").unwrap().index(&["x"]).unwrap();
        assert_eq!((index.find(&[Some("any")]), messages(&k).len()), (vec![0], 2));
        assert!(k.add_content(&dir.path().join("macros")).is_err());
        assert!(k.add_macros(&dir.path().join("none.conf")).is_err());
    }

    #[test]
    fn the_built_in_rules_make_what_detections_ask_for() {
        use super::super::Literal;
        let k = Knowledge::builtin();
        assert_eq!(messages(&k), [""; 0]);
        for (source, sourcetype, fields) in [
            (
                "XmlWinEventLog:Microsoft-Windows-Sysmon/Operational",
                "XmlWinEventLog",
                "EventCode dest dest_ip dest_host dest_port src src_ip src_host src_port user user_id process process_name process_path process_exec process_id process_guid process_hash original_file_name process_integrity_level parent_process parent_process_name parent_process_path parent_process_id parent_process_guid file_name file_path file_create_time registry_path registry_key_name registry_value_name registry_value_data query answer action vendor_product signature signature_id IMPHASH",
            ),
            ("Syslog:Linux-Sysmon/Operational", "sysmon:linux", "EventCode dest user process_name process_path"),
            ("other", "XmlWinEventLog:Microsoft-Windows-Sysmon/Operational", "EventCode dest user process_name"),
            (
                "XmlWinEventLog:Security",
                "XmlWinEventLog",
                "EventCode dest user src_user src src_ip process process_name parent_process_name Logon_Type action app signature object object_file_path",
            ),
            ("XmlWinEventLog:System", "XmlWinEventLog", "EventCode dest service_name start_mode object"),
            ("XmlWinEventLog:Microsoft-Windows-PowerShell/Operational", "XmlWinEventLog", "EventCode dest user user_id signature"),
            ("XmlWinEventLog:Application", "XmlWinEventLog", "EventCode EventID dest user_id"),
        ] {
            let rules = k.rules_for(source, "h", sourcetype);
            for field in fields.split(' ') {
                assert!(rules.made().any(|m| m.field == field), "{source}: {field}");
            }
            let vendor = rules.evals.iter().find(|e| e.field == "vendor_product").map(|e| e.expression.as_str());
            let sysmon = source.contains("Sysmon") || sourcetype.contains("Sysmon");
            assert_eq!(vendor, Some(if sysmon { "\"Microsoft Sysmon\"" } else { "\"Microsoft Windows\"" }), "{source}");
            let literal = |f: &str| rules.made().find(|m| m.field == f).map(|m| m.literal);
            assert_ne!(literal("process_name"), Some(Literal::No), "{source}");
            assert_ne!(literal("dest"), Some(Literal::No), "{source}");
            assert_ne!(literal("EventCode"), Some(Literal::No), "{source}");
        }
        assert!(k.rules_for("cloudtrail", "h", "aws:cloudtrail").is_empty());
        assert_eq!(k.tags().values("authentication").count(), 1);
        assert!(k.tags().values("process").all(|(f, v)| f == "eventtype" && k.event_types().contains_key(v)));
    }
}
