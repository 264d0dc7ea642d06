//! Tags: names for values of fields, of tags.conf.

use super::conf::Conf;
use crate::diagnostic::Diagnostic;
use indexmap::{IndexMap, IndexSet};

/// Which values have which tags. An event has the tags of all its fields' values, `eventtype` among them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tags {
    by_tag: IndexMap<String, IndexSet<(String, String)>>,
}

impl Tags {
    /// Reads `[field=value]` stanzas of `tag = enabled`; the value may be percent-encoded.
    pub fn from_conf(conf: &Conf, warnings: &mut Vec<Diagnostic>) -> Tags {
        let mut tags = Tags::default();
        for stanza in conf.resolved() {
            let Some((field, value)) = stanza.name.split_once('=').filter(|(f, v)| !f.is_empty() && !v.is_empty()) else {
                warnings.push(stanza.place.warning(format!("expected [field=value], found `[{}]`", stanza.name)));
                continue;
            };
            let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
            for (tag, setting) in stanza.settings() {
                match setting.value.to_ascii_lowercase().as_str() {
                    "enabled" => {
                        tags.by_tag.entry(tag.to_string()).or_default().insert((field.to_string(), value.clone()));
                    }
                    "disabled" => {}
                    _ => warnings.push(setting.place.warning(format!("the tag `{tag}` is neither enabled nor disabled"))),
                }
            }
        }
        tags
    }

    /// The fields and values that have a tag: what `tag=…` in a search means.
    pub fn values(&self, tag: &str) -> impl Iterator<Item = (&str, &str)> {
        self.by_tag.get(tag).into_iter().flatten().map(|(f, v)| (f.as_str(), v.as_str()))
    }

    /// The tags of a field's value.
    pub fn of<'a>(&'a self, field: &'a str, value: &'a str) -> impl Iterator<Item = &'a str> {
        self.by_tag.iter().filter(move |(_, set)| set.iter().any(|(f, v)| f == field && v == value)).map(|(tag, _)| tag.as_str())
    }

    /// All tags, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_tag.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::super::conf::parse;
    use super::*;

    #[test]
    fn reads_tags_both_ways() {
        let mut warnings = Vec::new();
        let t = Tags::from_conf(
            &parse("[eventtype=a%20b]\nprocess = enabled\nold = disabled\n[host=x]\nprocess = enabled\nweb=enabled\nz = yes\n[bad]\nx = enabled").0,
            &mut warnings,
        );
        assert_eq!(t.values("process").collect::<Vec<_>>(), [("eventtype", "a b"), ("host", "x")]);
        assert_eq!(t.of("host", "x").collect::<Vec<_>>(), ["process", "web"]);
        assert_eq!((t.values("old").count(), t.names().count(), warnings.len()), (0, 2, 2));
    }
}
