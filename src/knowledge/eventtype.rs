//! Event types: names for searches, of eventtypes.conf.

use super::conf::Conf;
use super::place::Place;
use crate::diagnostic::Diagnostic;
use indexmap::IndexMap;
use serde::Serialize;

/// Events that a search finds, under a name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventType {
    pub name: String,
    /// What the `search` command would take; no pipes.
    pub search: String,
    /// 1 is shown first, 10 last.
    pub priority: u8,
    pub description: Option<String>,
    pub place: Place,
}

/// Reads eventtypes.conf. A disabled one is left out, and so is one without a search, with a warning.
pub fn read(conf: &Conf, warnings: &mut Vec<Diagnostic>) -> IndexMap<String, EventType> {
    let mut all = IndexMap::new();
    for stanza in conf.resolved().filter(|s| s.flag("disabled") != Some(true)) {
        let Some(search) = stanza.setting("search").filter(|s| !s.value.is_empty()) else {
            warnings.push(stanza.place.warning(format!("the event type `{}` has no search", stanza.name)));
            continue;
        };
        let event_type = EventType {
            name: stanza.name.clone(),
            search: search.value.clone(),
            priority: stanza.get("priority").and_then(|p| p.parse().ok()).unwrap_or(1),
            description: stanza.get("description").map(str::to_string),
            place: search.place.clone(),
        };
        all.insert(stanza.name.clone(), event_type);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::conf::parse;
    use super::*;

    #[test]
    fn reads_event_types() {
        let mut warnings = Vec::new();
        let all = read(&parse("[a]\nsearch = x=1\npriority = 3\n[off]\nsearch = y\ndisabled = 1\n[none]\n").0, &mut warnings);
        assert_eq!((all.len(), all["a"].search.as_str(), all["a"].priority, all["a"].place.line), (1, "x=1", 3, 2));
        assert!(warnings[0].message.starts_with("x.conf:7: "));
    }
}
