//! sistats, sichart, sitimechart, sitop and sirare: the forms of commands whose rows go to a summary index.

use super::{Command, Kind, chart, rare, stats, timechart, top};
use crate::card::{Example, Support};

const SUPPORT: Support =
    Support::Partial("the rows are those of the command without `si`; the further columns that a server keeps to merge them later are not made");

/// The form of a command.
const fn form(of: &Command, name: &'static str, summary: &'static str, syntax: &'static str, examples: &'static [Example]) -> Command {
    Command { name, aliases: &[], kind: Kind::Transforming, summary, syntax, options: of.options, examples, support: SUPPORT, parse: of.parse, file: file!() }
}

pub const SICHART: Command = form(
    &chart::COMMAND,
    "sichart",
    "The form of chart whose rows go to a summary index.",
    "sichart <function>(<field>) … [OVER <field>] [BY <field>]",
    &[Example { spl: "| makeresults count=3 | eval h=\"a\" | sichart count BY h", shows: "what chart gives" }],
);

pub const SIRARE: Command = form(
    &rare::COMMAND,
    "sirare",
    "The form of rare whose rows go to a summary index.",
    "sirare [<option>=<value> …] <field> … [BY <field> …]",
    &[Example { spl: "| makeresults count=3 | eval h=\"a\" | sirare h", shows: "what rare gives" }],
);

pub const SISTATS: Command = form(
    &stats::COMMAND,
    "sistats",
    "The form of stats whose rows go to a summary index.",
    "sistats <function>(<field>) … [BY <field> …]",
    &[Example { spl: "| makeresults count=3 | sistats count", shows: "what stats gives" }],
);

pub const SITIMECHART: Command = form(
    &timechart::COMMAND,
    "sitimechart",
    "The form of timechart whose rows go to a summary index.",
    "sitimechart [span=<span>] <function>(<field>) … [BY <field>]",
    &[Example { spl: "| makeresults count=3 | sitimechart span=1h count", shows: "what timechart gives" }],
);

pub const SITOP: Command = form(
    &top::COMMAND,
    "sitop",
    "The form of top whose rows go to a summary index.",
    "sitop [<count>] <field> … [BY <field> …]",
    &[Example { spl: "| makeresults count=3 | eval h=\"a\" | sitop 5 h", shows: "what top gives" }],
);

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn rows_are_those_of_the_command() {
        let rows = r#"[{"_time":"10","a":"x"},{"_time":"20","a":["x","y"]},{"_time":"30"}]"#;
        for query in ["stats count BY a", "chart count BY a", "timechart span=10s count", "top a", "rare limit=1 a"] {
            let (plain, form) = (run(rows, &format!("* | {query}")), run(rows, &format!("* | si{query}")));
            assert_eq!(plain, form, "{query}");
            assert!(plain.starts_with("[{"), "{plain}");
        }
        assert!(run(rows, "* | sistats").contains("expected"));
    }
}
