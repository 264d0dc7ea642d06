//! Where in its file a place of a search is.

use crate::diagnostic::{Diagnostic, Origin, Source, SourceId, Sources, Span};
use crate::knowledge::Detection;

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
