//! Bits of whole numbers from 0 to below 2^53.

use super::{Arg, Function, numbers};
use crate::value::Value;

const MASK: u64 = (1 << 53) - 1;

pub const LIST: &[Function] = &[
    Function::new("bit_and", &[Arg::Number, Arg::Number], |a| fold(a, |x, y| x & y)).repeats(1),
    Function::new("bit_or", &[Arg::Number, Arg::Number], |a| fold(a, |x, y| x | y)).repeats(1),
    Function::new("bit_xor", &[Arg::Number, Arg::Number], |a| fold(a, |x, y| x ^ y)).repeats(1),
    Function::new("bit_not", &[Arg::Number, Arg::Number], |a| whole(a, |n| Some(!n[0] & n.get(1).unwrap_or(&MASK)))).optional(1),
    Function::new("bit_shift_left", &[Arg::Number, Arg::Number], |a| {
        whole(a, |n| n[0].checked_shl(n[1].try_into().unwrap_or(64)).or(Some(0)).map(|n| n & MASK))
    }),
    Function::new("bit_shift_right", &[Arg::Number, Arg::Number], |a| whole(a, |n| n[0].checked_shr(n[1].try_into().unwrap_or(64)).or(Some(0)))),
];

fn whole(args: &[Value], f: impl FnOnce(&[u64]) -> Option<u64>) -> Value {
    numbers(args, |n| {
        let fine = n.iter().all(|n| n.fract() == 0.0 && *n >= 0.0 && *n <= MASK as f64);
        fine.then(|| f(&n.iter().map(|n| *n as u64).collect::<Vec<_>>())).flatten().map(|n| n as f64)
    })
}

fn fold(args: &[Value], f: fn(u64, u64) -> u64) -> Value {
    whole(args, |n| n.iter().copied().reduce(f))
}
