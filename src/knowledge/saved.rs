//! Saved searches, of savedsearches.conf.

use super::conf::{Conf, Stanza};
use super::place::Place;
use indexmap::IndexMap;
use serde::Serialize;

/// A search under a name, maybe with a schedule and a condition for an alert.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SavedSearch {
    pub name: String,
    pub search: String,
    pub description: Option<String>,
    /// Runs by schedule (`enableSched`).
    pub scheduled: bool,
    pub cron: Option<String>,
    pub earliest: Option<String>,
    pub latest: Option<String>,
    pub alert: Alert,
    pub place: Place,
    /// Everything else, as written.
    #[serde(skip)]
    pub stanza: Stanza,
}

/// When a saved search alerts: `counttype relation quantity`, or a condition of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Alert {
    /// `number of events`, `number of hosts`, `number of sources`, `custom`, `always`.
    pub count: Option<String>,
    /// `greater than`, `less than`, `equal to`…
    pub relation: Option<String>,
    pub quantity: Option<f64>,
    pub condition: Option<String>,
    /// 1 (debug) to 6 (fatal).
    pub severity: Option<u8>,
    /// The actions that are switched on (`action.NAME = 1`). None is ever carried out.
    pub actions: Vec<String>,
}

/// Reads savedsearches.conf. A disabled search, or a stanza without one, is left out.
pub fn read(conf: &Conf) -> IndexMap<String, SavedSearch> {
    let with_search = conf.resolved().filter(|s| s.flag("disabled") != Some(true));
    with_search.filter_map(|s| Some((s.name.clone(), saved(s)?))).collect()
}

fn saved(stanza: Stanza) -> Option<SavedSearch> {
    let search = stanza.setting("search").filter(|s| !s.value.is_empty())?.clone();
    let text = |key: &str| stanza.get(key).filter(|t| !t.is_empty()).map(str::to_string);
    let actions = stanza.settings().filter_map(|(key, setting)| {
        let name = key.strip_prefix("action.").filter(|n| !n.contains('.'))?;
        (super::conf::flag(&setting.value) == Some(true)).then(|| name.to_string())
    });
    Some(SavedSearch {
        name: stanza.name.clone(),
        description: text("description"),
        scheduled: stanza.flag("enableSched").unwrap_or(false),
        cron: text("cron_schedule"),
        earliest: text("dispatch.earliest_time"),
        latest: text("dispatch.latest_time"),
        alert: Alert {
            count: text("counttype"),
            relation: text("relation"),
            quantity: text("quantity").and_then(|q| q.parse().ok()),
            condition: text("alert_condition"),
            severity: text("alert.severity").and_then(|q| q.parse().ok()),
            actions: actions.collect(),
        },
        place: search.place,
        search: search.value,
        stanza,
    })
}

#[cfg(test)]
mod tests {
    use super::super::conf::parse;
    use super::*;

    #[test]
    fn reads_searches_with_schedule_and_alert() {
        let text = "[default]\ndispatch.latest_time = now\n[A b]\nsearch = index=a \\\n| head 1\nenableSched = 1\ncron_schedule = 0 * * * *\ncounttype = number of events\nrelation = greater than\nquantity = 5\naction.email = 1\naction.email.to = x\naction.script = 0\n[no search]\n[off]\nsearch = x\ndisabled = true\n";
        let all = read(&parse(text).0);
        let s = &all["A b"];
        assert_eq!((all.len(), s.search.as_str(), s.scheduled, s.latest.as_deref()), (1, "index=a \n| head 1", true, Some("now")));
        assert_eq!((s.alert.quantity, s.alert.actions.as_slice(), s.stanza.get("action.email.to")), (Some(5.0), &["email".to_string()][..], Some("x")));
    }
}
