//! bucketdir and folderize: rows with long paths become rows of folders, with the sums of their sizes.
//!
//! `folderize` cuts all paths after as many parts as leave no more folders than asked for. `bucketdir` puts folders together one at a
//! time, each time the one with the most entries for its events, until few enough rows remain.

use crate::column::{Batch, Builder, Column, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::rework::{Folders, Merge};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use indexmap::IndexMap;

/// Rows that become one, under a path.
struct Entry {
    path: String,
    rows: Vec<u32>,
    events: f64,
}

pub(super) fn folders(batch: &Batch, how: &Folders, cx: &Context) -> Result<Batch, Diagnostic> {
    let column = batch.column(&how.path);
    let paths: Vec<Option<String>> = (0..batch.len()).map(|row| column.get(row).as_text().map(|t| t.into_owned())).collect();
    cx.memory.charge(paths.iter().flatten().map(|p| p.len() * 3 + 96).sum())?;
    let counted = |name: &str| paths.iter().flatten().any(|p| p.contains(name));
    let sep = match &how.sep {
        Some(sep) => sep.clone(),
        // As on the system that the paths are of.
        None if !counted("/") && counted("\\") => "\\".to_string(),
        None => "/".to_string(),
    };
    let entries = match how.merge {
        Merge::Depth { least, most } => by_depth(&paths, &sep, least, most, cx)?,
        Merge::OneByOne { most } => one_by_one(batch, &paths, &sep, how, most, cx)?,
    };
    written(batch, entries, &paths, how, cx)
}

/// A path's first parts, with the separator behind them where there are more.
fn first_parts<'a>(path: &'a str, sep: &str, parts: usize) -> &'a str {
    match path.match_indices(sep).nth(parts.saturating_sub(1)) {
        Some((at, _)) if at + sep.len() < path.len() => path.get(..at + sep.len()).unwrap_or(path),
        _ => path,
    }
}

/// Folders of one depth; paths that are alone in theirs stay whole.
fn by_depth(paths: &[Option<String>], sep: &str, least: usize, most: usize, cx: &Context) -> Result<Vec<Entry>, Diagnostic> {
    let deepest = paths.iter().flatten().map(|p| p.matches(sep).count() + 1).max().unwrap_or(1);
    let grouped = |depth: usize| -> Result<IndexMap<&str, Vec<u32>, RandomState>, Diagnostic> {
        let mut groups: IndexMap<&str, Vec<u32>, RandomState> = IndexMap::default();
        for (row, path) in paths.iter().enumerate() {
            cx.at(row)?;
            if let Some(path) = path {
                groups.entry(first_parts(path, sep, depth)).or_default().push(row as u32);
            }
        }
        Ok(groups)
    };
    // The number of folders grows with the depth: the greatest depth with few enough is found by halves.
    let (mut low, mut high) = (1, deepest);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if grouped(middle)?.len() <= most { low = middle } else { high = middle - 1 }
    }
    let mut groups = grouped(low)?;
    while groups.len() < least && low < deepest {
        low += 1;
        groups = grouped(low)?;
    }
    let whole = |rows: &[u32], folder: &str| match rows {
        [one] => paths.get(*one as usize).cloned().flatten().unwrap_or_default(),
        _ => folder.to_string(),
    };
    Ok(groups.into_iter().map(|(folder, rows)| Entry { path: whole(&rows, folder), rows, events: 0.0 }).collect())
}

/// The folder that a path or a folder lies in.
fn parent<'a>(path: &'a str, sep: &str) -> Option<&'a str> {
    let inside = path.strip_suffix(sep).unwrap_or(path);
    inside.rfind(sep).and_then(|at| path.get(..at + sep.len())).filter(|p| p.len() < path.len())
}

fn one_by_one(batch: &Batch, paths: &[Option<String>], sep: &str, how: &Folders, most: usize, cx: &Context) -> Result<Vec<Entry>, Diagnostic> {
    let (counts, sizes) = (batch.column(how.count.as_ref().unwrap_or(&how.size)), batch.column(&how.size));
    let mut entries: IndexMap<String, Entry, RandomState> = IndexMap::default();
    for (row, path) in paths.iter().enumerate() {
        let Some(path) = path else { continue };
        let entry = entries.entry(path.clone()).or_insert_with(|| Entry { path: path.clone(), rows: Vec::new(), events: 0.0 });
        entry.rows.push(row as u32);
        entry.events += counts.number(row).or_else(|| sizes.number(row)).unwrap_or(1.0);
    }
    while entries.len() > most.max(1) {
        cx.check()?;
        let mut inside: HashMap<&str, (usize, f64), RandomState> = HashMap::default();
        for (n, entry) in entries.values().enumerate() {
            cx.at(n)?;
            if let Some(folder) = parent(&entry.path, sep) {
                let (count, events) = inside.entry(folder).or_default();
                *count += 1;
                *events += entry.events;
            }
        }
        // Many entries and few events; a folder of one entry is only a step on the way up.
        let worth = |(count, events): &(usize, f64)| if *count > 1 { *count as f64 / (1.0 + events.max(0.0)) } else { 0.0 };
        let best = inside.iter().max_by(|a, b| worth(a.1).total_cmp(&worth(b.1)).then(a.0.len().cmp(&b.0.len())).then_with(|| b.0.cmp(a.0)));
        let Some(folder) = best.map(|(folder, _)| folder.to_string()) else { break };
        drop(inside);
        let mut merged = Entry { path: folder.clone(), rows: Vec::new(), events: 0.0 };
        entries.retain(|path, entry| {
            let goes = parent(path, sep) == Some(&folder) || *path == folder;
            if goes {
                merged.rows.append(&mut entry.rows);
                merged.events += entry.events;
            }
            !goes
        });
        merged.rows.sort_unstable();
        entries.insert(folder, merged);
    }
    let mut entries: Vec<Entry> = entries.into_values().collect();
    entries.sort_by_key(|e| e.rows.first().copied());
    Ok(entries)
}

/// A row an entry, in the order of their first rows: sums of sizes, and of other fields what all its rows agree in. Rows without a path stay.
fn written(batch: &Batch, entries: Vec<Entry>, paths: &[Option<String>], how: &Folders, cx: &Context) -> Result<Batch, Diagnostic> {
    let mut all: Vec<(Option<String>, Vec<u32>)> = entries.into_iter().map(|e| (Some(e.path), e.rows)).collect();
    all.extend(paths.iter().enumerate().filter(|(_, p)| p.is_none()).map(|(row, _)| (None, vec![row as u32])));
    all.sort_by_key(|(_, rows)| rows.first().copied());
    let sums: Vec<&Name> = std::iter::once(&how.size).chain(&how.count).collect();
    let mut names: Vec<Name> = batch.names().cloned().collect();
    if !names.contains(&how.size) {
        names.push(how.size.clone());
    }
    let mut out = Batch::new(all.len());
    for name in names {
        cx.check()?;
        let old: std::sync::Arc<Column> = batch.column(&name);
        let mut cells = Builder::new();
        for (path, rows) in &all {
            let first = || rows.first().map_or(Value::Null, |row| old.get(*row as usize));
            let same = || rows.iter().all(|row| old.get(*row as usize) == first());
            match path {
                None => cells.push(first()),
                Some(path) if name == how.path => cells.push_text(path),
                Some(_) if sums.contains(&&name) && (rows.len() > 1 || name == how.size && first().is_null()) => {
                    cells.push_number(rows.iter().map(|row| old.number(*row as usize).unwrap_or(1.0)).sum());
                }
                Some(_) if same() => cells.push(first()),
                Some(_) => cells.push_null(),
            }
        }
        out.set(name, cells.finish());
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    const ROWS: &str = r#"[{"source":"/var/log/a","totalCount":"5","type":"s"},{"source":"/var/log/b","totalCount":"1","type":"s"},{"source":"/var/log/x/c","totalCount":"2","type":"s"},
        {"source":"/opt/d","totalCount":"7","type":"s"},{"source":"/opt/e","totalCount":"8","type":"t"},{"type":"s"}]"#;

    #[test]
    fn paths_become_folders() {
        for (query, want) in [
            (
                "folderize attr=source sep=\"/\" maxfolders=2",
                r#"[{"source":"/var/","totalCount":8,"type":"s"},{"source":"/opt/","totalCount":15},{"type":"s"}]"#,
            ),
            (
                "folderize attr=source sep=\"/\" maxfolders=4 | where isnotnull(source) | table source totalCount",
                r#"[{"source":"/var/log/","totalCount":8},{"source":"/opt/d","totalCount":"7"},{"source":"/opt/e","totalCount":"8"}]"#,
            ),
            ("folderize attr=source sep=\"/\" maxfolders=1 minfolders=1 size=none | table source none", r#"[{"source":"/","none":5},{}]"#),
            ("folderize attr=source sep=\"/\" maxfolders=1 minfolders=2 | table source", r#"[{"source":"/var/"},{"source":"/opt/"},{}]"#),
            ("folderize attr=source | stats count", r#"[{"count":6}]"#),
            (
                "bucketdir pathfield=source sizefield=totalCount maxcount=4 | table source totalCount",
                r#"[{"source":"/var/log/","totalCount":6},{"source":"/var/log/x/c","totalCount":"2"},{"source":"/opt/d","totalCount":"7"},{"source":"/opt/e","totalCount":"8"},{}]"#,
            ),
            ("bucketdir pathfield=source sizefield=totalCount maxcount=1 | table source totalCount", r#"[{"source":"/","totalCount":23},{}]"#),
            ("bucketdir pathfield=source sizefield=totalCount maxcount=9 sep=\":\" countfield=totalCount | stats count", r#"[{"count":6}]"#),
        ] {
            assert_eq!(run(ROWS, &format!("* | {query}")), want, "{query}");
        }
        let windows = r#"[{"p":"C:\\a\\b","n":"1"},{"p":"C:\\a\\c","n":"2"}]"#;
        assert_eq!(run(windows, "* | bucketdir pathfield=p sizefield=n maxcount=1"), r#"[{"p":"C:\\a\\","n":3}]"#);
        for (query, want) in [
            ("folderize", "expected `attr=`"),
            ("folderize attr=a sep=\"\"", "a text"),
            ("folderize attr=a maxfolders=0", "above 0"),
            ("folderize attr=a max=5", "no option `max`"),
            ("bucketdir pathfield=a", "expected `sizefield=`"),
            ("bucketdir sizefield=a", "expected `pathfield=`"),
            ("bucketdir pathfield=a sizefield=b maxcount=0", "above 0"),
            ("bucketdir pathfield=a sizefield=b depth=3", "no option `depth`"),
        ] {
            let got = run(ROWS, &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
