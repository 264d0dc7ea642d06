//! XML as XPath sees it: elements, their attributes and namespaces, texts, comments and processing instructions, in the order of the text.

use crate::input::xml::tag::{Tag, attribute, decode};

/// Elements nest no deeper than this; what is deeper ends the reading.
const DEPTH: usize = 128;

/// A node that is no attribute. A subtree is a range of nodes.
pub struct Node<'t> {
    pub kind: Kind<'t>,
    pub parent: Option<usize>,
    /// Behind the last node of the subtree.
    pub end: usize,
}

pub enum Kind<'t> {
    Root,
    /// The whole name, and where its attributes are in the list of all.
    Element {
        name: &'t str,
        attributes: (usize, usize),
    },
    Text(String),
    Comment(&'t str),
    Instruction {
        target: &'t str,
        data: &'t str,
    },
}

/// An attribute, also one that declares a namespace.
pub struct Attribute<'t> {
    pub name: &'t str,
    pub value: String,
    pub element: usize,
}

pub struct Tree<'t> {
    pub nodes: Vec<Node<'t>>,
    pub attributes: Vec<Attribute<'t>>,
}

impl<'t> Tree<'t> {
    /// Reads as far as the text makes sense.
    pub fn read(text: &'t str) -> Tree<'t> {
        let mut tree = Tree { nodes: vec![Node { kind: Kind::Root, parent: None, end: 1 }], attributes: Vec::new() };
        let mut open: Vec<usize> = vec![0];
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(next) = bytes.get(at..).and_then(|b| memchr::memchr(b'<', b)).map(|n| at + n) {
            tree.text(&open, text.get(at..next).unwrap_or_default(), false);
            let rest = text.get(next..).unwrap_or_default();
            let go_on = if let Some(inside) = rest.strip_prefix("<![CDATA[") {
                let length = inside.find("]]>");
                tree.text(&open, length.and_then(|l| inside.get(..l)).unwrap_or_default(), true);
                length.map(|l| l + "<![CDATA[]]>".len())
            } else if let Some(inside) = rest.strip_prefix("<!--") {
                let length = inside.find("-->");
                tree.add(&open, length.and_then(|l| inside.get(..l)).map(Kind::Comment));
                length.map(|l| l + "<!---->".len())
            } else if let Some(inside) = rest.strip_prefix("<?") {
                let length = inside.find("?>");
                let instruction = length.and_then(|l| inside.get(..l)).map(|inside| {
                    let (target, data) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
                    Kind::Instruction { target, data: data.trim_start() }
                });
                // The declaration of a document is none.
                tree.add(&open, instruction.filter(|i| !matches!(i, Kind::Instruction { target: "xml", .. })));
                length.map(|l| l + "<??>".len())
            } else if rest.starts_with("<!") {
                rest.find('>').map(|e| e + 1)
            } else if let Some(close) = rest.strip_prefix("</") {
                let end = close.find('>');
                let name = end.and_then(|e| close.get(..e)).unwrap_or_default().trim();
                // A closing tag that fits nothing open is passed over.
                if let Some(depth) =
                    open.iter().rposition(|n| matches!(tree.nodes.get(*n), Some(Node { kind: Kind::Element { name: open, .. }, .. }) if *open == name))
                {
                    tree.close(&open[depth..]);
                    open.truncate(depth);
                }
                end.map(|e| e + 3)
            } else {
                Tag::open(bytes, next).filter(|_| open.len() <= DEPTH).map(|tag| {
                    let element = tree.nodes.len();
                    let from = tree.attributes.len();
                    let mut at = tag.attributes;
                    while let Some(((name, value), next)) = attribute(bytes, at, tag.end) {
                        let mut decoded = String::new();
                        decode(text.get(value.0..value.1).unwrap_or_default(), &mut decoded);
                        tree.attributes.push(Attribute { name: text.get(name.0..name.1).unwrap_or_default(), value: decoded, element });
                        at = next;
                    }
                    let name = text.get(tag.name.0..tag.name.1).unwrap_or_default();
                    tree.add(&open, Some(Kind::Element { name, attributes: (from, tree.attributes.len()) }));
                    if !tag.empty {
                        open.push(element);
                    }
                    tag.end - next
                })
            };
            match go_on {
                Some(length) => at = next + length,
                None => break,
            }
        }
        tree.close(&open);
        tree
    }

    fn add(&mut self, open: &[usize], kind: Option<Kind<'t>>) {
        let end = self.nodes.len() + 1;
        self.nodes.extend(kind.map(|kind| Node { kind, parent: open.last().copied(), end }));
    }

    /// Text beside text is one node. Outside of all elements there is none.
    fn text(&mut self, open: &[usize], piece: &str, raw: bool) {
        if piece.is_empty() || open.len() < 2 {
            return;
        }
        let parent = open.last().copied();
        let add = |all: &mut String| if raw { all.push_str(piece) } else { decode(piece, all) };
        match self.nodes.last_mut() {
            Some(Node { kind: Kind::Text(all), parent: p, .. }) if *p == parent => add(all),
            _ => {
                let mut all = String::new();
                add(&mut all);
                self.add(open, Some(Kind::Text(all)));
            }
        }
    }

    fn close(&mut self, open: &[usize]) {
        let count = self.nodes.len();
        for node in open {
            if let Some(node) = self.nodes.get_mut(*node) {
                node.end = count;
            }
        }
    }

    /// The attributes of an element, those that declare namespaces among them.
    pub fn attributes_of(&self, node: usize) -> std::ops::Range<usize> {
        match self.nodes.get(node).map(|n| &n.kind) {
            Some(Kind::Element { attributes, .. }) => attributes.0..attributes.1,
            _ => 0..0,
        }
    }

    /// The children of a node.
    pub fn children(&self, parent: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.nodes.get(parent).map_or(0, |n| n.end);
        let mut at = parent + 1;
        std::iter::from_fn(move || {
            let now = (at < end).then_some(at)?;
            at = self.nodes.get(now).map_or(end, |n| n.end);
            Some(now)
        })
    }
}

/// Does an attribute declare a namespace? Then its prefix, which is empty for that of names without one.
pub fn declares(name: &str) -> Option<&str> {
    name.strip_prefix("xmlns:").or_else(|| (name == "xmlns").then_some(""))
}
