//! rex: takes fields out of text by a regular expression, or edits text as sed does.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::{Change, Each, Extension, Extract, FieldPattern, Node, Planner, Sed};
use crate::regex::Regex;
use crate::syntax::option::{Opt, OptCard, OptionValue, RawValue, at_option};
use crate::syntax::token::{Kind as Token, unescape};
use crate::syntax::tokens::unquote;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static FIELD: Opt<String> = Opt::new("field", "_raw", "The field that is read or edited.");
static MAX_MATCH: Opt<u64> = Opt::new("max_match", "1", "How many matches are taken, each one more value; 0 for all.");
static OFFSET_FIELD: Opt<Option<String>> = Opt::new("offset_field", "", "A field for the places of the groups, as `name=first-last` in characters from 0.");
static MODE: Opt<Mode> = Opt::new("mode", "", "`sed` edits the field instead of taking fields out of it.");

pub const COMMAND: Command = Command {
    name: "rex",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Makes fields of the named groups of a regular expression, or edits a field by a sed expression.",
    syntax: "rex [field=<field>] (\"<regex>\" [max_match=<n>] [offset_field=<field>] | mode=sed \"<sed-expression>\")",
    options: &[&FIELD.card, &MAX_MATCH.card, &OFFSET_FIELD.card, &MODE.card],
    examples: &[
        Example { spl: r#"| makeresults | eval _raw="user=ann port=22" | rex "user=(?<user>\w+) port=(?<port>\d+)""#, shows: "two fields from an event" },
        Example { spl: r#"| makeresults | eval path="a/b/c" | rex field=path max_match=0 "(?<part>\w)""#, shows: "every match, as a multivalue" },
        Example { spl: r#"| makeresults | eval card="4111-1111" | rex field=card mode=sed "s/\d{4}-/XXXX-/g""#, shows: "masking" },
        Example { spl: r#"| makeresults | eval dna="acgt" | rex field=dna mode=sed "y/acgt/tgca/""#, shows: "character by character" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// What the pattern is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
enum Mode {
    #[default]
    Extract,
    Sed,
}

impl OptionValue for Mode {
    fn read(text: &str) -> Result<Mode, &'static str> {
        if text.eq_ignore_ascii_case("sed") { Ok(Mode::Sed) } else { Err("`sed`") }
    }
}

#[derive(Debug, Serialize)]
struct Rex {
    field: String,
    pattern: String,
    #[serde(skip)]
    span: Span,
    max_match: u64,
    offset_field: Option<String>,
    mode: Mode,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut field, mut max_match, mut offset_field, mut mode) = ("_raw".to_string(), 1, None, Mode::Extract);
    let mut pattern = None;
    while !i.is_empty() {
        i = if let Some(rest) =
            option(i, &COMMAND, [FIELD.to(&mut field), MAX_MATCH.to(&mut max_match), OFFSET_FIELD.to(&mut offset_field), MODE.to(&mut mode)])?
        {
            rest
        } else if pattern.is_none() {
            let (rest, text) = self::pattern(i, COMMAND.options)?;
            pattern = Some(text);
            rest
        } else {
            break;
        };
    }
    match pattern {
        Some(p) => stage(i, Rex { field, pattern: p.text, span: p.span, max_match, offset_field, mode }),
        None => i.miss(Want::String),
    }
}

/// A pattern in quotes; without them it goes on to one of the options or to the end.
pub(super) fn pattern<'a>(i: Tokens<'a>, options: &[&OptCard]) -> Parsed<'a, RawValue> {
    match i.first() {
        None => i.miss(Want::String),
        Some(t) if t.kind == Token::String => Ok((i.skip(1), RawValue { text: unquote(i.text(t)), quoted: true, span: t.span })),
        Some(_) if at_option(i) => i.miss(Want::String),
        Some(_) => {
            let mut rest = i.skip(1);
            let ends = |i: Tokens<'_>| i.is_empty() || at_option(i) && options.iter().any(|o| i.at_word(o.name));
            while !ends(rest) {
                rest = rest.skip(1);
            }
            Ok((rest, RawValue { text: unescape(&i.source_to(&rest)), quoted: false, span: i.span_to(&rest) }))
        }
    }
}

/// A compiled pattern, or what is wrong with it.
pub(super) fn compile(pattern: &str, span: Span) -> Result<Regex, Diagnostic> {
    Regex::new(pattern).map_err(|why| {
        Diagnostic::error(Code::REGEX, format!("this regular expression does not compile: {why}"))
            .at(span)
            .help("SPL takes PCRE. In quotes, `\\\\` is read as one backslash before the pattern is.")
    })
}

impl Stage for Rex {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let step = match self.mode {
            Mode::Extract => {
                let regex = compile(&self.pattern, self.span)?;
                if regex.names().len() == 0 {
                    return Err(Diagnostic::error(Code::ARGUMENTS, "this pattern takes nothing out: it has no named group")
                        .at(self.span)
                        .help("Name what you want as a field: `(?<name>…)`. To keep or drop rows by a pattern, use `regex`."));
                }
                let offset_field = self.offset_field.as_deref().map(Into::into);
                Extension::Extract(Arc::new(Extract { field: self.field.as_str().into(), regex, max_match: self.max_match, offset_field }))
            }
            Mode::Sed => Extension::Each(Each {
                fields: vec![FieldPattern { text: self.field.clone(), wildcard: None }],
                except: Vec::new(),
                into: None,
                create: false,
                change: Change::Sed(Arc::new(sed(&self.pattern, self.span)?)),
            }),
        };
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![step] })
    }
}

/// `s/regex/replacement/flags` or `y/from/to/`; any character may stand for the slash, and `\` before it takes it literally.
fn sed(text: &str, span: Span) -> Result<Sed, Diagnostic> {
    let bad = |why: &str| Diagnostic::error(Code::ARGUMENTS, why).at(span).help("Write `s/regex/replacement/g` or `y/abc/xyz/`.");
    let mut chars = text.trim().chars();
    let (command, delimiter) = (chars.next(), chars.next());
    let Some(delimiter) = delimiter.filter(|d| !d.is_alphanumeric() && *d != '\\') else { return Err(bad("this is no sed expression")) };
    let parts = cut(chars.as_str(), delimiter);
    let [from, to, flags] = parts.as_slice() else { return Err(bad("a sed expression has two parts between three delimiters")) };
    let literal = |part: &str| part.replace(&format!("\\{delimiter}"), &delimiter.to_string());
    match command {
        Some('s') => {
            let occurrence = match flags.trim() {
                "" => 1,
                "g" => 0,
                n => n.parse().ok().filter(|n| *n > 0).ok_or_else(|| bad("the flag of `s` is `g` for all matches, or the number of the one to replace"))?,
            };
            Ok(Sed::Substitute { regex: compile(from, span)?, replacement: literal(to), occurrence })
        }
        Some('y') => {
            let (from, to): (Vec<char>, Vec<char>) = (literal(from).chars().collect(), literal(to).chars().collect());
            if from.len() != to.len() || !flags.trim().is_empty() {
                return Err(bad("`y` takes two lists of the same length, and no flags"));
            }
            Ok(Sed::Transliterate(from.into_iter().zip(to).collect()))
        }
        _ => Err(bad("a sed expression begins with `s` or `y`")),
    }
}

/// Cuts at the delimiters that no backslash stands before.
fn cut(text: &str, delimiter: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        match parts.last_mut() {
            Some(last) if c != delimiter || escaped => last.push(c),
            _ => parts.push(String::new()),
        }
        escaped = c == '\\' && !escaped;
    }
    parts
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    const ROWS: &str = r#"[{"_raw":"user=ann port=22","p.q{}":"a1b2"}]"#;

    #[test]
    fn options_stand_anywhere_and_quotes_may_be_left_out() {
        for (query, want) in [
            (r#"rex "user=(?<u>\w+)" | table u"#, r#"[{"u":"ann"}]"#),
            (r#"rex field=p.q{} max_match=0 "(?<d>\d)" | table d"#, r#"[{"d":["1","2"]}]"#),
            (r#"rex "(?<d>\d)" max_match=5 field="p.q{}" | table d"#, r#"[{"d":["1","2"]}]"#),
            (r#"rex field = _raw "(?<u>a\w+)" offset_field=o | table u, o"#, r#"[{"u":"ann","o":"u=5-7"}]"#),
            (r#"rex field=p.q{} .*b(?<d>.*) | table d"#, r#"[{"d":"2"}]"#),
            (r#"rex er\=(?<u>\w+)\sport max_match=1 | table u"#, r#"[{"u":"ann"}]"#),
            (r#"rex mode=sed "s/[a-z]+=//g" | table _raw"#, r#"[{"_raw":"ann 22"}]"#),
            (r#"rex mode=sed field=_raw "s;port;gate;" | table _raw"#, r#"[{"_raw":"user=ann gate=22"}]"#),
            (r#"rex mode=sed "s/=/\//2" | table _raw"#, r#"[{"_raw":"user=ann port/22"}]"#),
            (r#"rex mode=sed "y/an/AN/" | table _raw"#, r#"[{"_raw":"user=ANN port=22"}]"#),
        ] {
            assert_eq!(run(ROWS, &format!("* | {query}")), want, "{query}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (query, want) in [
            (r#"rex "a(""#, "does not compile"),
            (r#"rex "abc""#, "no named group"),
            (r#"rex mode=sed ";a;b;g""#, "no sed expression"),
            (r#"rex mode=sed "x/a/b/""#, "begins with `s` or `y`"),
            (r#"rex mode=sed "s/a/b""#, "two parts"),
            (r#"rex mode=sed "s/a/b/x""#, "flag"),
            (r#"rex mode=sed "y/ab/c/""#, "same length"),
            (r#"rex mode=awk "x""#, "`sed`"),
            ("rex user=(?<u>.*)", "no option `user`"),
            ("rex field=x", "expected a quoted text"),
            (r#"rex "(?<a>b)" limit=1"#, "no option `limit`"),
        ] {
            let got = run(ROWS, &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
