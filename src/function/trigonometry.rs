//! Trigonometric and hyperbolic functions, angles in radians.

use super::{Chapter, Env, Function, Kernel};
use crate::card::Example;
use crate::column::Value;

const BASE: Function = Function::base(Chapter::Trigonometry, file!());

/// The chapter.
pub const LIST: &[Function] = &[
    Function {
        name: "acos",
        summary: "Arc cosine in radians; null outside -1 to 1.",
        syntax: "acos(<num>)",
        examples: &[Example { spl: "acos(1)", shows: "0" }],
        kernel: Kernel::Number(f64::acos),
        ..BASE
    },
    Function {
        name: "acosh",
        summary: "Inverse hyperbolic cosine; null below 1.",
        syntax: "acosh(<num>)",
        examples: &[Example { spl: "acosh(1)", shows: "0" }],
        kernel: Kernel::Number(f64::acosh),
        ..BASE
    },
    Function {
        name: "asin",
        summary: "Arc sine in radians; null outside -1 to 1.",
        syntax: "asin(<num>)",
        examples: &[Example { spl: "asin(0)", shows: "0" }],
        kernel: Kernel::Number(f64::asin),
        ..BASE
    },
    Function {
        name: "asinh",
        summary: "Inverse hyperbolic sine.",
        syntax: "asinh(<num>)",
        examples: &[Example { spl: "asinh(0)", shows: "0" }],
        kernel: Kernel::Number(f64::asinh),
        ..BASE
    },
    Function {
        name: "atan",
        summary: "Arc tangent in radians.",
        syntax: "atan(<num>)",
        examples: &[Example { spl: "round(atan(1), 4)", shows: "0.7854" }],
        kernel: Kernel::Number(f64::atan),
        ..BASE
    },
    Function {
        name: "atan2",
        summary: "Angle of the point (x, y) in radians, from -pi to pi.",
        syntax: "atan2(<y>, <x>)",
        arity: (2, 2),
        examples: &[Example { spl: "round(atan2(1, -1), 4)", shows: "2.3562" }],
        kernel: Kernel::Strict(atan2),
        ..BASE
    },
    Function {
        name: "atanh",
        summary: "Inverse hyperbolic tangent; null outside -1 to 1.",
        syntax: "atanh(<num>)",
        examples: &[Example { spl: "atanh(0)", shows: "0" }],
        kernel: Kernel::Number(f64::atanh),
        ..BASE
    },
    Function {
        name: "cos",
        summary: "Cosine of an angle in radians.",
        syntax: "cos(<num>)",
        examples: &[Example { spl: "cos(0)", shows: "1" }],
        kernel: Kernel::Number(f64::cos),
        ..BASE
    },
    Function {
        name: "cosh",
        summary: "Hyperbolic cosine.",
        syntax: "cosh(<num>)",
        examples: &[Example { spl: "cosh(0)", shows: "1" }],
        kernel: Kernel::Number(f64::cosh),
        ..BASE
    },
    Function {
        name: "hypot",
        summary: "Length of the hypotenuse over two sides.",
        syntax: "hypot(<x>, <y>)",
        arity: (2, 2),
        examples: &[Example { spl: "hypot(3, 4)", shows: "5" }],
        kernel: Kernel::Strict(hypot),
        ..BASE
    },
    Function {
        name: "sin",
        summary: "Sine of an angle in radians.",
        syntax: "sin(<num>)",
        examples: &[Example { spl: "sin(0)", shows: "0" }],
        kernel: Kernel::Number(f64::sin),
        ..BASE
    },
    Function {
        name: "sinh",
        summary: "Hyperbolic sine.",
        syntax: "sinh(<num>)",
        examples: &[Example { spl: "sinh(0)", shows: "0" }],
        kernel: Kernel::Number(f64::sinh),
        ..BASE
    },
    Function {
        name: "tan",
        summary: "Tangent of an angle in radians.",
        syntax: "tan(<num>)",
        examples: &[Example { spl: "round(tan(1), 4)", shows: "1.5574" }],
        kernel: Kernel::Number(f64::tan),
        ..BASE
    },
    Function {
        name: "tanh",
        summary: "Hyperbolic tangent.",
        syntax: "tanh(<num>)",
        examples: &[Example { spl: "round(tanh(1), 4)", shows: "0.7616" }],
        kernel: Kernel::Number(f64::tanh),
        ..BASE
    },
];

fn both(args: &[Value<'_>], f: fn(f64, f64) -> f64) -> Value<'static> {
    match args {
        [a, b] => a.as_number().zip(b.as_number()).map(|(a, b)| f(a, b)).into(),
        _ => Value::Null,
    }
}

/// The first argument is y, as in C.
fn atan2<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    both(args, f64::atan2)
}

fn hypot<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    both(args, f64::hypot)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, shows};

    #[test]
    fn unhappy_arguments() {
        check(super::LIST);
        for (spl, want) in [("acos(2)", "null"), ("atanh(1)", "inf"), (r#"sin("x")"#, "null"), (r#"hypot(3, "x")"#, "null")] {
            assert_eq!(shows(spl), want, "{spl}");
        }
    }
}
