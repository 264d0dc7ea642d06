//! Mathematical functions.

use super::statistical::numbers;
use super::{Chapter, Env, Function, Kernel};
use crate::card::Example;
use crate::column::Value;

const BASE: Function = Function::base(Chapter::Mathematical, file!());

/// The chapter.
pub const LIST: &[Function] = &[
    Function {
        name: "abs",
        summary: "Absolute value.",
        syntax: "abs(<num>)",
        examples: &[Example { spl: "abs(-2.5)", shows: "2.5" }],
        kernel: Kernel::Number(f64::abs),
        ..BASE
    },
    Function {
        name: "ceil",
        summary: "Next whole number at or above.",
        syntax: "ceil(<num>)",
        examples: &[Example { spl: "ceil(1.9)", shows: "2" }],
        kernel: Kernel::Number(f64::ceil),
        ..BASE
    },
    Function {
        name: "ceiling",
        summary: "Next whole number at or above.",
        syntax: "ceiling(<num>)",
        examples: &[Example { spl: "ceiling(-1.9)", shows: "-1" }],
        kernel: Kernel::Number(f64::ceil),
        ..BASE
    },
    Function {
        name: "exact",
        summary: "The number with all the digits that it has, which every result keeps here.",
        syntax: "exact(<expression>)",
        examples: &[Example { spl: "exact(3.14159265358979)", shows: "3.14159265358979" }],
        kernel: Kernel::Number(|x| x),
        ..BASE
    },
    Function {
        name: "exp",
        summary: "e to the power of the number.",
        syntax: "exp(<num>)",
        examples: &[Example { spl: "exp(0)", shows: "1" }],
        kernel: Kernel::Number(f64::exp),
        ..BASE
    },
    Function {
        name: "floor",
        summary: "Next whole number at or below.",
        syntax: "floor(<num>)",
        examples: &[Example { spl: "floor(1.9)", shows: "1" }],
        kernel: Kernel::Number(f64::floor),
        ..BASE
    },
    Function {
        name: "ln",
        summary: "Natural logarithm: null below 0, -inf for 0.",
        syntax: "ln(<num>)",
        examples: &[Example { spl: "ln(1)", shows: "0" }],
        kernel: Kernel::Number(f64::ln),
        ..BASE
    },
    Function {
        name: "log",
        summary: "Logarithm to a base, which is 10 unless given.",
        syntax: "log(<num>, [<base>])",
        arity: (1, 2),
        examples: &[Example { spl: "log(1000)", shows: "3" }, Example { spl: "log(8, 2)", shows: "3" }],
        kernel: Kernel::Strict(log),
        ..BASE
    },
    Function {
        name: "pi",
        summary: "The number pi to 11 decimals.",
        syntax: "pi()",
        arity: (0, 0),
        examples: &[Example { spl: "pi()", shows: "3.14159265358" }],
        kernel: Kernel::Lenient(pi),
        ..BASE
    },
    Function {
        name: "pow",
        summary: "The number to a power; inf where that is too great.",
        syntax: "pow(<num>, <exponent>)",
        arity: (2, 2),
        examples: &[Example { spl: "pow(7, 2)", shows: "49" }, Example { spl: "pow(10, 999)", shows: "inf" }],
        kernel: Kernel::Strict(pow),
        ..BASE
    },
    Function {
        name: "round",
        summary: "The number rounded to so many decimals, none unless given; halves go away from zero.",
        syntax: "round(<num>, [<decimals>])",
        arity: (1, 2),
        examples: &[Example { spl: "round(2.555, 2)", shows: "2.56" }, Example { spl: "round(-3.5)", shows: "-4" }],
        kernel: Kernel::Strict(round),
        ..BASE
    },
    Function {
        name: "sigfig",
        summary: "A product with as many significant figures as the operand with the fewest, a sum with as many decimals; all written digits count.",
        syntax: "sigfig(<expression>)",
        examples: &[
            Example { spl: "sigfig(1.00*1111)", shows: "1110" },
            Example { spl: "sigfig(123.0+4.567)", shows: "127.6" },
            Example { spl: "sigfig(1.20*2.00)", shows: "2.40" },
        ],
        kernel: Kernel::Form,
        ..BASE
    },
    Function {
        name: "sqrt",
        summary: "Square root; null below 0.",
        syntax: "sqrt(<num>)",
        examples: &[Example { spl: "sqrt(9)", shows: "3" }, Example { spl: "sqrt(-1)", shows: "null" }],
        kernel: Kernel::Number(f64::sqrt),
        ..BASE
    },
    Function {
        name: "sum",
        summary: "Sum of the arguments that are numbers, each value of a multivalue by itself.",
        syntax: "sum(<num>, ...)",
        arity: (1, usize::MAX),
        examples: &[Example { spl: r#"sum(1, 2, split("3,x", ","))"#, shows: "6" }],
        kernel: Kernel::Lenient(sum),
        ..BASE
    },
];

/// Two numbers of the arguments, the second of which may be left out.
fn pair(args: &[Value<'_>], default: f64) -> Option<(f64, f64)> {
    Some((args.first()?.as_number()?, args.get(1).map_or(Some(default), Value::as_number)?))
}

fn log<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    let log = |(x, base): (f64, f64)| match base {
        10.0 => x.log10(),
        2.0 => x.log2(),
        base => x.log(base),
    };
    pair(args, 10.0).map(log).filter(|n| !n.is_nan()).into()
}

/// Splunk gives pi to 11 decimals, cut off and not rounded.
fn pi<'a>(_: &[Value<'a>], _: &Env) -> Value<'a> {
    Value::Number((std::f64::consts::PI * 1e11).trunc() / 1e11)
}

fn pow<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    pair(args, 1.0).map(|(x, y)| x.powf(y)).filter(|n| !n.is_nan()).into()
}

fn round<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    pair(args, 0.0).filter(|(_, decimals)| !decimals.is_nan()).map(|(x, decimals)| round_to(x, decimals.clamp(-400.0, 400.0) as i32)).into()
}

fn sum<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    numbers(args).fold(None, |sum, n| Some(sum.unwrap_or(0.0) + n)).into()
}

/// Rounds by the decimal digits that the number shows, halves away from zero, so that 2.555 is a half: in binary it lies below.
/// Negative `decimals` round to tens, hundreds and so on.
pub fn round_to(x: f64, decimals: i32) -> f64 {
    // `2.555` writes itself as `2.555e0`: digits and an exponent.
    let written = format!("{:e}", x.abs());
    let Some((mantissa, exponent)) = written.split_once('e') else { return x };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let (Ok(exponent), Ok(number)) = (exponent.parse::<i32>(), digits.parse::<u64>()) else { return x };
    let surplus = digits.len() as i32 - 1 - exponent - decimals;
    if surplus <= 0 {
        return x;
    }
    let rounded = match u32::try_from(surplus).ok().and_then(|s| 10u64.checked_pow(s)) {
        Some(unit) => number / unit + u64::from(number % unit >= unit.div_ceil(2)),
        None => 0,
    };
    let kept = decimals.saturating_neg();
    format!("{rounded}e{kept}").parse::<f64>().map_or(x, |r| r.copysign(x))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, shows};
    use super::*;

    #[test]
    fn rounds_by_the_digits_shown() {
        for (x, decimals, want) in [
            (2.555, 2, 2.56),
            (1.005, 2, 1.01),
            (0.285, 2, 0.29),
            (2.5, 0, 3.0),
            (-2.5, 0, -3.0),
            (0.5, 0, 1.0),
            (0.49999999999999994, 0, 0.0),
            (99.995, 2, 100.0),
            (1234.5678, -2, 1200.0),
            (50.0, -2, 100.0),
            (49.0, -2, 0.0),
            (1e300, 2, 1e300),
            (1e-300, 2, 0.0),
            (123.0, -400, 0.0),
            (0.0, 3, 0.0),
        ] {
            assert_eq!(round_to(x, decimals), want, "{x} {decimals}");
        }
        assert!(round_to(f64::NAN, 1).is_nan() && round_to(f64::INFINITY, 1).is_infinite());
    }

    #[test]
    fn unhappy_arguments() {
        check(LIST);
        for (spl, want) in [
            (r#"abs("x")"#, "null"),
            ("ln(-1)", "null"),
            ("ln(0)", "-inf"),
            (r#"round(1.26, "x")"#, "null"),
            (r#"pow(split("1,2", ","), 2)"#, "null"),
            ("pow(0, -1)", "inf"),
            ("pow(-8, 0.5)", "null"),
            (r#"sum("a")"#, "null"),
            ("log(1024, 2)", "10"),
            ("log(0.5, 4)", "-0.5"),
            (r#"floor(" 7.5 ")"#, "7"),
        ] {
            assert_eq!(shows(spl), want, "{spl}");
        }
    }
}
