//! The eval function `sigfig`: a calculation with no more digits than its operands justify.
//!
//! A product or quotient has as many significant figures as the operand with the fewest, a sum or difference as many decimals as the
//! operand with the fewest; what is rounded is the end result alone. All written digits of an operand count, those of whole numbers too.

use super::{Expr, Planner};
use crate::column::{Value, number};
use crate::diagnostic::Diagnostic;
use crate::function::{self, Function, round_to};
use crate::syntax::ast;
use std::sync::Arc;

/// The calculation; what is no operator is an operand.
enum Sum {
    Operand(usize),
    Negative(Box<Sum>),
    Of(char, Box<Sum>, Box<Sum>),
}

/// A number with the place of its last justified digit: so many decimals, negative before the point.
#[derive(Clone, Copy)]
struct Figure {
    value: f64,
    places: i32,
    figures: i32,
    /// The figures say where it ends, not the decimals.
    product: bool,
}

impl Planner<'_> {
    /// `sigfig(<expression>)`.
    pub(super) fn sigfig(&mut self, function: &'static Function, written: &ast::Expr) -> Result<Expr, Diagnostic> {
        let mut operands = Vec::new();
        let sum = self.sum(written, &mut operands)?;
        let ready = function::ready(move |args, _| sum.figure(args).map_or(Value::Null, Figure::shown));
        let constants: Option<Vec<Value<'static>>> = operands.iter().map(|o| if let Expr::Literal(v) = o { Some(v.clone()) } else { None }).collect();
        Ok(match constants {
            Some(values) => Expr::Literal(ready(&values, &self.env).into_owned()),
            None => Expr::call(function, operands, Some(Arc::new(ready))),
        })
    }

    fn sum(&mut self, written: &ast::Expr, operands: &mut Vec<Expr>) -> Result<Sum, Diagnostic> {
        match &written.node {
            ast::ExprNode::Unary { op, arg } if op == "-" => return Ok(Sum::Negative(Box::new(self.sum(arg, operands)?))),
            ast::ExprNode::Operator { op, args } if matches!(op.as_str(), "+" | "-" | "*" | "/" | "%") => {
                let sign = op.chars().next().unwrap_or('+');
                let mut sides = args.iter();
                if let Some(first) = sides.next() {
                    let first = self.sum(first, operands)?;
                    return sides.try_fold(first, |left, right| Ok(Sum::Of(sign, Box::new(left), Box::new(self.sum(right, operands)?))));
                }
            }
            _ => {}
        }
        // A number keeps the zeros that it was written with.
        let text = self.sources.slice(written.span);
        operands.push(match &written.node {
            ast::ExprNode::Number(n) if number::parse(text) == Some(*n) => Expr::Literal(Value::owned(text)),
            _ => self.expr(written)?,
        });
        Ok(Sum::Operand(operands.len() - 1))
    }
}

impl Sum {
    fn figure(&self, operands: &[Value<'_>]) -> Option<Figure> {
        match self {
            Sum::Operand(n) => Figure::of(operands.get(*n)?),
            Sum::Negative(sum) => sum.figure(operands).map(|f| Figure { value: -f.value, ..f }),
            Sum::Of(sign, left, right) => {
                let (a, b) = (left.figure(operands)?, right.figure(operands)?);
                let (value, product) = match sign {
                    '+' => (a.value + b.value, false),
                    '-' => (a.value - b.value, false),
                    '*' => (a.value * b.value, true),
                    _ if b.value == 0.0 => return None,
                    '/' => (a.value / b.value, true),
                    _ => (a.value % b.value, false),
                };
                let places = a.places.min(b.places);
                Some(match (product, magnitude(value)) {
                    (true, Some(magnitude)) => {
                        let figures = a.figures.min(b.figures);
                        Figure { value, places: figures - 1 - magnitude, figures, product: true }
                    }
                    (_, magnitude) => Figure { value, places, figures: magnitude.map_or(1, |m| (places + 1 + m).max(1)), product: false },
                })
            }
        }
    }
}

/// The power of ten of the first digit; `None` for zero and for what has no digits.
fn magnitude(value: f64) -> Option<i32> {
    (value != 0.0 && value.is_finite()).then(|| value.abs().log10().floor() as i32)
}

impl Figure {
    /// The digits of a value as it is written.
    fn of(value: &Value<'_>) -> Option<Figure> {
        let number = value.as_number()?;
        let text = value.as_text()?.trim().to_ascii_lowercase();
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().ok()?;
        let decimals = mantissa.split_once('.').map_or(0, |(_, d)| d.len()) as i32;
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        Some(Figure { value: number, places: decimals.saturating_sub(exponent), figures: digits.trim_start_matches('0').len().max(1) as i32, product: false })
    }

    /// Rounded, with zeros behind where they are justified.
    fn shown(self) -> Value<'static> {
        let rounded = round_to(self.value, self.places.clamp(-400, 400));
        // 9.99 of two figures is 10, not 10.0.
        let grown = self.product && magnitude(rounded) > magnitude(self.value);
        let places = usize::try_from(if grown { self.places - 1 } else { self.places }).unwrap_or(0).min(300);
        let text = format!("{rounded:.places$}");
        if text.len() > number::format(rounded).len() { Value::owned(text) } else { Value::Number(rounded) }
    }
}
