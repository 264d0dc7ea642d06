//! searchtxn: the transactions of a type that fit a search.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::Name;
use crate::diagnostic::{Code, Diagnostic, Span, did_you_mean};
use crate::plan::rework::Related;
use crate::plan::text::quoted;
use crate::plan::{Node, Planner, Predicate, Rework};
use crate::syntax::ast::Search;
use crate::syntax::option::{Opt, OptionValue, raw_value};
use crate::syntax::search::search;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static MAX_TERMS: Opt<Most> = Opt::with_aliases(
    "max_terms",
    &["maxterms"],
    "1000",
    "How many values of the type's fields are followed at most, from 1 to 1000; those of the newest events first.",
);
static USE_DISJUNCT: Opt<bool> = Opt::new("use_disjunct", "t", "Begin with the events that have any of the terms; else with those that have all.");
static EVENTSONLY: Opt<bool> = Opt::new("eventsonly", "f", "Give the events that belong together, without making transactions of them.");

pub const COMMAND: Command = Command {
    name: "searchtxn",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Finds the transactions of a type of transactiontypes.conf that fit a search: events of the type's `search` with the terms, then all that share values of its `fields` with them, put together by `transaction`.",
    syntax: "searchtxn <transaction type> [max_terms=<n>] [use_disjunct=<bool>] [eventsonly=<bool>] <search>",
    options: &[&MAX_TERMS.card, &USE_DISJUNCT.card, &EVENTSONLY.card],
    examples: &[Example { spl: "| searchtxn mail to=root", shows: "the whole way of the mails to root, where an app has the transaction type `mail`" }],
    support: Support::Full,
    parse,
    file: file!(),
};

/// From 1 to 1000.
#[derive(Clone, Copy, Debug, Serialize)]
struct Most(usize);

impl OptionValue for Most {
    fn read(text: &str) -> Result<Most, &'static str> {
        let number = u64::read(text).ok().filter(|n| (1..=1000).contains(n));
        number.and_then(|n| usize::try_from(n).ok()).map(Most).ok_or("a whole number from 1 to 1000")
    }
}

#[derive(Debug, Serialize)]
struct Searchtxn {
    name: String,
    #[serde(skip)]
    span: Span,
    most: Most,
    any: bool,
    events: bool,
    search: Search,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut name, mut most, mut any, mut events) = (None, Most(1000), true, false);
    while !i.is_empty() {
        i = if let Some(rest) = MAX_TERMS.read(i, &mut most)? {
            rest
        } else if let Some(rest) = USE_DISJUNCT.read(i, &mut any)? {
            rest
        } else if let Some(rest) = EVENTSONLY.read(i, &mut events)? {
            rest
        } else if name.is_none() {
            let (rest, value) = raw_value(i)?;
            name = Some(value);
            rest
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    let Some(name) = name else { return i.miss(Want::Value) };
    if i.is_empty() {
        return i.miss(Want::SearchTerm);
    }
    let (rest, search) = search(i)?;
    stage(rest, Searchtxn { name: name.text, span: name.span, most, any, events, search })
}

impl Stage for Searchtxn {
    fn plan(&self, planner: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        let Some(stanza) = planner.knowledge.transaction_type(&self.name) else {
            let mut d = Diagnostic::error(Code::NO_OBJECT, format!("there is no transaction type `{}`", self.name)).at(self.span);
            let known: Vec<String> = planner.knowledge.transaction_types().collect();
            d.help.extend(did_you_mean(&self.name, known.iter().map(String::as_str)));
            return Err(d.help("Transaction types are those of an app's transactiontypes.conf."));
        };
        let set = |key: &str| stanza.get(key).map(str::trim).filter(|v| !v.is_empty());
        let fields: Vec<Name> = set("fields").unwrap_or_default().split([',', ' ']).filter(|f| !f.is_empty()).map(Name::from).collect();
        if fields.is_empty() {
            let d = Diagnostic::error(Code::ARGUMENTS, format!("the transaction type `{}` has no `fields`", self.name)).at(self.span);
            return Err(d.help("`searchtxn` follows the values of fields; use `transaction` for types that go by time alone."));
        }
        let all = format!("search {}", set("search").unwrap_or("*"));
        let rows = planner.text(&all, &format!("the transaction type `{}`", self.name), Node::Start)?;
        let input = Box::new(planner.started(rows));
        let wanted = planner.predicate(&self.search)?;
        let seed = if self.any { any_term(wanted.clone()) } else { wanted.clone() };
        let mut node = Node::Rework { input, rework: Rework::Related(Related { seed, fields, most: self.most.0 }.into()) };
        if !self.events {
            node = planner.text(&format!("| transaction name={}", quoted(&self.name)), "searchtxn", node)?;
            if !wanted.is_all() {
                node = Node::Filter { input: Box::new(node), predicate: wanted };
            }
        }
        Ok(node)
    }

    fn search(&self) -> Option<&Search> {
        Some(&self.search)
    }
}

/// The terms with OR between; bounds of time hold for all.
fn any_term(predicate: Predicate) -> Predicate {
    match predicate {
        Predicate::And(all) => {
            let (mut times, terms): (Vec<Predicate>, Vec<Predicate>) = all.into_iter().partition(|p| matches!(p, Predicate::Time(_)));
            if !terms.is_empty() {
                times.push(Predicate::Or(terms));
            }
            Predicate::And(times)
        }
        other => other,
    }
}
