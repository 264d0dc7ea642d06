//! Search macros, from macros.conf and from contentctl's YAML.

use super::conf::{Conf, Stanza, flag};
use super::place::Place;
use super::yaml::Yaml;
use crate::diagnostic::Diagnostic;
use indexmap::IndexMap;
use std::sync::Arc;

/// One macro: a name, how many arguments it takes, and the text that stands for it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Macro {
    pub name: String,
    /// The names that `$name$` in the definition refers to, in order.
    pub args: Vec<String>,
    /// SPL, or an eval expression that gives SPL where `iseval` is set.
    pub definition: String,
    pub iseval: bool,
    /// An eval expression over the arguments: false, or any text, refuses them.
    pub validation: Option<String>,
    /// What to say when a Boolean validation refuses.
    pub errormsg: Option<String>,
    pub description: Option<String>,
    /// Where the definition stands.
    pub place: Place,
}

/// All macros, overloaded by the number of their arguments.
#[derive(Clone, Debug, Default)]
pub struct Macros {
    by_name: IndexMap<String, Vec<Arc<Macro>>>,
}

impl Macros {
    /// The macros of a macros.conf. One that is not whole is left out with a warning.
    pub fn from_conf(conf: &Conf, warnings: &mut Vec<Diagnostic>) -> Macros {
        let mut macros = Macros::default();
        for stanza in conf.resolved() {
            match Macro::from_stanza(&stanza) {
                Ok(m) => macros.add(m),
                Err(w) => warnings.push(w),
            }
        }
        macros
    }

    /// The macro of this name with this number of arguments.
    pub fn find(&self, name: &str, argc: usize) -> Option<&Arc<Macro>> {
        self.by_name(name).iter().find(|m| m.args.len() == argc)
    }

    /// Every macro of this name, by ascending number of arguments.
    pub fn by_name(&self, name: &str) -> &[Arc<Macro>] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// All macros, in the order of their files.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Macro>> {
        self.by_name.values().flatten()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Adds a macro; one of the same name and number of arguments is replaced.
    pub fn add(&mut self, m: Macro) {
        let all = self.by_name.entry(m.name.clone()).or_default();
        all.retain(|old| old.args.len() != m.args.len());
        let at = all.partition_point(|old| old.args.len() < m.args.len());
        all.insert(at, Arc::new(m));
    }
}

impl Macro {
    fn from_stanza(stanza: &Stanza) -> Result<Macro, Diagnostic> {
        let (name, argc) = split_name(&stanza.name).ok_or_else(|| stanza.place.warning(format!("`{}` is no name of a macro", stanza.name)))?;
        let Some(definition) = stanza.setting("definition") else {
            return Err(stanza.place.warning(format!("the macro `{}` has no definition", stanza.name)));
        };
        let text = |key: &str| stanza.get(key).filter(|t| !t.is_empty()).map(str::to_string);
        let args: Vec<String> = text("args").map(|a| a.split(',').map(|a| a.trim().to_string()).collect()).unwrap_or_default();
        if let Some(bad) = args.iter().find(|a| a.is_empty() || !a.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')) {
            let place = stanza.setting("args").map_or(&stanza.place, |s| &s.place);
            return Err(place.warning(format!("`{bad}` is no name of an argument; letters, digits, _ and - are")));
        }
        if args.len() != argc {
            let message = format!("the macro `{}` takes {argc} arguments by its name and {} by its `args`", stanza.name, args.len());
            return Err(stanza.place.warning(message));
        }
        Ok(Macro {
            name: name.to_string(),
            args,
            definition: definition.value.clone(),
            iseval: stanza.flag("iseval").unwrap_or(false),
            validation: text("validation"),
            errormsg: text("errormsg"),
            description: text("description"),
            place: definition.place.clone(),
        })
    }
}

/// `name(2)` as the name and the number; without parentheses the number is 0.
fn split_name(stanza: &str) -> Option<(&str, usize)> {
    let (name, argc) = match stanza.strip_suffix(')').and_then(|s| s.rsplit_once('(')) {
        Some((name, n)) => (name.trim(), n.trim().parse().ok()?),
        None => (stanza.trim(), 0),
    };
    (!name.is_empty()).then_some((name, argc))
}

/// A contentctl macro (`name`, `definition`, `arguments`) as a stanza of macros.conf; `None` where the file is no macro.
pub fn stanza_of_yaml(yaml: &Yaml) -> Option<Stanza> {
    let (name, definition) = (yaml.text("name")?, yaml.text("definition")?);
    let args = yaml.list("arguments");
    let name = if args.is_empty() { name } else { format!("{name}({})", args.len()) };
    let mut stanza = Stanza::new(name, yaml.place("name"));
    stanza.set("definition", definition, yaml.place("definition"));
    if !args.is_empty() {
        stanza.set("args", args.join(", "), yaml.place("arguments"));
    }
    for key in ["description", "validation", "errormsg", "iseval"] {
        if let Some(value) = yaml.text(key).filter(|v| key != "iseval" || flag(v).is_some()) {
            stanza.set(key, value, yaml.place(key));
        }
    }
    Some(stanza)
}

#[cfg(test)]
mod tests {
    use super::super::conf::parse;
    use super::*;

    fn read(text: &str) -> (Macros, Vec<String>) {
        let (conf, mut messages) = parse(text);
        let mut warnings = Vec::new();
        let macros = Macros::from_conf(&conf, &mut warnings);
        messages.extend(warnings.into_iter().map(|w| w.message));
        (macros, messages)
    }

    #[test]
    fn names_are_overloaded_by_argument_count() {
        let (m, warnings) = read(
            "[m(2)]\nargs = a, b-c\ndefinition = $a$ $b-c$\n[m]\ndefinition = zero\n[e(1)]\nargs=x\niseval = 1\ndefinition = \"a\".x\nvalidation = isnum(x)\nerrormsg = no",
        );
        assert_eq!(warnings, [""; 0]);
        assert_eq!(m.find("m", 2).unwrap().args, ["a", "b-c"]);
        assert_eq!((m.find("m", 0).unwrap().definition.as_str(), m.find("m", 0).unwrap().place.line), ("zero", 5));
        assert!(m.find("m", 1).is_none() && m.by_name("none").is_empty());
        assert_eq!(m.by_name("m").iter().map(|m| m.args.len()).collect::<Vec<_>>(), [0, 2]);
        let e = m.find("e", 1).unwrap();
        assert!(e.iseval && e.validation.as_deref() == Some("isnum(x)") && e.errormsg.as_deref() == Some("no"));
        assert_eq!(m.len(), 3);
    }

    #[test]
    fn a_macro_that_is_not_whole_is_left_out() {
        let (m, warnings) = read(
            "[a(1)]\ndefinition = x\n[b]\nargs = y\ndefinition=\n[c]\nargs =\n[d(x)]\ndefinition=1\n[e(1)]\nargs = a b\ndefinition=1\n[(1)]\ndefinition=1",
        );
        assert!(m.is_empty());
        assert_eq!(warnings.len(), 6, "{warnings:?}");
        assert!(warnings[0].starts_with("x.conf:1: ") && warnings[0].contains("takes 1 arguments by its name and 0"));
    }

    #[test]
    fn reads_contentctl_yaml() {
        let yaml = Yaml::parse("name: both\narguments:\n- field\n- n\ndefinition: head $n$ | table $field$\n", &"m.yml".into()).unwrap();
        let s = stanza_of_yaml(&yaml).unwrap();
        assert_eq!((s.name.as_str(), s.get("args"), s.get("definition")), ("both(2)", Some("field, n"), Some("head $n$ | table $field$")));
        assert_eq!(s.setting("definition").unwrap().place.line, 5);
        assert!(stanza_of_yaml(&Yaml::parse("name: x", &"m.yml".into()).unwrap()).is_none());
    }
}
