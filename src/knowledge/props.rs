//! Search-time field rules of props.conf and the transforms.conf stanzas that they name.

use super::conf::{Conf, Stanza};
use super::literal::{self, Literal};
use super::pattern::Matcher;
use super::place::Place;
use super::transform::Transform;
use super::words::{Word, words};
use crate::diagnostic::Diagnostic;
use serde::Serialize;
use std::sync::Arc;

/// The rules of one stanza of props.conf.
#[derive(Clone, Debug)]
pub struct FieldRules {
    pub stanza: String,
    pub matcher: Matcher,
    pub priority: Option<i64>,
    pub place: Place,
    pub rules: Rules,
}

/// Rules in the order in which Splunk applies them: extracts, reports, `kv_mode`, aliases, evals, lookups; within a class
/// by the ASCII order of their names. Evals all see the values from before any of them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Rules {
    pub extracts: Vec<Extract>,
    pub reports: Vec<Report>,
    pub kv_mode: Option<KvMode>,
    /// `AUTO_KV_JSON`: whether the automatic modes find the fields of JSON; on where it is not said.
    pub kv_json: Option<bool>,
    /// `KV_TRIM_SPACES`: whether the automatic modes leave out blanks at the ends of values; on where it is not said.
    pub kv_trim: Option<bool>,
    /// `INDEXED_EXTRACTIONS`: whether JSON became fields when events were read in; then it has them in any mode.
    pub indexed_json: Option<bool>,
    pub aliases: Vec<Alias>,
    pub evals: Vec<Eval>,
    pub lookups: Vec<AutoLookup>,
}

/// `EXTRACT-name = regex [in field]`: the named groups become fields.
#[derive(Clone, Debug, Serialize)]
pub struct Extract {
    pub name: String,
    pub regex: String,
    /// The field that it reads, `_raw` where none is named.
    pub source_key: String,
    /// The fields that it makes.
    pub fields: Vec<String>,
    pub place: Place,
}

/// `REPORT-name = transform, transform`.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub name: String,
    pub transforms: Vec<Arc<Transform>>,
    pub place: Place,
}

/// `KV_MODE`: how keys and values are found in the text without a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KvMode {
    None,
    Auto,
    AutoEscaped,
    /// The lines of a table become events, as `multikv` makes them; by a stanza of multikv.conf where one is named.
    Multi(Option<String>),
    Json,
    Xml,
}

/// What is looked for in the text of an event without a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kv {
    pub json: bool,
    /// What was found in JSON is not taken back.
    pub keeps_json: bool,
    pub pairs: Option<Pairs>,
    pub xml: bool,
    /// A table, by a stanza of multikv.conf where one is named.
    pub table: Option<Option<String>>,
}

/// `key=value` pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// `\"` and `\\` within quotes stand for the second character.
    pub escaped: bool,
    /// Blanks at the ends of quoted values do not count.
    pub trim: bool,
}

/// `FIELDALIAS-name = a AS b c ASNEW d`.
///
/// `AS` makes `b` what `a` is, also where `a` is missing (Splunk since 7.2.4: an old `b` is then gone); `ASNEW` only gives
/// `d` a value where it has none. All read the fields as extracted: an alias is not seen by another one.
#[derive(Clone, Debug, Serialize)]
pub struct Alias {
    pub name: String,
    pub pairs: Vec<AliasPair>,
    pub place: Place,
}

/// One pair of an alias.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AliasPair {
    pub from: String,
    pub to: String,
    /// Written `ASNEW`.
    pub keep_existing: bool,
}

/// `EVAL-field = expression`.
#[derive(Clone, Debug, Serialize)]
pub struct Eval {
    pub field: String,
    pub expression: String,
    pub literal: Literal,
    pub place: Place,
}

/// `LOOKUP-name = table match [AS field] … [OUTPUT|OUTPUTNEW column [AS field] …]`.
#[derive(Clone, Debug, Serialize)]
pub struct AutoLookup {
    pub name: String,
    /// The stanza of transforms.conf, or a CSV file's name.
    pub table: String,
    /// Pairs of the table's column and the event's field.
    pub inputs: Vec<(String, String)>,
    /// Pairs of the table's column and the event's field; empty means all other columns.
    pub outputs: Vec<(String, String)>,
    /// `OUTPUTNEW`: only where the field has no value.
    pub keep_existing: bool,
    pub place: Place,
}

/// A field that a rule makes, for completion, for field lists and for prefiltering.
#[derive(Clone, Debug, PartialEq)]
pub struct Made<'a> {
    pub field: &'a str,
    pub literal: Literal,
    pub place: &'a Place,
}

impl Rules {
    /// The fields that the rules make, in the order of the rules. A lookup without outputs makes fields that only its
    /// table knows; they are not among these.
    pub fn made(&self) -> impl Iterator<Item = Made<'_>> {
        let made = |field, literal, place| Made { field, literal, place };
        let extracts = self.extracts.iter().flat_map(move |r| r.fields.iter().map(move |f| made(f.as_str(), Literal::Exact, &r.place)));
        let reports =
            self.reports.iter().flat_map(move |r| r.transforms.iter().flat_map(move |t| t.made_fields().map(move |(f, literal)| made(f, literal, &r.place))));
        let aliases = self.aliases.iter().flat_map(move |r| r.pairs.iter().map(move |p| made(p.to.as_str(), Literal::Exact, &r.place)));
        let evals = self.evals.iter().map(move |r| made(r.field.as_str(), r.literal, &r.place));
        let lookups = self.lookups.iter().flat_map(move |r| r.outputs.iter().map(move |(_, f)| made(f.as_str(), Literal::No, &r.place)));
        extracts.chain(reports).chain(aliases).chain(evals).chain(lookups)
    }

    /// How fields are found without a rule, where that is not the way in which events are read anyway.
    pub fn kv(&self) -> Option<Kv> {
        let (mode, trim) = (self.kv_mode.as_ref().unwrap_or(&KvMode::Auto), self.kv_trim.unwrap_or(true));
        let keeps_json = self.indexed_json.unwrap_or(false);
        let json = keeps_json || self.kv_json.unwrap_or(true);
        let pairs = |escaped| Some(Pairs { escaped, trim });
        let nothing = Kv { keeps_json, ..Kv::default() };
        match mode {
            KvMode::Auto if json && trim => None,
            KvMode::Auto => Some(Kv { json, pairs: pairs(false), ..nothing }),
            KvMode::AutoEscaped => Some(Kv { json, pairs: pairs(true), ..nothing }),
            KvMode::None => Some(nothing),
            KvMode::Json => Some(Kv { json: true, ..nothing }),
            KvMode::Xml => Some(Kv { xml: true, ..nothing }),
            KvMode::Multi(stanza) => Some(Kv { table: Some(stanza.clone()), ..nothing }),
        }
    }

    /// No rule at all?
    pub fn is_empty(&self) -> bool {
        self.extracts.is_empty()
            && self.reports.is_empty()
            && self.kv_mode.is_none()
            && self.kv_json.is_none()
            && self.kv_trim.is_none()
            && self.indexed_json.is_none()
            && self.aliases.is_empty()
            && self.evals.is_empty()
            && self.lookups.is_empty()
    }

    /// The rules of the settings of a stanza; one that cannot be read is left out with a warning.
    fn read(stanza: &Stanza, transforms: &Conf, warnings: &mut Vec<Diagnostic>) -> Rules {
        let mut rules = Rules::default();
        let mut settings: Vec<_> = stanza.settings().collect();
        settings.sort_by_key(|(key, _)| *key);
        for (key, setting) in settings {
            let (value, place) = (setting.value.as_str(), setting.place.clone());
            let (class, name) = key.split_once('-').unwrap_or((key, ""));
            // An empty value switches a rule of a lower layer off.
            if value.is_empty() || (name.is_empty() && class != "KV_MODE") {
                continue;
            }
            let name = name.to_string();
            let read = match class {
                "EXTRACT" => {
                    rules.extracts.push(extract(name, value, place.clone()));
                    Ok(())
                }
                "REPORT" => report(name, value, place.clone(), transforms).map(|r| rules.reports.push(r)),
                "FIELDALIAS" => alias(name, value, place.clone()).map(|r| rules.aliases.push(r)),
                "EVAL" => {
                    let literal = literal::of_expression(value);
                    rules.evals.push(Eval { field: name, expression: value.to_string(), literal, place: place.clone() });
                    Ok(())
                }
                "LOOKUP" => lookup(name, value, place.clone()).map(|r| rules.lookups.push(r)),
                "KV_MODE" => kv_mode(value).map(|m| rules.kv_mode = Some(m)),
                _ => Ok(()),
            };
            if let Err(message) = read {
                warnings.push(place.warning(format!("{key}: {message}")));
            }
        }
        rules.indexed_json = stanza.get("INDEXED_EXTRACTIONS").map(|kind| kind.trim().eq_ignore_ascii_case("json"));
        (rules.kv_json, rules.kv_trim) = (stanza.flag("AUTO_KV_JSON"), stanza.flag("KV_TRIM_SPACES"));
        rules
    }
}

/// Reads every stanza of props.conf that has search-time rules.
pub fn read(props: &Conf, transforms: &Conf, warnings: &mut Vec<Diagnostic>) -> Vec<FieldRules> {
    let mut all = Vec::new();
    for stanza in props.stanzas() {
        let rules = Rules::read(stanza, transforms, warnings);
        if rules.is_empty() {
            continue;
        }
        match Matcher::parse(&stanza.name) {
            Ok(Some(matcher)) => all.push(FieldRules {
                stanza: stanza.name.clone(),
                matcher,
                priority: stanza.get("priority").and_then(|p| p.parse().ok()),
                place: stanza.place.clone(),
                rules,
            }),
            Ok(None) => {}
            Err(message) => warnings.push(stanza.place.warning(message)),
        }
    }
    all
}

/// The rules that hold for the events of a source, host and source type. Of rules with the same class and name the one of
/// the winning stanza counts: see [`Matcher::rank`]; among equals the ASCII order of the stanzas' names decides.
pub fn effective(all: &[FieldRules], source: &str, host: &str, sourcetype: &str) -> Rules {
    let mut matching: Vec<&FieldRules> = all.iter().filter(|r| r.matcher.matches(source, host, sourcetype)).collect();
    matching.sort_by(|a, b| b.matcher.rank(b.priority).cmp(&a.matcher.rank(a.priority)).then_with(|| a.stanza.cmp(&b.stanza)));
    let mut rules = Rules::default();
    for r in matching.iter().map(|r| &r.rules) {
        lay_under(&mut rules.extracts, &r.extracts, |x| &x.name);
        lay_under(&mut rules.reports, &r.reports, |x| &x.name);
        lay_under(&mut rules.aliases, &r.aliases, |x| &x.name);
        lay_under(&mut rules.evals, &r.evals, |x| &x.field);
        lay_under(&mut rules.lookups, &r.lookups, |x| &x.name);
        rules.kv_mode = rules.kv_mode.or_else(|| r.kv_mode.clone());
        rules.kv_json = rules.kv_json.or(r.kv_json);
        rules.kv_trim = rules.kv_trim.or(r.kv_trim);
        rules.indexed_json = rules.indexed_json.or(r.indexed_json);
    }
    rules
}

/// Adds the rules whose names are not there yet and puts all in ASCII order.
fn lay_under<T: Clone>(over: &mut Vec<T>, under: &[T], name: impl Fn(&T) -> &String) {
    let new: Vec<T> = under.iter().filter(|u| !over.iter().any(|o| name(o) == name(u))).cloned().collect();
    over.extend(new);
    over.sort_by(|a, b| name(a).cmp(name(b)));
}

fn extract(name: String, value: &str, place: Place) -> Extract {
    let is_name = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let (regex, source_key) = match value.rsplit_once(" in ") {
        Some((regex, field)) if is_name(field.trim()) => (regex.trim_end(), field.trim()),
        _ => (value, "_raw"),
    };
    Extract { name, fields: group_names(regex), regex: regex.to_string(), source_key: source_key.to_string(), place }
}

/// The named groups of a regular expression, in order: `(?<name>`, `(?P<name>`, `(?'name'`.
pub fn group_names(regex: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (i, _) in regex.match_indices("(?") {
        let escaped = regex.get(..i).is_some_and(|b| (b.len() - b.trim_end_matches('\\').len()) % 2 == 1);
        let rest = regex.get(i + 2..).unwrap_or_default();
        let rest = rest.strip_prefix('P').unwrap_or(rest);
        let name = match rest.strip_prefix('\'') {
            Some(r) => r.split_once('\''),
            None => rest.strip_prefix('<').and_then(|r| r.split_once('>')),
        };
        match name {
            Some((n, _)) if !escaped && !n.is_empty() && !n.starts_with(['=', '!']) && !names.iter().any(|x| x == n) => names.push(n.to_string()),
            _ => {}
        }
    }
    names
}

fn report(name: String, value: &str, place: Place, transforms: &Conf) -> Result<Report, String> {
    let mut found = Vec::new();
    for transform in value.split(',').map(str::trim).filter(|t| !t.is_empty()) {
        let stanza = transforms.stanza(transform).ok_or_else(|| format!("transforms.conf has no stanza `{transform}`"))?;
        found.push(Arc::new(Transform::from_stanza(stanza)?));
    }
    Ok(Report { name, transforms: found, place })
}

fn alias(name: String, value: &str, place: Place) -> Result<Alias, String> {
    let mut pairs = Vec::new();
    let mut rest = words(value).into_iter();
    while let Some(Word { text: from, .. }) = rest.next() {
        let (Some(by), Some(to)) = (rest.next(), rest.next()) else {
            return Err(format!("expected `field AS other` pairs, found `{from}` at the end"));
        };
        let keep_existing = by.is("ASNEW");
        if !keep_existing && !by.is("AS") {
            return Err(format!("expected AS or ASNEW after `{from}`, found `{}`", by.text));
        }
        pairs.push(AliasPair { from, to: to.text, keep_existing });
    }
    Ok(Alias { name, pairs, place })
}

fn lookup(name: String, value: &str, place: Place) -> Result<AutoLookup, String> {
    let all = words(value);
    let Some((table, rest)) = all.split_first() else { return Err("expected the name of a lookup".into()) };
    let at = rest.iter().position(|w| w.is("OUTPUT") || w.is("OUTPUTNEW"));
    let (inputs, outputs) = rest.split_at(at.unwrap_or(rest.len()));
    let keep_existing = outputs.first().is_some_and(|w| w.is("OUTPUTNEW"));
    let inputs = columns(inputs)?;
    if inputs.is_empty() {
        return Err(format!("expected a column of `{}` to match with", table.text));
    }
    Ok(AutoLookup { name, table: table.text.clone(), inputs, outputs: columns(outputs.get(1..).unwrap_or_default())?, keep_existing, place })
}

/// `a AS b, c` as pairs of column and field.
fn columns(words: &[Word]) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::new();
    let mut rest = words.iter().peekable();
    while let Some(column) = rest.next() {
        let field = match rest.next_if(|w| w.is("AS")) {
            Some(_) => rest.next().ok_or_else(|| format!("expected a field after `{} AS`", column.text))?,
            None => column,
        };
        pairs.push((column.text.clone(), field.text.clone()));
    }
    Ok(pairs)
}

fn kv_mode(value: &str) -> Result<KvMode, String> {
    Ok(match value.to_ascii_lowercase().as_str() {
        "none" => KvMode::None,
        "auto" => KvMode::Auto,
        "auto_escaped" => KvMode::AutoEscaped,
        "multi" => KvMode::Multi(None),
        "json" => KvMode::Json,
        "xml" => KvMode::Xml,
        other if other.starts_with("multi:") => KvMode::Multi(value.split_once(':').map(|(_, stanza)| stanza.trim().to_string())),
        _ => return Err(format!("`{value}` is none of none, auto, auto_escaped, multi, json, xml")),
    })
}

#[cfg(test)]
mod tests {
    use super::super::conf::parse;
    use super::*;

    fn rules(props: &str, transforms: &str) -> (Vec<FieldRules>, Vec<String>) {
        let mut warnings = Vec::new();
        let all = read(&parse(props).0, &parse(transforms).0, &mut warnings);
        (all, warnings.into_iter().map(|w| w.message).collect())
    }

    #[test]
    fn every_class_of_rule_reads() {
        let (all, warnings) = rules(
            "[st]\nKV_MODE = xml\nTIME_FORMAT = %s\nEXTRACT-b = x=(?<x>\\d+) y (?P<y>.) in body\nEXTRACT-a = (?<n>a in b)\nREPORT-r = t1, t2\nFIELDALIAS-1 = a AS b \"c d\" ASNEW e, f as g\nEVAL-z = a.b\nEVAL-y = Image\nLOOKUP-l = tab col AS f, c2 OUTPUTNEW o AS p q\nLOOKUP-m = tab c\n",
            "[t1]\nREGEX = (?<k>a)\n[t2]\nDELIMS = \"|\"\nFIELDS = u, v\n",
        );
        assert_eq!(warnings, [""; 0]);
        let r = &all[0].rules;
        assert_eq!((r.extracts[0].regex.as_str(), r.extracts[0].source_key.as_str()), ("(?<n>a in b)", "_raw"));
        assert_eq!((r.extracts[1].regex.as_str(), r.extracts[1].source_key.as_str()), ("x=(?<x>\\d+) y (?P<y>.)", "body"));
        assert_eq!(r.aliases[0].pairs.len(), 3);
        assert_eq!(r.aliases[0].pairs[1], AliasPair { from: "c d".into(), to: "e".into(), keep_existing: true });
        let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
        assert_eq!((&r.lookups[0].inputs, &r.lookups[0].outputs), (&vec![pair("col", "f"), pair("c2", "c2")], &vec![pair("o", "p"), pair("q", "q")]));
        assert!(r.lookups[0].keep_existing && r.lookups[1].outputs.is_empty() && r.kv_mode == Some(KvMode::Xml));
        let made: Vec<_> = r.made().map(|m| (m.field, m.literal)).collect();
        use Literal::{Exact, No};
        assert_eq!(
            made,
            ["n", "x", "y", "k", "u", "v", "b", "e", "g", "y"].map(|f| (f, Exact)).into_iter().chain([("z", No), ("p", No), ("q", No)]).collect::<Vec<_>>()
        );
    }

    #[test]
    fn source_wins_over_sourcetype_rule_by_rule() {
        let (all, _) = rules(
            "[st]\nEVAL-a = 1\nEVAL-b = 1\n[source::s*]\nEVAL-b = 2\nEVAL-z=2\n[source::s]\nEVAL-b = 3\n[host::h]\nEVAL-z=4\n[default]\nKV_MODE=none\nEVAL-a=0",
            "",
        );
        let of = |s, h, t| effective(&all, s, h, t).evals.iter().map(|e| format!("{}={}", e.field, e.expression)).collect::<Vec<_>>().join(" ");
        assert_eq!(of("s", "h", "st"), "a=1 b=3 z=2");
        assert_eq!(of("s2", "h", "other"), "a=0 b=2 z=2");
        assert_eq!(of("", "H", ""), "a=0 z=4");
        assert_eq!(effective(&all, "", "", "").kv_mode, Some(KvMode::None));
    }

    #[test]
    fn a_bad_rule_is_named_and_the_rest_holds() {
        let (all, warnings) = rules(
            "[st]\nFIELDALIAS-1 = a TO b\nFIELDALIAS-2 = a AS\nREPORT-x = none\nKV_MODE = what\nLOOKUP-a = tab\nLOOKUP-b = tab c AS\nEVAL-ok = x\nEVAL-off =\nEVAL- = x\n[source::(]\nEVAL-a=1\n[rule::x]\nEVAL-a=1",
            "",
        );
        assert_eq!((all.len(), all[0].rules.evals.len()), (1, 1));
        assert_eq!(warnings.len(), 7, "{warnings:#?}");
        assert!(warnings.iter().any(|w| w == "x.conf:2: FIELDALIAS-1: expected AS or ASNEW after `a`, found `TO`"), "{warnings:#?}");
    }

    #[test]
    fn named_groups_are_found() {
        assert_eq!(group_names(r"(?<a>x)(?P<b_1>y)(?'c'z)(?=n)(?<=n)(?<!m)(?:q)\(?<no>\\(?<d>)(?<a>"), ["a", "b_1", "c", "d"]);
    }
}
