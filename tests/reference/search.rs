//! The search command's predicate: case does not count, `*` is a wildcard, OR binds tighter than AND, every condition is
//! true or false.

use crate::against::{config, engine, same};
use crate::data::{self, TEXTS};
use crate::value::{Row, Value, folded, get, number, set, wild};
use ipnet::IpNet;
use proptest::prelude::*;
use proptest::sample::select;
use std::fmt::{Display, Formatter, Result};
use std::net::IpAddr;

/// A condition as it is written.
#[derive(Clone, Debug)]
pub enum Search {
    Compare(&'static str, &'static str, String),
    In(&'static str, Vec<String>),
    /// A word or phrase that stands in the event's own text.
    Term(&'static str),
    Not(Box<Search>),
    /// Written side by side, or with AND.
    All(Vec<Search>, bool),
    Any(Vec<Search>),
}

impl Display for Search {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Search::Compare(field, op, text) => write!(f, "{field}{op}{}", literal(text)),
            Search::In(field, texts) => write!(f, "{field} IN ({})", texts.iter().map(|t| literal(t)).collect::<Vec<_>>().join(", ")),
            Search::Term(words) => f.write_str(&literal(words)),
            Search::Not(one) => match **one {
                Search::Compare(..) | Search::In(..) | Search::Term(..) => write!(f, "NOT {one}"),
                _ => write!(f, "NOT ({one})"),
            },
            // OR binds tighter: it needs no parentheses here, AND does there.
            Search::All(all, word) => {
                let part = |s: &Search| if matches!(s, Search::All(..)) { format!("({s})") } else { s.to_string() };
                write!(f, "{}", all.iter().map(part).collect::<Vec<_>>().join(if *word { " AND " } else { " " }))
            }
            Search::Any(any) => {
                let part = |s: &Search| if matches!(s, Search::All(..) | Search::Any(..)) { format!("({s})") } else { s.to_string() };
                write!(f, "{}", any.iter().map(part).collect::<Vec<_>>().join(" OR "))
            }
        }
    }
}

/// In quotes, but for plain words and numbers.
fn literal(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "*.:/_".contains(c));
    if plain { text.into() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

impl Search {
    /// Does the row pass?
    pub fn holds(&self, row: &Row) -> bool {
        match self {
            // `!=` asks for a value that is another one: without a value there is none, and from `*` nothing differs.
            Search::Compare(field, "!=", text) => get(row, field).each().iter().any(|v| !equal(v, text)),
            Search::Compare(field, op, text) => get(row, field).each().iter().any(|v| match *op {
                "=" => equal(v, text),
                op => ordered(v, op, text),
            }),
            Search::In(field, texts) => get(row, field).each().iter().any(|v| texts.iter().any(|t| equal(v, t))),
            // A row of a table, which has no text of its own, is searched in its fields.
            Search::Term(words) => {
                let texts = if row.contains_key("_raw") { get(row, "_raw").each() } else { row.values().flat_map(|v| v.clone().each()).collect() };
                texts.iter().filter_map(Value::as_text).any(|t| stands(&folded(words), &folded(&t)))
            }
            Search::Not(one) => !one.holds(row),
            Search::All(all, _) => all.iter().all(|s| s.holds(row)),
            Search::Any(any) => any.iter().any(|s| s.holds(row)),
        }
    }
}

/// Does a term stand in a text with no letter or digit beside it, but where it begins or ends with a wildcard?
fn stands(term: &str, text: &str) -> bool {
    let core = term.trim_matches('*');
    let inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.char_indices().map(|(i, _)| i).filter(|&i| text[i..].starts_with(core)).any(|i| {
        let (before, after) = (text[..i].chars().next_back(), text[i + core.len()..].chars().next());
        (term.starts_with('*') || !inner(before)) && (term.ends_with('*') || !inner(after))
    })
}

fn equal(value: &Value, text: &str) -> bool {
    let have = value.as_text().unwrap_or_default();
    if let Ok(net) = text.parse::<IpNet>() {
        return have.parse::<IpAddr>().is_ok_and(|ip| net.contains(&ip));
    }
    // Texts that are one number differ; what was worked out has no text of its own.
    let numbers = matches!(value, Value::Number(n) if number(text) == Some(*n));
    numbers || wild(&folded(text), &folded(&have))
}

fn ordered(value: &Value, op: &str, text: &str) -> bool {
    let have = value.as_text().unwrap_or_default();
    let order = match (number(&have), number(text)) {
        (Some(a), Some(b)) => a.partial_cmp(&b),
        _ => Some(have.as_str().cmp(text)),
    };
    order.is_some_and(|o| match op {
        "<" => o.is_lt(),
        "<=" => o.is_le(),
        ">" => o.is_gt(),
        _ => o.is_ge(),
    })
}

/// Words and phrases that stand in some of `RAW`.
const TERMS: &[&str] =
    &["failed", "FAIL", "fail*", "*led", "failed password", "root", "10.0.0.1", "10.0.0", "0.1", "login", "é", "été", "kerb*", "s", "port=22", "a"];

/// Events' own texts.
const RAW: &[&str] = &[
    "Failed password for root from 10.0.0.1 port=22",
    "failedpassword FOR admin",
    "user=failed_login (root) 10.0.0.10",
    "été, É; \u{212a}erberos\tfai\u{17f}",
    "[s]{a}<root>|fail|",
    "",
    "unfailed \"failed\" password",
];

/// A value to compare with: of the pool, with a wildcard, a network.
fn text() -> impl Strategy<Value = String> {
    let any = select(TEXTS).prop_map(str::to_string);
    prop_oneof![
        4 => any,
        2 => select(&["*", "a*", "*c", "*B*", "A*c", "**", "*.*", "1*", "\u{e9}*", "*\\*", "* *", "S*E", "*\"*", "*日*", "x*y"][..]).prop_map(str::to_string),
        1 => select(&["10.0.0.0/8", "10.1.0.0/16", "8.8.8.8/32", "fe80::/10", "0.0.0.0/0"][..]).prop_map(str::to_string),
    ]
}

/// A condition of some depth.
pub fn search() -> impl Strategy<Value = Search> {
    let field = select(&["a", "b", "n", "g", "s", "none"][..]);
    let test = prop_oneof![
        4 => (field.clone(), text()).prop_map(|(f, t)| Search::Compare(f, "=", t)),
        2 => (field.clone(), text()).prop_map(|(f, t)| Search::Compare(f, "!=", t)),
        2 => (field.clone(), select(&["<", "<=", ">", ">="][..]), select(TEXTS)).prop_map(|(f, op, t)| Search::Compare(f, op, t.into())),
        2 => (field, prop::collection::vec(text(), 1..4)).prop_map(|(f, t)| Search::In(f, t)),
        2 => select(TERMS).prop_map(Search::Term),
    ];
    test.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|s| Search::Not(Box::new(s))),
            (prop::collection::vec(inner.clone(), 2..4), any::<bool>()).prop_map(|(all, word)| Search::All(all, word)),
            prop::collection::vec(inner, 2..4).prop_map(Search::Any),
        ]
    })
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn predicates_keep_the_same_rows(mut rows in data::rows(8), raw in prop::collection::vec(prop::option::weighted(0.8, select(RAW)), 8), searches in prop::collection::vec(search(), 1..6)) {
        for (row, raw) in rows.iter_mut().zip(raw) {
            set(row, "_raw", raw.into());
        }
        let engine = engine(&rows);
        for search in searches {
            let wanted: Vec<Row> = rows.iter().filter(|r| search.holds(r)).map(|r| [("id".to_string(), get(r, "id"))].into_iter().collect()).collect();
            same(&engine, &format!("search {search} | table id"), &wanted)?;
            same(&engine, &format!("| where searchmatch({}) | table id", literal_of(&search)), &wanted)?;
        }
    }
}

/// The condition as a string literal.
fn literal_of(search: &Search) -> String {
    format!("\"{}\"", search.to_string().replace('\\', "\\\\").replace('"', "\\\""))
}
