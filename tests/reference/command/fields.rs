//! Fields: which ones there are, and their names.

use super::{Named, Stage};
use crate::expr::value;
use crate::value::{Row, Value, get, set, wild};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

pub const LIST: &[Named] = &[
    ("fields", fields),
    ("table", table),
    ("rename", rename),
    ("eval", eval),
    ("setfields", setfields),
    ("foreach", foreach),
    ("foreach", each_value),
    ("foreach", templates),
    ("rename", wide),
];

const PATTERNS: &[&str] = &["a", "b", "n", "g", "s", "id", "none", "*", "n*", "*d", "_time", "_*"];

/// A star stands for no internal field.
fn any_of(name: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|p| wild(p, name) && (!name.starts_with('_') || p.starts_with('_')))
}

fn fields() -> BoxedStrategy<Stage> {
    (subsequence(PATTERNS, 1..4), select(&["", "+ ", "- "][..]))
        .prop_map(|(patterns, sign)| {
            Stage::each(format!("fields {sign}{}", patterns.join(", ")), move |row| {
                // Internal fields stay unless they are taken away by name.
                row.retain(|name, _| if sign == "- " { !any_of(name, &patterns) } else { name.starts_with('_') || any_of(name, &patterns) });
            })
        })
        .boxed()
}

fn table() -> BoxedStrategy<Stage> {
    subsequence(&["a", "b", "n", "g", "id", "none", "n*", "_time"][..], 1..5)
        .prop_shuffle()
        .prop_map(|patterns| {
            Stage::each(format!("table {}", patterns.join(", ")), move |row| {
                let chosen =
                    patterns.iter().flat_map(|p| row.iter().filter(|(name, _)| wild(p, name)).map(|(n, v)| (n.clone(), v.clone())).collect::<Vec<_>>());
                *row = chosen.collect();
            })
        })
        .boxed()
}

fn rename() -> BoxedStrategy<Stage> {
    let pairs = select(&[("a", "x"), ("a", "b"), ("none", "b"), ("n", "new name"), ("n*", "m*"), ("*", "x_*"), ("g", "g")][..]);
    pairs
        .prop_map(|(from, to)| {
            let quoted = if to.contains(' ') { format!("\"{to}\"") } else { to.to_string() };
            Stage::new(format!("rename {from} AS {quoted}"), move |rows, _| rows.iter().map(|row| renamed(row, from, to)).collect())
        })
        .boxed()
}

fn renamed(row: &Row, from: &str, to: &str) -> Row {
    let new_name = |name: &String| match from.split_once('*') {
        None => (name == from).then(|| to.to_string()),
        // Internal fields are not among all fields.
        Some((head, tail)) => {
            let part = name.strip_prefix(head).and_then(|n| n.strip_suffix(tail)).filter(|_| !name.starts_with('_'))?;
            Some(to.replacen('*', part, 1))
        }
    };
    // A target that is there gives way, also to a field that has no value.
    let targets: Vec<String> = if from.contains('*') { row.keys().filter_map(new_name).collect() } else { vec![to.to_string()] };
    let kept = row.iter().filter_map(|(name, v)| match new_name(name) {
        Some(new) => Some((new, v.clone())),
        None if targets.contains(name) && from != to => None,
        None => Some((name.clone(), v.clone())),
    });
    kept.collect()
}

fn eval() -> BoxedStrategy<Stage> {
    prop::collection::vec((select(&["a", "n", "x", "y", "none"][..]), value(1)), 1..4)
        .prop_map(|all| {
            let list = all.iter().map(|(name, e)| format!("{name}={e}")).collect::<Vec<_>>().join(", ");
            Stage::each(format!("eval {list}"), move |row| {
                for (name, e) in &all {
                    let value = e.value(row);
                    set(row, name, value);
                }
            })
        })
        .boxed()
}

fn setfields() -> BoxedStrategy<Stage> {
    (select(&["a", "x"][..]), select(&["1", "two words", ""][..]))
        .prop_map(|(name, text)| {
            Stage::each(format!("setfields {name}=\"{text}\", y=\"z\""), move |row| {
                set(row, name, Value::text(text));
                set(row, "y", "z".into());
            })
        })
        .boxed()
}

fn foreach() -> BoxedStrategy<Stage> {
    prop_oneof![
        Just(Stage::each("foreach a b none [eval new_<<FIELD>>=upper(<<FIELD>>)]", |row| {
            for name in ["a", "b", "none"] {
                let upper = Value::multi(get(row, name).each().iter().map(|v| v.as_text().unwrap().to_uppercase().into()));
                set(row, &format!("new_{name}"), upper);
            }
        })),
        Just(Stage::each("eval sum=0 | foreach n id [eval sum=sum+<<FIELD>>]", |row| {
            let sum = ["n", "id"].iter().try_fold(0.0, |sum, name| get(row, name).number().map(|n| sum + n));
            set(row, "sum", sum.into());
        })),
    ]
    .boxed()
}

/// A step for each value of a field, or for each element of a JSON array.
fn each_value() -> BoxedStrategy<Stage> {
    prop_oneof![
        Just(Stage::each("eval list=null() | foreach mode=multivalue g [eval list=mvappend(list, <<ITEM>>.\"!\")]", |row| {
            let all = get(row, "g").each().into_iter().map(|v| Value::text(v.as_text().unwrap() + "!"));
            let list = Value::multi(all.collect::<Vec<_>>());
            set(row, "list", list);
        })),
        Just(Stage::each("eval j=\"[3,4,5]\", sum=0, at=0 | foreach mode=json_array j [eval sum=sum+<<ITEM>>, at=at+<<ITER>>]", |row| {
            set(row, "j", "[3,4,5]".into());
            set(row, "sum", 12.0.into());
            set(row, "at", 3.0.into());
        })),
    ]
    .boxed()
}

/// Parts of names in new ones.
fn templates() -> BoxedStrategy<Stage> {
    Just(Stage::each("eval in_a_x=g, in_b_y=s | foreach in_*_* [eval <<MATCHSEG2>>_from_<<MATCHSEG1>>=upper(<<FIELD>>)]", |row| {
        for (from, name, new) in [("g", "in_a_x", "x_from_a"), ("s", "in_b_y", "y_from_b")] {
            let value = get(row, from);
            set(row, name, value.clone());
            set(row, new, Value::multi(value.each().iter().map(|v| v.as_text().unwrap().to_uppercase().into())));
        }
    }))
    .boxed()
}

/// Several wildcards at once.
fn wide() -> BoxedStrategy<Stage> {
    Just(Stage::each("eval at_a_x=g, at_b_x=s | rename at_*_* AS *_of_*", |row| {
        for (from, new) in [("g", "a_of_x"), ("s", "b_of_x")] {
            let value = get(row, from);
            set(row, new, value);
        }
    }))
    .boxed()
}
