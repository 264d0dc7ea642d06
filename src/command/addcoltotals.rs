//! addcoltotals: sums down the columns.

use super::addtotals::{LABEL_CARDS, Totals};
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::syntax::option::{at_option, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};

pub const COMMAND: Command = Command {
    name: "addcoltotals",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Adds a last row with the sums of the numeric columns.",
    syntax: "addcoltotals [labelfield=<field>] [label=<text>] [<field> …]",
    options: &[LABEL_CARDS[0], LABEL_CARDS[1]],
    examples: &[Example { spl: "| makeresults count=2 | eval user=\"a\", n=2 | addcoltotals labelfield=user n", shows: "a third row with Total, 4" }],
    support: Support::Full,
    parse,
    file: file!(),
};

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut totals = Totals::new(false, true);
    while !i.is_empty() {
        i = if let Some(rest) = totals.label(i)? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else {
            totals.field(i)?
        };
        i = commas(i)?.0;
    }
    stage(i, totals)
}
