//! eval functions of the chapter "bitwise": whole numbers from 0 to 2^53 - 1, which doubles hold exactly.

use super::arguments::arg;
use super::{Chapter, Function, Kernel};
use crate::card::Example;
use crate::column::Value;

const BASE: Function = Function::base(Chapter::Bitwise, file!());

/// The greatest number, and the bits that there are.
const MASK: u64 = (1 << 53) - 1;

/// The chapter.
pub const LIST: &[Function] = &[
    Function {
        name: "bit_and",
        summary: "The bits that are set in all values.",
        syntax: "bit_and(<value>, <value>, ...)",
        arity: (2, usize::MAX),
        examples: &[Example { spl: "bit_and(12, 10)", shows: "8" }],
        kernel: Kernel::Strict(|args, _| fold(args, |a, b| a & b)),
        ..BASE
    },
    Function {
        name: "bit_or",
        summary: "The bits that are set in any value.",
        syntax: "bit_or(<value>, <value>, ...)",
        arity: (2, usize::MAX),
        examples: &[Example { spl: "bit_or(12, 10)", shows: "14" }],
        kernel: Kernel::Strict(|args, _| fold(args, |a, b| a | b)),
        ..BASE
    },
    Function {
        name: "bit_not",
        summary: "The value with all bits of the mask turned over; the mask is all 53 bits unless given.",
        syntax: "bit_not(<value>, [<bitmask>])",
        arity: (1, 2),
        examples: &[Example { spl: "bit_not(5, 15)", shows: "10" }],
        kernel: Kernel::Strict(|args, _| {
            let mask = if args.len() > 1 { bits(arg(args, 1)) } else { Some(MASK) };
            number(bits(arg(args, 0)).zip(mask).map(|(value, mask)| !value & mask))
        }),
        ..BASE
    },
    Function {
        name: "bit_xor",
        summary: "The bits that are set in an odd number of values.",
        syntax: "bit_xor(<value>, <value>, ...)",
        arity: (2, usize::MAX),
        examples: &[Example { spl: "bit_xor(12, 10)", shows: "6" }],
        kernel: Kernel::Strict(|args, _| fold(args, |a, b| a ^ b)),
        ..BASE
    },
    Function {
        name: "bit_shift_left",
        summary: "The bits moved up; those past the 53rd are lost.",
        syntax: "bit_shift_left(<value>, <offset>)",
        arity: (2, 2),
        examples: &[Example { spl: "bit_shift_left(3, 2)", shows: "12" }],
        kernel: Kernel::Strict(|args, _| shift(args, |value, by| value.checked_shl(by).unwrap_or(0) & MASK)),
        ..BASE
    },
    Function {
        name: "bit_shift_right",
        summary: "The bits moved down.",
        syntax: "bit_shift_right(<value>, <offset>)",
        arity: (2, 2),
        examples: &[Example { spl: "bit_shift_right(12, 2)", shows: "3" }],
        kernel: Kernel::Strict(|args, _| shift(args, |value, by| value.checked_shr(by).unwrap_or(0))),
        ..BASE
    },
];

/// A value's bits; `None` where it is no whole number in range.
fn bits(value: &Value<'_>) -> Option<u64> {
    value.as_integer().and_then(|n| u64::try_from(n).ok()).filter(|n| *n <= MASK)
}

fn number<'a>(bits: Option<u64>) -> Value<'a> {
    bits.map(|n| n as f64).into()
}

fn fold<'a>(args: &[Value<'a>], f: fn(u64, u64) -> u64) -> Value<'a> {
    number(args.iter().map(bits).reduce(|a, b| a.zip(b).map(|(a, b)| f(a, b))).flatten())
}

fn shift<'a>(args: &[Value<'a>], f: fn(u64, u32) -> u64) -> Value<'a> {
    number(bits(arg(args, 0)).zip(bits(arg(args, 1))).map(|(value, by)| f(value, u32::try_from(by).unwrap_or(u32::MAX))))
}

#[cfg(test)]
mod tests {
    use super::super::apply::tests::on_text;

    #[test]
    fn bits_within_53() {
        for (name, args, want) in [
            ("bit_and", &["12", "10", "9"][..], Some("8")),
            ("bit_or", &["8", "7"], Some("15")),
            ("bit_xor", &["6", "3"], Some("5")),
            ("bit_not", &["0"], Some("9007199254740991")),
            ("bit_shift_left", &["1", "52"], Some("4503599627370496")),
            ("bit_shift_left", &["1", "4000000000000"], Some("0")),
            ("bit_shift_right", &["5", "64"], Some("0")),
            ("bit_and", &["-1", "1"], None),
            ("bit_and", &["1.5", "1"], None),
            ("bit_or", &["a", "1"], None),
            ("bit_or", &["9007199254740992", "1"], None),
        ] {
            assert_eq!(on_text(name, args).as_deref(), want, "{name} {args:?}");
        }
    }
}
