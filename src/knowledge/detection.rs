//! Detections: a search with its metadata, from a `.spl` file or from contentctl's YAML.

use super::place::{Place, files_below, read_text};
use super::yaml::{Yaml, at, scalar, scalars};
use crate::column::Batch;
use crate::column::cast::join;
use crate::diagnostic::{Code, Diagnostic};
use std::path::Path;
use std::sync::Arc;

/// A detection. Metadata that a file does not give is empty.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Detection {
    /// The file's name without its extension.
    pub stem: String,
    pub file: Arc<str>,
    /// The whole text of the file, for diagnostics.
    #[serde(skip)]
    pub text: Arc<str>,
    pub search: String,
    /// Byte offset of `search` in `text`; `None` where YAML folded or quoted it, so that it stands nowhere as it is.
    pub offset: Option<usize>,
    /// Where the search begins.
    pub place: Place,
    pub name: String,
    pub id: Option<String>,
    pub version: Option<String>,
    pub date: Option<String>,
    pub author: Option<String>,
    /// production, experimental, deprecated…
    pub status: Option<String>,
    /// TTP, Anomaly, Hunting, Correlation, Baseline.
    pub kind: Option<String>,
    pub description: Option<String>,
    pub data_source: Vec<String>,
    pub how_to_implement: Option<String>,
    pub known_false_positives: Option<String>,
    pub references: Vec<String>,
    /// ATT&CK techniques.
    pub mitre: Vec<String>,
    pub stories: Vec<String>,
    pub kill_chain: Vec<String>,
    pub asset_type: Option<String>,
    pub security_domain: Option<String>,
    pub risk: Risk,
    pub schedule: Schedule,
    pub tests: Vec<Test>,
}

/// What an alert says and how much it weighs.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Risk {
    /// The message, with `$field$` for the row's values.
    pub message: Option<String>,
    /// 0 to 100: as written, else the largest of the risk objects, else impact × confidence.
    pub score: Option<f64>,
    pub impact: Option<f64>,
    pub confidence: Option<f64>,
    /// Who or what is at risk, and what threatens it.
    pub objects: Vec<RiskObject>,
}

/// A field of the row with its part in the matter.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct RiskObject {
    pub field: String,
    pub kind: String,
    pub score: Option<f64>,
    /// A threat (an attacker's process, address…) rather than something at risk.
    pub threat: bool,
}

/// When the search runs and over which time.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Schedule {
    pub cron: Option<String>,
    pub earliest: Option<String>,
    pub latest: Option<String>,
}

/// A unit test: data that the detection must find something in.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Test {
    pub name: String,
    pub data: Vec<TestData>,
}

/// Events of a test.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct TestData {
    /// A path or an address.
    pub data: String,
    pub source: Option<String>,
    pub sourcetype: Option<String>,
    pub host: Option<String>,
    pub index: Option<String>,
}

impl Detection {
    /// Reads a `.spl` file, or a contentctl `.yml` or `.yaml` one.
    ///
    /// Errors: the file cannot be read, its metadata is no YAML, or it holds no search.
    pub fn read(path: &Path) -> Result<Detection, Diagnostic> {
        let file: Arc<str> = path.display().to_string().into();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = read_text(path)?;
        match path.extension().and_then(|e| e.to_str()) {
            Some("yml" | "yaml") => Detection::from_yaml(&text, &stem, &file),
            _ => Detection::from_spl(&text, &stem, &file),
        }
    }

    /// Reads every detection below a directory, in the order of paths. A YAML file without a search is something else
    /// and passed over; one that cannot be read is left out with a warning.
    ///
    /// Errors: the directory cannot be read.
    pub fn read_dir(dir: &Path, warnings: &mut Vec<Diagnostic>) -> Result<Vec<Detection>, Diagnostic> {
        let mut all = Vec::new();
        for path in files_below(dir, &["spl", "yml", "yaml"])? {
            match Detection::read(&path) {
                Ok(d) => all.push(d),
                Err(e) if e.code == Code::DATA_FILE && e.label == NO_SEARCH => {}
                Err(e) => warnings.push(e),
            }
        }
        Ok(all)
    }

    /// Reads SPL whose first comment (three backticks, before anything else) holds the metadata as YAML. A comment that is
    /// prose, or none, is fine too: then the file is just a search.
    pub fn from_spl(text: &str, stem: &str, file: &Arc<str>) -> Result<Detection, Diagnostic> {
        let begin = text.len() - text.trim_start().len();
        let header = text.get(begin..).and_then(|t| t.strip_prefix("```")).and_then(|t| t.split_once("```"));
        let (yaml, offset) = match header {
            Some((comment, rest)) => {
                let first = text.get(..begin).unwrap_or_default().lines().count().max(1);
                match Yaml::parse_from(comment, file, first) {
                    Ok(yaml) => (Some(yaml), text.len() - rest.len()),
                    Err(e) if comment.lines().any(|l| l.starts_with("name:") || l.starts_with("id:")) => return Err(e),
                    Err(_) => (None, 0),
                }
            }
            None => (None, 0),
        };
        let rest = text.get(offset..).unwrap_or_default();
        let offset = offset + (rest.len() - rest.trim_start().len());
        let search = rest.trim();
        if search.is_empty() {
            return Err(Place::new(file, 1).error("the file holds no search").label(NO_SEARCH));
        }
        let place = Place::new(file, text.get(..offset).unwrap_or_default().matches('\n').count() + 1);
        Ok(Detection::build(yaml.as_ref(), text, stem, search.to_string(), Some(offset), place))
    }

    /// Reads contentctl's YAML; both its schema with `tags.observable` and the one with `rba`.
    pub fn from_yaml(text: &str, stem: &str, file: &Arc<str>) -> Result<Detection, Diagnostic> {
        let yaml = Yaml::parse(text, file)?;
        let Some(search) = yaml.text("search").map(|s| s.trim().to_string()).filter(|s| !s.is_empty()) else {
            return Err(Place::new(file, 1).error("the file holds no search").label(NO_SEARCH));
        };
        let offset = text.find(&search);
        Ok(Detection::build(Some(&yaml), text, stem, search, offset, yaml.place("search")))
    }

    fn build(yaml: Option<&Yaml>, text: &str, stem: &str, search: String, offset: Option<usize>, place: Place) -> Detection {
        let one = |path: &str| yaml.and_then(|y| y.text(path)).map(|t| t.trim().to_string()).filter(|t| !t.is_empty());
        let list = |path: &str| yaml.map(|y| y.list(path)).unwrap_or_default();
        let either = |a: &str, b: &str| one(a).or_else(|| one(b));
        Detection {
            stem: stem.to_string(),
            file: place.file.clone(),
            text: text.into(),
            search,
            offset,
            place,
            name: one("name").unwrap_or_else(|| stem.to_string()),
            id: one("id"),
            version: one("version"),
            date: one("date"),
            author: one("author"),
            status: one("status"),
            kind: one("type"),
            description: one("description"),
            data_source: list("data_source"),
            how_to_implement: one("how_to_implement"),
            known_false_positives: one("known_false_positives"),
            references: list("references"),
            mitre: list("tags.mitre_attack_id"),
            stories: list("tags.analytic_story"),
            kill_chain: list("tags.kill_chain_phases"),
            asset_type: one("tags.asset_type"),
            security_domain: one("tags.security_domain"),
            risk: yaml.map(risk).unwrap_or_default(),
            schedule: Schedule {
                cron: either("schedule.cron", "schedule.cron_schedule").or_else(|| one("deployment.scheduling.cron_schedule")),
                earliest: either("schedule.earliest", "schedule.earliest_time").or_else(|| one("deployment.scheduling.earliest_time")),
                latest: either("schedule.latest", "schedule.latest_time").or_else(|| one("deployment.scheduling.latest_time")),
            },
            tests: yaml.map(tests).unwrap_or_default(),
        }
    }

    /// The risk message for a row of the detection's result, see [`fill`]; `None` where the detection has none.
    pub fn message(&self, rows: &Batch, row: usize) -> Option<String> {
        Some(fill(self.risk.message.as_deref()?, rows, row))
    }
}

/// The label of the error about a file that is no detection at all.
pub const NO_SEARCH: &str = "no search";

/// A text with `$field$` replaced by the row's values, several of them joined by `, `. A name that no field with a value
/// has is tried in any case; after that it stays as it is written.
pub fn fill(template: &str, rows: &Batch, row: usize) -> String {
    let value = |name: &str| {
        let exact = rows.value(name, row);
        let found = if exact.is_null() {
            let similar = rows.names().filter(|n| n.eq_ignore_ascii_case(name));
            similar.map(|n| rows.value(n, row)).find(|v| !v.is_null())?
        } else {
            exact
        };
        Some(join(found.each(), ", "))
    };
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        match after.split_once('$').and_then(|(name, tail)| Some((value(name)?, tail))) {
            Some((text, tail)) => {
                out.push_str(&text);
                rest = tail;
            }
            None => {
                out.push('$');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn risk(yaml: &Yaml) -> Risk {
    let (impact, confidence) = (yaml.number("tags.impact"), yaml.number("tags.confidence"));
    let mut objects = Vec::new();
    for item in yaml.items("tags.observable") {
        let roles = at(item, "role").map(scalars).unwrap_or_default();
        objects.extend(object(item, "name", roles.iter().any(|r| r.eq_ignore_ascii_case("attacker"))));
    }
    objects.extend(yaml.items("rba.risk_objects").iter().filter_map(|i| object(i, "field", false)));
    objects.extend(yaml.items("rba.threat_objects").iter().filter_map(|i| object(i, "field", true)));
    let largest = objects.iter().filter_map(|o| o.score).reduce(f64::max);
    Risk {
        message: yaml.text("rba.message").or_else(|| yaml.text("tags.message")).map(|m| m.trim().to_string()),
        score: yaml.number("tags.risk_score").or(largest).or_else(|| Some(impact? * confidence? / 100.0)),
        impact,
        confidence,
        objects,
    }
}

fn object(item: &serde_norway::Value, name: &str, threat: bool) -> Option<RiskObject> {
    let text = |key: &str| at(item, key).and_then(scalar);
    Some(RiskObject { field: text(name)?, kind: text("type").unwrap_or_default(), score: text("score").and_then(|s| s.parse().ok()), threat })
}

fn tests(yaml: &Yaml) -> Vec<Test> {
    let test = |item: &serde_norway::Value| {
        let data = at(item, "attack_data").and_then(serde_norway::Value::as_sequence).map_or(&[][..], Vec::as_slice);
        let data = data.iter().filter_map(|d| {
            let text = |key: &str| at(d, key).and_then(scalar);
            Some(TestData { data: text("data")?, source: text("source"), sourcetype: text("sourcetype"), host: text("host"), index: text("index") })
        });
        Test { name: at(item, "name").and_then(scalar).unwrap_or_default(), data: data.collect() }
    };
    yaml.items("tests").iter().map(test).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Column, Value};

    const HEAD: &str = "```\nname: N\nid: 1-2\nversion: 3\ntype: TTP\nschedule: {cron: '0 * * * *', earliest: -70m@m, latest: -10m@m}\ntags:\n  mitre_attack_id: [T1, T2]\n  impact: 80\n  confidence: 50\n  message: >-\n    $process_name$ on\n    $dest$\n  observable:\n  - {name: dest, type: Hostname, role: [Victim]}\n  - {name: p, type: Process, role: [Attacker]}\nunknown: {a: b}\ntests:\n- name: t\n  attack_data:\n  - {data: x.xml, source: s}\n```\n";

    fn spl(text: &str) -> Result<Detection, Diagnostic> {
        Detection::from_spl(text, "stem", &"q.spl".into())
    }

    #[test]
    fn a_spl_file_has_its_metadata_in_the_first_comment() {
        let text = format!("{HEAD}\nindex=a ```why``` | stats count\n");
        let d = spl(&text).unwrap();
        assert_eq!((d.name.as_str(), d.id.as_deref(), d.version.as_deref(), d.kind.as_deref()), ("N", Some("1-2"), Some("3"), Some("TTP")));
        assert_eq!(d.search, "index=a ```why``` | stats count");
        assert!(text[d.offset.unwrap()..].starts_with(&d.search) && d.place.line == 24, "{}", d.place);
        assert_eq!((d.risk.score, d.risk.message.as_deref()), (Some(40.0), Some("$process_name$ on $dest$")));
        assert_eq!(d.risk.objects.iter().map(|o| (o.field.as_str(), o.threat)).collect::<Vec<_>>(), [("dest", false), ("p", true)]);
        assert_eq!((d.schedule.earliest.as_deref(), d.mitre.len(), d.tests[0].data[0].data.as_str()), (Some("-70m@m"), 2, "x.xml"));
    }

    #[test]
    fn a_file_without_metadata_is_a_search() {
        for text in ["index=a | head 1", "```just: a note: here``` index=a | head 1", "\n ```prose``` | makeresults", "index=a ```name: x```"] {
            let d = spl(text).unwrap();
            assert_eq!((d.name.as_str(), d.search.as_str()), ("stem", text.trim()), "{text}");
            assert!(text[d.offset.unwrap()..].starts_with(&d.search));
        }
    }

    #[test]
    fn bad_files_say_what_is_wrong() {
        assert!(spl("```\nname: x\n bad: [\n```\nindex=a").unwrap_err().message.starts_with("q.spl:"));
        assert!(spl("").unwrap_err().message.contains("no search"));
        assert!(spl("```\nname: x\n```\n").unwrap_err().message.contains("no search"));
        assert!(Detection::from_yaml("name: x\n", "x", &"x.yml".into()).unwrap_err().message.contains("no search"));
        assert!(Detection::from_yaml(": : [", "x", &"x.yml".into()).is_err());
        assert!(spl("```unclosed comment").is_ok(), "the lexer has more to say about that");
    }

    #[test]
    fn both_schemas_of_contentctl_read() {
        let text = "name: A\nversion: 7\nsearch: '| tstats count\n  from x'\nrba:\n  message: m $user$\n  risk_objects:\n  - field: user\n    type: user\n    score: 42\n  - {field: dest, type: system, score: 56}\n  threat_objects:\n  - {field: process_name, type: process_name}\ntags:\n  analytic_story: [S]\n";
        let d = Detection::from_yaml(text, "a", &"a.yml".into()).unwrap();
        assert_eq!((d.search.as_str(), d.offset, d.place.line), ("| tstats count from x", None, 3));
        assert_eq!((d.risk.score, d.risk.objects.len(), d.risk.objects[2].threat), (Some(56.0), 3, true));
        let d = Detection::from_yaml("name: A\nsearch: index=a | head 1\ntags:\n  risk_score: '9'\n  message: x\n", "a", &"a.yml".into()).unwrap();
        assert_eq!((d.offset, d.risk.score), (Some(16), Some(9.0)));
    }

    #[test]
    fn messages_take_values_from_the_row() {
        let mut b = Batch::new(1);
        b.set("User", Column::from_iter([Value::text("ann")]));
        b.set("dest", Column::from_iter([Value::multi([Value::text("a"), Value::Number(2.0)])]));
        b.set("user", Column::null(1));
        for (template, want) in [
            ("$user$ at $dest$", "ann at a, 2"),
            ("$none$ costs $5 and $dest$$", "$none$ costs $5 and a, 2$"),
            ("$", "$"),
            ("$$dest$$", "$a, 2$"),
            ("é$DEST$é", "éa, 2é"),
        ] {
            assert_eq!(fill(template, &b, 0), want);
        }
        assert_eq!(fill("$dest$", &b, 9), "$dest$");
    }

    #[test]
    fn the_shipped_detections_read() {
        let mut warnings = Vec::new();
        let queries = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
        let all = Detection::read_dir(&queries, &mut warnings).unwrap();
        assert!(warnings.is_empty() && all.len() >= 2, "{warnings:?}");
        for d in &all {
            assert!(d.id.is_some() && d.risk.message.is_some() && !d.mitre.is_empty() && d.schedule.cron.is_some(), "{}", d.stem);
            assert_eq!(d.text.get(d.offset.unwrap()..).unwrap().trim_end(), d.search);
        }
    }
}
