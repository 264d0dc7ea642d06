//! All knowledge objects together: the built-in ones, and what apps and content directories lay over them.

mod add;
mod ask;
mod outlines;

use super::conf::Conf;
use super::datamodel::Model;
use super::detection::Detection;
use super::eventtype::{self, EventType};
use super::geo::Features;
use super::geoip::GeoIp;
use super::literal::Origin;
use super::lookup::{LookupDef, Lookups};
use super::macros::Macros;
use super::props::{self, FieldRules};
use super::saved::{self, SavedSearch};
use super::tags::Tags;
use crate::column::Name;
use crate::diagnostic::Diagnostic;
use hashbrown::HashMap;
use indexmap::IndexMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// The built-in files: name and text.
pub const BUILTIN: &[(&str, &str)] = &[
    ("props.conf", include_str!("../defaults/props.conf")),
    ("transforms.conf", include_str!("../defaults/transforms.conf")),
    ("eventtypes.conf", include_str!("../defaults/eventtypes.conf")),
    ("tags.conf", include_str!("../defaults/tags.conf")),
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
    /// Where the values of fields come from, by the rules as they are now.
    origins: Mutex<HashMap<Name, Option<Arc<Origin>>>>,
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
        self.origins = Mutex::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

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
        use crate::knowledge::Literal;
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
