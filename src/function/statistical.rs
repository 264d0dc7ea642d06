//! Statistical functions over the arguments of one row.

use super::{Chapter, Env, Function, Kernel};
use crate::card::Example;
use crate::column::Value;
use crate::column::compare::compare;
use std::cmp::Ordering;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const BASE: Function = Function::base(Chapter::Statistical, file!());

/// The chapter.
pub const LIST: &[Function] = &[
    Function {
        name: "avg",
        summary: "Average of the arguments that are numbers, each value of a multivalue by itself.",
        syntax: "avg(<values>)",
        arity: (1, usize::MAX),
        examples: &[Example { spl: r#"avg(5.0, split("9,x", ","))"#, shows: "7" }],
        kernel: Kernel::Lenient(avg),
        ..BASE
    },
    Function {
        name: "max",
        summary: "Greatest of the arguments; texts are greater than numbers.",
        syntax: "max(<values>)",
        arity: (1, usize::MAX),
        examples: &[Example { spl: "max(3, 10, 7)", shows: "10" }, Example { spl: r#"max(1, "foo", "bar")"#, shows: "foo" }],
        kernel: Kernel::Lenient(max),
        ..BASE
    },
    Function {
        name: "min",
        summary: "Least of the arguments; numbers are less than texts.",
        syntax: "min(<values>)",
        arity: (1, usize::MAX),
        examples: &[Example { spl: "min(3, 10, 7)", shows: "3" }, Example { spl: r#"min("foo", 5)"#, shows: "5" }],
        kernel: Kernel::Lenient(min),
        ..BASE
    },
    Function {
        name: "random",
        summary: "A whole number from 0 to 2147483647, another for each row.",
        syntax: "random()",
        arity: (0, 0),
        examples: &[Example { spl: "min(random(), 0)", shows: "0" }],
        kernel: Kernel::Volatile(random),
        ..BASE
    },
];

/// The numbers among the arguments and the values of multivalues; NaN is none.
pub(super) fn numbers(args: &[Value<'_>]) -> impl Iterator<Item = f64> {
    args.iter().flat_map(|v| v.each()).filter_map(Value::as_number).filter(|n| !n.is_nan())
}

fn avg<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    let (sum, n) = numbers(args).fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0));
    if n > 0.0 { Value::Number(sum / n) } else { Value::Null }
}

fn max<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    extreme(args, Ordering::Greater)
}

fn min<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    extreme(args, Ordering::Less)
}

/// The first value that no other is beyond; nulls are passed over. Text that reads as a number is one.
fn extreme<'a>(args: &[Value<'a>], wins: Ordering) -> Value<'a> {
    let order = |a: &Value<'_>, b: &Value<'_>| match (a.as_number().is_some(), b.as_number().is_some()) {
        (true, false) => Some(Ordering::Less),
        (false, true) => Some(Ordering::Greater),
        _ => compare(a, b),
    };
    let all = args.iter().flat_map(|v| v.each()).filter(|v| !v.as_number().is_some_and(f64::is_nan));
    let best = all.reduce(|best, v| if order(v, best) == Some(wins) { v } else { best });
    best.map_or(Value::Null, |v| v.as_number().map_or_else(|| v.clone(), Value::Number))
}

/// A number told from the seed and the row, so that a query repeats whatever the threads and batches. The caller passes the
/// row's number as an argument that the language does not have; without it calls are counted.
fn random<'a>(args: &[Value<'a>], env: &Env) -> Value<'a> {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let row = args.first().and_then(Value::as_integer).map_or_else(|| CALLS.fetch_add(1, Relaxed), |row| row as u64);
    Value::Number((mix(env.seed ^ mix(row)) >> 33) as f64)
}

/// The finalizer of SplitMix64: every bit of the input reaches every bit of the output.
pub fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, shows};
    use super::*;

    #[test]
    fn numbers_before_texts() {
        check(LIST);
        for (spl, want) in [
            (r#"max(4, 12, "8")"#, "12"),
            (r#"max("9", "10")"#, "10"),
            (r#"min("b", "a", null())"#, "a"),
            (r#"max(split("1 3 5 6 4 2", " "))"#, "6"),
            ("max(null())", "null"),
            (r#"avg("x", null())"#, "null"),
        ] {
            assert_eq!(shows(spl), want, "{spl}");
        }
    }

    #[test]
    fn random_repeats_by_row_and_seed() {
        let at = |row: f64, seed| random(&[Value::Number(row)], &Env { seed, ..Env::default() }).as_number().unwrap();
        let all: Vec<f64> = (0..100).map(|row| at(f64::from(row), 1)).collect();
        assert_eq!(all[5], at(5.0, 1));
        assert_ne!(all[5], at(5.0, 2));
        assert!(all.iter().all(|n| (0.0..2147483648.0).contains(n)) && all.iter().filter(|n| **n < 1073741824.0).count() > 30);
    }
}
