//! Which files hold searches, and what lies beside them.

use crate::diagnostic::{Code, Diagnostic};
use crate::each::each;
use crate::knowledge::Detection;
use crate::knowledge::detection::NO_SEARCH;
use crate::knowledge::place::files_below;
use indexmap::IndexSet;
use std::path::{Path, PathBuf};

/// The detections of files and directories, in order, and what could not be read, with its file.
pub struct Found {
    pub detections: Vec<Detection>,
    pub unreadable: Vec<(PathBuf, Diagnostic)>,
    /// macros.conf files that stand beside the searches.
    pub macros: Vec<PathBuf>,
    /// The contentctl checkout that they belong to.
    pub content: Option<PathBuf>,
}

/// Reads the searches of these paths, on so many threads: .spl files, contentctl .yml files, or directories of them.
///
/// Errors: a path does not exist, or no search is found.
pub fn find(paths: &[PathBuf], threads: usize) -> Result<Found, Diagnostic> {
    let mut found = Found { detections: Vec::new(), unreadable: Vec::new(), macros: Vec::new(), content: None };
    for path in paths {
        if path.is_dir() {
            let files = files_below(path, &["spl", "yml", "yaml"])?;
            for (read, file) in each(files, threads, |file| (Detection::read(&file), file)) {
                match read {
                    Ok(d) => found.detections.push(d),
                    // Macros, lookups and stories are YAML too.
                    Err(e) if e.label == NO_SEARCH && file.extension().is_none_or(|x| x != "spl") => {}
                    Err(e) => found.unreadable.push((file, e)),
                }
            }
        } else if path.exists() {
            match Detection::read(path) {
                Ok(d) => found.detections.push(d),
                Err(e) => found.unreadable.push((path.clone(), e)),
            }
        } else {
            let error = Diagnostic::error(Code::DATA_FILE, format!("{}: there is no such file or directory", path.display()));
            return Err(error.help("Give .spl files, contentctl .yml files, or directories of them."));
        }
        found.content = found.content.or_else(|| content_root(path));
    }
    if found.detections.is_empty() && found.unreadable.is_empty() {
        let names: Vec<_> = paths.iter().map(|p| p.display().to_string()).collect();
        return Err(Diagnostic::error(Code::DATA_FILE, format!("{}: no searches are found there", names.join(", ")))
            .help("Searches stand in .spl files and in contentctl's .yml files."));
    }
    let beside: IndexSet<PathBuf> = found.detections.iter().map(|d| Path::new(&*d.file).with_file_name("macros.conf")).collect();
    found.macros = beside.into_iter().filter(|file| file.is_file()).collect();
    Ok(found)
}

/// Reads the search of one file: what [`find`] would find there.
///
/// Errors: the file cannot be read, or holds no search.
pub fn one(file: &Path) -> Result<Found, Diagnostic> {
    let detection = Detection::read(file)?;
    let macros = file.with_file_name("macros.conf");
    let macros = if macros.is_file() { vec![macros] } else { Vec::new() };
    Ok(Found { detections: vec![detection], unreadable: Vec::new(), macros, content: content_root(file) })
}

/// The directory above that holds `detections/` and `macros/`, as contentctl lays them out.
fn content_root(path: &Path) -> Option<PathBuf> {
    let path = std::fs::canonicalize(path).ok()?;
    path.ancestors().take(6).find(|dir| dir.join("detections").is_dir() && dir.join("macros").is_dir()).map(Path::to_path_buf)
}
