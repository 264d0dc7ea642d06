//! transaction: events that belong together become one.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Sources, Span};
use crate::plan::planner::expression;
use crate::plan::{Condition, FieldPattern, Node, Planner, Session};
use crate::syntax::ast::{Expr, Search};
use crate::syntax::expr::expr;
use crate::syntax::field::{Field, field_but};
use crate::syntax::lex::lex;
use crate::syntax::option::{Opt, OptCard, OptionValue, at_option, unknown_option};
use crate::syntax::search::search;
use crate::syntax::token::Kind as Token;
use crate::syntax::tokens::{Context, commas, end, symbol, unquote};
use crate::syntax::wanted::Want;
use crate::syntax::{Failure, Parsed, Tokens};
use crate::time;
use serde::Serialize;

static NAME: Opt<Option<String>> =
    Opt::new("name", "", "A transaction type of transactiontypes.conf: its options hold where the search has none, and `transactiontype` is its name.");
static MAXSPAN: Opt<Seconds> = Opt::new("maxspan", "-1", "The longest time from the first event to the last, as `30s` or `5m`; any with -1.");
static MAXPAUSE: Opt<Seconds> = Opt::new("maxpause", "-1", "The longest time between neighbouring events; any with -1.");
static MAXEVENTS: Opt<Most> = Opt::new("maxevents", "1000", "The most events of a transaction; any number with -1.");
static STARTSWITH: Opt<String> = Opt::new("startswith", "", "What marks the first event: a search, a text in quotes, or `eval(…)`.");
static ENDSWITH: Opt<String> = Opt::new("endswith", "", "What marks the last event: a search, a text in quotes, or `eval(…)`.");
static CONNECTED: Opt<bool> = Opt::new("connected", "t", "An event that shares no field with an open transaction opens one of its own.");
static UNIFYENDS: Opt<bool> = Opt::new("unifyends", "f", "Events that mark the start or the end must have one of the fields, too.");
static KEEPORPHANS: Opt<bool> = Opt::new("keeporphans", "f", "Keep events that are in no transaction, with `_txn_orphan`=1.");
static KEEPEVICTED: Opt<bool> = Opt::new("keepevicted", "f", "Keep transactions whose start never came, or that a limit ended, with `closed_txn`=0.");
static MAXOPENTXN: Opt<Option<u64>> =
    Opt::new("maxopentxn", "", "How many transactions may be open; then the one not used for the longest is evicted. No limit here.");
static MAXOPENEVENTS: Opt<Option<u64>> = Opt::new("maxopenevents", "", "How many events open transactions may have together. No limit here.");
static MVLIST: Opt<String> = Opt::new("mvlist", "f", "Give fields a value an event, in the order of time, not each value once; with names only those fields.");
static DELIM: Opt<String> = Opt::new("delim", " ", "What stands between values where they are shown as one text; here they stay several values.").idle();
static NULLSTR: Opt<String> = Opt::new("nullstr", "NULL", "What stands for a missing value with mvlist.");
static MVRAW: Opt<bool> = Opt::new("mvraw", "f", "Give `_raw` a value an event, not one text.");

pub const COMMAND: Command = Command {
    name: "transaction",
    aliases: &["transam"],
    kind: Kind::Dataset,
    summary: "Puts events that belong together into one, with `duration`, `eventcount`, `closed_txn` and the union of their fields, newest first.",
    syntax: "transaction [<field> …] [name=<type>] [maxspan=<span>] [maxpause=<span>] [maxevents=<n>] [startswith=<filter>] [endswith=<filter>] [connected=<bool>] [unifyends=<bool>] [keeporphans=<bool>] [keepevicted=<bool>] [maxopentxn=<n>] [maxopenevents=<n>] [mvlist=<bool>|<field> …] [delim=<text>] [nullstr=<text>] [mvraw=<bool>]",
    options: &[
        &NAME.card,
        &MAXSPAN.card,
        &MAXPAUSE.card,
        &MAXEVENTS.card,
        &STARTSWITH.card,
        &ENDSWITH.card,
        &CONNECTED.card,
        &UNIFYENDS.card,
        &KEEPORPHANS.card,
        &KEEPEVICTED.card,
        &MAXOPENTXN.card,
        &MAXOPENEVENTS.card,
        &MVLIST.card,
        &DELIM.card,
        &NULLSTR.card,
        &MVRAW.card,
    ],
    examples: &[
        Example {
            spl: "| makeresults count=4 | streamstats count AS n | eval _time=n*10, user=if(n<3, \"a\", \"b\") | transaction user",
            shows: "two rows of two events",
        },
        Example { spl: "| makeresults count=4 | streamstats count AS n | eval _time=n*n*10 | transaction maxpause=50s", shows: "a longer pause parts" },
        Example {
            spl: "| makeresults count=4 | streamstats count AS n | eval _time=n, what=if(n%2==1, \"in\", \"out\") | transaction startswith=what=in endswith=eval(what==\"out\")",
            shows: "two rows",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// Seconds; below zero there is no limit.
#[derive(Clone, Copy, Debug, Serialize)]
struct Seconds(Option<f64>);

impl OptionValue for Seconds {
    fn read(text: &str) -> Result<Seconds, &'static str> {
        match time::Span::parse(text) {
            Some(span) => Ok(Seconds(Some(span.seconds()))),
            None if text == "0" || text == "0s" => Ok(Seconds(Some(0.0))),
            None if text.strip_prefix('-').is_some_and(|t| time::Span::parse(t).is_some()) => Ok(Seconds(None)),
            None => Err("a time such as `30s`, `5m` or `1d`, or -1"),
        }
    }
}

/// A number; below zero there is no limit.
#[derive(Clone, Copy, Debug, Serialize)]
struct Most(Option<usize>);

impl OptionValue for Most {
    fn read(text: &str) -> Result<Most, &'static str> {
        match i64::read(text)? {
            0 => Err("a whole number above 0, or -1"),
            n => Ok(Most(usize::try_from(n).ok())),
        }
    }
}

/// What marks an event.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Filter {
    Search(Search),
    Eval(Expr),
    /// In quotes: a search, or `eval(…)`.
    Text(String, #[serde(skip)] Span),
}

#[derive(Debug, Serialize)]
struct Transaction {
    fields: Vec<Field>,
    name: Option<String>,
    span: Seconds,
    pause: Seconds,
    events: Most,
    starts: Option<Filter>,
    ends: Option<Filter>,
    connected: bool,
    unify: bool,
    orphans: bool,
    evicted: bool,
    open: Option<u64>,
    open_events: Option<u64>,
    lists: Vec<String>,
    delim: String,
    null: String,
    mvraw: bool,
    /// All of it as text, to be read once more over a transaction type.
    #[serde(skip)]
    text: String,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut t = Transaction::default();
    let rest = read(i, &mut t)?;
    t.text = i.source_to(&rest);
    stage(rest, t)
}

impl Default for Transaction {
    fn default() -> Transaction {
        Transaction {
            fields: Vec::new(),
            name: None,
            span: Seconds(None),
            pause: Seconds(None),
            events: Most(Some(1000)),
            starts: None,
            ends: None,
            connected: true,
            unify: false,
            orphans: false,
            evicted: false,
            open: None,
            open_events: None,
            lists: Vec::new(),
            delim: " ".into(),
            null: "NULL".into(),
            mvraw: false,
            text: String::new(),
        }
    }
}

/// Reads fields and options over those that are there.
fn read<'a>(mut i: Tokens<'a>, t: &mut Transaction) -> Result<Tokens<'a>, nom::Err<Failure>> {
    while !i.is_empty() {
        i = if let Some(rest) = limits(i, t)? {
            rest
        } else if let Some(rest) = flags(i, t)? {
            rest
        } else if let Some((rest, filter)) = filter(i, &STARTSWITH.card)? {
            t.starts = Some(filter);
            rest
        } else if let Some((rest, filter)) = filter(i, &ENDSWITH.card)? {
            t.ends = Some(filter);
            rest
        } else if let Ok((rest, names)) = MVLIST.parse(i) {
            lists(rest, &names, &mut t.lists)
        } else if at_option(i) {
            return unknown_option::<()>(i, COMMAND.name, COMMAND.options).map(|(rest, ())| rest);
        } else {
            let (rest, field) = field_but(&[])(i)?;
            t.fields.push(field);
            rest
        };
        i = commas(i)?.0;
    }
    Ok(i)
}

/// Settings of a transaction type that stand in a search, too.
const SETTINGS: [&str; 15] = [
    "maxspan",
    "maxpause",
    "maxevents",
    "startswith",
    "endswith",
    "connected",
    "unifyends",
    "keeporphans",
    "keepevicted",
    "maxopentxn",
    "maxopenevents",
    "mvlist",
    "delim",
    "nullstr",
    "mvraw",
];

/// Reads the options of a text.
fn read_text(text: &str, t: &mut Transaction) -> Result<(), Diagnostic> {
    let sources = Sources::new(text, None);
    let lexemes = lex(text, Default::default());
    let context = Context::new(&sources);
    let wrong = || Diagnostic::error(Code::SYNTAX, format!("`{text}` are no options of `transaction`"));
    match read(Tokens::new(&lexemes.tokens, &context), t) {
        Ok(rest) if rest.is_empty() && lexemes.errors.is_empty() => Ok(()),
        Err(nom::Err::Failure(Failure(Some(d)))) => Err(Diagnostic::error(d.code, d.message)),
        _ => Err(wrong()),
    }
}

impl Transaction {
    /// What is written here over what the transaction type says.
    fn over(&self, name: &str, planner: &Planner<'_>) -> Result<Transaction, Diagnostic> {
        let Some(stanza) = planner.knowledge.transaction_type(name) else {
            let d = Diagnostic::error(Code::NO_OBJECT, format!("there is no transaction type `{name}`"));
            return Err(d.help("Transaction types are those of an app's transactiontypes.conf; or write the options into the search."));
        };
        let set = |key: &str| stanza.get(key).map(str::trim).filter(|v| !v.is_empty());
        let mut text = set("fields").unwrap_or_default().to_string();
        for key in SETTINGS {
            if let Some(value) = set(key) {
                text.push_str(&format!(" {key}={value}"));
            }
        }
        let mut all = Transaction::default();
        read_text(&text, &mut all).map_err(|d| Diagnostic::error(d.code, format!("in the transaction type `{name}`: {}", d.message)))?;
        let fields = std::mem::take(&mut all.fields);
        read_text(&self.text, &mut all)?;
        if all.fields.is_empty() {
            all.fields = fields;
        }
        Ok(all)
    }
}

type Read<'a> = Result<Option<Tokens<'a>>, nom::Err<Failure>>;

fn limits<'a>(i: Tokens<'a>, t: &mut Transaction) -> Read<'a> {
    for (option, into) in [(&MAXSPAN, &mut t.span), (&MAXPAUSE, &mut t.pause)] {
        if let Some(rest) = option.read(i, into)? {
            return Ok(Some(rest));
        }
    }
    for (option, into) in [(&MAXOPENTXN, &mut t.open), (&MAXOPENEVENTS, &mut t.open_events)] {
        if let Some(rest) = option.read(i, into)? {
            return Ok(Some(rest));
        }
    }
    MAXEVENTS.read(i, &mut t.events)
}

fn flags<'a>(i: Tokens<'a>, t: &mut Transaction) -> Read<'a> {
    let flags =
        [(&CONNECTED, &mut t.connected), (&UNIFYENDS, &mut t.unify), (&KEEPORPHANS, &mut t.orphans), (&KEEPEVICTED, &mut t.evicted), (&MVRAW, &mut t.mvraw)];
    for (option, into) in flags {
        if let Some(rest) = option.read(i, into)? {
            return Ok(Some(rest));
        }
    }
    for (option, into) in [(&DELIM, &mut t.delim), (&NULLSTR, &mut t.null)] {
        if let Some(rest) = option.read(i, into)? {
            return Ok(Some(rest));
        }
    }
    NAME.read(i, &mut t.name)
}

/// The value of startswith or endswith: `eval(…)`, a search in parentheses, quotes, or one that touches.
fn filter<'a>(i: Tokens<'a>, card: &'static OptCard) -> Result<Option<(Tokens<'a>, Filter)>, nom::Err<Failure>> {
    if !i.at_word(card.name) || !i.peek(1).is_some_and(|t| t.is('=')) {
        drop(i.miss::<()>(Want::Option(card.name)));
        return Ok(None);
    }
    let i = i.skip(2);
    let Some(first) = i.first() else { return i.miss(Want::Value).map(Some) };
    if i.at_word("eval") && i.peek(1).is_some_and(|t| t.is('(')) {
        let (rest, _) = symbol('(')(i.skip(1))?;
        let (rest, e) = expr(rest)?;
        let (rest, _) = symbol(')')(rest)?;
        return Ok(Some((rest, Filter::Eval(e))));
    }
    if first.is('(') {
        let (rest, s) = search(i.skip(1))?;
        let (rest, _) = symbol(')')(rest)?;
        return Ok(Some((rest, Filter::Search(s))));
    }
    // A quoted field may begin a comparison.
    let touching = (1..).take_while(|n| i.peek(*n).is_some_and(|t| t.glued && !t.is(','))).count() + 1;
    if first.kind == Token::String && touching == 1 {
        return Ok(Some((i.skip(1), Filter::Text(unquote(i.text(first)), first.span))));
    }
    let (rest, s) = search(i.only(touching))?;
    end(rest)?;
    Ok(Some((i.skip(touching), Filter::Search(s))))
}

/// `t`, `f`, or names with commas or blanks between.
fn lists<'a>(mut i: Tokens<'a>, value: &str, into: &mut Vec<String>) -> Tokens<'a> {
    match bool::read(value) {
        Ok(true) => *into = vec!["*".into()],
        Ok(false) => into.clear(),
        Err(_) => *into = value.split([',', ' ']).filter(|n| !n.is_empty()).map(String::from).collect(),
    }
    // Names that follow without quotes touch their commas.
    while i.at_symbol(',')
        && i.first().is_some_and(|t| t.glued)
        && i.peek(1).is_some_and(|t| t.glued)
        && let Ok((rest, name)) = field_but(&[])(i.skip(1))
    {
        into.push(name.name);
        i = rest;
    }
    i
}

impl Filter {
    fn compile(&self, planner: &mut Planner<'_>) -> Result<Condition, Diagnostic> {
        match self {
            Filter::Search(s) => planner.predicate(s).map(Condition::Search),
            Filter::Eval(e) => planner.expr(e).map(Condition::Eval),
            Filter::Text(text, span) => match text.trim().strip_prefix("eval(").and_then(|t| t.strip_suffix(')')) {
                None => planner.search_text(text, *span).map(Condition::Search),
                Some(inner) => expression(inner, planner.knowledge, &planner.env)
                    .map(Condition::Eval)
                    .map_err(|d| Diagnostic::error(d.code, format!("in the quoted expression: {}", d.message)).at(*span)),
            },
        }
    }
}

impl Stage for Transaction {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        match &self.name {
            None => self.session(planner, input),
            Some(name) => self.over(name, planner)?.session(planner, input),
        }
    }
}

impl Transaction {
    fn session(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let compile = |filter: &Option<Filter>, planner: &mut Planner<'_>| filter.as_ref().map(|f| f.compile(planner)).transpose();
        let most = |n: Option<u64>| n.and_then(|n| usize::try_from(n).ok());
        let session = Session {
            name: self.name.clone(),
            fields: self.fields.iter().map(|f| f.name.as_str().into()).collect(),
            span: self.span.0,
            pause: self.pause.0,
            events: self.events.0,
            starts: compile(&self.starts, planner)?,
            ends: compile(&self.ends, planner)?,
            connected: self.connected,
            unify_ends: self.unify,
            keep_orphans: self.orphans,
            keep_evicted: self.evicted,
            open: most(self.open),
            open_events: most(self.open_events),
            lists: self.lists.iter().map(|f| FieldPattern::new(f)).collect(),
            null: self.null.clone(),
            raw_values: self.mvraw,
        };
        Ok(Node::Session { input: Box::new(planner.started(input)), session: Box::new(session) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::{rows, shown};
    use crate::{Engine, Settings, knowledge::Knowledge, store::Catalog};

    #[test]
    fn a_transaction_type_gives_what_the_search_leaves_out() {
        let mut knowledge = Knowledge::builtin();
        let conf = "[logins]\nfields = user, host\nmaxpause = 5s\nstartswith = eval(w==\"in\")\nmaxevents = 10\n[bad]\nmaxspan = soon\n";
        knowledge.add_transactions_text(conf, "transactiontypes.conf");
        let events = r#"[{"_time":9,"user":"a","w":"out"},{"_time":8,"user":"b"},{"_time":7,"user":"a","w":"in"},{"_time":1,"user":"a","w":"in"}]"#;
        let engine = Engine::new(Catalog::of_rows(rows(events)), knowledge, Settings::default());
        for (query, want) in [
            (
                "name=logins",
                r#"[{"transactiontype":"logins","eventcount":1},{"transactiontype":"logins","eventcount":2},{"transactiontype":"logins","eventcount":1}]"#,
            ),
            (
                "w name=logins maxevents=1 keepevicted=t startswith=nothing",
                r#"[{"transactiontype":"logins","eventcount":1},{"transactiontype":"logins","eventcount":1},{"transactiontype":"logins","eventcount":1}]"#,
            ),
            ("name=other", "there is no transaction type `other`"),
            ("name=bad", "in the transaction type `bad`: `maxspan` takes a time such as `30s`, `5m` or `1d`, or -1, not `soon`"),
        ] {
            let got = match engine.run(&format!("* | transaction {query} | table transactiontype eventcount")) {
                Ok(answer) => shown(&answer.rows),
                Err(failure) => failure.diagnostics[0].message.clone(),
            };
            assert_eq!(got, want, "{query}");
        }
    }
}
