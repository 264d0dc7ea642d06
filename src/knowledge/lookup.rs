//! Lookup definitions and the directories that their tables lie in.

use super::conf::Stanza;
use super::lookup_table::LookupTable;
use super::place::Place;
use super::words::words;
use super::yaml::Yaml;
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use indexmap::IndexMap;
use serde::Serialize;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// How a column of a lookup is compared with an event's value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum MatchType {
    #[default]
    Exact,
    /// The table's value holds `*`.
    Wildcard,
    /// The table's value is a network.
    Cidr,
}

/// The time of a row, and how much later an event may be that it is for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimeBound {
    /// The column of the time.
    pub field: String,
    /// How it is written; `None` for seconds since 1970.
    pub format: Option<String>,
    /// The event is at least so many seconds later.
    pub least: f64,
    /// And at most so many.
    pub most: f64,
}

/// The most rows that `max_matches` and `min_matches` may ask for.
const MOST_MATCHES: usize = 1000;

/// The format that stands for seconds since 1970, with or without a fraction.
const EPOCH: &str = "%s.%Q";

/// A lookup as transforms.conf defines it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LookupDef {
    pub name: String,
    /// A CSV file; `None` for one that lives outside of files (external, geo), which has no rows here.
    pub filename: Option<String>,
    /// A collection of a KV store: `<collection>.csv` stands for it.
    pub collection: Option<String>,
    /// Columns that are not compared exactly.
    pub match_types: Vec<(String, MatchType)>,
    /// At most so many rows: 100 unless written; 1 for a lookup with times.
    pub max_matches: usize,
    /// At least so many, filled up with `default_match`.
    pub min_matches: usize,
    pub default_match: Option<String>,
    pub case_sensitive: bool,
    /// Which rows are in time for an event.
    pub time: Option<TimeBound>,
    /// A search expression over the columns: rows that it is not true of are not there.
    pub filter: Option<String>,
    /// The columns of a collection, whose rows need not have all of them; empty where they are not listed.
    pub fields: Vec<String>,
    pub place: Option<Place>,
}

impl LookupDef {
    /// A CSV file used by its own name.
    pub fn of_file(name: &str) -> LookupDef {
        LookupDef {
            name: name.to_string(),
            filename: Some(name.to_string()),
            collection: None,
            match_types: Vec::new(),
            max_matches: 100,
            min_matches: 0,
            default_match: None,
            case_sensitive: true,
            time: None,
            filter: None,
            fields: Vec::new(),
            place: None,
        }
    }

    /// The lookup that a stanza defines; `None` where it is about something else. A number that is none becomes a warning.
    ///
    /// Errors: a `match_type` that is none.
    pub fn from_stanza(stanza: &Stanza, warnings: &mut Vec<Diagnostic>) -> Result<Option<LookupDef>, Diagnostic> {
        let text = |key: &str| stanza.get(key).map(str::trim).filter(|t| !t.is_empty()).map(str::to_string);
        // As a server does, only what stands behind the last separator of a path is taken.
        let filename = text("filename").map(|f| f.rsplit(['/', '\\']).next().unwrap_or_default().to_string());
        if filename.is_none() && text("external_type").is_none() && text("external_cmd").is_none() && text("collection").is_none() {
            return Ok(None);
        }
        let stored = text("external_type").is_some_and(|t| t.eq_ignore_ascii_case("kvstore"));
        let collection = text("collection").or_else(|| stored.then(|| stanza.name.clone()));
        let mut warn = |key: &str, message: String| warnings.push(stanza.setting(key).map_or(&stanza.place, |s| &s.place).warning(format!("{key}: {message}")));
        let mut number = |key: &str, least: usize| {
            let written = text(key)?;
            let read = written.parse::<usize>().ok();
            if !read.is_some_and(|n| (least..=MOST_MATCHES).contains(&n)) {
                warn(key, format!("`{written}` is no whole number from {least} to {MOST_MATCHES}"));
            }
            read.map(|n| n.clamp(least, MOST_MATCHES))
        };
        let (max_matches, min_matches) = (number("max_matches", 1), number("min_matches", 0));
        let mut seconds = |key: &str| {
            let written = text(key)?;
            let read = crate::column::number::parse(&written);
            if read.is_none() {
                warn(key, format!("`{written}` is no number of seconds"));
            }
            read
        };
        let time = text("time_field").map(|field| TimeBound {
            field,
            format: text("time_format").filter(|f| f != EPOCH),
            least: seconds("min_offset_secs").unwrap_or(0.0),
            most: seconds("max_offset_secs").unwrap_or(2e9),
        });
        let place = stanza.setting("match_type").map_or(&stanza.place, |s| &s.place);
        Ok(Some(LookupDef {
            name: stanza.name.clone(),
            filename,
            fields: text("fields_list").filter(|_| collection.is_some()).map(|list| words(&list).into_iter().map(|w| w.text).collect()).unwrap_or_default(),
            filter: text("filter"),
            collection,
            match_types: match_types(stanza.get("match_type").unwrap_or_default()).map_err(|m| place.warning(m))?,
            max_matches: max_matches.unwrap_or(if time.is_some() { 1 } else { 100 }),
            min_matches: min_matches.unwrap_or(0),
            default_match: text("default_match"),
            case_sensitive: stanza.flag("case_sensitive_match").unwrap_or(true),
            time,
            place: Some(stanza.place.clone()),
        }))
    }

    /// The file of its rows; `None` where there can be none.
    pub fn file(&self) -> Option<String> {
        self.filename.clone().or_else(|| self.collection.as_ref().map(|c| format!("{c}.csv")))
    }

    /// The error where there is no such file.
    fn away(&self) -> Diagnostic {
        let error = Diagnostic::error(Code::NEEDS_SERVER, format!("the lookup `{}` lives in a KV store or a program on a Splunk server", self.name));
        match &self.collection {
            Some(collection) => error.help(format!("Put its rows into `{collection}.csv` in a lookups/ folder, or let `outputlookup` write them.")),
            None => error,
        }
    }

    /// How a column is compared.
    pub fn match_type(&self, column: &str) -> MatchType {
        self.match_types.iter().find(|(c, _)| c == column).map_or(MatchType::Exact, |(_, t)| *t)
    }
}

/// `WILDCARD(a), CIDR(b)`.
fn match_types(text: &str) -> Result<Vec<(String, MatchType)>, String> {
    let mut all = Vec::new();
    for item in words(&text.replace(['(', ')'], " ")).chunks(2) {
        let [kind, column] = item else { return Err(format!("match_type: expected WILDCARD(field), CIDR(field) or EXACT(field), found `{text}`")) };
        let kind = match kind.text.to_ascii_uppercase().as_str() {
            "EXACT" => MatchType::Exact,
            "WILDCARD" => MatchType::Wildcard,
            "CIDR" => MatchType::Cidr,
            other => return Err(format!("match_type: `{other}` is none of EXACT, WILDCARD, CIDR")),
        };
        all.push((column.text.clone(), kind));
    }
    Ok(all)
}

/// A contentctl lookup as a stanza of transforms.conf; `None` where the file is none. The CSV lies beside the YAML file,
/// under its own name where the YAML gives none.
pub fn stanza_of_yaml(yaml: &Yaml, stem: &str) -> Option<Stanza> {
    let name = yaml.text("name")?;
    let mut stanza = Stanza::new(name, yaml.place("name"));
    let kind = yaml.text("lookup_type").unwrap_or_default();
    match (yaml.text("filename"), yaml.text("collection"), kind.as_str()) {
        (Some(filename), _, _) => stanza.set("filename", filename, yaml.place("filename")),
        (_, Some(collection), _) => stanza.set("collection", collection, yaml.place("collection")),
        (_, _, "csv") => stanza.set("filename", format!("{stem}.csv"), yaml.place("lookup_type")),
        (_, _, "kvstore" | "mlmodel") => stanza.set("collection", stem, yaml.place("lookup_type")),
        _ => return None,
    }
    for key in [
        "match_type",
        "max_matches",
        "min_matches",
        "default_match",
        "case_sensitive_match",
        "time_field",
        "time_format",
        "min_offset_secs",
        "max_offset_secs",
        "fields_list",
        "filter",
    ] {
        // `match_type` is a text in one schema and a list in the other.
        let value = yaml.text(key).or_else(|| Some(yaml.list(key).join(", ")).filter(|v| !v.is_empty()));
        if let Some(value) = value {
            stanza.set(key, value, yaml.place(key));
        }
    }
    Some(stanza)
}

/// Reads a table when it is first asked for.
pub type Loader = Box<dyn Fn() -> Result<LookupTable, Diagnostic> + Send + Sync>;

/// All lookup definitions, and the directories where their files may lie. A table is read when it is first asked for.
#[derive(Debug, Default)]
pub struct Lookups {
    defs: IndexMap<String, Arc<LookupDef>>,
    dirs: Vec<PathBuf>,
    /// Tables that were given as text, by file name; they go before the directories.
    texts: IndexMap<String, Arc<LookupTable>>,
    tables: Mutex<IndexMap<PathBuf, Arc<LookupTable>>>,
    loaded: Loaded,
}

/// Tables of loaded data by the index that they were loaded into.
#[derive(Default)]
struct Loaded(IndexMap<String, (Loader, OnceLock<Arc<LookupTable>>)>);

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// A definition with its table.
#[derive(Clone, Debug)]
pub struct Lookup {
    pub def: Arc<LookupDef>,
    pub table: Arc<LookupTable>,
}

impl Lookups {
    /// Adds a definition; one of the same name is replaced.
    pub fn add(&mut self, def: LookupDef) {
        self.defs.insert(def.name.clone(), Arc::new(def));
    }

    /// Adds a directory for CSV files; files in one added later come first.
    pub fn add_dir(&mut self, dir: &Path) {
        self.dirs.retain(|d| d != dir);
        self.dirs.insert(0, dir.to_path_buf());
    }

    /// Lets loaded data stand in for a lookup that is not defined.
    pub fn add_loaded(&mut self, name: &str, load: Loader) {
        self.loaded.0.insert(name.to_string(), (load, OnceLock::new()));
    }

    /// Adds a table in place of a file of this name.
    pub fn add_table(&mut self, filename: &str, table: LookupTable) {
        self.texts.insert(filename.to_string(), Arc::new(table));
    }

    /// Forgets the definitions; directories and tables stay.
    pub fn clear(&mut self) {
        self.defs.clear();
    }

    /// A definition by name; a CSV file's own name gives a plain one.
    pub fn def(&self, name: &str) -> Option<Arc<LookupDef>> {
        let csv = name.ends_with(".csv") || name.ends_with(".csv.gz");
        self.defs.get(name).cloned().or_else(|| csv.then(|| Arc::new(LookupDef::of_file(name))))
    }

    /// All definitions, in order.
    pub fn defs(&self) -> impl Iterator<Item = &Arc<LookupDef>> {
        self.defs.values()
    }

    /// A lookup by name with its table.
    ///
    /// Errors: [`Code::LOOKUP`] where it is not defined, has no file, or its file is in none of the directories or cannot
    /// be read; [`Code::NEEDS_SERVER`] where it lives outside of files.
    pub fn get(&self, name: &str) -> Result<Lookup, Diagnostic> {
        let Some(def) = self.def(name) else {
            if let Some((load, loaded)) = self.loaded.0.get(name) {
                let table = match loaded.get() {
                    Some(table) => table.clone(),
                    None => {
                        let table = Arc::new(load()?);
                        loaded.get_or_init(|| table).clone()
                    }
                };
                return Ok(Lookup { def: Arc::new(LookupDef::of_file(name)), table });
            }
            let error = Diagnostic::error(Code::LOOKUP, format!("the lookup `{name}` is not defined"));
            let hint = did_you_mean(name, self.defs.keys().map(String::as_str));
            return Err(error.help(hint.unwrap_or_else(|| "Lookups come from --app or from a CSV file in its lookups/ folder.".into())));
        };
        let table = self.table(&def)?;
        let table = if def.fields.is_empty() { table } else { Arc::new(table.with_fields(&def.fields)) };
        Ok(Lookup { def, table })
    }

    /// The rows of a definition, read once.
    fn table(&self, def: &LookupDef) -> Result<Arc<LookupTable>, Diagnostic> {
        let Some(filename) = def.file() else { return Err(def.away()) };
        if let Some(table) = self.texts.get(&filename) {
            return Ok(table.clone());
        }
        let path = match self.resolve(&filename) {
            Err(_) if def.filename.is_none() => return Err(def.away()),
            found => found?,
        };
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = tables.get(&path) {
            return Ok(table.clone());
        }
        let table = Arc::new(LookupTable::read(&path)?);
        tables.insert(path, table.clone());
        Ok(table)
    }

    /// The table of a file by its name, in the declared directories.
    ///
    /// Errors: as for [`Lookups::get`].
    pub fn file(&self, filename: &str) -> Result<Arc<LookupTable>, Diagnostic> {
        match self.texts.get(filename) {
            Some(table) => Ok(table.clone()),
            None => Ok(Arc::new(LookupTable::read(&self.resolve(filename)?)?)),
        }
    }

    /// Where the rows of a lookup are to be written: its file where there is one, else one in the directory added last.
    ///
    /// Errors: as for [`Lookups::get`], and where no directory is declared.
    pub fn target(&self, name: &str) -> Result<PathBuf, Diagnostic> {
        let Some(def) = self.def(name) else {
            let error = Diagnostic::error(Code::LOOKUP, format!("the lookup `{name}` is not defined"));
            return Err(error.help("Define it in transforms.conf, or name a file such as `seen.csv`."));
        };
        let Some(filename) = def.file() else { return Err(def.away()) };
        let there = self.resolve(&filename);
        let new = self.dirs.first().filter(|_| filename.ends_with(".csv") || filename.ends_with(".csv.gz")).and_then(|d| d.canonicalize().ok());
        match (there, new) {
            (Ok(path), _) => Ok(path),
            // A file that is there is refused where it leads out; a new one has a plain name and no folders.
            (Err(_), Some(dir)) if !filename.contains('/') && is_plain(&filename) && !dir.join(&filename).is_symlink() => Ok(dir.join(&filename)),
            (Err(_), None) if self.dirs.is_empty() => Err(Diagnostic::error(Code::LOOKUP, format!("there is no folder for the lookup file `{filename}`"))
                .help("Give an app directory with lookups/ in it: `--app DIR`.")),
            (Err(e), _) => Err(e),
        }
    }

    /// Lets a table that was written be read anew.
    pub fn forget(&self, path: &Path) {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).shift_remove(&path);
    }

    /// A file of the declared directories by its name, whatever it holds.
    ///
    /// Errors: [`Code::LOOKUP`] where there is none.
    pub fn path(&self, filename: &str) -> Result<PathBuf, Diagnostic> {
        self.resolve(filename)
    }

    /// The file of this name in the declared directories. Names that lead out of them, also through links, are refused.
    fn resolve(&self, filename: &str) -> Result<PathBuf, Diagnostic> {
        let refuse = |why: &str| Diagnostic::error(Code::LOOKUP, format!("the lookup file `{filename}` {why}"));
        if !is_plain(filename) {
            return Err(refuse("is not a plain name within a lookups folder"));
        }
        for dir in &self.dirs {
            for name in [filename.to_string(), format!("{filename}.gz")] {
                let (Ok(root), Ok(path)) = (dir.canonicalize(), dir.join(name).canonicalize()) else { continue };
                if !path.is_file() {
                    continue;
                }
                return if path.starts_with(&root) { Ok(path) } else { Err(refuse("is a link that leads out of its folder")) };
            }
        }
        Err(refuse("is in none of the lookups folders").help("Put it into the lookups/ folder of a directory given with --app."))
    }
}

/// Does a name stay within a folder?
fn is_plain(filename: &str) -> bool {
    Path::new(filename).components().all(|c| matches!(c, Component::Normal(_))) && !filename.is_empty() && !filename.contains(['\\', ':', '\0'])
}

#[cfg(test)]
mod tests {
    use super::super::conf::parse;
    use super::*;

    fn def(text: &str) -> Result<Option<LookupDef>, Diagnostic> {
        let mut warnings = Vec::new();
        let def = LookupDef::from_stanza(parse(&format!("[l]\n{text}")).0.stanza("l").unwrap(), &mut warnings);
        warnings.into_iter().next().map_or(def, Err)
    }

    #[test]
    fn definitions_have_splunks_defaults() {
        let d = def("filename = x.csv").unwrap().unwrap();
        assert_eq!(LookupDef { place: None, ..d }, LookupDef { name: "l".into(), ..LookupDef::of_file("x.csv") });
        let d = def(
            "filename=x.csv\nmatch_type = WILDCARD(a) cidr( b ),EXACT(c)\nmax_matches=1\nmin_matches = 1\ndefault_match = no\ncase_sensitive_match = false",
        )
        .unwrap()
        .unwrap();
        assert_eq!(
            [d.match_type("a"), d.match_type("b"), d.match_type("c"), d.match_type("d")],
            [MatchType::Wildcard, MatchType::Cidr, MatchType::Exact, MatchType::Exact]
        );
        assert_eq!((d.max_matches, d.min_matches, d.default_match.as_deref(), d.case_sensitive), (1, 1, Some("no"), false));
        assert_eq!(def("filename=x.csv\ntime_field = t").unwrap().unwrap().max_matches, 1);
        assert!(def("REGEX = x").unwrap().is_none());
        assert!(def("collection = c").unwrap().unwrap().filename.is_none());
        let d = def("external_type = kvstore\nfields_list = _key, a \"b c\"\nfilter = a=1").unwrap().unwrap();
        assert_eq!((d.file().as_deref(), d.fields.join("|"), d.filter.as_deref()), (Some("l.csv"), "_key|a|b c".into(), Some("a=1")));
        assert_eq!(def("filename=/opt/lookups/x.csv").unwrap().unwrap().filename.as_deref(), Some("x.csv"));
        for bad in ["match_type = WILDCARD", "match_type = LIKE(a)", "max_matches = 0", "min_matches = -1", "max_offset_secs = 1h\ntime_field = t"] {
            assert!(def(&format!("filename=x.csv\n{bad}")).unwrap_err().message.starts_with("x.conf:3: "));
        }
    }

    #[test]
    fn contentctl_definitions_read_in_both_schemas() {
        let of = |t: &str| stanza_of_yaml(&Yaml::parse(t, &"l.yml".into()).unwrap(), "l");
        let s = of("name: n\nfilename: n.csv\nmatch_type: WILDCARD(a)\ncase_sensitive_match: 'false'\nmin_matches: 1").unwrap();
        assert_eq!((s.get("filename"), s.get("match_type"), s.flag("case_sensitive_match")), (Some("n.csv"), Some("WILDCARD(a)"), Some(false)));
        let s = of("name: n\nlookup_type: csv\nmatch_type: [WILDCARD(a), CIDR(b)]").unwrap();
        assert_eq!((s.get("filename"), s.get("match_type")), (Some("l.csv"), Some("WILDCARD(a), CIDR(b)")));
        assert!(of("name: n\nlookup_type: kvstore").unwrap().get("collection").is_some() && of("name: n").is_none());
    }

    #[test]
    fn files_come_from_declared_directories_only() {
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("lookups");
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(dir.path().join("secret.csv"), "a\n1\n").unwrap();
        std::fs::write(inside.join("ok.csv"), "a\n1\n").unwrap();
        let mut l = Lookups::default();
        l.add_dir(&inside);
        l.add(LookupDef { filename: Some("ok.csv".into()), ..LookupDef::of_file("mine") });
        assert_eq!(l.get("ok.csv").unwrap().table.rows.len(), 1);
        assert!(Arc::ptr_eq(&l.get("mine").unwrap().table, &l.get("ok.csv").unwrap().table));
        let absolute = dir.path().join("secret.csv").display().to_string();
        for bad in ["../secret.csv", &absolute, "x/../../secret.csv", "C:\\x.csv", "none.csv", ".csv/../x.csv", "a\0.csv"] {
            assert_eq!(l.get(bad).unwrap_err().code, Code::LOOKUP, "{bad}");
        }
        assert!(l.get("mnie").unwrap_err().to_string().contains("Did you mean `mine`?"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.path().join("secret.csv"), inside.join("link.csv")).unwrap();
            assert!(l.get("link.csv").unwrap_err().message.contains("link"));
        }
    }
}
