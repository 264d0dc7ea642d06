//! Does a calculated field's value stand in the event's text? Raw prefiltering may look for it only then.
//!
//! Read from the shape of the expression: a choice among fields, cut down or not, has a value that is part of some field's
//! value; anything that computes has not. What is not recognised counts as computed, which is always right, only slower.

use crate::column::Name;
use serde::Serialize;

/// How the value of a field relates to the text of its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Literal {
    /// It need not stand there at all.
    No,
    /// It stands there in some case.
    AnyCase,
    /// It stands there as it is.
    Exact,
}

/// The relation for an eval expression whose fields stand in the event's text.
pub fn of_expression(expression: &str) -> Literal {
    literal(expression, 0)
}

fn literal(expression: &str, depth: usize) -> Literal {
    let e = expression.trim();
    if depth > 64 || e.is_empty() {
        return Literal::No;
    }
    if is_field(e) {
        return Literal::Exact;
    }
    let Some((name, args)) = call(e) else { return Literal::No };
    let arg = |i: usize| args.get(i).map_or(Literal::No, |a| literal(a, depth + 1));
    let all = |of: &mut dyn Iterator<Item = usize>| of.map(arg).min().unwrap_or(Literal::No);
    match (name.to_ascii_lowercase().as_str(), args.len()) {
        ("null", 0) => Literal::Exact,
        ("coalesce", 1..) => all(&mut (0..args.len())),
        ("if", 3) => all(&mut (1..3)),
        ("case", n) if n > 0 && n % 2 == 0 => all(&mut (1..n).step_by(2)),
        ("nullif", 2) | ("substr", 2 | 3) | ("trim" | "ltrim" | "rtrim", 1 | 2) => arg(0),
        ("lower" | "upper", 1) => arg(0).min(Literal::AnyCase),
        // Cutting off one end: the pattern is anchored or greedy to that end, and nothing takes its place.
        ("replace", 3) if args.get(2).is_some_and(|r| r.trim() == "\"\"") && args.get(1).is_some_and(|p| cuts_an_end(p.trim())) => arg(0),
        ("mvindex", 2) => match args.first().and_then(|a| call(a.trim())) {
            Some((split, of)) if split.eq_ignore_ascii_case("split") && of.len() == 2 => of.first().map_or(Literal::No, |a| literal(a, depth + 1)),
            _ => arg(0),
        },
        _ => Literal::No,
    }
}

/// A pattern that matches one stretch at the start or the end: `"^…"`, `".*…"`, `"…$"`, without alternatives.
fn cuts_an_end(pattern: &str) -> bool {
    let Some(p) = pattern.strip_prefix('"').and_then(|p| p.strip_suffix('"')) else { return false };
    !p.contains('|') && (p.starts_with('^') || p.starts_with(".*") || (p.ends_with('$') && !p.ends_with("\\$")))
}

fn is_field(e: &str) -> bool {
    if let Some(inner) = e.strip_prefix('\'').and_then(|e| e.strip_suffix('\'')) {
        return !inner.is_empty() && !inner.contains('\'');
    }
    e.starts_with(|c: char| c.is_alphabetic() || c == '_') && e.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// `name(a, b)` as its name and arguments, where the expression is one call from end to end.
fn call(e: &str) -> Option<(&str, Vec<&str>)> {
    let (name, rest) = e.split_once('(')?;
    if !is_field(name) {
        return None;
    }
    let mut args = Vec::new();
    let (mut depth, mut quote, mut start) = (0usize, None, 0);
    let mut chars = rest.char_indices();
    while let Some((i, c)) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                chars.next();
            }
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') if depth > 0 => depth -= 1,
            (None, ',') if depth == 0 => {
                args.push(rest.get(start..i)?);
                start = i + 1;
            }
            (None, ')') => {
                let last = rest.get(start..i)?;
                if !(args.is_empty() && last.trim().is_empty()) {
                    args.push(last);
                }
                return rest.get(i + 1..)?.trim().is_empty().then_some((name, args));
            }
            _ => {}
        }
    }
    None
}

/// Where the values of a field come from.
#[derive(Debug)]
pub struct Origin {
    /// The fields of raw records that have them.
    pub names: Vec<Name>,
    /// They are there as they are; else as part of a value.
    pub exact: bool,
    /// They may also be parts of the record's whole text.
    pub anywhere: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_and_cuts_are_literal() {
        for (e, want) in [
            ("Image", Literal::Exact),
            (" 'a.b{}' ", Literal::Exact),
            (r#"replace(Image, "^.*[\\\\/]", "")"#, Literal::Exact),
            (r#"replace(User, ".*\\\\", "")"#, Literal::Exact),
            (r#"if(EventID=3, coalesce(nullif(DestinationHostname, "-"), DestinationIp), Computer)"#, Literal::Exact),
            (r#"case(EventID IN (1, 5), f("a,)b"), 1=1, x)"#, Literal::No),
            (r#"case(EventID=1, lower(a), true(), b)"#, Literal::AnyCase),
            (r#"mvindex(split(User, "\\"), -1)"#, Literal::Exact),
            ("mvindex(a, 0)", Literal::Exact),
            (r#"if(a=1, "success", "failure")"#, Literal::No),
            (r#"replace(a, "b", "")"#, Literal::No),
            (r#"replace(a, "^x|y", "")"#, Literal::No),
            (r#"replace(a, "^x", "y")"#, Literal::No),
            ("a.b", Literal::No),
            ("a + 1", Literal::No),
            ("12", Literal::No),
            ("", Literal::No),
            ("if(", Literal::No),
            ("if(a, b)) c", Literal::No),
        ] {
            assert_eq!(of_expression(e), want, "{e}");
        }
        assert_eq!(of_expression(&format!("{}x{}", "coalesce(".repeat(9999), ")".repeat(9999))), Literal::No);
    }
}
