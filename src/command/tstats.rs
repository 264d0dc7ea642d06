//! tstats: statistics over fields that are there without extraction, or over a dataset of a data model.

use super::{Command, Kind, Stage, prefix, stage, tscollect};
use crate::card::{Example, Support};
use crate::column::Value;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::knowledge::datamodel::Dataset;
use crate::plan::{self, Change, Each, Extension, FieldPattern, Node, Planner, Predicate, Target, planner};
use crate::syntax::aggregation::{Aggregation, aggregations};
use crate::syntax::ast::Search;
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, at_option, raw_value, unknown_option};
use crate::syntax::search::search;
use crate::syntax::token::Kind as Token;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static PRESTATS: Opt<bool> = Opt::new("prestats", "f", "Hand the rows on for a stats, chart or timechart that follows, instead of results.");
static LOCAL: Opt<bool> = Opt::new("local", "f", "Run on the search head alone; there is one place here.").idle();
static APPEND: Opt<bool> = Opt::new("append", "f", "Put the rows behind those that are there.");
static SUMMARIESONLY: Opt<bool> = Opt::new("summariesonly", "f", "Read summaries alone; there are none here, the events themselves are read.").idle();
static ALLOW_OLD: Opt<bool> = Opt::new("allow_old_summaries", "f", "Read summaries of an older data model too; there are none here.").idle();
static REDUCED: Opt<bool> = Opt::new("include_reduced_buckets", "f", "Read reduced buckets too; there are none here.").idle();
static CHUNK_SIZE: Opt<u64> = Opt::new("chunk_size", "10000000", "How much is read at a time; it changes no result.").idle();
static FILLNULL: Opt<Option<String>> = Opt::new("fillnull_value", "", "Stands for missing values of by-fields; rows without one are left out else.");
static SPAN: Opt<Option<String>> = Opt::new("span", "", "The length of time of a row, for `BY _time`.");

pub const COMMAND: Command = Command {
    name: "tstats",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Works out statistics over fields of the events, all of which count as indexed, or over a dataset of a data model, or over rows that tscollect wrote.",
    syntax: "tstats [prestats=<bool>] [local=<bool>] [append=<bool>] [summariesonly=<bool>] [include_reduced_buckets=<bool>] [allow_old_summaries=<bool>] [chunk_size=<n>] [fillnull_value=<text>] <function>(<field>) [AS <name>] … [FROM datamodel=<model>[.<dataset>]|<namespace>] [WHERE <search>] [BY <field>|PREFIX(<text>) … [span=<span>]]",
    options: &[&PRESTATS.card, &LOCAL.card, &APPEND.card, &SUMMARIESONLY.card, &REDUCED.card, &ALLOW_OLD.card, &CHUNK_SIZE.card, &FILLNULL.card, &SPAN.card],
    examples: &[
        Example { spl: "| tstats count WHERE index=* BY sourcetype", shows: "one row a source type" },
        Example { spl: "| tstats sum(PREFIX(bytes=)) AS bytes BY PREFIX(user=)", shows: "terms such as `bytes=10` of the events' text" },
        Example {
            spl: "| tstats count FROM datamodel=Endpoint.Processes WHERE Processes.process_name=regasm.exe BY Processes.dest _time span=1h",
            shows: "processes by machine and hour",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Default, Serialize)]
struct Tstats {
    prestats: bool,
    append: bool,
    fillnull: Option<String>,
    aggregations: Vec<Aggregation>,
    from: Option<From>,
    condition: Option<Search>,
    by: Vec<Field>,
    span: Option<String>,
    /// All of it, to see which of the dataset's fields are named, also within subsearches.
    #[serde(skip)]
    text: String,
}

/// What the rows come from, if not all events.
#[derive(Debug, Serialize)]
struct From {
    name: String,
    datamodel: bool,
    #[serde(skip)]
    span: Span,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut t = Tstats::default();
    let start = i;
    let i = options(i, &mut t)?;
    if at_option(i) {
        return unknown_option(i, COMMAND.name, COMMAND.options);
    }
    let (rest, first) = aggregations(i)?;
    t.aggregations = first;
    let mut i = options(rest, &mut t)?;
    // Shipped searches have options between the functions too.
    while !["FROM", "WHERE", "BY", "GROUPBY"].iter().any(|w| i.at_word(w)) {
        match aggregations(i) {
            Ok((rest, more)) => {
                t.aggregations.extend(more);
                i = options(rest, &mut t)?;
            }
            Err(nom::Err::Error(_)) => break,
            Err(hard) => return Err(hard),
        }
    }
    if i.at_word("FROM") {
        let (rest, from) = from(i.skip(1))?;
        t.from = Some(from);
        i = options(rest, &mut t)?;
    }
    if i.at_word("WHERE") {
        let (rest, condition) = search(i.skip(1).only(until_by(i.skip(1), BY)))?;
        if !rest.is_empty() {
            return rest.miss(Want::SearchTerm);
        }
        t.condition = Some(condition);
        i = i.skip(1 + until_by(i.skip(1), BY));
    }
    if i.at_word("BY") || i.at_word("GROUPBY") {
        i = commas(i.skip(1))?.0;
        loop {
            i = if t.by.is_empty() || !i.is_empty() {
                let read = options(i, &mut t)?;
                if i.until(&read) > 0 {
                    read
                } else if at_option(i) {
                    return unknown_option(i, COMMAND.name, COMMAND.options);
                } else {
                    let (rest, name) = if i.at_word("PREFIX") && i.peek(1).is_some_and(|t| t.is('(')) { prefix::directive(i)? } else { field_but(&[])(i)? };
                    t.by.push(name);
                    rest
                }
            } else {
                break;
            };
            i = commas(i)?.0;
        }
    }
    t.text = start.source_to(&i);
    stage(i, t)
}

fn options<'a>(mut i: Tokens<'a>, t: &mut Tstats) -> Result<Tokens<'a>, nom::Err<crate::syntax::Failure>> {
    let (mut flag, mut number) = (false, 0);
    loop {
        i = if let Some(rest) = PRESTATS.read(i, &mut t.prestats)? {
            rest
        } else if let Some(rest) = APPEND.read(i, &mut t.append)? {
            rest
        } else if let Some(rest) = FILLNULL.read(i, &mut t.fillnull)? {
            rest
        } else if let Some(rest) = SPAN.read(i, &mut t.span)? {
            rest
        } else if let Some(rest) = CHUNK_SIZE.read(i, &mut number)? {
            rest
        } else if let Some(rest) = [&LOCAL, &SUMMARIESONLY, &ALLOW_OLD, &REDUCED].iter().find_map(|o| o.read(i, &mut flag).transpose()).transpose()? {
            rest
        } else {
            return Ok(i);
        };
        i = commas(i)?.0;
    }
}

/// What ends the condition.
const BY: &[&str] = &["by", "groupby"];

/// `datamodel=Model.Dataset`, `datamodel Model.Dataset`, or the name of something else.
fn from(i: Tokens<'_>) -> Parsed<'_, From> {
    let datamodel = i.at_word("datamodel");
    let mut rest = if datamodel { i.skip(1) } else { i };
    if datamodel && (rest.at_symbol('=') || rest.at_symbol(':')) {
        rest = rest.skip(1);
    }
    let at = rest;
    let mut name = String::new();
    loop {
        // Parts may be quoted: "Model"."Dataset".
        let (after, part) = raw_value(rest)?;
        name.push_str(&part.text);
        rest = after;
        if !rest.first().is_some_and(|t| t.glued && (t.is('.') || matches!(t.kind, Token::String))) {
            break;
        }
    }
    Ok((rest, From { name, datamodel, span: at.span_to(&rest) }))
}

/// Tokens up to one of these words, neither in parentheses nor in brackets, nor part of a longer one.
pub(super) fn until_by(i: Tokens<'_>, words: &[&str]) -> usize {
    let mut depth = 0usize;
    let mut n = 0;
    while let Some(t) = i.peek(n) {
        match t.kind {
            Token::Symbol('(' | '[') => depth += 1,
            Token::Symbol(')' | ']') => depth = depth.saturating_sub(1),
            Token::Word if depth == 0 && !t.glued && words.iter().any(|w| i.text(t).eq_ignore_ascii_case(w)) => return n,
            _ => {}
        }
        n += 1;
    }
    n
}

impl From {
    /// The rows that tscollect wrote.
    fn collected(&self, planner: &Planner<'_>) -> Result<Node, Diagnostic> {
        if self.name.starts_with("sid=") {
            return Err(Diagnostic::error(Code::NEEDS_SERVER, "the files of a search job are on a server")
                .at(self.span)
                .help("Give them a name: `tscollect namespace=…`."));
        }
        tscollect::rows(planner, &self.name, self.span)
    }

    /// The dataset, or what is missing for it.
    fn dataset<'a>(&self, planner: &Planner<'a>) -> Result<&'a Dataset, Diagnostic> {
        dataset(planner, &self.name).map_err(|d| d.at(self.span))
    }
}

/// The dataset of a name such as `Endpoint.Processes`.
pub(super) fn dataset<'a>(planner: &Planner<'a>, name: &str) -> Result<&'a Dataset, Diagnostic> {
    let (model, part) = name.split_once('.').map_or((name, None), |(model, part)| (model, Some(part)));
    planner.knowledge.dataset(model, part).ok_or_else(|| {
        let known = planner.knowledge.models().filter(|m| m.name == model).flat_map(|m| &m.datasets);
        let known = known.map(|d| format!("`{}.{}`", d.model, d.name)).collect::<Vec<_>>().join(", ");
        let help = match known.is_empty() {
            true => "Known are those of the Common Information Model, and those of apps (`data/models`); search the events themselves instead.".to_string(),
            false => format!("Of this model there are {known}."),
        };
        Diagnostic::error(Code::KNOWN_NOT_BUILT, format!("the data model dataset `{name}` is not known here")).help(help)
    })
}

/// The rows of a dataset, with its fields under their own names. Where it is no more than a search for events, `more` is asked of
/// them as well, so that the scan can pass over most.
pub(super) fn rows(planner: &mut Planner<'_>, dataset: &Dataset, more: Option<Predicate>) -> Result<Node, Diagnostic> {
    if dataset.search.is_some() {
        let wanted = std::iter::once(events(planner, dataset)?).chain(more).collect();
        return Ok(Node::Filter { input: Box::new(planner.started(Node::Start)), predicate: Predicate::And(wanted) });
    }
    let what = format!("the dataset `{}.{}`", dataset.model, dataset.name);
    let rows = planner.text(&dataset.spl, &what, Node::Start)?;
    Ok(planner.started(rows))
}

/// The events of a dataset: those with its tags. Warns where no event type has one of them.
fn events(planner: &mut Planner<'_>, dataset: &Dataset) -> Result<Predicate, Diagnostic> {
    let lacking: Vec<String> = dataset.tags().into_iter().filter(|t| planner.knowledge.tags().values(t).next().is_none()).collect();
    if !lacking.is_empty() {
        let name = format!("{}.{}", dataset.model, dataset.name);
        let warning = Diagnostic::warning(
            Code::KNOWN_NOT_BUILT,
            format!("no event type has the tag `{}`, so `{name}` holds only events with a `tag` field of their own", lacking.join("`, `")),
        );
        planner.warnings.push(warning.at(planner.span).help("Give an app with eventtypes.conf and tags.conf: `--app DIR`."));
    }
    planner.search_text(dataset.search.as_deref().unwrap_or("*"), planner.span)
}

impl Tstats {
    /// The rows that statistics are over.
    fn rows(&self, planner: &mut Planner<'_>) -> Result<Node, Diagnostic> {
        let condition = self.condition.as_ref().map(|c| planner.predicate(c)).transpose()?.map(Predicate::of_events);
        let collected = self.from.as_ref().filter(|f| !f.datamodel).map(|f| f.collected(planner)).transpose()?;
        let dataset = self.from.as_ref().filter(|f| f.datamodel).map(|f| f.dataset(planner)).transpose()?;
        let rows = match dataset {
            None => collected.unwrap_or_else(|| planner.started(Node::Start)),
            Some(dataset) => {
                // The same condition over the events' own names lets the scan pass over most of them.
                let more = condition.clone().filter(|c| !c.has_subsearch()).and_then(|c| plain(c, dataset, &dataset.prefixes()));
                let rows = self::rows(planner, dataset, more)?;
                let steps = self.fields(dataset, planner)?;
                Node::Extend { input: Box::new(rows), steps }
            }
        };
        Ok(match condition {
            Some(predicate) => Node::Filter { input: Box::new(rows), predicate },
            None => rows,
        })
    }

    /// The dataset's names for the fields that the stage mentions.
    fn fields(&self, dataset: &Dataset, planner: &Planner<'_>) -> Result<Vec<Extension>, Diagnostic> {
        let prefixes = dataset.prefixes();
        let mut steps: Vec<Extension> = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        for prefix in &prefixes {
            let dotted = format!("{prefix}.");
            for (at, _) in self.text.match_indices(&dotted) {
                let before = self.text.get(..at).and_then(|t| t.chars().next_back());
                let rest = self.text.get(at + dotted.len()..).unwrap_or_default();
                // A longer way down begins with this one.
                let longer = |p: &String| p.len() > prefix.len() && self.text.get(at..).is_some_and(|t| t.starts_with(&format!("{p}.")));
                if prefixes.iter().any(longer) {
                    continue;
                }
                let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '*'))).unwrap_or(rest.len());
                let field = rest.get(..end).unwrap_or_default();
                let name = format!("{dotted}{field}");
                if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.')) || field.is_empty() || seen.contains(&name) {
                    continue;
                }
                seen.push(name.clone());
                if field.contains('*') {
                    let change = Change::Convert(plan::Conversion::None);
                    steps.push(Extension::Each(Each { fields: vec![FieldPattern::new(field)], except: Vec::new(), into: Some(name), create: false, change }));
                    continue;
                }
                let expr = match dataset.defaults(field) {
                    true => planner::expression(&format!("coalesce({field}, \"unknown\")"), planner.knowledge, &planner.env)?,
                    false => plan::Expr::Field(field.into()),
                };
                steps.push(Extension::Assign { target: Target::Field(name.as_str().into()), expr });
            }
        }
        if self.text.contains("nodename") {
            let path = plan::Expr::Literal(Value::owned(dataset.lineage.join(".")));
            steps.push(Extension::Assign { target: Target::Field("nodename".into()), expr: path });
        }
        Ok(steps)
    }
}

/// The condition over the names without the dataset's; `None` where it cannot be said so.
fn plain(predicate: Predicate, dataset: &Dataset, prefixes: &[String]) -> Option<Predicate> {
    let stripped = |name: &str| prefixes.iter().find_map(|p| name.strip_prefix(p.as_str())?.strip_prefix('.').map(str::to_string));
    Some(match predicate {
        // Parts that cannot be said may be left out: the whole condition comes later.
        Predicate::And(all) => Predicate::And(all.into_iter().filter_map(|p| plain(p, dataset, prefixes)).collect()),
        Predicate::Or(all) => Predicate::Or(all.into_iter().map(|p| plain(p, dataset, prefixes)).collect::<Option<_>>()?),
        Predicate::Field { name, test, .. } => {
            let field = stripped(&name).filter(|f| !dataset.defaults(f))?;
            Predicate::field(field.as_str(), test)
        }
        time @ Predicate::Time(_) => time,
        _ => return None,
    })
}

impl Stage for Tstats {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let first = matches!(input, Node::Start);
        if !first && !self.append {
            return Err(
                Diagnostic::error(Code::PLACE, "`tstats` must stand first, or say `append=t`").help("Else put it into a subsearch: `| append [| tstats …]`.")
            );
        }
        let (rows, aggregations, by) = prefix::lowered(self.rows(planner)?, &self.aggregations, &self.by)?;
        let grouped = grouped(rows, &aggregations, &by, self.fillnull.as_deref(), self.span.as_deref(), self.prestats, planner)?;
        Ok(if first { grouped } else { Node::Union { inputs: vec![input, grouped] } })
    }
}

/// Rows in bins of time, without nulls where those are filled, and what is worked out over them.
pub(super) fn grouped(
    mut rows: Node,
    aggregations: &[Aggregation],
    by: &[Field],
    fillnull: Option<&str>,
    span: Option<&str>,
    prestats: bool,
    planner: &mut Planner<'_>,
) -> Result<Node, Diagnostic> {
    let names: Vec<crate::column::Name> = by.iter().map(|f| f.name.as_str().into()).collect();
    let timed = names.iter().any(|n| &**n == "_time");
    if let Some(text) = fillnull {
        let fields = names.iter().filter(|n| &***n != "_time").map(|n| FieldPattern::new(n)).collect();
        let fill = Each { fields, except: Vec::new(), into: None, create: true, change: Change::Fill(Value::owned(text)) };
        rows = Node::Extend { input: Box::new(rows), steps: vec![Extension::Each(fill)] };
    }
    let outputs = planner.outputs(aggregations)?;
    let mut aggregation = plan::Aggregation { by: names, outputs, keep_null: false, sorted: true, ..plan::Aggregation::default() };
    if timed {
        rows = match aggregation.keep_times() {
            Some(step) => Node::Extend { input: Box::new(rows), steps: vec![step] },
            None => rows,
        };
    }
    rows = match span.filter(|text| !text.eq_ignore_ascii_case("auto")) {
        Some(text) => {
            let Some(span) = plan::BinSpan::parse(text, true, None) else {
                return Err(Diagnostic::error(Code::TIME, format!("`{text}` is no span"))
                    .at(planner.span)
                    .help("A span is a time such as `30s`, `5m`, `1h` or `1d`."));
            };
            Node::Extend { input: Box::new(rows), steps: vec![Extension::Bin { field: "_time".into(), span, into: "_time".into() }] }
        }
        None if timed => Node::Bin {
            input: Box::new(rows),
            bin: plan::AutoBin { field: "_time".into(), into: "_time".into(), bins: 100, minspan: None, start: None, end: None },
        },
        None => rows,
    };
    let aggregation = if prestats { planner.giving(aggregation)? } else { aggregation };
    Ok(Node::Aggregate { input: Box::new(rows), aggregation })
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn statistics_over_events() {
        let rows = r#"[{"_time":100,"host":"a","n":"1"},{"_time":3700,"host":"a","n":"3"},{"_time":3800,"host":"b"},{"_time":50,"n":"9"}]"#;
        for (query, want) in [
            ("| tstats count", r#"[{"count":4}]"#),
            (
                "| tstats summariesonly=t allow_old_summaries=f chunk_size=5 count sum(n) AS s where host=* by host",
                r#"[{"host":"a","count":2,"s":4},{"host":"b","count":1}]"#,
            ),
            ("| tstats count summariesonly=t sum(n) AS s where host=a", r#"[{"count":2,"s":4}]"#),
            (
                "| tstats count by host _time span=1h",
                r#"[{"host":"a","_time":0,"count":1},{"host":"a","_time":3600,"count":1},{"host":"b","_time":3600,"count":1}]"#,
            ),
            ("| tstats fillnull_value=null local=t count by host", r#"[{"host":"a","count":2},{"host":"b","count":1},{"host":"null","count":1}]"#),
            ("| tstats prestats=t count by host | stats count by host", r#"[{"host":"a","count":2},{"host":"b","count":1}]"#),
            ("| tstats count where host=a | tstats append=t count where host=b", r#"[{"count":2},{"count":1}]"#),
            ("| tstats count where (host=a OR host=b) n>1 GROUPBY host", r#"[{"host":"a","count":1}]"#),
            ("| tstats latest(n) as l min(_time) as t where [| makeresults | eval host=\"a\" | fields host] by host", r#"[{"host":"a","l":"3","t":100}]"#),
        ] {
            assert_eq!(run(rows, query), want, "{query}");
        }
        for (query, want) in [
            ("| tstats", "expected"),
            ("| tstats count from mydata", "no rows of the namespace"),
            ("| tstats count from datamodel=X.Y", "not known here"),
            ("| tstats summariesonli=t count", "`summariesonly`"),
            ("| tstats count by host span=x", "no span"),
            ("* | tstats count", "must stand first"),
            ("| tstats count where host=a b=(", "expected"),
            ("| tstats count by", "expected a field"),
        ] {
            let got = run(rows, query);
            assert!(got.contains(want), "{query}: {got}");
        }
    }

    #[test]
    fn datasets_have_events_by_their_tags() {
        let sysmon = r#""source":"XmlWinEventLog:Microsoft-Windows-Sysmon/Operational","sourcetype":"XmlWinEventLog""#;
        let rows = format!(
            r#"[{{{sysmon},"EventID":"1","Image":"C:\\x\\regasm.exe","Computer":"h1","_time":10}},{{{sysmon},"EventID":"1","Image":"C:\\x\\cmd.exe","Computer":"h1","_time":20}},{{{sysmon},"EventID":"3","Image":"C:\\x\\regasm.exe","_time":30}},{{"tag":["web"],"url":"/a","_time":5}}]"#
        );
        for (query, want) in [
            ("| tstats count from datamodel=Endpoint.Processes", r#"[{"count":2}]"#),
            (
                r#"| tstats count min(_time) as first from datamodel=Endpoint.Processes where Processes.process_name="regasm.exe" by Processes.dest Processes.process_name"#,
                r#"[{"Processes.dest":"h1","Processes.process_name":"regasm.exe","count":1,"first":10}]"#,
            ),
            (
                r#"| tstats values(Processes.process_name) as p from datamodel="Endpoint"."Processes" where Processes.dest!=unknown"#,
                r#"[{"p":["cmd.exe","regasm.exe"]}]"#,
            ),
            (
                r#"| tstats count from datamodel=Endpoint where [| makeresults | eval "Processes.process_name"="cmd.exe" | fields Processes.process_name] by Processes.dest"#,
                r#"[{"Processes.dest":"h1","count":1}]"#,
            ),
            ("| tstats count from datamodel=Endpoint.Processes where NOT Processes.process_name=cmd.exe", r#"[{"count":1}]"#),
            ("| tstats count from datamodel=Web by Web.url, Web.dest", r#"[{"Web.url":"/a","Web.dest":"unknown","count":1}]"#),
            ("| tstats count from datamodel=Network_Traffic where nodename=All_Traffic", r#"[{"count":1}]"#),
        ] {
            assert_eq!(run(&rows, query), want, "{query}");
        }
    }
}
