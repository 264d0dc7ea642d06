//! foreach: a template of streaming commands, once for each of several fields, or for each value of one.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::reshape::{Found, ITEM, ITER};
use crate::plan::{self, Extension, FieldPattern, Marks, Node, Planner, Repeat, Shown, Values};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptionValue, at_option, unknown_option};
use crate::syntax::pipeline::{Pipeline, Step, bracketed};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use indexmap::IndexSet;
use serde::Serialize;
use std::sync::Arc;

static MODE: Opt<Mode> =
    Opt::new("mode", "multifield", "What is gone through: `multifield`, `multivalue`, `json_array`, or `auto_collections` for either of the last two.");
static FIELDSTR: Opt<String> = Opt::new("fieldstr", "<<FIELD>>", "What stands for the name of the field.");
static MATCHSTR: Opt<String> = Opt::new("matchstr", "<<MATCHSTR>>", "What stands for the part of the name that the wildcards match.");
static MATCHSEG1: Opt<String> = Opt::new("matchseg1", "<<MATCHSEG1>>", "What stands for what the first wildcard matches.");
static MATCHSEG2: Opt<String> = Opt::new("matchseg2", "<<MATCHSEG2>>", "What stands for what the second wildcard matches.");
static MATCHSEG3: Opt<String> = Opt::new("matchseg3", "<<MATCHSEG3>>", "What stands for what the third wildcard matches.");
static ITEMSTR: Opt<String> = Opt::new("itemstr", "<<ITEM>>", "What stands for the value, where values are gone through.");
static ITERSTR: Opt<String> = Opt::new("iterstr", "<<ITER>>", "What stands for the number of the value, counted from 0.");

pub const COMMAND: Command = Command {
    name: "foreach",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Runs a template once for each of several fields, or an eval for each value of one; names without a wildcard need not be fields.",
    syntax: "foreach [mode=multifield|multivalue|json_array|auto_collections] <field> … [<option>=<text> …] [ <streaming commands> ]",
    options: &[&MODE.card, &FIELDSTR.card, &MATCHSTR.card, &MATCHSEG1.card, &MATCHSEG2.card, &MATCHSEG3.card, &ITEMSTR.card, &ITERSTR.card],
    examples: &[
        Example {
            spl: "| makeresults | eval in_a=1, in_b=2 | foreach in_* [eval <<MATCHSTR>>=<<FIELD>>*10]",
            shows: "new fields named by what the wildcard matches",
        },
        Example {
            spl: r#"| makeresults | eval n=mvappend("5", "15"), total=0 | foreach mode=multivalue n [eval total=total+<<ITEM>>]"#,
            shows: "a sum of values",
        },
        Example {
            spl: r#"| makeresults | eval j="[3,4]" | foreach mode=json_array j [eval last=<<ITEM>>, at=<<ITER>>]"#,
            shows: "the elements of a JSON array",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
enum Mode {
    Fields,
    Values(Values),
}

impl OptionValue for Mode {
    fn read(text: &str) -> Result<Mode, &'static str> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "multifield" => Mode::Fields,
            "multivalue" => Mode::Values(Values::Multivalue),
            "json_array" => Mode::Values(Values::JsonArray),
            "auto_collections" => Mode::Values(Values::Either),
            _ => return Err("`multifield`, `multivalue`, `json_array` or `auto_collections`"),
        })
    }
}

#[derive(Debug, Serialize)]
struct Foreach {
    mode: Mode,
    fields: Vec<Field>,
    marks: Marks,
    item: String,
    iter: String,
    template: String,
    #[serde(skip)]
    span: Span,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let text = |opt: &Opt<String>| opt.card.default.to_string();
    let segments = [text(&MATCHSEG1), text(&MATCHSEG2), text(&MATCHSEG3)];
    let marks = Marks { field: text(&FIELDSTR), matched: text(&MATCHSTR), segments };
    let mut tree =
        Foreach { mode: Mode::Fields, fields: Vec::new(), marks, item: text(&ITEMSTR), iter: text(&ITERSTR), template: String::new(), span: i.span() };
    while !i.is_empty() {
        let (options, written) = (tree.option(i)?, !tree.template.is_empty());
        i = if let Some(rest) = options {
            rest
        } else if i.at_symbol('[') && !written {
            let (rest, inside) = bracketed(i)?;
            let end = inside.skip(usize::MAX / 2);
            (tree.template, tree.span) = (inside.spelled_to(&end).trim().to_string(), i.span_to(&rest));
            if tree.template.is_empty() {
                return inside.miss(Want::Command);
            }
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else if written {
            break;
        } else {
            let (rest, name) = field_but(&[])(i)?;
            tree.fields.push(name);
            rest
        };
        i = commas(i)?.0;
    }
    if tree.fields.is_empty() {
        return i.miss(Want::Field);
    }
    if tree.template.is_empty() {
        return i.miss(Want::Subsearch);
    }
    if !tree.template.starts_with('|') {
        tree.template.insert_str(0, "| ");
    }
    stage(i, tree)
}

impl Foreach {
    fn option<'a>(&mut self, i: Tokens<'a>) -> Result<Option<Tokens<'a>>, nom::Err<crate::syntax::Failure>> {
        let [one, two, three] = &mut self.marks.segments;
        let texts = [
            (&FIELDSTR, &mut self.marks.field),
            (&MATCHSTR, &mut self.marks.matched),
            (&MATCHSEG1, one),
            (&MATCHSEG2, two),
            (&MATCHSEG3, three),
            (&ITEMSTR, &mut self.item),
            (&ITERSTR, &mut self.iter),
        ];
        for (option, into) in texts {
            if let Some(rest) = option.read(i, into)? {
                return Ok(Some(rest));
            }
        }
        MODE.read(i, &mut self.mode)
    }

    /// The steps of the eval that runs for each value.
    fn steps(&self, planner: &Planner<'_>) -> Result<Vec<Extension>, Diagnostic> {
        let text = bound(&self.template, &[(&self.item, ITEM), (&self.iter, ITER)]);
        let (node, shows) = planner.template(self.template.clone(), self.span).plan_and_shows(&text, Node::Held, &planner.around())?;
        let steps = node.over_held().ok().filter(|_| shows.is_empty()).unwrap_or_default();
        if !steps.is_empty() && !steps.iter().any(crate::operator::build::needs_all_rows) {
            return Ok(steps);
        }
        let error = Diagnostic::error(Code::ARGUMENTS, "only `eval`, and commands that change fields as it does, can run for each value").at(self.span);
        Err(error.help("Use `mvexpand` to make rows of the values, then any command."))
    }

    /// The stages for each field, where they can stand one after the other as if they were written so: then no row has to wait for all others.
    /// A whole query has room for a few of them.
    fn written_out(&self, planner: &mut Planner<'_>, stages: &[Step], fields: &[FieldPattern]) -> Option<Vec<String>> {
        let names: IndexSet<&str> = fields.iter().map(|f| f.wildcard.is_none().then_some(f.text.as_str())).collect::<Option<_>>()?;
        let all = names.len().checked_mul(stages.len()).and_then(|all| all.checked_add(planner.written_out)).filter(|all| *all <= WRITTEN_OUT)?;
        if stages.iter().any(|stage| stage.command.name == COMMAND.name) {
            return None;
        }
        let texts: Vec<String> = names.into_iter().map(|name| self.marks.filled(&self.template, name, &[])).collect();
        // A name may be more than a name.
        let fits = |text: &String| plan::template::read(text, &planner.around()).is_ok_and(|(read, _)| read.stages.len() == stages.len());
        texts.iter().all(fits).then(|| {
            planner.written_out = all;
            texts
        })
    }

    /// The plan of these stages over an input.
    fn one_by_one(&self, planner: &mut Planner<'_>, input: Node, texts: Vec<String>) -> Result<Node, Diagnostic> {
        let template = planner.template(self.template.clone(), self.span);
        texts.iter().try_fold(planner.started(input), |node, text| {
            let (node, shows) = template.plan_and_shows(text, node, &planner.around())?;
            planner.shows.extend(shows);
            Ok(node)
        })
    }

    /// The template with sample names has to be stages of streaming commands; gives them.
    fn check(&self, planner: &Planner<'_>) -> Result<Pipeline, Diagnostic> {
        let marks = [(self.marks.field.as_str(), "x"), (&self.marks.matched, "1")];
        let all = marks.into_iter().chain(self.marks.segments.iter().map(|s| (s.as_str(), "1")));
        let text = all.filter(|(mark, _)| !mark.is_empty()).fold(self.template.clone(), |text, (mark, with)| text.replace(mark, with));
        let (pipeline, _) = plan::template::read(&text, &planner.around()).map_err(|d| {
            let message = format!("the template cannot be read: {}", d.message);
            Diagnostic { message, fix: None, others: Vec::new(), ..d }.at(self.span)
        })?;
        match pipeline.stages.iter().find(|s| s.command.kind != Kind::Streaming) {
            None => Ok(pipeline),
            Some(step) => Err(Diagnostic::error(Code::PLACE, format!("`{}` cannot stand in `foreach`", step.command.name))
                .at(self.span)
                .help("Only commands that work row by row can, as `eval` does.")),
        }
    }
}

impl Stage for Foreach {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let repeat = match (self.mode, self.fields.as_slice()) {
            (Mode::Fields, fields) => {
                let stages = self.check(planner)?.stages;
                let fields: Vec<FieldPattern> = fields.iter().map(|f| FieldPattern::new(&f.name)).collect();
                if let Some(texts) = self.written_out(planner, &stages, &fields) {
                    return self.one_by_one(planner, input, texts);
                }
                let (template, marks) = (planner.template(self.template.clone(), self.span), self.marks.clone());
                let found = Found::default();
                let repeat = |shows| Repeat::Fields { template: template.clone(), fields: fields.clone(), marks: marks.clone(), shows, found: found.clone() };
                if self.template.to_ascii_lowercase().contains("fieldformat") {
                    planner.shows.push(Shown::Each(Arc::new(repeat(true))));
                }
                repeat(false)
            }
            (Mode::Values(from), [field]) if !field.is_pattern() => Repeat::Values { field: field.name.as_str().into(), from, steps: self.steps(planner)? },
            (_, fields) => {
                let error = Diagnostic::error(Code::ARGUMENTS, "values are gone through of exactly one field, without wildcards");
                return Err(match fields.last() {
                    Some(last) => error.at(last.span).help("Write a `foreach` for each field."),
                    None => error,
                });
            }
        };
        Ok(Node::Repeat { input: Box::new(planner.started(input)), repeat: Arc::new(repeat) })
    }
}

/// Stages of a query that are written out at most: more would make the plan too deep.
const WRITTEN_OUT: usize = 32;

/// A template with fields in place of its marks: by name in expressions, joined on in double quotes, by value within names.
fn bound(template: &str, marks: &[(&String, &str)]) -> String {
    let (mut out, mut rest, mut quote) = (String::new(), template, None);
    while let Some(c) = rest.chars().next() {
        let here = marks.iter().find(|(mark, _)| !mark.is_empty() && rest.starts_with(mark.as_str()));
        if let Some((mark, field)) = here {
            rest = rest.get(mark.len()..).unwrap_or_default();
            let touches = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '}');
            let first = out.trim_end().ends_with(',') || out.trim_end().to_ascii_lowercase().ends_with("| eval");
            let assigned = rest.trim_start().starts_with('=') && !rest.trim_start().starts_with("==");
            match quote {
                Some('"') => out.push_str(&format!("\".{field}.\"")),
                None if touches(out.chars().last()) || touches(rest.chars().next()) || first && assigned => out.push_str(&format!("{{{field}}}")),
                _ => out.push_str(field),
            }
            continue;
        }
        match (quote, c) {
            (Some('"'), '\\') => {
                let escaped = rest.chars().nth(1).map_or(1, |next| 1 + next.len_utf8());
                out.push_str(rest.get(..escaped).unwrap_or_default());
                rest = rest.get(escaped..).unwrap_or_default();
                continue;
            }
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        out.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    const ROWS: &str = r#"[{"a_x":"1","b_y":"2","m":["3","4"],"j":"[\"p\",{\"q\":1},null]"},{"a_x":"10","m":"5","j":"no"},{"_a_x":"7"}]"#;

    #[test]
    fn fields_by_wildcard_and_by_name() {
        for (query, want) in [
            ("foreach *_x b_* [eval s=coalesce(s, 0)+'<<FIELD>>'] | table s", r#"[{"s":3},{},{}]"#),
            ("foreach *_* [eval n=mvappend(n, \"<<MATCHSEG2>>-<<MATCHSEG1>> <<MATCHSTR>>\")] | head 1 | table n", r#"[{"n":["x-a ax","y-b by"]}]"#),
            ("foreach 1 2 [eval n=coalesce(n, 0)+<<FIELD>>] | head 1 | table n", r#"[{"n":3}]"#),
            ("foreach a_* fieldstr=\"#F\" matchstr=\"#M\" [eval #M=#F+1] | table x", r#"[{"x":2},{"x":11},{}]"#),
            ("foreach a_* [rename <<FIELD>> AS <<MATCHSTR>> | where x>1 | eval <<MATCHSTR>>=x*2] | table x", r#"[{"x":20}]"#),
            ("foreach none* [eval q=1] | table q | head 1", "[{}]"),
            ("foreach a_* [fieldformat <<FIELD>>=\"#\".'<<FIELD>>'] | head 1 | eval a_new=7 | table a_x a_new", r##"[{"a_x":"#1","a_new":7}]"##),
            ("foreach a_* [foreach a_x [fieldformat <<FIELD>>=\"#\".'<<FIELD>>']] | head 1 | table a_x", r##"[{"a_x":"#1"}]"##),
            ("foreach a_* [fieldformat <<FIELD>>=\"#\".'<<FIELD>>'] | table a_x", r##"[{"a_x":"#1"},{"a_x":"#10"},{}]"##),
            (
                "foreach a_* [eval <<FIELD>>='<<FIELD>>'*2 | fieldformat <<FIELD>>=\"#\".'<<FIELD>>'] | head 1 | eval n=a_x+1 | table a_x n",
                r##"[{"a_x":"#2","n":3}]"##,
            ),
            ("foreach a_x b_y [fieldformat <<FIELD>>=\"#\".'<<FIELD>>'] | eval n=a_x+1 | head 1 | table a_x b_y n", r##"[{"a_x":"#1","b_y":"#2","n":2}]"##),
            ("foreach a_x [eval q=1] fieldstr=Z | stats sum(q) AS q", r#"[{"q":3}]"#),
        ] {
            assert_eq!(run(ROWS, &format!("* | {query}")), want, "{query}");
        }
    }

    #[test]
    fn many_stages_are_not_written_out() {
        use super::*;
        use crate::{Engine, Settings, knowledge::Knowledge, store::Catalog};
        let engine = Engine::new(Catalog::default(), Knowledge::builtin(), Settings::default());
        let repeats = |query: &str| {
            let planned = engine.plan(engine.parse(query, None)).unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
            plan::explain::text(&planned.plan).matches("Repeat").count()
        };
        let names = |n: usize| (0..n).map(|i| format!("f{i}")).collect::<Vec<_>>().join(" ");
        let each = |n: usize| format!("foreach {} [eval x=1]", names(n));
        for (query, want) in [
            (each(WRITTEN_OUT), 0),
            (each(WRITTEN_OUT + 1), 1),
            (format!("{} | {} | append [search * | {}]", each(30), each(2), each(1)), 1),
            ("foreach a [foreach b [eval x=1]]".into(), 1),
            (r#"foreach "x=1 | eval y" [eval <<FIELD>>=1]"#.into(), 1),
            ("foreach a a a [eval x=1 | eval y=2]".into(), 0),
        ] {
            assert_eq!(repeats(&format!("* | {query}")), want, "{query}");
        }
    }

    #[test]
    fn values_one_by_one() {
        for (query, want) in [
            ("foreach mode=multivalue m [eval s=coalesce(s, 0)+<<ITEM>>, i=<<ITER>>] | table s i", r#"[{"s":7,"i":1},{"s":5,"i":0},{}]"#),
            (r#"foreach mode=multivalue m [eval t=mvappend(t, "v<<ITEM>>", "<<ITER>>")] | table t | head 1"#, r#"[{"t":["v3","0","v4","1"]}]"#),
            ("foreach mode=multivalue m [eval at_<<ITER>>=<<ITEM>>] | table at_0 at_1", r#"[{"at_0":"3","at_1":"4"},{"at_0":"5"},{}]"#),
            (r#"foreach mode=json_array j [eval l=mvappend(l, <<ITEM>>)] | table l"#, r#"[{"l":["p","{\"q\":1}","null"]},{},{}]"#),
            ("foreach m mode=auto_collections itemstr=V iterstr=N [eval s=coalesce(s, 0)+V+N] | table s", r#"[{"s":8},{"s":5},{}]"#),
            ("foreach mode=auto_collections j [eval c=coalesce(c, 0)+1] | table c", r#"[{"c":3},{"c":1},{}]"#),
            ("foreach mode=multivalue nowhere [eval c=1] | stats count(c) AS c, count", r#"[{"c":0,"count":3}]"#),
        ] {
            assert_eq!(run(ROWS, &format!("* | {query}")), want, "{query}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (query, want) in [
            ("foreach", "expected"),
            ("foreach a*", "a subsearch"),
            ("foreach [eval x=1]", "expected a field"),
            ("foreach a* []", "expected"),
            ("foreach a* [eval x=]", "template cannot be read"),
            ("foreach a* [stats count]", "`stats` cannot stand in `foreach`"),
            ("foreach mode=all a* [eval x=1]", "`mode` takes"),
            ("foreach mod=multivalue a [eval x=1]", "no option `mod`"),
            ("foreach mode=multivalue a b [eval x=1]", "exactly one field"),
            ("foreach mode=multivalue m [where <<ITEM>>>1]", "only `eval`"),
            ("foreach mode=multivalue m [eval x=nosuch(<<ITEM>>)]", "unknown function `nosuch`"),
        ] {
            let got = run(ROWS, &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
