//! The functions of XPath's core library.

use super::tree::Kind;
use super::{Evaluation, Here, Item, Outcome, Value, number};
use crate::plan::xpath::XPath;

impl Evaluation<'_> {
    pub(super) fn call(&self, name: &str, arguments: &[XPath], here: Here) -> Outcome<Value> {
        let value = |i: usize| match arguments.get(i) {
            Some(expr) => self.value(expr, here),
            // What a function is about where nothing is said.
            None => Ok(Value::Items(vec![here.item])),
        };
        let text = |i: usize| self.text(&value(i)?);
        let number_of = |i: usize| self.number(&value(i)?);
        let first = || -> Outcome<Option<Item>> { Ok(if let Value::Items(items) = value(0)? { items.first().copied() } else { None }) };
        Ok(match name {
            "last" => Value::Number(here.size as f64),
            "position" => Value::Number(here.position as f64),
            "count" => Value::Number(if let Value::Items(items) = value(0)? { items.len() as f64 } else { f64::NAN }),
            "id" => Value::Items(self.with_ids(value(0)?)?),
            "local-name" => Value::Text(first()?.and_then(|i| self.name(i)).map_or_else(String::new, |n| n.rsplit(':').next().unwrap_or(n).to_string())),
            "name" => Value::Text(first()?.and_then(|i| self.name(i)).unwrap_or_default().to_string()),
            "namespace-uri" => Value::Text(first()?.map_or(Ok(String::new()), |i| self.namespace_of(i))?),
            "string" => Value::Text(text(0)?),
            "concat" => {
                let mut all = String::new();
                for i in 0..arguments.len() {
                    all.push_str(&text(i)?);
                    self.spend(all.len() / 16)?;
                }
                Value::Text(all)
            }
            "starts-with" => Value::Boolean(text(0)?.starts_with(&text(1)?)),
            "contains" => Value::Boolean(text(0)?.contains(&text(1)?)),
            "substring-before" => Value::Text(text(0)?.split_once(&text(1)?).map_or_else(String::new, |(before, _)| before.to_string())),
            "substring-after" => Value::Text(text(0)?.split_once(&text(1)?).map_or_else(String::new, |(_, after)| after.to_string())),
            "substring" => {
                let start = round(number_of(1)?);
                let end = if arguments.len() > 2 { start + round(number_of(2)?) } else { f64::INFINITY };
                let inside = |place: f64| place >= start && place < end;
                Value::Text(text(0)?.chars().enumerate().filter(|(i, _)| inside((i + 1) as f64)).map(|(_, c)| c).collect())
            }
            "string-length" => Value::Number(text(0)?.chars().count() as f64),
            "normalize-space" => Value::Text(text(0)?.split([' ', '\t', '\r', '\n']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")),
            "translate" => {
                let (from, to): (Vec<char>, Vec<char>) = (text(1)?.chars().collect(), text(2)?.chars().collect());
                let text = text(0)?;
                self.spend(text.len() * (from.len() + 1) / 16)?;
                // A character without a counterpart goes.
                let one = |c: char| match from.iter().position(|f| *f == c) {
                    Some(i) => to.get(i).copied(),
                    None => Some(c),
                };
                Value::Text(text.chars().filter_map(one).collect())
            }
            "boolean" => Value::Boolean(self.boolean(&value(0)?)),
            "not" => Value::Boolean(!self.boolean(&value(0)?)),
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            "lang" => Value::Boolean(self.speaks(here.item, &text(0)?)?),
            "number" => Value::Number(number_of(0)?),
            "sum" => {
                let Value::Items(items) = value(0)? else { return Ok(Value::Number(f64::NAN)) };
                let mut sum = 0.0;
                for item in items {
                    sum += number(&self.text_of(item)?);
                }
                Value::Number(sum)
            }
            "floor" => Value::Number(number_of(0)?.floor()),
            "ceiling" => Value::Number(number_of(0)?.ceil()),
            _ => Value::Number(round(number_of(0)?)),
        })
    }

    /// The elements whose `id` or `xml:id` is one of the words. There is no DTD that could name other attributes.
    fn with_ids(&self, wanted: Value) -> Outcome<Vec<Item>> {
        let texts = match wanted {
            Value::Items(items) => items.into_iter().map(|item| self.text_of(item)).collect::<Outcome<Vec<String>>>()?,
            other => vec![self.text(&other)?],
        };
        let ids: Vec<&str> = texts.iter().flat_map(|t| t.split_whitespace()).collect();
        self.spend(self.tree.attributes.len() * (ids.len() + 1))?;
        let is = |a: &&super::tree::Attribute<'_>| matches!(a.name, "id" | "xml:id") && ids.contains(&a.value.as_str());
        Ok(self.ordered(self.tree.attributes.iter().filter(is).map(|a| Item::Node(a.element)).collect()))
    }

    /// Is the nearest `xml:lang` this language, or a variant of it?
    fn speaks(&self, item: Item, language: &str) -> Outcome<bool> {
        let mut found = None;
        self.along(item, crate::plan::xpath::Axis::AncestorOrSelf, &mut |item| {
            self.spend(1)?;
            if let (None, Item::Node(node)) = (&found, item)
                && matches!(self.tree.nodes.get(node).map(|n| &n.kind), Some(Kind::Element { .. }))
            {
                let range = self.tree.attributes_of(node);
                found = self.tree.attributes.get(range).unwrap_or_default().iter().find(|a| a.name == "xml:lang").map(|a| a.value.to_lowercase());
            }
            Ok(())
        })?;
        let wanted = language.to_lowercase();
        Ok(found.is_some_and(|l| l == wanted || l.strip_prefix(&wanted).is_some_and(|rest| rest.starts_with('-'))))
    }
}

/// To the nearest whole number, halves towards positive infinity.
fn round(n: f64) -> f64 {
    if n.is_finite() { (n + 0.5).floor() } else { n }
}
