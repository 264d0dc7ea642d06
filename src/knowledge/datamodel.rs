//! Datasets of the Common Information Model: which events are in them, by their tags. Fields have their own names in the events.

/// A dataset of a data model.
#[derive(Clone, Copy, Debug)]
pub struct Dataset {
    pub model: &'static str,
    pub name: &'static str,
    /// What its events have, beside what those of the datasets above it have.
    pub search: &'static str,
    /// The dataset that it is a part of.
    pub parent: Option<&'static str>,
}

const fn root(model: &'static str, name: &'static str, search: &'static str) -> Dataset {
    Dataset { model, name, search, parent: None }
}

const fn part(model: &'static str, parent: &'static str, name: &'static str, search: &'static str) -> Dataset {
    Dataset { model, name, search, parent: Some(parent) }
}

/// The datasets; the first of a model is meant where none is named.
#[rustfmt::skip]
pub const DATASETS: &[Dataset] = &[
    root("Alerts", "Alerts", "tag=alert"),
    root("Authentication", "Authentication", "tag=authentication"),
    part("Authentication", "Authentication", "Failed_Authentication", "action=failure"),
    part("Authentication", "Authentication", "Successful_Authentication", "action=success"),
    part("Authentication", "Authentication", "Default_Authentication", "tag=default"),
    part("Authentication", "Authentication", "Insecure_Authentication", "tag=insecure"),
    part("Authentication", "Authentication", "Privileged_Authentication", "tag=privileged"),
    root("Certificates", "All_Certificates", "tag=certificate"),
    part("Certificates", "All_Certificates", "SSL", "tag=ssl"),
    root("Change", "All_Changes", "tag=change"),
    part("Change", "All_Changes", "Auditing_Changes", "tag=audit"),
    part("Change", "All_Changes", "Endpoint_Changes", "tag=endpoint"),
    part("Change", "All_Changes", "Network_Changes", "tag=network"),
    part("Change", "All_Changes", "Account_Management", "tag=account"),
    part("Change", "All_Changes", "Instance_Changes", "tag=instance"),
    root("Email", "All_Email", "tag=email"),
    root("Endpoint", "Processes", "tag=process tag=report"),
    root("Endpoint", "Ports", "tag=listening tag=port"),
    root("Endpoint", "Services", "tag=service tag=report"),
    root("Endpoint", "Filesystem", "tag=endpoint tag=filesystem"),
    root("Endpoint", "Registry", "tag=endpoint tag=registry"),
    root("Intrusion_Detection", "IDS_Attacks", "tag=ids tag=attack"),
    root("Malware", "Malware_Attacks", "tag=malware tag=attack"),
    root("Network_Resolution", "DNS", "tag=network tag=resolution tag=dns"),
    root("Network_Sessions", "All_Sessions", "tag=network tag=session"),
    root("Network_Traffic", "All_Traffic", "tag=network tag=communicate"),
    root("Risk", "All_Risk", "index=risk"),
    root("Updates", "Updates", "tag=update tag=status"),
    root("Vulnerabilities", "Vulnerabilities", "tag=report tag=vulnerability"),
    root("Web", "Web", "tag=web"),
    part("Web", "Web", "Proxy", "tag=proxy"),
];

/// Fields that a dataset gives as `unknown` where the event has none. Only those that say where and by whom.
pub const DEFAULTED: [&str; 4] = ["action", "dest", "src", "user"];

/// A dataset by the model's name and its own; the model's first where that is not given. `Authentication.Failed_Authentication`
/// and the like name it by its way down.
pub fn find(model: &str, dataset: Option<&str>) -> Option<&'static Dataset> {
    let name = dataset.map(|d| d.rsplit('.').next().unwrap_or(d));
    DATASETS.iter().find(|d| d.model == model && name.is_none_or(|n| d.name == n))
}

impl Dataset {
    /// The search for its events, with that of the datasets above it.
    pub fn search(&self) -> String {
        match self.parent.and_then(|p| find(self.model, Some(p))) {
            Some(parent) => format!("{} {}", parent.search(), self.search),
            None => self.search.to_string(),
        }
    }

    /// The names that its fields may stand behind: its own, and those of the datasets above it.
    pub fn prefixes(&self) -> Vec<&'static str> {
        let mut all = self.parent.and_then(|p| find(self.model, Some(p))).map_or_else(Vec::new, |p| p.prefixes());
        all.push(self.name);
        all
    }

    /// The tags that its search asks for.
    pub fn tags(&self) -> Vec<String> {
        self.search().split(' ').filter_map(|t| t.strip_prefix("tag=")).map(str::to_string).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datasets_are_found_and_have_their_parents() {
        assert_eq!(find("Endpoint", None).unwrap().name, "Processes");
        let failed = find("Authentication", Some("Authentication.Failed_Authentication")).unwrap();
        assert_eq!((failed.search().as_str(), failed.prefixes()), ("tag=authentication action=failure", vec!["Authentication", "Failed_Authentication"]));
        assert!(find("Endpoint", Some("Nothing")).is_none() && find("X", None).is_none());
        for d in DATASETS {
            assert!(d.parent.is_none_or(|p| find(d.model, Some(p)).is_some_and(|p| p.parent.is_none())), "{}", d.name);
        }
    }
}
