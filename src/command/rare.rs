//! rare: the least common values.

use super::{Command, Kind, Stage, top};
use crate::card::{Example, Support};
use crate::syntax::{Parsed, Tokens};

pub const COMMAND: Command = Command {
    name: "rare",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Counts the least common combinations of values; equally common ones come in the order of their values.",
    syntax: "rare [<n>] [<option>=<value> …] <field> … [BY <field> …]",
    options: top::OPTIONS,
    examples: &[Example { spl: r#"| makeresults | eval n=split("a,a,b", ",") | rare limit=1 n"#, shows: "the value that is there once" }],
    support: Support::Full,
    parse,
    file: file!(),
};

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    top::written(i, true, false)
}
