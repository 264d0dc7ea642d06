//! strcat: texts and values of fields as one text.

use super::expression::{call, field as value, operator, text};
use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Extension, Node, Planner, Target};
use crate::syntax::field::{Field, field};
use crate::syntax::option::Opt;
use crate::syntax::token::Kind as Token;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static ALLREQUIRED: Opt<bool> = Opt::new("allrequired", "f", "Leave the destination as it is where a field is missing; else that counts as an empty text.");

pub const COMMAND: Command = Command {
    name: "strcat",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Joins texts in double quotes and values of fields into the field that stands last; several values of a field have blanks between.",
    syntax: "strcat [allrequired=<bool>] <field or \"text\"> … <destination>",
    options: &[&ALLREQUIRED.card],
    examples: &[
        Example { spl: r#"| makeresults | eval host="web", port=80 | strcat host "::" port address"#, shows: "web::80" },
        Example { spl: r#"| makeresults | eval host="web" | strcat allrequired=t host "::" port address"#, shows: "no address, as the port is missing" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Strcat {
    all: bool,
    /// Texts stand in double quotes.
    sources: Vec<(bool, Field)>,
    into: Field,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut all = false;
    let mut parts: Vec<(bool, Field)> = Vec::new();
    while !i.is_empty() {
        i = if let Some(rest) = option(i, &COMMAND, [ALLREQUIRED.to(&mut all)])? {
            rest
        } else {
            let quoted = i.first().is_some_and(|t| t.kind == Token::String);
            let (rest, name) = field(i)?;
            parts.push((quoted, name));
            rest
        };
        i = commas(i)?.0;
    }
    match parts.pop() {
        Some((_, into)) if !parts.is_empty() => {
            if into.is_pattern() {
                return i.fail(Diagnostic::error(Code::WILDCARD, format!("`{}` has a wildcard, but names one field", into.name)).at(into.span));
            }
            stage(i, Strcat { all, sources: parts, into })
        }
        _ => i.miss(Want::Field),
    }
}

impl Stage for Strcat {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let parts = self.sources.iter().map(|(quoted, f)| match quoted {
            true => text(&f.name),
            false => {
                let value = call("mvjoin", [value(&f.name), text(" ")]);
                if self.all { value } else { call("coalesce", [value, text("")]) }
            }
        });
        let joined = operator(".", std::iter::once(text("")).chain(parts));
        let joined = if self.all { call("coalesce", [joined, value(&self.into.name)]) } else { joined };
        let step = Extension::Assign { target: Target::Field(self.into.name.as_str().into()), expr: planner.expr(&joined)? };
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![step] })
    }
}
