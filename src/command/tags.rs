//! tags: the tags of field values.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::text::quoted;
use crate::plan::{Extension, Node, Planner, Target, planner};
use crate::syntax::field::{Field, field};
use crate::syntax::option::Opt;
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use indexmap::IndexMap;
use serde::Serialize;

static OUTPUTFIELD: Opt<Option<String>> = Opt::new("outputfield", "", "One field for all tags, instead of `tag` and `tag::<field>`.");
static INCLNAME: Opt<bool> = Opt::new("inclname", "f", "Write the field's name before its tags in `outputfield`.");
static INCLVALUE: Opt<bool> = Opt::new("inclvalue", "f", "Write the field's value before its tags in `outputfield`.");
static ALLOWED: Opt<Option<String>> = Opt::new("allowed_tags", "", "Only these tags, with commas between.");

pub const COMMAND: Command = Command {
    name: "tags",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Adds the tags that tags.conf gives to the values of fields, or of the listed ones.",
    syntax: "tags [outputfield=<field>] [inclname=<bool>] [inclvalue=<bool>] [allowed_tags=<list>] [<field> …]",
    options: &[&OUTPUTFIELD.card, &INCLNAME.card, &INCLVALUE.card, &ALLOWED.card],
    examples: &[Example { spl: "| makeresults | eval eventtype=\"windows_logon\" | tags", shows: "tag=authentication" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Tags {
    output: Option<String>,
    names: bool,
    values: bool,
    allowed: Option<String>,
    fields: Vec<Field>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut t = Tags { output: None, names: false, values: false, allowed: None, fields: Vec::new() };
    while !i.is_empty() {
        i = if let Some(rest) =
            option(i, &COMMAND, [OUTPUTFIELD.to(&mut t.output), INCLNAME.to(&mut t.names), INCLVALUE.to(&mut t.values), ALLOWED.to(&mut t.allowed)])?
        {
            rest
        } else {
            let (rest, name) = field(i)?;
            t.fields.push(name);
            rest
        };
        i = commas(i)?.0;
    }
    stage(i, t)
}

impl Stage for Tags {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let allowed: Option<Vec<&str>> = self.allowed.as_ref().map(|a| a.split(',').map(str::trim).collect());
        // For each field that gets tags, the tag where the field has the tagged value.
        let mut made: IndexMap<String, Vec<String>> = IndexMap::new();
        let all = planner.knowledge.tags();
        for tag in all.names().filter(|t| allowed.as_ref().is_none_or(|a| a.contains(t))) {
            for (field, value) in all.values(tag).filter(|(f, _)| self.fields.is_empty() || self.fields.iter().any(|l| l.name == *f)) {
                let shown = match &self.output {
                    Some(_) => [self.names.then_some(field), self.values.then_some(value), Some(tag)].into_iter().flatten().collect::<Vec<_>>().join("::"),
                    None => tag.to_string(),
                };
                let one = format!("if(isnotnull(mvfind({}, {})), {}, null())", name(field), quoted(&format!("(?i)^{}$", regex::escape(value))), quoted(&shown));
                match &self.output {
                    Some(output) => made.entry(output.clone()).or_default().push(one),
                    None => {
                        made.entry("tag".into()).or_default().push(one.clone());
                        made.entry(format!("tag::{field}")).or_default().push(one);
                    }
                }
            }
        }
        let mut steps = Vec::new();
        for (target, mut parts) in made {
            parts.insert(0, name(&target));
            let expr = planner::expression(&format!("mvdedup(mvappend({}))", parts.join(", ")), planner.knowledge, &planner.env)?;
            steps.push(Extension::Assign { target: Target::Field(target.as_str().into()), expr });
        }
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps })
    }
}

/// A field's name as eval takes any.
fn name(field: &str) -> String {
    format!("'{field}'")
}
