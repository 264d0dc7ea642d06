//! XPath 1.0 over a text: what an expression gives, as texts.

mod axis;
mod function;
mod tree;

use crate::operator::Context;
use crate::plan::xpath::{Arithmetic, Comparison, From, Step, XPath};
use std::cell::Cell;
use tree::{Kind, Tree};

/// Nodes that are looked at, and characters that are read by sixteens, before an expression is given up.
const BUDGET: u64 = 3_000_000;

/// A node, an attribute, or a namespace in scope of an element by the attribute that declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    Node(usize),
    Namespace(usize, usize),
    Attribute(usize),
}

enum Value {
    /// In the order of the document.
    Items(Vec<Item>),
    Text(String),
    Number(f64),
    Boolean(bool),
}

/// The expression costs too much, or the query was cancelled.
struct TooMuch;

type Outcome<T> = Result<T, TooMuch>;

/// Where an expression is evaluated: the node, its place among those that were found with it, and their number.
#[derive(Clone, Copy)]
struct Here {
    item: Item,
    position: usize,
    size: usize,
}

struct Evaluation<'a> {
    tree: &'a Tree<'a>,
    cx: &'a Context,
    left: Cell<u64>,
}

/// What an expression gives, in the order of the document; texts without anything in them are left out. `None` where it costs too much.
pub fn find(text: &str, path: &XPath, cx: &Context) -> Option<Vec<String>> {
    let tree = Tree::read(text);
    if tree.nodes.len() < 2 {
        return Some(Vec::new());
    }
    let evaluation = Evaluation { tree: &tree, cx, left: Cell::new(BUDGET) };
    let here = Here { item: Item::Node(0), position: 1, size: 1 };
    let texts = match evaluation.value(path, here).ok()? {
        Value::Items(items) => items.into_iter().map(|item| evaluation.text_of(item)).collect::<Outcome<Vec<String>>>().ok()?,
        other => vec![evaluation.text(&other).ok()?],
    };
    Some(texts.iter().map(|text| text.trim().to_string()).filter(|text| !text.is_empty()).collect())
}

impl Evaluation<'_> {
    /// Takes the cost of something off what is left.
    fn spend(&self, cost: usize) -> Outcome<()> {
        let left = self.left.get().checked_sub(cost as u64).ok_or(TooMuch)?;
        if left / 4096 != self.left.get() / 4096 && self.cx.check().is_err() {
            return Err(TooMuch);
        }
        self.left.set(left);
        Ok(())
    }

    fn value(&self, expr: &XPath, here: Here) -> Outcome<Value> {
        self.spend(1)?;
        Ok(match expr {
            XPath::Text(text) => Value::Text(text.clone()),
            XPath::Number(n) => Value::Number(*n),
            XPath::Or(all) => {
                for one in all {
                    if self.boolean(&self.value(one, here)?) {
                        return Ok(Value::Boolean(true));
                    }
                }
                Value::Boolean(false)
            }
            XPath::And(all) => {
                for one in all {
                    if !self.boolean(&self.value(one, here)?) {
                        return Ok(Value::Boolean(false));
                    }
                }
                Value::Boolean(true)
            }
            XPath::Compare(how, left, right) => Value::Boolean(self.compare(*how, self.value(left, here)?, self.value(right, here)?)?),
            XPath::Arithmetic(how, left, right) => {
                let (x, y) = (self.number(&self.value(left, here)?)?, self.number(&self.value(right, here)?)?);
                Value::Number(match how {
                    Arithmetic::Add => x + y,
                    Arithmetic::Subtract => x - y,
                    Arithmetic::Multiply => x * y,
                    Arithmetic::Divide => x / y,
                    Arithmetic::Remainder => x % y,
                })
            }
            XPath::Negative(inside) => Value::Number(-self.number(&self.value(inside, here)?)?),
            XPath::Union(all) => {
                let mut items = Vec::new();
                for one in all {
                    items.extend(self.items(one, here)?);
                }
                Value::Items(self.ordered(items))
            }
            XPath::Call(function, arguments) => self.call(function.name, arguments, here)?,
            XPath::Path { from, steps } => {
                let start = match from {
                    From::Root => vec![Item::Node(0)],
                    From::Here => vec![here.item],
                    From::Of(expr, conditions) => match self.value(expr, here)? {
                        Value::Items(items) => self.filtered(items, conditions)?,
                        // What is no set of nodes leads nowhere.
                        _ => Vec::new(),
                    },
                };
                let mut items = start;
                for step in steps {
                    items = self.step(&items, step)?;
                }
                Value::Items(items)
            }
        })
    }

    /// The nodes that an expression gives; none where it gives something else.
    fn items(&self, expr: &XPath, here: Here) -> Outcome<Vec<Item>> {
        Ok(if let Value::Items(items) = self.value(expr, here)? { items } else { Vec::new() })
    }

    fn step(&self, from: &[Item], step: &Step) -> Outcome<Vec<Item>> {
        let mut all = Vec::new();
        for item in from {
            let mut found = Vec::new();
            self.along(*item, step.axis, &mut |item| {
                self.spend(1)?;
                if self.passes(item, step) {
                    found.push(item);
                }
                Ok(())
            })?;
            all.extend(self.filtered(found, &step.conditions)?);
        }
        Ok(self.ordered(all))
    }

    /// Those of the nodes, in the order of their axis, for which all conditions hold.
    fn filtered(&self, mut items: Vec<Item>, conditions: &[XPath]) -> Outcome<Vec<Item>> {
        for condition in conditions {
            let size = items.len();
            let mut kept = Vec::new();
            for (i, item) in items.into_iter().enumerate() {
                let here = Here { item, position: i + 1, size };
                let holds = match self.value(condition, here)? {
                    Value::Number(n) => n == here.position as f64,
                    other => self.boolean(&other),
                };
                if holds {
                    kept.push(item);
                }
            }
            items = kept;
        }
        Ok(items)
    }

    /// In the order of the document, each once. An attribute comes behind its element and before what is in it.
    fn ordered(&self, mut items: Vec<Item>) -> Vec<Item> {
        let place = |item: &Item| match item {
            Item::Node(node) => (*node, 0, 0),
            Item::Namespace(element, declared) => (*element, 1, *declared),
            Item::Attribute(attribute) => (self.tree.attributes.get(*attribute).map_or(0, |a| a.element), 2, *attribute),
        };
        items.sort_by_key(place);
        items.dedup();
        items
    }

    fn compare(&self, how: Comparison, left: Value, right: Value) -> Outcome<bool> {
        let numbers = |x: f64, y: f64| match how {
            Comparison::Equal => x == y,
            Comparison::Unequal => x != y,
            Comparison::Less => x < y,
            Comparison::LessOrEqual => x <= y,
            Comparison::Greater => x > y,
            Comparison::GreaterOrEqual => x >= y,
        };
        let equality = matches!(how, Comparison::Equal | Comparison::Unequal);
        let same = |equal: bool| equal == (how == Comparison::Equal);
        Ok(match (left, right) {
            (Value::Items(left), Value::Items(right)) => {
                let texts = |items: &[Item]| items.iter().map(|item| self.text_of(*item)).collect::<Outcome<Vec<String>>>();
                let (left, right) = (texts(&left)?, texts(&right)?);
                for x in &left {
                    self.spend(right.len())?;
                    if right.iter().any(|y| if equality { same(x == y) } else { numbers(number(x), number(y)) }) {
                        return Ok(true);
                    }
                }
                false
            }
            (Value::Boolean(x), y) | (y, Value::Boolean(x)) if equality => same(x == self.boolean(&y)),
            (Value::Items(items), other) => self.any(&items, |item| match &other {
                Value::Text(y) if equality => same(item == *y),
                other => numbers(number(&item), self.plain_number(other)),
            })?,
            (other, Value::Items(items)) => self.any(&items, |item| match &other {
                Value::Text(x) if equality => same(item == *x),
                other => numbers(self.plain_number(other), number(&item)),
            })?,
            (Value::Text(x), Value::Text(y)) if equality => same(x == y),
            (x, y) => numbers(self.plain_number(&x), self.plain_number(&y)),
        })
    }

    /// Does it hold for the text of one of the nodes?
    fn any(&self, items: &[Item], test: impl Fn(String) -> bool) -> Outcome<bool> {
        for item in items {
            if test(self.text_of(*item)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The number of a value that is no set of nodes.
    fn plain_number(&self, value: &Value) -> f64 {
        match value {
            Value::Number(n) => *n,
            Value::Text(text) => number(text),
            Value::Boolean(b) => f64::from(u8::from(*b)),
            Value::Items(_) => f64::NAN,
        }
    }

    fn number(&self, value: &Value) -> Outcome<f64> {
        Ok(match value {
            Value::Items(_) => number(&self.text(value)?),
            other => self.plain_number(other),
        })
    }

    fn boolean(&self, value: &Value) -> bool {
        match value {
            Value::Items(items) => !items.is_empty(),
            Value::Text(text) => !text.is_empty(),
            Value::Number(n) => *n != 0.0 && !n.is_nan(),
            Value::Boolean(b) => *b,
        }
    }

    /// A value as text: of nodes that of the first one.
    fn text(&self, value: &Value) -> Outcome<String> {
        Ok(match value {
            Value::Items(items) => items.first().map_or(Ok(String::new()), |item| self.text_of(*item))?,
            Value::Text(text) => text.clone(),
            Value::Number(n) => shown(*n),
            Value::Boolean(b) => b.to_string(),
        })
    }

    /// The text of a node: of an element all text within it.
    fn text_of(&self, item: Item) -> Outcome<String> {
        let text = match item {
            Item::Attribute(attribute) | Item::Namespace(_, attribute) => self.tree.attributes.get(attribute).map_or_else(String::new, |a| a.value.clone()),
            Item::Node(node) => match self.tree.nodes.get(node).map(|n| (&n.kind, n.end)) {
                Some((Kind::Text(text), _)) => text.clone(),
                Some((Kind::Comment(text) | Kind::Instruction { data: text, .. }, _)) => (*text).to_string(),
                Some((_, end)) => {
                    let within = self.tree.nodes.get(node..end).unwrap_or_default();
                    self.spend(within.len())?;
                    within.iter().filter_map(|n| if let Kind::Text(text) = &n.kind { Some(text.as_str()) } else { None }).collect()
                }
                None => String::new(),
            },
        };
        self.spend(text.len() / 16)?;
        Ok(text)
    }
}

/// The number that a text is: digits with a point and a sign, and nothing else.
fn number(text: &str) -> f64 {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let digits = text.strip_prefix('-').unwrap_or(text);
    match digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        true => text.parse().unwrap_or(f64::NAN),
        false => f64::NAN,
    }
}

/// A number as XPath writes it.
fn shown(n: f64) -> String {
    match n {
        n if n.is_nan() => "NaN".into(),
        n if n.is_infinite() => if n > 0.0 { "Infinity" } else { "-Infinity" }.into(),
        0.0 => "0".into(),
        n => n.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::testing::context;

    const DOC: &str = "<?xml version='1.0'?><!-- top --><r xmlns:p='urn:p' xml:lang='en-GB'><a n='1'>x<b>y</b></a><a n='2'><b>z</b><c><b k='v'>w</b></c></a><?go now fast?><p:d>q &amp; <![CDATA[<r>]]></p:d><n>3</n><n>4.5</n><n>x</n></r>";

    fn found(path: &str) -> String {
        find(DOC, &XPath::parse(path).unwrap(), &context()).unwrap().join(";")
    }

    #[test]
    fn paths_lead_to_texts() {
        for (path, want) in [
            ("/r/a/b", "y;z"),
            ("//b", "y;z;w"),
            ("r/a", "xy;zw"),
            ("/r/a/text()", "x"),
            ("//a[2]//b", "z;w"),
            ("//b[1]", "y;z;w"),
            ("(//b)[2]", "z"),
            ("/r/a[last()]/@n", "2"),
            ("//a[@n='1']/b", "y"),
            ("//a[@n!='1']/b", "z"),
            ("//a[c]/@n", "2"),
            ("//a[b='y']/@n", "1"),
            ("//*[@k]", "w"),
            ("//b[@k=\"v\"]/../../@n", "2"),
            ("//b/@*", "v"),
            ("//d", "q & <r>"),
            ("//p:d", "q & <r>"),
            ("//p:*", "q & <r>"),
            ("//x:d", ""),
            ("//b[.='z']", "z"),
            ("//a[@n='2' and c]/b", "z"),
            ("//a[@n='3' or not(c)]/b", "y"),
            ("//nothing", ""),
            ("/b", ""),
            ("//a//b", "y;z;w"),
            ("//a/@n | //b/@k | //a/@n", "1;2;v"),
            ("//comment()", "top"),
            ("//processing-instruction()", "now fast"),
            ("//processing-instruction('stop')", ""),
            ("/r/node()[1]/@n", "1"),
            ("//a[position() < 2]/@n", "1"),
            ("//n[. > 3]", "4.5"),
            ("//n[3 <= .]", "3;4.5"),
            ("//b[ancestor::c]", "w"),
            ("//c/ancestor::*[1]/@n", "2"),
            ("//b[@k]/ancestor-or-self::*[last()]/n[1]", "3"),
            ("//c/preceding-sibling::b", "z"),
            ("//c/preceding::b", "y;z"),
            ("//c/preceding::b[1]", "z"),
            ("//a[1]/following-sibling::*[1]/@n", "2"),
            ("//c/following::*", "q & <r>;3;4.5;x"),
            ("//a[2]/descendant::b", "z;w"),
            ("//b[@k]/self::b/parent::c/descendant-or-self::b", "w"),
            ("//@k/..", "w"),
            ("/r/namespace::*[name()='p']", "urn:p"),
            ("//c/namespace::p", "urn:p"),
            ("/r/@*", "en-GB"),
            ("/", "xyzwq & <r>34.5x"),
            ("//a[b[@k] or c/b[@k='v']]/@n", "2"),
            ("//a[count(.//b)=2]/@n", "2"),
        ] {
            assert_eq!(found(path), want, "{path}");
        }
    }

    #[test]
    fn expressions_give_values() {
        for (path, want) in [
            ("count(//b)", "3"),
            ("sum(//n[position()<3]) div 3", "2.5"),
            ("sum(//n)", "NaN"),
            ("1 div 0", "Infinity"),
            ("-(5 mod 3)", "-2"),
            ("2 * 3 - 1", "5"),
            ("0.1 + 0.2", "0.30000000000000004"),
            ("string(//a/@n)", "1"),
            ("concat('a', 1, true())", "a1true"),
            ("starts-with('abc', 'ab') and contains('abc', 'bc')", "true"),
            ("substring-before('1999/04/01', '/')", "1999"),
            ("substring-after('1999/04/01', '/')", "04/01"),
            ("substring('12345', 2, 3)", "234"),
            ("substring('12345', 1.5, 2.6)", "234"),
            ("substring('12345', 0, 3)", "12"),
            ("substring('12345', 0 div 0, 3)", ""),
            ("substring('12345', -42, 1 div 0)", "12345"),
            ("substring('12345', 2)", "2345"),
            ("string-length('äb')", "2"),
            ("normalize-space('  a  b\n')", "a b"),
            ("translate('bar', 'abc', 'AB')", "BAr"),
            ("translate('--aaa--', 'abc-', 'ABC')", "AAA"),
            ("boolean(//nothing)", "false"),
            ("not(//b)", "false"),
            ("number('x') = number('x')", "false"),
            ("floor(-1.5) + ceiling(1.2) + round(2.5) + round(-2.5)", "1"),
            ("local-name(//p:d)", "d"),
            ("name(//p:d)", "p:d"),
            ("namespace-uri(//p:d)", "urn:p"),
            ("name(//processing-instruction())", "go"),
            ("//b[lang('en')][1]", "y;z;w"),
            ("//b[lang('de')]", ""),
            ("//a[b = //b[. = 'z']]/@n", "2"),
            ("//n > 4", "true"),
            ("//n = 3 and //n != 3", "true"),
            ("//nothing = ''", "false"),
            ("true() = //b", "true"),
            ("'a' < 'b'", "false"),
            ("position() = last()", "true"),
            ("id('none')", ""),
            ("count(//a | //b)", "5"),
        ] {
            assert_eq!(found(path), want, "{path}");
        }
    }

    #[test]
    fn damage_and_cost_end_it() {
        let of = |text: &str, path: &str| find(text, &XPath::parse(path).unwrap(), &context()).map(|found| found.join(";"));
        assert_eq!(of("no xml", "//a"), Some(String::new()));
        assert_eq!(of("no xml", "count(//a)"), Some(String::new()));
        assert_eq!(of("<a><b>1</b><b>2", "//b"), Some("1".into()));
        assert_eq!(of("<a><b>1</a><c/>", "/a/b"), Some("1".into()));
        assert_eq!(of(&"<a>".repeat(100_000), "count(//a)"), Some("128".into()));
        let many = format!("<r>{}</r>", "<a>x</a>".repeat(5000));
        assert_eq!(of(&many, "//a[//a[//a = 'y']]"), None);
        assert_eq!(of(&many, "count(//a[1])"), Some("1".into()));
    }
}
