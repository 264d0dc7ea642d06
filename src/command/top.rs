//! top: the most common values.

use super::stats::whole_names;
use super::{Command, Kind, Stage, one_of, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{self, Node, Planner};
use crate::syntax::field::{Field, fields};
use crate::syntax::option::{Opt, OptCard, at_option, count, unknown_option};
use crate::syntax::{Parsed, Tokens};
use nom::Parser;
use nom::combinator::opt;
use serde::Serialize;

static LIMIT: Opt<Option<u64>> = Opt::new("limit", "10", "How many values are kept, in each group; 0 for all.");
static COUNTFIELD: Opt<String> = Opt::new("countfield", "count", "The name of the column with the counts.");
static PERCENTFIELD: Opt<String> = Opt::new("percentfield", "percent", "The name of the column with the percentages.");
static SHOWCOUNT: Opt<bool> = Opt::new("showcount", "t", "Show the counts.");
static SHOWPERC: Opt<bool> = Opt::with_aliases("showperc", &["showpercent"], "t", "Show the percentages.");
static USEOTHER: Opt<bool> = Opt::new("useother", "f", "Sum up the values beyond the limit in a row of their own.");
static OTHERSTR: Opt<String> = Opt::new("otherstr", "OTHER", "What stands for those values.");

/// The options of top and rare.
pub(super) const OPTIONS: &[&OptCard] = &[&LIMIT.card, &COUNTFIELD.card, &PERCENTFIELD.card, &SHOWCOUNT.card, &SHOWPERC.card, &USEOTHER.card, &OTHERSTR.card];

pub const COMMAND: Command = Command {
    name: "top",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Counts the most common combinations of values; equally common ones come in reverse order of their texts.",
    syntax: "top [<n>] [<option>=<value> …] <field> … [BY <field> …]",
    options: OPTIONS,
    examples: &[
        Example { spl: r#"| makeresults count=3 | eval user="ann" | top user"#, shows: "count and percent" },
        Example { spl: r#"| makeresults count=3 | eval user="ann", host="web" | top 1 user by host showperc=f"#, shows: "the most common user of each host" },
        Example { spl: r#"| makeresults | eval n=split("a,a,b,c", ",") | top limit=1 useother=t otherstr=rest n"#, shows: "and a row for the rest" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// What top and rare wrote.
#[derive(Debug, Serialize)]
struct Common {
    rare: bool,
    /// Give states, to be merged later.
    gives: bool,
    limit: Option<u64>,
    fields: Vec<Field>,
    by: Vec<Field>,
    count: Option<String>,
    percent: Option<String>,
    other: Option<String>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    written(i, false, false)
}

/// Options, a count, the fields, the by-clause; options again in any place between.
pub(super) fn written(i: Tokens<'_>, rare: bool, gives: bool) -> Parsed<'_, Box<dyn Stage>> {
    let command = match (rare, gives) {
        (false, false) => "top",
        (true, false) => "rare",
        (false, true) => "sitop",
        (true, true) => "sirare",
    };
    let mut o =
        Options { command, limit: None, count: "count".into(), percent: "percent".into(), show: (true, true), other: false, other_text: "OTHER".into() };
    let i = o.read(i)?;
    let (i, limit) = opt(count).parse(i)?;
    o.limit = limit.or(o.limit);
    let i = o.read(i)?;
    let (i, names) = fields(&["by"])(i)?;
    let i = o.read(i)?;
    let (i, by) = if i.at_word("by") { fields(&[])(i.skip(1))? } else { (i, Vec::new()) };
    let i = o.read(i)?;
    let tree = Common {
        rare,
        gives,
        limit: o.limit,
        fields: names,
        by,
        count: o.show.0.then_some(o.count),
        percent: o.show.1.then_some(o.percent),
        other: o.other.then_some(o.other_text),
    };
    stage(i, tree)
}

struct Options {
    command: &'static str,
    limit: Option<u64>,
    count: String,
    percent: String,
    /// The counts, and the percentages.
    show: (bool, bool),
    other: bool,
    other_text: String,
}

impl Options {
    fn read<'a>(&mut self, mut i: Tokens<'a>) -> Result<Tokens<'a>, nom::Err<crate::syntax::Failure>> {
        loop {
            let Options { limit, count, percent, show: (counts, shares), other, other_text, .. } = self;
            let mut slots = [
                LIMIT.to(limit),
                COUNTFIELD.to(count),
                PERCENTFIELD.to(percent),
                SHOWCOUNT.to(counts),
                SHOWPERC.to(shares),
                USEOTHER.to(other),
                OTHERSTR.to(other_text),
            ];
            i = if let Some(rest) = one_of(i, &mut slots)? {
                rest
            } else if at_option(i) {
                return Ok(unknown_option::<()>(i, self.command, OPTIONS)?.0);
            } else {
                return Ok(i);
            };
        }
    }
}

impl Stage for Common {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        // The column of numbers would stand in place of the values that they count.
        for (column, option) in [(&self.count, COUNTFIELD.card.name), (&self.percent, PERCENTFIELD.card.name)] {
            if let Some(field) = self.fields.iter().chain(&self.by).find(|f| Some(&f.name) == column.as_ref()) {
                return Err(Diagnostic::error(Code::ARGUMENTS, format!("the column `{0}` would replace the field `{0}`", field.name))
                    .at(field.span)
                    .help(format!("Give the column another name: `{option}=…`.")));
            }
        }
        whole_names(self.fields.iter().chain(&self.by))?;
        let names = |fields: &[Field]| fields.iter().map(|f| f.name.as_str().into()).collect();
        let input = planner.started(input);
        let merges = input.may_hold_states();
        if self.gives {
            let by = self.by.iter().chain(&self.fields).map(|f| f.name.as_str().into()).collect();
            let aggregation = plan::Aggregation { by, sorted: true, merges, ..plan::Aggregation::default() };
            return Ok(Node::Aggregate { input: Box::new(input), aggregation: planner.giving(aggregation)? });
        }
        let top = plan::Top {
            fields: names(&self.fields),
            by: names(&self.by),
            limit: self.limit.unwrap_or(10),
            rare: self.rare,
            count: self.count.as_deref().map(Into::into),
            percent: self.percent.as_deref().map(Into::into),
            other: self.other.clone(),
            merges,
        };
        Ok(Node::Top { input: Box::new(input), top })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    const ROWS: &str = r#"[{"u":"a","h":"x"},{"u":"b","h":"x"},{"u":"a","h":"y"},{"u":"c","h":"y"},{"h":"y"},{"u":"b","h":"x"}]"#;

    #[test]
    fn the_most_common_values() {
        for (query, want) in [
            ("top u", r#"[{"u":"b","count":2,"percent":40},{"u":"a","count":2,"percent":40},{"u":"c","count":1,"percent":20}]"#),
            ("top 1 u by h", r#"[{"h":"x","u":"b","count":2,"percent":66.666667},{"h":"y","u":"c","count":1,"percent":50}]"#),
            ("top limit=1 showcount=f u", r#"[{"u":"b","percent":40}]"#),
            ("top u limit=1 countfield=n showperc=f useother=t otherstr=rest", r#"[{"u":"b","n":2},{"u":"rest","n":3}]"#),
            ("top 0 u, h percentfield=p showcount=f | head 1", r#"[{"u":"b","h":"x","p":40}]"#),
            ("rare limit=1 u", r#"[{"u":"c","count":1,"percent":20}]"#),
            ("rare 1 u by h showperc=f", r#"[{"h":"x","u":"a","count":1},{"h":"y","u":"a","count":1}]"#),
            ("top missing", "[]"),
        ] {
            assert_eq!(run(ROWS, &format!("* | {query}")), want, "{query}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (query, want) in [("top", "expected"), ("top limit=x u", "whole number"), ("top u by", "expected a field"), ("top lmit=1 u", "limit")] {
            let got = run(ROWS, &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
