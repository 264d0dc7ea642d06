//! XML as a tree, read tolerantly, and as fields: everything by name (`a.b{@c}`), what lies at a path, or elements as pairs.

use crate::column::Value;
use crate::input::xml::tag::{Tag, attribute, decode};
use crate::path::{Step, place};

/// Takes a field's name and a value.
pub type Emit<'e, 'v> = &'e mut dyn FnMut(&str, Value<'v>);

/// Elements nest no deeper than this; what is deeper ends the reading.
const DEPTH: usize = 128;

/// One element. Elements stand in the order of the text, so a subtree is a range of them.
pub struct Element<'t> {
    pub name: &'t str,
    /// The text of the opening tag behind the name.
    pub attributes: &'t str,
    pub parent: Option<usize>,
    /// Behind the last element of the subtree.
    pub end: usize,
    /// What stands between the tags.
    inner: &'t str,
    /// Its own pieces of text, and whether each is a CDATA section.
    pieces: Vec<(&'t str, bool)>,
    /// Was its closing tag found?
    closed: bool,
}

/// The elements of a text.
pub struct Document<'t> {
    pub elements: Vec<Element<'t>>,
}

impl<'t> Document<'t> {
    /// Reads as far as the text makes sense.
    pub fn read(text: &'t str) -> Document<'t> {
        let mut elements: Vec<Element<'t>> = Vec::new();
        let mut open: Vec<(usize, usize)> = Vec::new();
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(next) = bytes.get(at..).and_then(|b| memchr::memchr(b'<', b)).map(|n| at + n) {
            add(&mut elements, &open, text.get(at..next), false);
            let rest = text.get(next..).unwrap_or_default();
            let skipped = |end: Option<usize>| end.map(|e| next + e);
            let go_on = if let Some(inside) = rest.strip_prefix("<![CDATA[") {
                let length = inside.find("]]>");
                add(&mut elements, &open, length.and_then(|l| inside.get(..l)), true);
                skipped(length.map(|l| l + "<![CDATA[".len() + "]]>".len()))
            } else if rest.starts_with("<!--") {
                skipped(rest.find("-->").map(|e| e + 3))
            } else if rest.starts_with("<?") {
                skipped(rest.find("?>").map(|e| e + 2))
            } else if rest.starts_with("<!") {
                skipped(rest.find('>').map(|e| e + 1))
            } else if let Some(close) = rest.strip_prefix("</") {
                let end = close.find('>');
                let name = end.and_then(|e| close.get(..e)).unwrap_or_default().trim();
                // A closing tag that fits nothing open is passed over.
                if let Some(depth) = open.iter().rposition(|(e, _)| elements.get(*e).is_some_and(|e| e.name == name)) {
                    let count = elements.len();
                    for (element, from) in open.drain(depth..) {
                        if let Some(e) = elements.get_mut(element) {
                            (e.end, e.inner, e.closed) = (count, text.get(from..next).unwrap_or_default(), e.name == name);
                        }
                    }
                }
                skipped(end.map(|e| e + 3))
            } else {
                Tag::open(bytes, next).filter(|_| open.len() < DEPTH).map(|tag| {
                    let number = elements.len();
                    elements.push(Element {
                        name: text.get(tag.name.0..tag.name.1).unwrap_or_default(),
                        attributes: text.get(tag.attributes..tag.end).unwrap_or_default(),
                        parent: open.last().map(|(e, _)| *e),
                        end: number + 1,
                        inner: "",
                        pieces: Vec::new(),
                        closed: tag.empty,
                    });
                    if !tag.empty {
                        open.push((number, tag.end));
                    }
                    tag.end
                })
            };
            match go_on {
                Some(end) => at = end,
                None => break,
            }
        }
        let count = elements.len();
        for (element, _) in open {
            if let Some(e) = elements.get_mut(element) {
                e.end = count;
            }
        }
        Document { elements }
    }

    /// Has it elements within?
    pub fn is_leaf(&self, element: usize) -> bool {
        self.elements.get(element).is_none_or(|e| e.end == element + 1)
    }

    /// The children of an element, or the outermost elements.
    pub fn children(&self, parent: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        let mut at = parent.map_or(0, |p| p + 1);
        let end = parent.map_or(self.elements.len(), |p| self.elements.get(p).map_or(0, |e| e.end));
        std::iter::from_fn(move || {
            let now = (at < end).then_some(at)?;
            at = self.elements.get(now).map_or(end, |e| e.end);
            Some(now)
        })
    }

    /// The text of an element and of all within it.
    pub fn text(&self, element: usize) -> String {
        let end = self.elements.get(element).map_or(0, |e| e.end);
        let mut pieces: Vec<(&str, bool)> = self.elements.get(element..end).unwrap_or_default().iter().flat_map(|e| e.pieces.iter().copied()).collect();
        // All pieces are parts of one text, so their addresses are their order.
        pieces.sort_by_key(|(t, _)| t.as_ptr() as usize);
        joined(&pieces)
    }

    /// The text of an element itself.
    pub fn own_text(&self, element: usize) -> String {
        self.elements.get(element).map_or_else(String::new, |e| joined(&e.pieces))
    }

    /// What a path gives for an element: its text, or the XML within it.
    fn value(&self, element: usize) -> Option<String> {
        let e = self.elements.get(element).filter(|e| e.closed)?;
        let text = if self.is_leaf(element) { joined(&e.pieces) } else { e.inner.trim().to_string() };
        (!text.is_empty()).then_some(text)
    }
}

fn add<'t>(elements: &mut [Element<'t>], open: &[(usize, usize)], piece: Option<&'t str>, raw: bool) {
    let Some(piece) = piece.filter(|p| raw || !p.trim().is_empty()) else { return };
    if let Some(e) = open.last().and_then(|(e, _)| elements.get_mut(*e)) {
        e.pieces.push((piece, raw));
    }
}

/// Pieces as one text, entities resolved, without blanks around it.
fn joined(pieces: &[(&str, bool)]) -> String {
    let mut out = String::new();
    for (piece, raw) in pieces {
        if *raw { out.push_str(piece) } else { decode(piece, &mut out) }
    }
    match out.trim() {
        trimmed if trimmed.len() == out.len() => out,
        trimmed => trimmed.to_string(),
    }
}

/// Every text and every attribute under its path.
pub fn every(text: &str, emit: Emit<'_, 'static>) {
    let document = Document::read(text);
    // The paths of the open elements, by depth: elements come in the order of the text.
    let mut paths: Vec<(usize, String)> = Vec::new();
    for (i, e) in document.elements.iter().enumerate() {
        while paths.last().is_some_and(|(end, _)| *end <= i) {
            paths.pop();
        }
        let path = paths.last().map_or_else(|| e.name.to_string(), |(_, p)| format!("{p}.{}", e.name));
        attributes(e.attributes, |name, value| emit(&format!("{path}{{@{name}}}"), Value::owned(value)));
        let text = if e.closed { joined(&e.pieces) } else { String::new() };
        if !text.is_empty() {
            emit(&path, Value::owned(text));
        }
        paths.push((e.end, path));
    }
}

/// The attributes in the rest of an opening tag.
pub fn attributes(text: &str, mut take: impl FnMut(&str, String)) {
    let (mut at, end) = (0, text.len());
    while let Some(((name, value), next)) = attribute(text.as_bytes(), at, end) {
        let mut decoded = String::new();
        decode(text.get(value.0..value.1).unwrap_or_default(), &mut decoded);
        take(text.get(name.0..name.1).unwrap_or_default(), decoded);
        at = next;
    }
}

/// The values at a path.
pub fn at(text: &str, path: &[Step]) -> Vec<Value<'static>> {
    let document = Document::read(text);
    // Groups of elements with the same parent, for the indexes.
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (n, step) in path.iter().enumerate() {
        groups = match step {
            Step::Key(key) if n == 0 => vec![document.children(None).filter(|e| named(&document, *e, key)).collect()],
            Step::Key(key) => groups.iter().flatten().map(|p| document.children(Some(*p)).filter(|e| named(&document, *e, key)).collect()).collect(),
            Step::Index(index) => groups.iter().filter_map(|g| g.get(place(*index, 1, g.len())?)).map(|e| vec![*e]).collect(),
            Step::Every => groups,
            Step::Attribute(wanted) => {
                let mut found = Vec::new();
                for e in groups.iter().flatten().filter_map(|e| document.elements.get(*e)) {
                    attributes(e.attributes, |name, value| {
                        if name == wanted {
                            found.push(Value::owned(value));
                        }
                    });
                }
                return found;
            }
        };
    }
    groups.iter().flatten().filter_map(|e| document.value(*e)).map(Value::owned).collect()
}

fn named(document: &Document<'_>, element: usize, name: &str) -> bool {
    document.elements.get(element).is_some_and(|e| e.name == name)
}

/// `xmlkv`: elements that hold nothing but text, by their own names.
pub fn pairs(text: &str, emit: Emit<'_, 'static>) {
    let document = Document::read(text);
    for (_, e) in document.elements.iter().enumerate().filter(|(i, e)| e.closed && document.is_leaf(*i)) {
        let text = joined(&e.pieces);
        if !text.is_empty() {
            emit(e.name, Value::owned(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::steps;

    const DOC: &str =
        "<?xml version='1.0'?><!-- c --><cat a='1'><book id=\"b&amp;1\"><t>One</t><e/></book><book id='2'><t>T &lt; <![CDATA[<w>]]></t><t>U</t></book></cat>";

    fn shown(text: &str) -> String {
        let mut out = Vec::new();
        every(text, &mut |name, value| out.push(format!("{name}={}", value.as_text().unwrap_or_default())));
        out.join(";")
    }

    #[test]
    fn everything_has_a_name() {
        for (text, want) in [
            (DOC, "cat{@a}=1;cat.book{@id}=b&1;cat.book.t=One;cat.book{@id}=2;cat.book.t=T < <w>;cat.book.t=U"),
            ("<a>x<b>y</b>z</a><c>1</c>", "a=xz;a.b=y;c=1"),
            // Cut, or closed by the wrong tag.
            ("<a><b>1</b><c>2", "a.b=1"),
            ("<a><b>1</a>", ""),
            ("<a>1</b></a>", "a=1"),
            ("<a x='1", ""),
            ("<", ""),
        ] {
            assert_eq!(shown(text), want, "{text}");
        }
        assert_eq!(shown(&"<a>".repeat(100_000)), "");
        assert_eq!(shown(&("<a>".repeat(120) + &"</b>".repeat(100_000))), "");
    }

    #[test]
    fn paths_lead_to_texts_and_attributes() {
        let shown = |path: &str| at(DOC, &steps(path).unwrap()).iter().map(|v| v.as_text().unwrap().into_owned()).collect::<Vec<_>>().join(";");
        for (path, want) in [
            ("cat.book.t", "One;T < <w>;U"),
            ("cat.book{2}.t", "T < <w>;U"),
            ("cat.book.t{2}", "U"),
            ("cat.book{-1}.t{1}", "T < <w>"),
            ("cat.book{@id}", "b&1;2"),
            ("cat.book{2}{@id}", "2"),
            ("cat.book{1}", "<t>One</t><e/>"),
            ("cat.book{0}", ""),
            ("book", ""),
            ("cat.book.e", ""),
        ] {
            assert_eq!(shown(path), want, "{path}");
        }
    }
}
