//! The part of XPath that `xpath` takes, evaluated over a tree of elements.

use crate::plan::reading::{XNode, XPath, XTest};
use crate::xml::{Document, attributes};

/// Where a step stands: an element, or one of its texts.
enum At {
    /// `None` is what stands above the outermost elements.
    Elements(Vec<Option<usize>>),
    Texts(Vec<String>),
}

/// The texts that a path leads to, in the order of the document.
pub fn find(text: &str, path: &XPath) -> Vec<String> {
    let document = Document::read(text);
    let mut at = At::Elements(vec![None]);
    for step in &path.steps {
        let At::Elements(from) = &at else { return Vec::new() };
        let from = if step.deep { below(&document, from) } else { from.clone() };
        at = match &step.node {
            XNode::Element(name) => {
                let mut found = Vec::new();
                for parent in &from {
                    let children = document.children(*parent).filter(|e| named(&document, *e, name.as_deref())).collect();
                    found.extend(filtered(&document, children, &step.tests).into_iter().map(Some));
                }
                At::Elements(ordered(found))
            }
            XNode::Here => {
                let here: Vec<usize> = from.iter().flatten().copied().collect();
                match step.tests.is_empty() {
                    true => At::Elements(from),
                    false => At::Elements(filtered(&document, here, &step.tests).into_iter().map(Some).collect()),
                }
            }
            XNode::Parent => At::Elements(ordered(from.iter().flatten().map(|e| document.elements.get(*e).and_then(|e| e.parent)).collect())),
            node => At::Texts(from.iter().flatten().flat_map(|e| texts(&document, *e, node)).collect()),
        };
    }
    let mut all = match at {
        At::Elements(elements) => elements.into_iter().flatten().map(|e| document.text(e)).collect(),
        At::Texts(texts) => texts,
    };
    all.retain(|t| !t.is_empty());
    all
}

/// The elements and all within them, each once.
fn below(document: &Document<'_>, from: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut all = Vec::new();
    let mut reached = 0;
    for at in from {
        match at {
            None => {
                all.push(None);
                all.extend((reached..document.elements.len()).map(Some));
                reached = document.elements.len();
            }
            Some(e) => {
                let end = document.elements.get(*e).map_or(0, |e| e.end);
                all.extend((reached.max(*e)..end).map(Some));
                reached = reached.max(end);
            }
        }
    }
    all
}

/// In the order of the document, each once.
fn ordered(mut elements: Vec<Option<usize>>) -> Vec<Option<usize>> {
    elements.sort_unstable();
    elements.dedup();
    elements
}

/// A name without a prefix fits elements with any.
fn named(document: &Document<'_>, element: usize, name: Option<&str>) -> bool {
    let Some(wanted) = name else { return true };
    document.elements.get(element).is_some_and(|e| e.name == wanted || !wanted.contains(':') && e.name.rsplit(':').next() == Some(wanted))
}

/// The elements, siblings of each other, that pass the tests.
fn filtered(document: &Document<'_>, mut elements: Vec<usize>, tests: &[XTest]) -> Vec<usize> {
    for test in tests {
        match test {
            XTest::Position(n) => elements = n.checked_sub(1).and_then(|i| elements.get(i).copied()).into_iter().collect(),
            XTest::Last => elements = elements.last().copied().into_iter().collect(),
            XTest::Has { node, text } => elements.retain(|e| {
                let found = texts(document, *e, node);
                match text {
                    None => !found.is_empty(),
                    Some((equal, wanted)) => found.iter().any(|t| (t == wanted) == *equal),
                }
            }),
        }
    }
    elements
}

/// The texts of a node seen from an element.
fn texts(document: &Document<'_>, element: usize, node: &XNode) -> Vec<String> {
    match node {
        XNode::Attribute(name) => {
            let mut found = Vec::new();
            let text = document.elements.get(element).map_or("", |e| e.attributes);
            attributes(text, |n, value| {
                if name.as_deref().is_none_or(|wanted| wanted == n) {
                    found.push(value);
                }
            });
            found
        }
        XNode::Element(name) => document.children(Some(element)).filter(|e| named(document, *e, name.as_deref())).map(|e| document.text(e)).collect(),
        XNode::Text => vec![document.own_text(element)],
        XNode::Here => vec![document.text(element)],
        XNode::Parent => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_texts() {
        let doc = "<r><a n='1'>x<b>y</b></a><a n='2'><b>z</b><c><b k='v'>w</b></c></a><p:d>q</p:d></r>";
        for (path, want) in [
            ("/r/a/b", "y;z"),
            ("//b", "y;z;w"),
            ("r/a", "xy;zw"),
            ("/r/a/text()", "x"),
            ("//a[2]//b", "z;w"),
            ("//b[1]", "y;z;w"),
            ("/r/a[last()]/@n", "2"),
            ("//a[@n='1']/b", "y"),
            ("//a[@n!='1']/b", "z"),
            ("//a[c]/@n", "2"),
            ("//a[b='y']/@n", "1"),
            ("//*[@k]", "w"),
            ("//b[@k=\"v\"]/../../@n", "2"),
            ("//b/@*", "v"),
            ("//d", "q"),
            ("//b[.='z']", "z"),
            ("//a[@n='2' and c]/b", "z"),
            ("//nothing", ""),
            ("/b", ""),
            ("//a//b", "y;z;w"),
        ] {
            assert_eq!(find(doc, &XPath::parse(path).unwrap()).join(";"), want, "{path}");
        }
        assert!(find("no xml", &XPath::parse("//a").unwrap()).is_empty());
    }
}
