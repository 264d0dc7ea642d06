//! convert: field values into numbers and times, or back.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span, did_you_mean};
use crate::plan::{Change, Conversion, Each, Extension, FieldPattern, Node, Planner};
use crate::syntax::aggregation::alias;
use crate::syntax::field::{Field, field};
use crate::syntax::option::Opt;
use crate::syntax::token::Kind as Token;
use crate::syntax::tokens::{commas, symbol};
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static TIMEFORMAT: Opt<String> = Opt::new("timeformat", "%m/%d/%Y %H:%M:%S", "How ctime writes times and mktime reads them.");

pub const COMMAND: Command = Command {
    name: "convert",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Turns the values of fields into numbers or times, or times into text; with AS into a new field.",
    syntax: "convert [timeformat=<format>] (auto|ctime|dur2sec|memk|mktime|mstime|none|num|rmcomma|rmunit)(<field>) [AS <field>] …",
    options: &[&TIMEFORMAT.card],
    examples: &[
        Example { spl: r#"| makeresults | eval t=0 | convert timeformat="%Y-%m-%dT%H:%M:%S" ctime(t)"#, shows: "a time as text" },
        Example { spl: r#"| makeresults | eval took="01:02:03" | convert dur2sec(took) AS seconds"#, shows: "a duration in seconds, beside the text" },
        Example { spl: r#"| makeresults | eval a_size="1,024", b_size="2,048" | convert rmcomma(*_size)"#, shows: "several fields" },
        Example { spl: r#"| makeresults | eval a="1", b="2" | convert num(*) none(b)"#, shows: "all fields but one" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Convert {
    timeformat: String,
    conversions: Vec<Written>,
}

#[derive(Debug, Serialize)]
struct Written {
    function: String,
    #[serde(skip)]
    span: Span,
    field: Field,
    alias: Option<Field>,
}

/// What a function makes of the time format.
type Make = fn(&str) -> Conversion;

/// The functions, and what each makes of the time format.
const FUNCTIONS: &[(&str, Make)] = &[
    ("auto", |_| Conversion::Auto),
    ("ctime", |f| Conversion::Ctime(f.into())),
    ("dur2sec", |_| Conversion::Dur2sec),
    ("memk", |_| Conversion::Memk),
    ("mktime", |f| Conversion::Mktime(f.into())),
    ("mstime", |_| Conversion::Mstime),
    ("none", |_| Conversion::None),
    ("num", |_| Conversion::Num),
    ("rmcomma", |_| Conversion::Rmcomma),
    ("rmunit", |_| Conversion::Rmunit),
];

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut timeformat = TIMEFORMAT.card.default.to_string();
    let mut conversions = Vec::new();
    loop {
        if let Some(rest) = TIMEFORMAT.read(i, &mut timeformat)? {
            i = rest;
        } else if i.is_empty() && !conversions.is_empty() {
            return stage(i, Convert { timeformat, conversions });
        } else {
            let (rest, written) = conversion(i)?;
            conversions.push(written);
            i = commas(rest)?.0;
        }
    }
}

fn conversion(i: Tokens<'_>) -> Parsed<'_, Written> {
    let Some(name) = i.first().filter(|t| t.kind == Token::Word) else { return i.miss(Want::Function) };
    let (rest, _) = symbol('(')(i.skip(1))?;
    let (rest, field) = field(rest)?;
    let (rest, _) = symbol(')')(rest)?;
    let (rest, alias) = alias(rest)?;
    Ok((rest, Written { function: i.text(name).to_ascii_lowercase(), span: name.span, field, alias }))
}

impl Stage for Convert {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        // none() keeps its fields from the wildcards of the others.
        let except: Vec<FieldPattern> =
            self.conversions.iter().filter(|c| c.function == "none" && c.alias.is_none()).map(|c| FieldPattern::new(&c.field.name)).collect();
        let steps = self.conversions.iter().map(|c| c.step(&self.timeformat, &except)).collect::<Result<_, _>>()?;
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps })
    }
}

impl Written {
    fn step(&self, timeformat: &str, except: &[FieldPattern]) -> Result<Extension, Diagnostic> {
        let Some((_, make)) = FUNCTIONS.iter().find(|(name, _)| *name == self.function) else {
            let mut d = Diagnostic::error(Code::UNKNOWN_FUNCTION, format!("convert has no function `{}`", self.function)).at(self.span);
            d.help.extend(did_you_mean(&self.function, FUNCTIONS.iter().map(|(name, _)| *name)));
            if d.help.is_empty() {
                d = d.help(format!("Its functions are {}.", FUNCTIONS.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")));
            }
            return Err(d);
        };
        let stars = |f: &Field| f.name.matches('*').count();
        if let Some(alias) = self.alias.as_ref().filter(|a| stars(a) != stars(&self.field)) {
            return Err(Diagnostic::error(Code::WILDCARD, format!("`{}` and `{}` have different numbers of wildcards", self.field.name, alias.name))
                .at(self.field.span.to(alias.span))
                .help("Each `*` on the left carries over to one on the right."));
        }
        Ok(Extension::Each(Each {
            fields: vec![FieldPattern::new(&self.field.name)],
            except: if self.field.is_pattern() { except.to_vec() } else { Vec::new() },
            into: self.alias.as_ref().map(|a| a.name.clone()),
            create: false,
            change: Change::Convert(make(timeformat)),
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn functions_wildcards_and_aliases() {
        let rows = r#"[{"t":"0","a_x":"1,000","b_x":"2","s":"7 MB"},{"t":"soon","b_x":"z"}]"#;
        for (query, want) in [
            ("convert ctime(t) AS c | table t, c", r#"[{"t":"0","c":"01/01/1970 00:00:00"},{"t":"soon","c":"soon"}]"#),
            (r#"convert timeformat="%H" CTIME(t) | table t"#, r#"[{"t":"00"},{"t":"soon"}]"#),
            (r#"convert ctime(t), num(b_x) timeformat="%H" | table t, b_x"#, r#"[{"t":"00","b_x":2},{"t":"soon"}]"#),
            ("convert rmcomma(*_x) AS *_y | table a_y, b_y", r#"[{"a_y":1000,"b_y":"2"},{"b_y":"z"}]"#),
            ("convert num(*) none(t) none(b_*) | table t, b_x, s", r#"[{"t":"0","b_x":"2"},{"t":"soon","b_x":"z"}]"#),
            ("convert auto(b_x) auto(s) | table b_x", r#"[{"b_x":"2"},{"b_x":"z"}]"#),
            ("head 1 | convert auto(b_x) rmunit(s) | table b_x, s", r#"[{"b_x":2,"s":7}]"#),
            ("convert none(s) AS size | table size", r#"[{"size":"7 MB"},{}]"#),
            ("convert num(nothing) | table nothing", "[{},{}]"),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (query, want) in
            [("convert ctme(t)", "did you mean"), ("convert ctime(*) AS t", "wildcards"), ("convert", "expected"), ("convert ctime t", "expected `(`")]
        {
            let got = run("[]", &format!("* | {query}"));
            assert!(got.to_lowercase().contains(want), "{query}: {got}");
        }
    }
}
