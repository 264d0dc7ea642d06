//! Commands of Splunk's that are never run here, and any that are known but not built yet. They are listed so that a search with them
//! parses, and says what is missing.

use super::{Command, Kind, Stage, stage};
use crate::card::Support;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Node, Planner};
use crate::syntax::token::Kind as Token;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

#[derive(Debug, Serialize)]
struct Planned {
    text: String,
}

/// Takes whatever the stage holds, as long as its brackets close.
pub fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let rest = i.skip(usize::MAX / 2);
    let mut open = Vec::new();
    let mut at = i;
    while let Some(token) = at.first() {
        match token.kind {
            Token::Symbol('[') => open.push(token.span),
            Token::Symbol(']') if open.pop().is_none() => {
                return at
                    .fail(Diagnostic::error(Code::SYNTAX, "this bracket closes nothing").at(token.span).help("Remove it, or add `[` before the subsearch."));
            }
            _ => {}
        }
        at = at.skip(1);
    }
    match open.pop() {
        Some(span) => i.fail(Diagnostic::error(Code::UNTERMINATED, "this bracket is never closed").at(span).label("opened here").help("Add `]`.")),
        None => stage(rest, Planned { text: i.source_to(&rest) }),
    }
}

impl Stage for Planned {
    fn plan(&self, _: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        Err(Diagnostic::error(Code::KNOWN_NOT_BUILT, "this command is known but not built yet"))
    }
}

/// A card of a command that is not built.
pub const fn card(name: &'static str, kind: Kind, support: Support, summary: &'static str, syntax: &'static str) -> Command {
    Command { name, aliases: &[], kind, summary, syntax, options: &[], examples: &[], support, parse, file: file!() }
}

const fn outside(name: &'static str, kind: Kind, why: &'static str, summary: &'static str, syntax: &'static str) -> Command {
    card(name, kind, Support::Outside(why), summary, syntax)
}

const fn also(aliases: &'static [&'static str], command: Command) -> Command {
    Command { aliases, ..command }
}

/// The commands, by name; a line each.
#[rustfmt::skip]
pub const LIST: &[&Command] = &[
    &outside("apply", Kind::Streaming, "it needs a trained model of the machine learning toolkit", "Runs a stored model over the rows.", "apply <model> [AS <name>] [<option>=<value> …]"),
    &outside("audit", Kind::Generating, "it reads the audit trail of a server", "Shows the audit trail of a server.", "audit"),
    &outside("copyresults", Kind::Generating, "it is internal to a server", "Copies the results of a search job.", "copyresults dest=<lookup> sid=<id>"),
    &outside("cyberchef", Kind::Streaming, "it needs another add-on", "Decodes values with a recipe.", "cyberchef infield=<field> outfield=<field> [operation=<name>] [recipe=<json>]"),
    &outside("dbinspect", Kind::Generating, "it reads the buckets of a server's indexes", "Describes the buckets of an index.", "dbinspect [index=<name>] [span=<span>] [timeformat=<format>] [corruptonly=<bool>] [cached=<bool>]"),
    &outside("dbxquery", Kind::Generating, "it asks a database", "Runs a query in an outside database.", "dbxquery connection=<name> query=<text> [maxrows=<n>] [timeout=<n>]"),
    &outside("delete", Kind::Streaming, "it changes an index", "Hides events of an index for good.", "delete"),
    &outside("deletemodel", Kind::Generating, "it needs the machine learning toolkit", "Removes a stored model.", "deletemodel <model>"),
    &outside("dispatch", Kind::Generating, "it is internal to a server", "Runs a search as a job of its own.", "dispatch [ttl=<n>] [maxresults=<n>] [maxtime=<n>] [id=<id>] <subsearch>"),
    &outside("dnstwist", Kind::Generating, "it needs another add-on", "Makes domain names that look like others.", "dnstwist [<option>=<value> …]"),
    &outside("dump", Kind::Streaming, "it writes raw events of a server to its disk", "Exports events to files on a server.", "dump basefilename=<name> [rollsize=<n>] [compress=<n>] [format=raw|csv|tsv|xml|json] [fields=<list>]"),
    &outside("entitymerge", Kind::Streaming, "it needs the asset and identity lists of a security app", "Merges the entries of asset or identity lists.", "entitymerge <field>"),
    &outside("expandtoken", Kind::Streaming, "it needs the risk rules of a security app", "Fills the tokens of risk messages with values of fields.", "expandtoken [<field> …]"),
    &outside("file", Kind::Generating, "it reads files of a Splunk server; `--data FILE` loads one here", "Reads the events of a file on the server.", "file <path>"),
    &outside("fit", Kind::Transforming, "it needs the machine learning toolkit", "Trains a model on the rows and may store it.", "fit <algorithm> [<field> …] [FROM <field> …] [INTO <model>] [<option>=<value> …]"),
    &outside("history", Kind::Generating, "it shows the searches of a user on a server", "Lists the searches that were run before.", "history [events=<bool>]"),
    &outside("ingestpreview", Kind::Generating, "it is internal to a server", "Shows how data would be taken in.", "ingestpreview [<option>=<value> …]"),
    &outside("input", Kind::Streaming, "it changes what a server reads", "Adds or removes a data source of a server.", "input add|remove [sourcetype=<text>] [index=<name>] [<name>=<text> …]"),
    &outside("inputintelligence", Kind::Generating, "it reads threat lists of a security app", "Reads rows from a threat list.", "inputintelligence <name>"),
    &outside("internalinputcsv", Kind::Generating, "it is internal to a server", "Reads rows from a file of a search job.", "internalinputcsv <file>"),
    &outside("listmodels", Kind::Generating, "it needs the machine learning toolkit", "Lists stored models.", "listmodels"),
    &outside("mcollect", Kind::Streaming, "it writes to an index", "Writes the rows to a metric index.", "mcollect index=<name> [file=<name>] [split=<bool>] [spool=<bool>] [prefix_field=<text>] [host=<text>] [source=<text>] [sourcetype=<text>] [<field> …]"),
    &outside("meventcollect", Kind::Streaming, "it writes to an index", "Writes metric events to a metric index while they stream.", "meventcollect index=<name> [split=<bool>] [spool=<bool>] [prefix_field=<text>] [host=<text>] [source=<text>] [sourcetype=<text>] [<field> …]"),
    &also(&["msearch"], outside("mpreview", Kind::Generating, "it reads the metric indexes of a server", "Shows raw metric data points.", "mpreview [filter=\"<search>\"] [splunk_server=<text>] [<index option>] [earliest=<time>] [latest=<time>] [chunk_size=<n>] [target_per_timeseries=<n>]")),
    &outside("mrollup", Kind::Generating, "it reads the metric indexes of a server", "Sums metrics up into larger steps of time.", "mrollup source=<index> target=<index> span=<span>"),
    &outside("newseriesfilter", Kind::Streaming, "it is internal to a server", "Filters the series of a chart.", "newseriesfilter <option>=<value> …"),
    &outside("nokv", Kind::Streaming, "it is internal to a server", "Turns off automatic field extraction.", "nokv"),
    &outside("outputtelemetry", Kind::Streaming, "it sends data to the vendor", "Sends the rows as usage data.", "outputtelemetry input=<field> type=<text> [component=<text>] [support=<bool>] [anonymous=<bool>] [license=<bool>] [optinrequired=<n>]"),
    &outside("overlap", Kind::Transforming, "it reads the summary indexes of a server", "Finds gaps and overlaps in a summary index.", "overlap"),
    &outside("prjob", Kind::Orchestrating, "it steers where a server runs the search", "Runs a search in parallel parts.", "prjob [<option>=<value> …] <subsearch>"),
    &outside("rest", Kind::Generating, "it asks a server about itself", "Reads an address of a server's management interface.", "rest <path> [count=<n>] [splunk_server=<text>] [splunk_server_group=<text>] [timeout=<n>] [f=<field>] [<name>=<text> …]"),
    &outside("risk", Kind::Streaming, "it writes to the risk index of a security app", "Adds risk scores for objects of the events.", "risk [<option>=<value> …]"),
    &outside("runshellscript", Kind::Streaming, "it runs a program", "Runs the script of an alert.", "runshellscript <file> <count> <terms> <search> <name> <reason> <address> [<file>]"),
    &outside("score", Kind::Transforming, "it needs the machine learning toolkit", "Measures how good predictions are.", "score <method> <field> … [AGAINST <field> …] [<option>=<value> …]"),
    &also(&["run"], outside("script", Kind::Streaming, "it runs a program", "Runs an outside program over the rows.", "script <file> [<argument> …] [maxinputs=<n>]")),
    &outside("select", Kind::Streaming, "it is an inner command of a server; SQL's SELECT is `table` or `fields` in SPL, and its functions stand in `stats`", "Chooses rows and fields in the way of SQL.", "select <field>, … [where <condition>] [limit <n>]"),
    &outside("sendalert", Kind::Streaming, "it triggers an action outside", "Triggers an alert action.", "sendalert <action> [results_file=<file>] [results_link=<address>] [param.<name>=<text> …]"),
    &outside("sendemail", Kind::Streaming, "it sends mail", "Mails the results.", "sendemail to=<address> [from=<address>] [cc=<address>] [bcc=<address>] [subject=<text>] [format=csv|table|raw] [inline=<bool>] [sendresults=<bool>] [server=<host>] [<option>=<value> …]"),
    &outside("showargs", Kind::Streaming, "it is internal to a server", "Shows the arguments of a command.", "showargs [<argument> …]"),
    &outside("snowincident", Kind::Streaming, "it acts on an outside service", "Opens a ticket.", "snowincident <option>=<value> …"),
    &outside("summary", Kind::Generating, "it needs a trained model of the machine learning toolkit", "Describes a stored model.", "summary <model>"),
    &outside("surrounding", Kind::Generating, "it is internal to a server", "Finds the events near another one.", "surrounding id=<id> [timebefore=<n>] [timeafter=<n>] [searchkeys=<list>] [maxresults=<n>] [readlevel=<n>] [<index>]"),
    &outside("tagcreate", Kind::Streaming, "it changes the knowledge of a server", "Makes a tag.", "tagcreate <option>=<value> …"),
    &outside("tagdelete", Kind::Streaming, "it changes the knowledge of a server", "Removes a tag.", "tagdelete <option>=<value> …"),
    &outside("tagset", Kind::Streaming, "it changes the knowledge of a server", "Gives a field's value tags.", "tagset <option>=<value> …"),
    &outside("typeahead", Kind::Generating, "it reads the word lists of a server's indexes", "Completes a term from what is indexed.", "typeahead prefix=<text> count=<n> [max_time=<n>] [index=<name>] [collapse=<bool>]"),
    &outside("walklex", Kind::Generating, "it reads the word lists of a server's indexes", "Lists the terms that are in an index.", "walklex [type=term|field|fieldvalue|all] [prefix=<text> | pattern=<text>] [index=<name>] [splunk_server=<text>]"),
    &also(&["xsdisplay", "xsdisplayconcept", "xsfindbestconcept", "xswhere", "xscreateddcontext", "xsupdateddcontext"], outside("xsdisplaycontext", Kind::Generating, "it needs the extreme search add-on", "Shows the ranges that a context defines.", "xsdisplaycontext [<context>] [IN <container>] [BY <class>]")),
];

#[cfg(test)]
mod tests {
    use super::LIST;
    use crate::card::Support;
    use crate::command;
    use crate::{Engine, Settings};
    use std::collections::BTreeSet;

    #[test]
    fn no_name_is_there_twice() {
        let mut seen = BTreeSet::new();
        for c in command::all() {
            for name in std::iter::once(&c.name).chain(c.aliases) {
                assert!(seen.insert(*name), "`{name}` is listed twice: take it out of the planned commands once it is built");
            }
        }
        assert!(LIST.windows(2).all(|w| w[0].name < w[1].name), "the list is by name");
    }

    #[test]
    fn every_card_says_what_it_is() {
        for c in LIST {
            assert!(c.summary.ends_with('.') && c.syntax.starts_with(c.name), "{}", c.name);
            assert!(matches!(c.support, Support::Planned | Support::Outside(_)), "{}", c.name);
        }
    }

    #[test]
    fn stages_parse_permissively_and_say_what_is_missing() {
        let engine = Engine::new(crate::store::Catalog::default(), crate::knowledge::Knowledge::builtin(), Settings::default());
        let code = |q: &str| engine.run(q).unwrap_err().diagnostics[0].code.id;
        for (query, want) in [
            ("* | sendalert k=2 a [eval x=1 | head 2] | head 1", "SPL031"),
            ("* | showargs \"x y\" AS z future_timespan=5", "SPL031"),
            ("| rest /services/server/info splunk_server=*", "SPL031"),
            ("* | sendalert a* [eval x=1", "SPL002"),
            ("* | sendalert a* eval x=1]", "SPL001"),
        ] {
            assert_eq!(code(query), want, "{query}");
        }
    }
}
