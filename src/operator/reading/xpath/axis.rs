//! The axes of XPath, each in its own direction, and what a step asks of a node.

use super::tree::{Kind, declares};
use super::{Evaluation, Item, Outcome};
use crate::plan::xpath::{Axis, Step, Test};

impl Evaluation<'_> {
    /// Calls `take` with each node of an axis, those nearest to where it begins first.
    pub(super) fn along(&self, from: Item, axis: Axis, take: &mut dyn FnMut(Item) -> Outcome<()>) -> Outcome<()> {
        let tree = self.tree;
        let end = |node: usize| tree.nodes.get(node).map_or(0, |n| n.end);
        match (axis, from) {
            (Axis::Here, item) => take(item),
            (Axis::Parent, item) => self.parent(item).map_or(Ok(()), |parent| take(Item::Node(parent))),
            (Axis::Ancestor | Axis::AncestorOrSelf, item) => {
                if axis == Axis::AncestorOrSelf {
                    take(item)?;
                }
                let mut at = self.parent(item);
                while let Some(node) = at {
                    take(Item::Node(node))?;
                    at = self.parent(Item::Node(node));
                }
                Ok(())
            }
            (Axis::DescendantOrSelf, Item::Attribute(_) | Item::Namespace(..)) => take(from),
            (Axis::Child, Item::Node(node)) => tree.children(node).try_for_each(|child| take(Item::Node(child))),
            (Axis::Descendant, Item::Node(node)) => (node + 1..end(node)).try_for_each(|n| take(Item::Node(n))),
            (Axis::DescendantOrSelf, Item::Node(node)) => (node..end(node)).try_for_each(|n| take(Item::Node(n))),
            (Axis::Attribute, Item::Node(node)) => {
                let mut all = tree.attributes_of(node).filter(|a| tree.attributes.get(*a).is_some_and(|a| declares(a.name).is_none()));
                all.try_for_each(|attribute| take(Item::Attribute(attribute)))
            }
            (Axis::Namespace, Item::Node(node)) => self.namespaces(node)?.into_iter().try_for_each(|declared| take(Item::Namespace(node, declared))),
            (Axis::FollowingSibling, Item::Node(node)) => match self.parent(from) {
                Some(parent) => {
                    let mut at = end(node);
                    while at < end(parent) {
                        take(Item::Node(at))?;
                        at = end(at).max(at + 1);
                    }
                    Ok(())
                }
                None => Ok(()),
            },
            (Axis::PrecedingSibling, Item::Node(node)) => match self.parent(from) {
                Some(parent) => {
                    let before: Vec<usize> = tree.children(parent).take_while(|n| *n < node).collect();
                    self.spend(before.len())?;
                    before.into_iter().rev().try_for_each(|n| take(Item::Node(n)))
                }
                None => Ok(()),
            },
            (Axis::Following, item) => {
                let first = match item {
                    Item::Node(node) => end(node),
                    // What follows an attribute is what is in its element, too.
                    other => self.parent(other).map_or(usize::MAX, |element| element + 1),
                };
                (first..tree.nodes.len()).try_for_each(|n| take(Item::Node(n)))
            }
            (Axis::Preceding, item) => {
                let Some(node) = (if let Item::Node(node) = item { Some(node) } else { self.parent(item) }) else { return Ok(()) };
                // Ancestors hold the node, and do not come before it.
                (1..node).rev().filter(|n| end(*n) <= node).try_for_each(|n| {
                    self.spend(1)?;
                    take(Item::Node(n))
                })
            }
            _ => Ok(()),
        }
    }

    /// The node that holds another.
    fn parent(&self, item: Item) -> Option<usize> {
        match item {
            Item::Node(node) => self.tree.nodes.get(node)?.parent,
            Item::Attribute(attribute) => Some(self.tree.attributes.get(attribute)?.element),
            Item::Namespace(element, _) => Some(element),
        }
    }

    /// The declarations of namespaces that hold for an element; a nearer one of the same prefix hides one further out.
    fn namespaces(&self, node: usize) -> Outcome<Vec<usize>> {
        let mut found: Vec<(&str, usize)> = Vec::new();
        let mut at = Some(node).filter(|n| matches!(self.tree.nodes.get(*n).map(|n| &n.kind), Some(Kind::Element { .. })));
        while let Some(element) = at {
            for attribute in self.tree.attributes_of(element) {
                self.spend(found.len() + 1)?;
                if let Some(prefix) = self.tree.attributes.get(attribute).and_then(|a| declares(a.name)).filter(|p| !found.iter().any(|(known, _)| known == p))
                {
                    found.push((prefix, attribute));
                }
            }
            at = self.parent(Item::Node(element));
        }
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, attribute)| attribute).filter(|a| self.tree.attributes.get(*a).is_some_and(|a| !a.value.is_empty())).collect())
    }

    /// The namespace of a name seen from an element.
    pub(super) fn namespace_of(&self, item: Item) -> Outcome<String> {
        let (Some(name), Some(element)) = (self.name(item), if let Item::Node(node) = item { Some(node) } else { self.parent(item) }) else {
            return Ok(String::new());
        };
        let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
        // Names of attributes without a prefix are in none.
        if prefix.is_empty() && !matches!(item, Item::Node(_)) {
            return Ok(String::new());
        }
        let declared = self.namespaces(element)?;
        let of = |a: &usize| self.tree.attributes.get(*a).filter(|a| declares(a.name) == Some(prefix));
        Ok(declared.iter().find_map(of).map_or_else(String::new, |a| a.value.clone()))
    }

    /// The whole name of a node: of a namespace its prefix.
    pub(super) fn name(&self, item: Item) -> Option<&str> {
        match item {
            Item::Node(node) => match &self.tree.nodes.get(node)?.kind {
                Kind::Element { name, .. } | Kind::Instruction { target: name, .. } => Some(name),
                _ => None,
            },
            Item::Attribute(attribute) => Some(self.tree.attributes.get(attribute)?.name),
            Item::Namespace(_, attribute) => declares(self.tree.attributes.get(attribute)?.name),
        }
    }

    /// Is a node what a step asks for?
    pub(super) fn passes(&self, item: Item, step: &Step) -> bool {
        let kind = if let Item::Node(node) = item { self.tree.nodes.get(node).map(|n| &n.kind) } else { None };
        let named = !matches!(item, Item::Node(_)) || matches!(kind, Some(Kind::Element { .. }));
        match &step.test {
            Test::Node => true,
            Test::Text => matches!(kind, Some(Kind::Text(_))),
            Test::Comment => matches!(kind, Some(Kind::Comment(_))),
            Test::Instruction(wanted) => matches!(kind, Some(Kind::Instruction { target, .. }) if wanted.as_ref().is_none_or(|w| w == target)),
            Test::Any => named && principal(item, step.axis),
            Test::Prefix(prefix) => named && principal(item, step.axis) && self.name(item).and_then(|n| n.split_once(':')).is_some_and(|(p, _)| p == prefix),
            Test::Name(wanted) => {
                let fits = |name: &str| name == wanted || !wanted.contains(':') && name.rsplit(':').next() == Some(wanted.as_str());
                named && principal(item, step.axis) && self.name(item).is_some_and(fits)
            }
        }
    }
}

/// Is a node of the kind that names on an axis are about?
fn principal(item: Item, axis: Axis) -> bool {
    match axis {
        Axis::Attribute => matches!(item, Item::Attribute(_)),
        Axis::Namespace => matches!(item, Item::Namespace(..)),
        _ => matches!(item, Item::Node(_)),
    }
}
