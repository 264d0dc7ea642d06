//! Splunk's .conf format: stanzas of `key = value`.

use super::place::{Place, read_text};
use crate::diagnostic::Diagnostic;
use indexmap::IndexMap;
use std::path::Path;
use std::sync::Arc;

/// The stanza that every other one falls back to.
pub const DEFAULT: &str = "default";

/// One value and where it was written.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Setting {
    pub value: String,
    pub place: Place,
}

/// One stanza.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Stanza {
    /// What stands between the brackets.
    pub name: String,
    /// Where it was opened first.
    pub place: Place,
    settings: IndexMap<String, Setting>,
}

impl Stanza {
    /// A stanza without settings.
    pub fn new(name: impl Into<String>, place: Place) -> Stanza {
        Stanza { name: name.into(), place, settings: IndexMap::new() }
    }

    /// The text of a setting; keys are case-sensitive.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.settings.get(key).map(|s| s.value.as_str())
    }

    /// A setting.
    pub fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings.get(key)
    }

    /// The settings in the order of their first appearance.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &Setting)> {
        self.settings.iter().map(|(k, v)| (k.as_str(), v))
    }

    /// A setting that is on or off: `true t yes y 1` or `false f no n 0`, any case.
    pub fn flag(&self, key: &str) -> Option<bool> {
        flag(self.get(key)?)
    }

    /// The same settings under another name.
    pub fn renamed(self, name: impl Into<String>) -> Stanza {
        Stanza { name: name.into(), ..self }
    }

    /// Sets a value; an old one is replaced.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>, place: Place) {
        self.settings.insert(key.into(), Setting { value: value.into(), place });
    }
}

/// The Boolean that a setting's text is.
pub fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// The stanzas of one file, or of several laid over each other.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Conf {
    stanzas: IndexMap<String, Stanza>,
}

impl Conf {
    /// Reads a text. A line that is neither a stanza, a setting nor a comment is left out with a warning.
    ///
    /// A value goes on in the next line after a `\` at the very end; the line feed stays in the value, as in Splunk. Settings
    /// before the first stanza belong to `default`. A stanza that comes again goes on; a key that comes again replaces.
    pub fn parse(text: &str, file: &Arc<str>, warnings: &mut Vec<Diagnostic>) -> Conf {
        let mut conf = Conf::default();
        let mut stanza = DEFAULT.to_string();
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            let place = Place::new(file, number + 1);
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            if let Some(rest) = trimmed.strip_prefix('[') {
                match rest.rfind(']').and_then(|end| rest.get(..end)) {
                    Some(name) => {
                        stanza = name.to_string();
                        conf.entry(&stanza, &place);
                    }
                    None => warnings.push(place.warning(format!("the stanza `{trimmed}` lacks its closing bracket"))),
                }
                continue;
            }
            let mut whole = line.to_string();
            while whole.ends_with('\\') {
                whole.pop();
                let Some((_, next)) = lines.next() else { break };
                whole.push('\n');
                whole.push_str(next);
            }
            match whole.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
                Some((key, value)) if !key.is_empty() => conf.entry(&stanza, &place).set(key, value, place),
                _ => warnings.push(place.warning("expected `[stanza]`, `key = value` or a comment")),
            }
        }
        conf
    }

    /// Reads a file. Errors: the file cannot be read.
    pub fn read(path: &Path, warnings: &mut Vec<Diagnostic>) -> Result<Conf, Diagnostic> {
        Ok(Conf::parse(&read_text(path)?, &path.display().to_string().into(), warnings))
    }

    /// Reads `default/NAME` and lays `local/NAME` over it; a file that is not there is empty.
    pub fn layered(app: &Path, name: &str, warnings: &mut Vec<Diagnostic>) -> Result<Conf, Diagnostic> {
        let mut conf = Conf::default();
        for layer in ["default", "local"] {
            let path = app.join(layer).join(name);
            if path.is_file() {
                conf.merge(Conf::read(&path, warnings)?);
            }
        }
        Ok(conf)
    }

    /// Lays another file over this one: its settings replace those of the same stanza and key.
    pub fn merge(&mut self, over: Conf) {
        for stanza in over.stanzas.into_values() {
            self.add(stanza);
        }
    }

    /// Lays one stanza over what is there.
    pub fn add(&mut self, stanza: Stanza) {
        match self.stanzas.get_mut(&stanza.name) {
            Some(old) => old.settings.extend(stanza.settings),
            None => {
                self.stanzas.insert(stanza.name.clone(), stanza);
            }
        }
    }

    /// A stanza as written, without what `default` adds.
    pub fn stanza(&self, name: &str) -> Option<&Stanza> {
        self.stanzas.get(name)
    }

    /// A value of a stanza, or else of `default`.
    pub fn get(&self, stanza: &str, key: &str) -> Option<&str> {
        let own = self.stanzas.get(stanza).and_then(|s| s.get(key));
        own.or_else(|| self.stanzas.get(DEFAULT)?.get(key))
    }

    /// All stanzas but `default`, in order, each with what it takes from `default`.
    pub fn resolved(&self) -> impl Iterator<Item = Stanza> + '_ {
        self.stanzas().filter(|s| s.name != DEFAULT).map(|own| {
            let mut whole = own.clone();
            for (key, setting) in self.stanzas.get(DEFAULT).into_iter().flat_map(Stanza::settings) {
                whole.settings.entry(key.to_string()).or_insert_with(|| setting.clone());
            }
            whole
        })
    }

    /// All stanzas as written, in the order of their first appearance.
    pub fn stanzas(&self) -> impl Iterator<Item = &Stanza> {
        self.stanzas.values()
    }

    fn entry(&mut self, name: &str, place: &Place) -> &mut Stanza {
        self.stanzas.entry(name.to_string()).or_insert_with(|| Stanza::new(name, place.clone()))
    }
}

#[cfg(test)]
pub(super) fn parse(text: &str) -> (Conf, Vec<String>) {
    let mut warnings = Vec::new();
    let conf = Conf::parse(text, &"x.conf".into(), &mut warnings);
    (conf, warnings.into_iter().map(|w| w.message).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_stanzas_settings_and_comments() {
        let (conf, warnings) = parse("a = 0\n# note\n[s]\n k = v = w # no comment\r\nempty =\n[t [x]]\n[s]\nk=again\n");
        assert_eq!(warnings, [""; 0]);
        assert_eq!(conf.stanza("s").unwrap().get("k"), Some("again"));
        assert_eq!(conf.get("s", "empty"), Some(""));
        assert_eq!((conf.get("s", "a"), conf.get("none", "a"), conf.get("s", "b")), (Some("0"), Some("0"), None));
        assert_eq!(conf.stanzas().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["default", "s", "t [x]"]);
        assert_eq!(conf.resolved().map(|s| s.get("a").map(str::to_string)).collect::<Vec<_>>(), [Some("0".into()), Some("0".into())]);
    }

    #[test]
    fn a_backslash_at_the_end_keeps_the_line_feed() {
        let (conf, _) = parse("[m]\ndefinition = a \\\n  | b\\\n# still the value\nnext = 1\\");
        assert_eq!(conf.get("m", "definition"), Some("a \n  | b\n# still the value"));
        assert_eq!(conf.get("m", "next"), Some("1"));
    }

    #[test]
    fn bad_lines_are_named_and_left_out() {
        let (conf, warnings) = parse("[open\nwhat is this\n= x\n[s]\nk = 1");
        assert_eq!(conf.get("s", "k"), Some("1"));
        assert_eq!(warnings.iter().map(|w| &w[..9]).collect::<Vec<_>>(), ["x.conf:1:", "x.conf:2:", "x.conf:3:"]);
    }

    #[test]
    fn local_lies_over_default() {
        let dir = tempfile::tempdir().unwrap();
        for (layer, text) in [("default", "[s]\na = 1\nb = 1"), ("local", "[s]\nb = 2")] {
            std::fs::create_dir(dir.path().join(layer)).unwrap();
            std::fs::write(dir.path().join(layer).join("m.conf"), text).unwrap();
        }
        let conf = Conf::layered(dir.path(), "m.conf", &mut Vec::new()).unwrap();
        assert_eq!((conf.get("s", "a"), conf.get("s", "b")), (Some("1"), Some("2")));
        assert!(Conf::layered(dir.path(), "none.conf", &mut Vec::new()).unwrap() == Conf::default());
    }

    #[test]
    fn flags_take_splunks_words() {
        for (text, want) in [("true", Some(true)), ("T", Some(true)), ("1", Some(true)), ("No", Some(false)), ("2", None), ("", None)] {
            assert_eq!(flag(text), want, "{text:?}");
        }
    }
}
