//! `spl explain`: every stage of a query on its way from text to rows.

use super::{DONE, Failed, Report, Shared, interrupt, query};
use crate::Engine;
use crate::diagnostic::{Origin, Sources};
use crate::engine::Failure;
use crate::operator::Context;
use crate::output::Sink;
use crate::plan::{Node, explain, rules};
use crate::syntax::{Kind, Token};
use serde_json::{Map, Value as Json, json};
use std::fmt::Write;
use std::time::Instant;

#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "--format json prints the stages as one object.")]
pub struct Args {
    #[command(flatten)]
    query: query::Text,
    /// Only this stage
    #[arg(long, value_enum)]
    at: Option<At>,
    /// Run the query too, and say what it took
    #[arg(long)]
    analyze: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum At {
    /// The text, cut
    Tokens,
    /// With macros put in
    Expanded,
    /// As read by the commands
    Tree,
    /// What it means
    Plan,
    /// The plan after each rewrite
    Rules,
    /// What runs, and how
    Operators,
}

pub fn run(shared: &Shared, args: &Args, report: &mut Report) -> Result<u8, Failed> {
    let settings = shared.settings()?;
    let query::Written { text, detection, knowledge } = args.query.read(shared)?;
    report.plain(knowledge.warnings());
    let engine = Engine::new(shared.streamed(shared.files(None)?, &settings), knowledge, settings);
    interrupt::install(&engine.cancel);
    let mut out = Stages { at: args.at, text: String::new(), json: Map::new() };
    let done = stages(&engine, &text, args.analyze, &mut out);
    let mut sink: Sink = shared.sink()?;
    match shared.wanted_format().is_some_and(|f| f.is_json()) {
        true => sink.text(&format!("{:#}\n", Json::Object(out.json)))?,
        false => sink.text(&out.text)?,
    }
    sink.finish()?;
    done.map_err(|f| query::in_file(f, detection.as_ref()))?;
    Ok(DONE)
}

/// What is shown, as text and as JSON.
struct Stages {
    at: Option<At>,
    text: String,
    json: Map<String, Json>,
}

impl Stages {
    fn add(&mut self, at: At, name: &str, text: &str, json: Json) {
        if self.at.is_some_and(|only| only != at) {
            return;
        }
        if self.at.is_none() {
            // Writing to a String cannot fail.
            let _ = writeln!(self.text, "── {name} {}", "─".repeat(70 - name.len().min(60)));
        }
        self.text.push_str(text);
        if !text.ends_with('\n') {
            self.text.push('\n');
        }
        self.json.insert(name.to_string(), json);
    }
}

fn stages(engine: &Engine, text: &str, analyze: bool, out: &mut Stages) -> Result<(), Failure> {
    let parsed = engine.parse(text, None);
    let sources = &parsed.sources;
    out.add(At::Tokens, "tokens", &token_lines(&parsed.tokens, sources), tokens_json(&parsed.tokens, sources));
    let expanded = format!("{}\n{}", spelled(&parsed.expanded, sources), token_lines(&parsed.expanded, sources));
    let expanded_json = json!({"text": spelled(&parsed.expanded, sources), "tokens": tokens_json(&parsed.expanded, sources)});
    out.add(At::Expanded, "expanded", &expanded, expanded_json);
    let tree = serde_json::to_value(&parsed.pipeline).unwrap_or_default();
    out.add(At::Tree, "tree", &tree_lines(&tree), tree.clone());
    // What is only read need not be planned: it may lack an app's lookups.
    if !analyze && matches!(out.at, Some(At::Tokens | At::Expanded | At::Tree)) {
        return if parsed.diagnostics.is_empty() { Ok(()) } else { Err(Failure { sources: parsed.sources, diagnostics: parsed.diagnostics }) };
    }
    let lowered = engine.lower(parsed)?;
    out.add(At::Plan, "plan", &explain::text(&lowered.plan), explain::json(&lowered.plan));
    let (text, json) = rewrites(&lowered.plan);
    out.add(At::Rules, "rules", &text, json);
    let planned = engine.rewrite(lowered);
    let (text, json) = operators(&planned.plan, engine);
    out.add(At::Operators, "operators", &text, json);
    if analyze {
        let start = Instant::now();
        let mut running = engine.start_measured(planned)?;
        let (mut rows, mut batches) = (0, 0);
        loop {
            match running.next_batch() {
                Ok(Some(batch)) => (rows, batches) = (rows + batch.len(), batches + 1),
                Ok(None) => break,
                Err(d) => return Err(Failure { sources: running.sources, diagnostics: vec![d] }),
            }
        }
        let ms = start.elapsed().as_secs_f64() * 1e3;
        let (text, json) = analysis(&running.context, rows, batches, ms);
        let at = out.at.unwrap_or(At::Operators);
        out.add(at, "analyze", &text, json);
    }
    Ok(())
}

fn kind(token: &Token) -> &'static str {
    match token.kind {
        Kind::Word => "word",
        Kind::String => "string",
        Kind::Quoted => "quoted",
        Kind::Macro => "macro",
        Kind::Escape => "escape",
        Kind::Symbol(_) => "symbol",
    }
}

/// The macro whose body a token stands in.
fn origin<'a>(token: &Token, sources: &'a Sources) -> Option<&'a str> {
    match sources.get(token.span.source).map(|s| &s.origin) {
        Some(Origin::Macro { name, .. }) => Some(name),
        _ => None,
    }
}

fn token_lines(tokens: &[Token], sources: &Sources) -> String {
    let mut out = String::new();
    for t in tokens {
        let from = origin(t, sources).map(|n| format!("   in `{n}`")).unwrap_or_default();
        let glued = if t.glued { "+" } else { " " };
        let place = format!("{}..{}", t.span.start, t.span.end);
        let _ = writeln!(out, "{place:>10} {glued}{:<7} {}{from}", kind(t), sources.slice(t.span));
    }
    out
}

fn tokens_json(tokens: &[Token], sources: &Sources) -> Json {
    let one = |t: &Token| json!({"kind": kind(t), "text": sources.slice(t.span), "start": t.span.start, "end": t.span.end, "glued": t.glued, "macro": origin(t, sources)});
    tokens.iter().map(one).collect()
}

/// The tokens as a query again, a stage a line.
fn spelled(tokens: &[Token], sources: &Sources) -> String {
    let mut out = String::new();
    for t in tokens {
        if t.is('|') && !out.is_empty() {
            out.push('\n');
        } else if !t.glued && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(sources.slice(t.span));
    }
    out
}

/// A tree as lines: one stage each, its parts as JSON below.
fn tree_lines(tree: &Json) -> String {
    let mut out = String::new();
    for stage in tree.as_array().into_iter().flatten() {
        let command = stage.get("command").and_then(Json::as_str).unwrap_or_default();
        let parts = stage.get("stage").map(|s| without_places(s.clone())).unwrap_or_default();
        let _ = writeln!(out, "{command}\n    {}", format!("{parts:#}").replace('\n', "\n    "));
    }
    out
}

fn without_places(json: Json) -> Json {
    match json {
        Json::Object(map) => map.into_iter().filter(|(k, _)| k != "span").map(|(k, v)| (k, without_places(v))).collect(),
        Json::Array(all) => all.into_iter().map(without_places).collect(),
        other => other,
    }
}

/// The plan after each rule that changes it.
fn rewrites(plan: &Node) -> (String, Json) {
    let mut node = plan.clone();
    let (mut text, mut json) = (String::new(), Vec::new());
    for rule in rules::RULES {
        let before = explain::text(&node);
        node = (rule.apply)(node);
        let after = explain::text(&node);
        let changed = before != after;
        let _ = writeln!(text, "{}: {}", rule.name, if changed { "" } else { "changes nothing" });
        if changed {
            text.extend(after.lines().map(|l| format!("    {l}\n")));
        }
        json.push(json!({"rule": rule.name, "changed": changed, "plan": explain::json(&node)}));
    }
    (text, json.into())
}

/// How the nodes of a plan run.
#[derive(Clone, Copy, PartialEq)]
enum How {
    Cores,
    Stream,
    Whole,
}

impl How {
    fn words(self) -> &'static str {
        match self {
            How::Cores => "on every core, chunk by chunk",
            How::Stream => "batch by batch",
            How::Whole => "needs all rows",
        }
    }

    fn of(node: &Node, inputs: &[How]) -> How {
        let cores = inputs.first() == Some(&How::Cores);
        match node {
            Node::Scan(_) => How::Cores,
            Node::Filter { .. } | Node::Extend { .. } | Node::Project { .. } | Node::Rename { .. } | Node::Lookup { .. } | Node::Unnest { .. } if cores => {
                How::Cores
            }
            Node::Sort { .. }
            | Node::Aggregate { .. }
            | Node::Attach { .. }
            | Node::Top { .. }
            | Node::Tail { .. }
            | Node::Reverse { .. }
            | Node::Bin { .. }
            | Node::Fill { .. }
            | Node::Combine { .. }
            | Node::Join { .. }
            | Node::Fork { .. }
            | Node::Pair { .. }
            | Node::Repeat { .. }
            | Node::Reshape { .. }
            | Node::Session { .. }
            | Node::Rework { .. }
            | Node::Pivot { .. } => How::Whole,
            _ => How::Stream,
        }
    }
}

fn operators(plan: &Node, engine: &Engine) -> (String, Json) {
    let mut text = String::new();
    let (_, json) = operator(plan, 0, engine, &mut text);
    (text, json)
}

/// What a query took, and each of its operators.
fn analysis(cx: &Context, rows: usize, batches: usize, ms: f64) -> (String, Json) {
    let mib = |n: usize| n as f64 / f64::from(1 << 20);
    let (read, events, held) = (cx.scanned.bytes(), cx.scanned.events(), cx.memory.used());
    let mut text = format!("{rows} rows in {batches} batches, {ms:.1} ms, {} threads, {:.1} MiB held at the end\n", cx.threads, mib(held));
    let _ = writeln!(text, "{:.1} MiB of files searched, {events} events parsed", mib(read));
    let _ = writeln!(text, "\n{:<32}{:>12}{:>12}", "operator", "rows", "ms");
    let mut operators = Vec::new();
    for meter in cx.meters.iter().flat_map(|m| m.all()) {
        let ms = meter.time().as_secs_f64() * 1e3;
        let name = format!("{:indent$}{}", "", meter.name, indent = meter.depth * 2);
        let _ = writeln!(text, "{name:<32}{:>12}{ms:>12.1}", meter.rows());
        operators.push(json!({"operator": meter.name, "depth": meter.depth, "rows": meter.rows(), "ms": ms}));
    }
    let json = json!({
        "rows": rows, "batches": batches, "ms": ms, "bytes": held, "threads": cx.threads, "bytes_searched": read, "events_parsed": events, "operators": operators
    });
    (text, json)
}

fn operator(node: &Node, depth: usize, engine: &Engine, text: &mut String) -> (How, Json) {
    let mut below = String::new();
    let (hows, inputs): (Vec<How>, Vec<Json>) = node.inputs().into_iter().map(|i| operator(i, depth + 1, engine, &mut below)).unzip();
    let how = How::of(node, &hows);
    let partial = matches!(node, Node::Aggregate { .. }) && hows.first() == Some(&How::Cores);
    let words = if partial { "partial results on every core, merged in order" } else { how.words() };
    let name = explain::describe(node).0;
    let _ = writeln!(text, "{:indent$}{name:<12}{words}", "", indent = depth * 2);
    text.push_str(&below);
    let check = match node {
        Node::Scan(scan) => engine.raw_check(scan),
        _ => String::new(),
    };
    if !check.is_empty() {
        let _ = writeln!(text, "{:indent$}only records that show {check}", "", indent = depth * 2 + 12);
    }
    (how, json!({"operator": name, "how": words, "raw": check, "inputs": inputs}))
}
