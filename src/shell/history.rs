//! What was entered before, kept from session to session.
//!
//! `SPL_HISTORY` names the file; empty, nothing is kept. Otherwise it lies in the directory for state that XDG gives.

use rustyline::Config;
use rustyline::history::{FileHistory, History};
use std::path::{Path, PathBuf};

/// Entries that are kept.
pub const LINES: usize = 10_000;

/// The file of the history, if one is to be kept.
pub fn path() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if std::env::var_os("SPL_HISTORY").is_some() {
        return set("SPL_HISTORY");
    }
    let state = set("XDG_STATE_HOME").filter(|p| p.is_absolute());
    let home = || set("HOME").map(|h| h.join(".local").join("state"));
    Some(state.or_else(home).or_else(|| set("LOCALAPPDATA"))?.join("spl").join("history"))
}

/// Adds an entry to the file. What other shells added meanwhile stays; the file is replaced as a whole, so that it is never
/// half written.
pub fn add(path: &Path, config: &Config, entry: &str) -> rustyline::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let mut all = FileHistory::with_config(config);
    if path.exists() {
        all.load(path)?;
    }
    if !all.add(entry)? {
        return Ok(());
    }
    let fresh = path.with_extension(format!("{}.tmp", std::process::id()));
    all.save(&fresh)?;
    std::fs::rename(&fresh, path).inspect_err(|_| drop(std::fs::remove_file(&fresh)))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_survive_and_old_ones_go() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a").join("history");
        let config = Config::builder().max_history_size(3).unwrap().build();
        for entry in ["one", "two\n| head", "three", "three", "four"] {
            add(&file, &config, entry).unwrap();
        }
        let mut all = FileHistory::with_config(&config);
        all.load(&file).unwrap();
        assert_eq!(all.iter().map(String::as_str).collect::<Vec<_>>(), ["two\n| head", "three", "four"]);
        assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
    }
}
