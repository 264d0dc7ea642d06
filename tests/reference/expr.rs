//! Eval expressions: three-valued conditions, values, and how both are written.

use crate::against::{config, engine, same};
use crate::data::{self, TEXTS};
use crate::function::{Arg, Function, LIKE, chapters};
use crate::value::{Row, Value, compare, get, set};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use std::cmp::Ordering;
use std::fmt::{Display, Formatter, Result, Write};

/// An expression as it is written.
#[derive(Clone, Debug)]
pub enum Expr {
    Field(&'static str),
    Number(&'static str),
    Text(String),
    Minus(Box<Expr>),
    Not(Box<Expr>),
    /// Two sides with an operator between.
    Pair(&'static str, Box<Expr>, Box<Expr>),
    /// `x IN (…)`.
    In(Box<Expr>, Vec<Expr>),
    Call(&'static Function, Vec<Expr>),
    /// `mvfilter`: a condition on the one field.
    Filter(&'static str, Box<Expr>),
    /// `mvmap`: an expression over the one field.
    Map(&'static str, Box<Expr>),
}

/// How tightly an operator binds; equal ones go from left to right.
fn rank(op: &str) -> u8 {
    match op {
        "XOR" => 1,
        "OR" => 2,
        "AND" => 3,
        "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "LIKE" => COMPARED,
        "+" | "-" => ADDED,
        "." => JOINED,
        _ => 9,
    }
}

const NEGATED: u8 = 4;
const COMPARED: u8 = 5;
const ADDED: u8 = 7;
const JOINED: u8 = 8;
const SIGNED: u8 = 10;
const ATOM: u8 = 11;

impl Expr {
    fn rank(&self) -> u8 {
        match self {
            Expr::Pair(op, ..) => rank(op),
            Expr::Not(_) => NEGATED,
            Expr::In(..) => COMPARED,
            Expr::Minus(_) => SIGNED,
            _ => ATOM,
        }
    }

    /// In parentheses where the place asks for something that binds tighter.
    fn within(&self, least: u8) -> String {
        if self.rank() < least { format!("({self})") } else { self.to_string() }
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let list = |all: &[Expr]| all.iter().map(Expr::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Expr::Field(name) => f.write_str(name),
            Expr::Number(n) => f.write_str(n),
            Expr::Text(t) => write!(f, "\"{}\"", t.replace('\\', "\\\\").replace('"', "\\\"")),
            Expr::Minus(e) => write!(f, "-{}", e.within(ATOM)),
            Expr::Not(e) => write!(f, "NOT {}", e.within(COMPARED)),
            // Whether a dot binds tighter than a plus is not documented.
            Expr::Pair(op @ ("+" | "-" | "."), a, b) => {
                let mixed = |e: &Expr| (ADDED..=JOINED).contains(&e.rank()) && e.rank() != rank(op);
                let side = |e: &Expr, least| e.within(if mixed(e) { ATOM } else { least });
                write!(f, "{} {op} {}", side(a, rank(op)), side(b, rank(op) + 1))
            }
            // Comparisons do not chain.
            Expr::Pair(op, a, b) => write!(f, "{} {op} {}", a.within(rank(op) + u8::from(rank(op) == COMPARED)), b.within(rank(op) + 1)),
            Expr::In(x, all) => write!(f, "{} IN ({})", x.within(COMPARED + 1), list(all)),
            Expr::Call(function, args) => write!(f, "{}({})", function.name, list(args)),
            Expr::Filter(_, condition) => write!(f, "mvfilter({condition})"),
            Expr::Map(field, e) => write!(f, "mvmap({field}, {e})"),
        }
    }
}

impl Expr {
    /// What it gives for a row.
    pub fn value(&self, row: &Row) -> Value {
        match self {
            Expr::Field(name) => get(row, name),
            Expr::Number(n) => Value::Number(n.parse().unwrap()),
            Expr::Text(t) => Value::text(t.clone()),
            Expr::Minus(e) => e.value(row).number().map(|n| -n).into(),
            Expr::Not(e) => truth(&e.value(row)).map(|b| !b).into(),
            Expr::Pair("AND", a, b) => match (truth(&a.value(row)), truth(&b.value(row))) {
                (Some(false), _) | (_, Some(false)) => Value::Bool(false),
                (a, b) => a.and(b).into(),
            },
            Expr::Pair("OR", a, b) => match (truth(&a.value(row)), truth(&b.value(row))) {
                (Some(true), _) | (_, Some(true)) => Value::Bool(true),
                (a, b) => a.and(b).into(),
            },
            Expr::Pair("XOR", a, b) => truth(&a.value(row)).zip(truth(&b.value(row))).map(|(a, b)| a != b).into(),
            // What is written in quotes on both sides is text.
            Expr::Pair(op @ ("=" | "==" | "!=" | "<" | "<=" | ">" | ">="), a, b) => {
                let literal = matches!((&**a, &**b), (Expr::Text(_), Expr::Text(_)));
                let (a, b) = (a.value(row), b.value(row));
                // Several values are equal when any is; which is greater is not documented, and unknown here.
                if op.contains(['<', '>']) && (matches!(a, Value::Multi(_)) || matches!(b, Value::Multi(_))) {
                    return Value::Null;
                }
                // `nan` is neither less nor more.
                if op.contains(['<', '>']) && !literal && !a.is_null() && !b.is_null() && compare(&a, &b).is_none() {
                    return Value::Null;
                }
                any_pair(&a, &b, |x, y| {
                    let order = if literal { x.as_text().cmp(&y.as_text()).into() } else { compare(x, y) };
                    order.is_some_and(|o| holds(op, o))
                })
            }
            Expr::Pair("LIKE", a, b) => (LIKE.apply)(&[a.value(row), b.value(row)]),
            // A field whose text reads as a number is one.
            Expr::Pair("+", a, b) => {
                let side = |e: &Expr| match (e, e.value(row)) {
                    (Expr::Field(_), text @ Value::Text(_)) => text.number().map_or(text, Value::Number),
                    (_, value) => value,
                };
                arithmetic("+", &side(a), &side(b))
            }
            Expr::Pair(op, a, b) => arithmetic(op, &a.value(row), &b.value(row)),
            Expr::In(x, all) => {
                let x = x.value(row);
                if x.is_null() {
                    return Value::Null;
                }
                all.iter().any(|e| any_pair(&x, &e.value(row), |a, b| compare(a, b) == Some(Ordering::Equal)) == Value::Bool(true)).into()
            }
            Expr::Call(function, args) => (function.apply)(&args.iter().map(|a| a.value(row)).collect::<Vec<_>>()),
            Expr::Filter(field, condition) => {
                Value::multi(get(row, field).each().into_iter().filter(|v| truth(&condition.value(&with(row, field, v))) == Some(true)))
            }
            Expr::Map(field, e) => Value::multi(get(row, field).each().iter().map(|v| e.value(&with(row, field, v)))),
        }
    }
}

fn with(row: &Row, field: &str, value: &Value) -> Row {
    let mut row = row.clone();
    set(&mut row, field, value.clone());
    row
}

/// True, false or unknown.
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        _ => None,
    }
}

/// Is there a pair, one value of each side, that passes? Unknown without a value on a side.
pub fn any_pair(a: &Value, b: &Value, test: impl Fn(&Value, &Value) -> bool) -> Value {
    let (a, b) = (a.clone().each(), b.clone().each());
    if a.is_empty() || b.is_empty() {
        return Value::Null;
    }
    a.iter().any(|x| b.iter().any(|y| test(x, y))).into()
}

fn holds(op: &str, order: Ordering) -> bool {
    match op {
        "=" | "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    }
}

fn arithmetic(op: &str, a: &Value, b: &Value) -> Value {
    let single = |v: &Value| matches!(v, Value::Text(_) | Value::Number(_));
    if !single(a) || !single(b) {
        return Value::Null;
    }
    match (op, a.number(), b.number()) {
        (".", ..) => Value::text(a.as_text().unwrap() + &b.as_text().unwrap()),
        // Texts that read as numbers are numbers, where both do.
        ("+", x, y) if matches!((a, b), (Value::Text(_), Value::Text(_))) && x.and(y).is_none() => Value::text(a.as_text().unwrap() + &b.as_text().unwrap()),
        ("+", Some(x), Some(y)) => (x + y).into(),
        ("-", Some(x), Some(y)) => (x - y).into(),
        ("*", Some(x), Some(y)) => (x * y).into(),
        ("/" | "%", Some(_), Some(0.0)) => Value::Null,
        ("/", Some(x), Some(y)) => (x / y).into(),
        ("%", Some(x), Some(y)) => (x % y).into(),
        _ => Value::Null,
    }
}

fn boxed(e: Expr) -> Box<Expr> {
    Box::new(e)
}

fn pair(ops: &'static [&'static str], a: BoxedStrategy<Expr>, b: BoxedStrategy<Expr>) -> BoxedStrategy<Expr> {
    (select(ops), a, b).prop_map(|(op, a, b)| Expr::Pair(op, boxed(a), boxed(b))).boxed()
}

fn fields() -> impl Strategy<Value = Expr> {
    select(&["a", "b", "n", "g", "s", "none"][..]).prop_map(Expr::Field)
}

fn numbers() -> impl Strategy<Value = Expr> {
    select(&["0", "1", "2", "3", "10", "2.5", "0.1", "1000000", "255"][..]).prop_map(Expr::Number)
}

fn texts() -> impl Strategy<Value = Expr> {
    select(TEXTS).prop_map(|t| Expr::Text(t.into()))
}

/// An expression that gives a value, calls within calls so deep.
pub fn value(depth: u32) -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![5 => fields(), 2 => numbers(), 2 => texts()];
    if depth == 0 {
        return leaf.boxed();
    }
    prop_oneof![
        2 => leaf,
        2 => pair(&["+", "-", "*", "/", "%"], number(depth - 1), number(depth - 1)),
        1 => pair(&["+", "."], value(depth - 1), value(depth - 1)),
        1 => number(depth - 1).prop_map(|e| Expr::Minus(boxed(e))),
        6 => call(false, depth),
        1 => one_field(),
    ]
    .boxed()
}

/// Mostly a number.
fn number(depth: u32) -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![4 => Just(Expr::Field("n")), 1 => fields(), 4 => numbers()];
    if depth == 0 { leaf.boxed() } else { prop_oneof![1 => leaf, 1 => value(depth)].boxed() }
}

/// An expression that is true, false or unknown.
pub fn condition(depth: u32) -> BoxedStrategy<Expr> {
    let compare = pair(&["=", "==", "!=", "<", "<=", ">", ">="], value(depth.saturating_sub(1)), value(depth.saturating_sub(1)));
    if depth == 0 {
        return compare;
    }
    prop_oneof![
        3 => compare,
        1 => (value(depth - 1), prop::collection::vec(value(0), 1..4)).prop_map(|(x, all)| Expr::In(boxed(x), all)),
        1 => pair(&["LIKE"], value(depth - 1), select(crate::function::PATTERNS).prop_map(|t| Expr::Text(t.into())).boxed()),
        3 => call(true, depth),
        2 => pair(&["AND", "OR", "AND", "OR", "XOR"], condition(depth - 1), condition(depth - 1)),
        1 => condition(depth - 1).prop_map(|e| Expr::Not(boxed(e))),
    ]
    .boxed()
}

fn call(condition: bool, depth: u32) -> BoxedStrategy<Expr> {
    let all = chapters().filter(|f| f.condition == condition);
    Union::new(all.map(|f| arguments(f, depth - 1).prop_map(move |args| Expr::Call(f, args)).boxed())).boxed()
}

fn arguments(function: &'static Function, depth: u32) -> BoxedStrategy<Vec<Expr>> {
    let (least, most) = function.count();
    (least..=most)
        .prop_flat_map(move |n| {
            // Pairs such as those of `case` stay whole.
            let n = if function.repeats == 2 { n - (n - function.args.len()) % 2 } else { n };
            (0..n).map(|i| argument(function.arg(i), depth)).collect::<Vec<_>>()
        })
        .boxed()
}

fn argument(arg: Arg, depth: u32) -> BoxedStrategy<Expr> {
    match arg {
        Arg::Any => value(depth),
        Arg::Number => number(depth),
        Arg::Condition => condition(depth),
        Arg::Texts(pool) => select(pool).prop_map(|t| Expr::Text(t.into())).boxed(),
        Arg::Numbers(pool) => {
            select(pool).prop_map(|n| if let Some(n) = n.strip_prefix('-') { Expr::Minus(boxed(Expr::Number(n))) } else { Expr::Number(n) }).boxed()
        }
        Arg::Either(pool) => prop_oneof![2 => select(pool).prop_map(|t| Expr::Text(t.into())), 1 => value(depth)].boxed(),
    }
}

/// `mvfilter` and `mvmap`: only the one field in them.
fn one_field() -> BoxedStrategy<Expr> {
    let small = |name| prop_oneof![3 => Just(Expr::Field(name)), 1 => numbers(), 1 => texts()].boxed();
    let fields = select(&["a", "n", "g"][..]);
    let test = move |name| {
        prop_oneof![
            3 => pair(&["=", "!=", "<", ">"], small(name), prop_oneof![numbers(), texts()].boxed()),
            1 => pair(&["LIKE"], small(name), select(crate::function::PATTERNS).prop_map(|t| Expr::Text(t.into())).boxed()),
        ]
    };
    prop_oneof![
        fields.clone().prop_flat_map(move |name| test(name).prop_filter("the field is named", mentions(name)).prop_map(move |c| Expr::Filter(name, boxed(c)))),
        fields.prop_flat_map(move |name| {
            let body = prop_oneof![pair(&["+", "*", "."], small(name), small(name)), pair(&["."], small(name), texts().boxed())];
            body.prop_filter("the field is named", mentions(name)).prop_map(move |e| Expr::Map(name, boxed(e)))
        }),
    ]
    .boxed()
}

fn mentions(name: &'static str) -> impl Fn(&Expr) -> bool + Clone {
    fn has(e: &Expr, name: &str) -> bool {
        match e {
            Expr::Field(f) => *f == name,
            Expr::Pair(_, a, b) => has(a, name) || has(b, name),
            _ => false,
        }
    }
    move |e| has(e, name)
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn expressions_give_the_same_values(rows in data::rows(6), exprs in prop::collection::vec(value(3), 1..4)) {
        let engine = engine(&rows);
        let mut spl = "| eval ".to_string();
        for (i, e) in exprs.iter().enumerate() {
            let _ = write!(spl, "{}x{i}={e}", if i > 0 { ", " } else { "" });
        }
        let wanted: Vec<Row> = rows
            .iter()
            .map(|row| {
                let mut row = row.clone();
                for (i, e) in exprs.iter().enumerate() {
                    let value = e.value(&row);
                    set(&mut row, &format!("x{i}"), value);
                }
                row.retain(|name, _| name == "id" || name.starts_with('x'));
                row
            })
            .collect();
        same(&engine, &format!("{} | table id x*", spl.replacen("| eval", "search * | eval", 1)), &wanted)?;
    }

    #[test]
    fn conditions_are_true_false_or_unknown_alike(rows in data::rows(6), test in condition(3)) {
        let engine = engine(&rows);
        let kept: Vec<Row> = rows.iter().filter(|r| truth(&test.value(r)) == Some(true)).map(|r| [("id".to_string(), get(r, "id"))].into_iter().collect()).collect();
        same(&engine, &format!("search * | where {test} | table id"), &kept)?;
        let named = rows.iter().map(|r| {
            let name = truth(&test.value(r)).map_or("unknown", |b| if b { "true" } else { "false" });
            [("id".to_string(), get(r, "id")), ("x".to_string(), name.into())].into_iter().collect()
        });
        let known = format!("search * | eval x=case({test}, \"true\", NOT ({test}), \"false\", true(), \"unknown\") | table id x");
        same(&engine, &known, &named.collect::<Vec<Row>>())?;
    }
}
