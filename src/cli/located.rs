//! Searches in their files: which files hold them, and where in a file a place of its search is.

use crate::diagnostic::{Code, Diagnostic, Origin, Source, SourceId, Sources, Span};
use crate::knowledge::Detection;
use crate::knowledge::detection::NO_SEARCH;
use crate::knowledge::place::files_below;
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

/// Reads the searches of these paths: .spl files, contentctl .yml files, or directories of them.
///
/// Errors: a path does not exist, or no search is found.
pub fn find(paths: &[PathBuf]) -> Result<Found, Diagnostic> {
    let mut found = Found { detections: Vec::new(), unreadable: Vec::new(), macros: Vec::new(), content: None };
    for path in paths {
        if path.is_dir() {
            for file in files_below(path, &["spl", "yml", "yaml"])? {
                match Detection::read(&file) {
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
    for d in &found.detections {
        let macros = Path::new(&*d.file).with_file_name("macros.conf");
        if !found.macros.contains(&macros) && macros.is_file() {
            found.macros.push(macros);
        }
    }
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

/// The texts of a query with the whole file in place of its search.
pub struct Located {
    pub sources: Sources,
    /// For every byte of the search its place in the file; `None` where it was not found there.
    map: Option<Vec<usize>>,
}

impl Located {
    /// The texts of a search that was read from a detection's file.
    pub fn new(detection: &Detection, sources: &Sources) -> Located {
        let file = Some(detection.file.to_string());
        let map = positions(detection);
        let text = if map.is_some() { &detection.text } else { detection.search.as_str() };
        let mut located = Located { sources: Sources::new(text, file), map };
        for id in 1.. {
            let Some(source) = sources.get(SourceId(id)) else { break };
            let origin = match &source.origin {
                Origin::Macro { name, call } => Origin::Macro { name: name.clone(), call: located.span(*call) },
                other => other.clone(),
            };
            located.sources.add(Source { text: source.text.clone(), origin });
        }
        located
    }

    /// The diagnostic with its places in the file.
    pub fn diagnostic(&self, d: &Diagnostic) -> Diagnostic {
        let mut d = d.clone();
        d.span = d.span.map(|s| self.span(s));
        d.others.iter_mut().for_each(|l| l.span = self.span(l.span));
        d
    }

    fn span(&self, span: Span) -> Span {
        let Some(map) = self.map.as_ref().filter(|_| span.source == SourceId(0)) else { return span };
        let place = |at: usize| map.get(at).or(map.last()).copied().unwrap_or_default();
        // The end is just behind the last byte: a folded line break may come after it.
        let start = place(span.start);
        let end = if span.end > span.start { place(span.end - 1) + 1 } else { start };
        Span::new(span.source, start, end)
    }
}

/// Where each byte of a search stands in its file, and the end. YAML folds, indents and quotes: blanks are skipped, and so are up to three
/// characters that only the file has.
fn positions(detection: &Detection) -> Option<Vec<usize>> {
    let (text, search) = (&*detection.text, detection.search.as_str());
    if let Some(offset) = detection.offset {
        return Some((offset..=offset + search.len()).collect());
    }
    let mut at: usize = text.split_inclusive('\n').take(detection.place.line.saturating_sub(1)).map(str::len).sum();
    let line = text.get(at..)?.lines().next().unwrap_or_default();
    if let Some(key) = line.find("search:") {
        let value = line.get(key + 7..)?.trim();
        let block = value.len() <= 3 && value.starts_with(['|', '>']);
        at += if block { line.len() } else { key + 7 };
    }
    let mut map = Vec::with_capacity(search.len() + 1);
    for c in search.chars() {
        if !c.is_whitespace() {
            let rest = text.get(at..)?;
            let skipped = rest.char_indices().filter(|(_, f)| !f.is_whitespace()).take(4).find(|(_, f)| *f == c)?;
            at += skipped.0;
        }
        map.extend((0..c.len_utf8()).map(|k| if c.is_whitespace() { at } else { at + k }));
        at += if c.is_whitespace() { 0 } else { c.len_utf8() };
    }
    map.push(at);
    Some(map)
}

/// Line and column of a byte, both from 1; columns count characters.
pub fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..text.floor_char_boundary(at)).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    (before.matches('\n').count() + 1, before.get(start..).unwrap_or_default().chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_in_every_form_of_yaml() {
        let file = "d.yml".into();
        for text in [
            "name: x\nsearch: 'index=a | stast count'\n",
            "name: x\nsearch: |\n  index=a\n  | stast count\n",
            "name: x\nsearch: >-\n  index=a\n  | stast\n  count\n",
            "name: x\nsearch: \"index=\\\"a\\\"\\n | stast count\"\n",
            "name: x\nsearch: index=a | stast\n  count by 'it''s'\n",
        ] {
            let d = Detection::from_yaml(text, "d", &file).unwrap();
            let start = d.search.find("stast").unwrap();
            let located = Located::new(&d, &Sources::new(&d.search, None));
            let span = located.span(Span::new(SourceId(0), start, start + 5));
            assert_eq!(located.sources.slice(span), "stast", "{text}");
        }
        assert_eq!((line_column("a\nbé\n", 5), line_column("", 9)), ((2, 3), (1, 1)));
    }

    #[test]
    fn places_in_spl_files_lie_behind_the_metadata() {
        let d = Detection::from_spl("```\nname: x\n```\nindex=a\n| stast count\n", "d", &"d.spl".into()).unwrap();
        let located = Located::new(&d, &Sources::new(&d.search, None));
        let span = located.span(Span::new(SourceId(0), 10, 15));
        assert_eq!(located.sources.slice(span), "stast");
        assert_eq!(line_column(&d.text, span.start), (5, 3));
    }
}
