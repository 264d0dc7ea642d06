//! `docs/manual` is what the cards say. `UPDATE=1 cargo test --test manual` writes it anew.

use spl_engine::manual::book;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn the_manual_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manual");
    let pages: HashMap<PathBuf, String> = book().into_iter().map(|(path, text)| (root.join(path), text)).collect();
    let left_over: Vec<PathBuf> = files(&root).into_iter().filter(|p| !pages.contains_key(p)).collect();
    let stale: Vec<&PathBuf> = pages.iter().filter(|(path, text)| fs::read_to_string(path).ok().as_ref() != Some(*text)).map(|(path, _)| path).collect();
    if std::env::var_os("UPDATE").is_none() {
        let wrong: Vec<_> = stale.into_iter().chain(&left_over).filter_map(|p| p.strip_prefix(&root).ok()).take(5).collect();
        assert!(wrong.is_empty(), "pages are stale or of no card, such as {wrong:?}: write them by `UPDATE=1 cargo test --test manual`");
        return;
    }
    left_over.iter().for_each(|path| fs::remove_file(path).expect("the page is removed"));
    for path in stale {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        fs::write(path, &pages[path]).expect("the page is written");
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
    entries.flat_map(|p| if p.is_dir() { files(&p) } else { vec![p] }).collect()
}
