//! What to read: `--data PATH[,index=…][,source=…][,sourcetype=…][,host=…][,format=…]`, and the files that it stands for.

use super::Format;
use crate::diagnostic::{Code, Diagnostic};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The options that may follow a path.
const OPTIONS: &[&str] = &["index", "source", "sourcetype", "host", "time", "format"];

/// How deep a directory is walked.
const DEPTH: usize = 64;

/// One `--data` argument.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataSpec {
    /// A file, a directory, a glob, or `-` for standard input.
    pub path: String,
    pub index: Option<Arc<str>>,
    pub source: Option<Arc<str>>,
    pub sourcetype: Option<Arc<str>>,
    pub host: Option<Arc<str>>,
    /// The field of a JSON or CSV record that holds its time.
    pub time: Option<Arc<str>>,
    /// The format, where looking at the content is not to decide it.
    pub format: Option<Format>,
}

/// One file to read. A zip archive is one file here and several once it is opened.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// `None` for standard input.
    pub path: Option<PathBuf>,
    /// As messages and the field `source` have it.
    pub name: Arc<str>,
    pub spec: Arc<DataSpec>,
}

impl DataSpec {
    /// Reads an argument. The path may hold commas: only trailing `,option=value` parts with known names are options.
    pub fn parse(text: &str) -> Result<DataSpec, Diagnostic> {
        let mut spec = DataSpec::default();
        let mut path = text;
        while let Some((rest, part)) = path.rsplit_once(',') {
            let Some((name, value)) = part.split_once('=').filter(|(n, _)| OPTIONS.contains(n)) else { break };
            if value.is_empty() {
                return Err(usage(format!("`{name}=` in --data has no value")).help(format!("Write {name}=VALUE, or leave it out.")));
            }
            let slot = match name {
                "index" => &mut spec.index,
                "source" => &mut spec.source,
                "sourcetype" => &mut spec.sourcetype,
                "host" => &mut spec.host,
                "time" => &mut spec.time,
                _ => {
                    let format = Format::parse(value)
                        .ok_or_else(|| usage(format!("`{value}` is no input format")).help(format!("Formats are {}.", Format::NAMES.join(", "))))?;
                    // The options are read from the end: the last one written wins, as everywhere.
                    spec.format = spec.format.or(Some(format));
                    path = rest;
                    continue;
                }
            };
            slot.get_or_insert_with(|| value.into());
            path = rest;
        }
        if path.is_empty() {
            return Err(usage("--data has no path".to_string()).help("Write --data PATH; `-` is standard input."));
        }
        spec.path = path.to_string();
        Ok(spec)
    }
}

/// The files of an argument, sorted by name: the same list on every run.
pub fn expand(spec: &DataSpec) -> Result<Vec<InputFile>, Diagnostic> {
    let spec = Arc::new(spec.clone());
    let file = |path: PathBuf| InputFile { name: path.to_string_lossy().into(), path: Some(path), spec: spec.clone() };
    if spec.path == "-" {
        return Ok(vec![InputFile { path: None, name: "stdin".into(), spec }]);
    }
    let path = PathBuf::from(&spec.path);
    let mut found = Vec::new();
    if path.is_dir() {
        walk(&path, DEPTH, &mut found)?;
    } else if path.exists() {
        return Ok(vec![file(path)]);
    } else if spec.path.contains(['*', '?', '[']) {
        let paths = glob::glob(&spec.path).map_err(|e| usage(format!("`{}` is no valid glob: {e}", spec.path)).help("Write [*] for a plain `*`."))?;
        for path in paths.flatten() {
            if path.is_dir() { walk(&path, DEPTH, &mut found)? } else { found.push(path) }
        }
    } else {
        let e = usage(format!("{}: there is no such file or directory", spec.path));
        if let Some((before, option)) = spec.path.rsplit_once(',').and_then(|(p, o)| Some((p, o.split_once('=')?.0)))
            && Path::new(before).exists()
        {
            return Err(e.help(format!("`{option}` is no option of --data; they are {}.", OPTIONS.join(", "))));
        }
        return Err(match nearest(&path) {
            Some(name) => e.help(format!("Did you mean `{name}`?")),
            None => e.help("Give a file, a directory, a glob in quotes, or `-` for standard input."),
        });
    }
    found.sort();
    found.dedup();
    if found.is_empty() {
        return Err(usage(format!("{}: no data files are found there", spec.path))
            .help("Hidden files, Markdown, Python, README and expected.* files of a directory are not read; name a file to read it."));
    }
    Ok(found.into_iter().map(file).collect())
}

/// The files under a directory. Links to directories are not followed, so that a loop of links cannot hang it.
fn walk(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Diagnostic> {
    let unreadable = |e: std::io::Error| usage(format!("{}: {e}", dir.display())).help("Check that the directory may be read.");
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(unreadable)?;
        if name.starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            if depth > 0 {
                walk(&entry.path(), depth - 1, found)?;
            }
        } else if is_data(&name) && entry.path().is_file() {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// Is a file of a directory data, or something that stands beside data?
fn is_data(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !(lower.ends_with(".md") || lower.ends_with(".py") || lower.starts_with("readme") || lower.starts_with("expected."))
}

/// The file of the same directory whose name is nearest to one that does not exist.
fn nearest(path: &Path) -> Option<String> {
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names: Vec<String> = std::fs::read_dir(dir).ok()?.flatten().take(1000).map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    let name = crate::diagnostic::nearest(path.file_name()?.to_str()?, names.iter().map(String::as_str))?;
    Some(path.with_file_name(name).to_string_lossy().into_owned())
}

fn usage(message: String) -> Diagnostic {
    Diagnostic::error(Code::DATA_FILE, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_trailing_parts_are_options() {
        let s = DataSpec::parse("a,b=c.xml,index=win,host=h1").unwrap();
        assert_eq!((s.path.as_str(), s.index.as_deref(), s.host.as_deref()), ("a,b=c.xml", Some("win"), Some("h1")));
        assert_eq!(DataSpec::parse("a,index=x,b").unwrap().path, "a,index=x,b");
        assert_eq!(DataSpec::parse("-,format=json").unwrap().format, Some(Format::Json));
        for bad in ["", ",index=a", "a,index=", "a,format=jpeg"] {
            assert!(DataSpec::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn directories_are_sorted_and_leave_out_what_is_no_data() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.xml", "a.json", ".hidden", "README", "notes.md", "gen.py", "expected.ndjson"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        std::fs::create_dir(dir.path().join("sub")).unwrap();
        std::fs::write(dir.path().join("sub/c.log"), "x").unwrap();
        let names = |path: String| -> Vec<String> {
            let files = expand(&DataSpec::parse(&path).unwrap()).unwrap();
            files.iter().map(|f| f.path.as_ref().unwrap().file_name().unwrap().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(names(dir.path().display().to_string()), ["a.json", "b.xml", "c.log"]);
        assert_eq!(names(format!("{}/*.xml", dir.path().display())), ["b.xml"]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("events.xml"), "x").unwrap();
        let error = |name: &str| expand(&DataSpec::parse(&format!("{}/{name}", dir.path().display())).unwrap()).unwrap_err().to_string();
        assert!(error("evnets.xml").contains("Did you mean"));
        assert!(error("zzz/*.log").contains("no data files"));
        assert!(error("zzz/nothing").contains("no such file"));
    }
}
