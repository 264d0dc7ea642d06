//! addtotals: sums across rows, and down the columns.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Extension, FieldPattern, Node, Planner, Rework};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptCard, at_option, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::{Failure, Parsed, Tokens};
use serde::Serialize;

static ROW: Opt<bool> = Opt::new("row", "t", "Give every row the sum of the numbers in its fields; rows without any get none.");
static COL: Opt<bool> = Opt::new("col", "f", "Add a last row with the sums of the columns.");
static FIELDNAME: Opt<String> = Opt::new("fieldname", "Total", "The field that gets the sum of a row.");
static LABELFIELD: Opt<Option<String>> = Opt::new("labelfield", "", "The field of the last row that gets the label.");
static LABEL: Opt<String> = Opt::new("label", "Total", "The label of the last row.");

pub const COMMAND: Command = Command {
    name: "addtotals",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Adds the sum of the numeric fields to every row, and with col=t a last row with the sums of the columns; fields such as `_raw` count only where they are named.",
    syntax: "addtotals [row=<bool>] [col=<bool>] [labelfield=<field>] [label=<text>] [fieldname=<field>] [<field> …]",
    options: &[&ROW.card, &COL.card, &FIELDNAME.card, &LABELFIELD.card, &LABEL.card],
    examples: &[
        Example { spl: "| makeresults | eval a=1, b=2 | addtotals", shows: "3 in `Total`" },
        Example { spl: "| makeresults | eval in_a=1, in_b=2, out=9 | addtotals fieldname=sum in_*", shows: "3 in `sum`" },
        Example { spl: "| makeresults count=2 | eval user=\"a\", n=2 | addtotals row=f col=t labelfield=user label=all n", shows: "a third row with all, 4" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// What addtotals and addcoltotals wrote.
#[derive(Debug, Serialize)]
pub struct Totals {
    pub row: bool,
    pub col: bool,
    pub name: String,
    pub labelfield: Option<String>,
    pub label: String,
    pub fields: Vec<Field>,
}

impl Totals {
    /// With the defaults.
    pub fn new(row: bool, col: bool) -> Totals {
        Totals { row, col, name: "Total".into(), labelfield: None, label: "Total".into(), fields: Vec::new() }
    }

    /// Reads the options of the label.
    pub fn label<'a>(&mut self, i: Tokens<'a>) -> Result<Option<Tokens<'a>>, nom::Err<Failure>> {
        match LABELFIELD.read(i, &mut self.labelfield)? {
            None => LABEL.read(i, &mut self.label),
            rest => Ok(rest),
        }
    }

    /// Reads a field of the list.
    pub fn field<'a>(&mut self, i: Tokens<'a>) -> Result<Tokens<'a>, nom::Err<Failure>> {
        let (rest, field) = field_but(&[])(i)?;
        self.fields.push(field);
        Ok(rest)
    }
}

/// The cards of the options of the label.
pub const LABEL_CARDS: [&OptCard; 2] = [&LABELFIELD.card, &LABEL.card];

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut totals = Totals::new(true, false);
    while !i.is_empty() {
        i = if let Some(rest) = ROW.read(i, &mut totals.row)? {
            rest
        } else if let Some(rest) = COL.read(i, &mut totals.col)? {
            rest
        } else if let Some(rest) = FIELDNAME.read(i, &mut totals.name)? {
            rest
        } else if let Some(rest) = totals.label(i)? {
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

impl Stage for Totals {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut node = planner.started(input);
        let mut fields: Vec<FieldPattern> = match self.fields.as_slice() {
            [] => vec![FieldPattern::new("*")],
            some => some.iter().map(|f| FieldPattern::new(&f.name)).collect(),
        };
        if self.row {
            let total = Extension::Total { fields: fields.clone(), into: self.name.as_str().into() };
            node = Node::Extend { input: Box::new(node), steps: vec![total] };
            fields.push(FieldPattern::new(&self.name));
        }
        if self.col {
            let label = self.labelfield.as_ref().map(|f| (f.as_str().into(), self.label.clone()));
            node = Node::Rework { input: Box::new(node), rework: Rework::Totals { fields, label } };
        }
        Ok(node)
    }
}
