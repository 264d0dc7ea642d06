//! What chart and timechart take beside aggregations: `eval(…)` over several of them, as in `eval(avg(size)/max(delay)) AS ratio`.

use super::aggregation::{Aggregation, Argument, aggregation, alias};
use super::token::Kind;
use super::tokens::{Parsed, Tokens, symbol};
use super::wanted::Want;
use crate::aggregate;
use crate::diagnostic::{Code, Diagnostic};

/// Stands before the number of a part in the text of a computed aggregation: a character for private use, which no field has.
pub const PART: char = '\u{e000}';

/// An aggregation, or `eval(…)` over some.
pub fn aggregation_or_eval(i: Tokens<'_>) -> Parsed<'_, Aggregation> {
    if !(i.at_word("eval") && i.peek(1).is_some_and(|t| t.is('('))) {
        return aggregation(i);
    }
    let (start, _) = symbol('(')(i.skip(1))?;
    let (mut at, mut from, mut depth) = (start, start, 0usize);
    let (mut text, mut parts) = (String::new(), Vec::new());
    while let Some(token) = at.first() {
        match token.kind {
            Kind::Symbol('(') => depth += 1,
            Kind::Symbol(')') if depth == 0 => break,
            Kind::Symbol(')') => depth -= 1,
            Kind::Symbol('|') => return at.miss(Want::Symbol(')')),
            Kind::Word => {
                if let Some((rest, part)) = part(at)? {
                    text.push_str(&from.source_to(&at));
                    text.push_str(&format!(" '{PART}{}' ", parts.len()));
                    parts.push(part);
                    (at, from) = (rest, rest);
                    continue;
                }
            }
            _ => {}
        }
        at = at.skip(1);
    }
    text.push_str(&from.source_to(&at));
    let (rest, _) = symbol(')')(at)?;
    if parts.is_empty() {
        let error = Diagnostic::error(Code::ARGUMENTS, "this `eval` has no stats function in it").at(i.span_to(&rest));
        return i.fail(error.help("Write it over stats functions, as in `eval(sum(a)/count(b)) AS ratio`; for an expression in each row put `eval` before."));
    }
    let (name, span) = (i.source_to(&rest), i.span_to(&rest));
    let (rest, alias) = alias(rest)?;
    Ok((rest, Aggregation { function: "eval".into(), argument: Argument::Computed { text, parts }, alias, text: name, span }))
}

/// A stats function with its argument. Of names that eval has too, it is one where a field alone stands in the parentheses.
fn part(i: Tokens<'_>) -> Result<Option<(Tokens<'_>, Aggregation)>, nom::Err<super::Failure>> {
    let Ok((name, rest)) = super::aggregation::name(i).map(|(rest, name)| (name, rest)) else { return Ok(None) };
    if aggregate::find(&name).is_none() || !rest.at_symbol('(') && !name.eq_ignore_ascii_case("count") {
        return Ok(None);
    }
    match aggregation(i) {
        Ok((_, Aggregation { argument: Argument::Field(f), .. })) if !f.quoted && f.name.contains(['(', ',']) => Ok(None),
        Ok(found) => Ok(Some(found)),
        Err(nom::Err::Error(_)) => Ok(None),
        Err(hard) => Err(hard),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;
    use crate::syntax::{lex::lex, tokens::Context};

    fn read(text: &str) -> Option<(String, Vec<String>)> {
        let sources = Sources::new(text, None);
        let tokens = lex(text, Default::default()).tokens;
        let context = Context::new(&sources);
        match aggregation_or_eval(Tokens::new(&tokens, &context)).ok()?.1.argument {
            Argument::Computed { text, parts } => Some((text.replace(PART, "#"), parts.into_iter().map(|p| p.text).collect())),
            _ => Some((String::new(), Vec::new())),
        }
    }

    #[test]
    fn stats_functions_are_taken_out() {
        for (text, want, parts) in [
            ("count", "", vec![]),
            ("eval(avg(size)/max(delay)) AS r", " '#0' / '#1' ", vec!["avg(size)", "max(delay)"]),
            ("eval(max(max(n), 7))", "max( '#0' , 7)", vec!["max(n)"]),
            ("eval(count + count(eval(x>1)))", " '#0' + '#1' ", vec!["count", "count(eval(x>1))"]),
            ("eval(perc99.9(x))", " '#0' ", vec!["perc99.9(x)"]),
        ] {
            let (got, found) = read(text).unwrap();
            assert_eq!((got.replace("  ", " ").as_str(), found), (want, parts.into_iter().map(String::from).collect()), "{text}");
        }
        for text in ["eval(n+1)", "eval()", "eval(sum(n)", "eval(sum())", "eval(sum(n) | head 1)"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
