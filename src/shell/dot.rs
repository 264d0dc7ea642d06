//! Dot commands: a list of small cards; help and completion walk it.

use super::session::{Next, Session, plain};
use super::{detections, show};
use crate::diagnostic::{Code, Diagnostic, did_you_mean, nearest};
use crate::editor::complete::{Candidate, Kind};
use crate::editor::hover::{aggregate_card, command_card, function_card};
use crate::engine::Failure;
use crate::output::Format;
use crate::wildcard::Pattern;
use crate::{aggregate, command, function};
use clap::ValueEnum;

type Done = Result<(), Box<Failure>>;

/// One dot command.
struct Dot {
    /// Without the dot.
    name: &'static str,
    args: &'static str,
    summary: &'static str,
    run: fn(&mut Session, &str) -> Done,
}

const LIST: &[Dot] = &[
    Dot { name: "help", args: "[WORD]", summary: "This list, or the card of a command or function.", run: help },
    Dot { name: "load", args: "PATH[,index=…][,sourcetype=…]", summary: "Loads a file, a directory or a glob.", run: load },
    Dot {
        name: "run",
        args: "[PATH]",
        summary: "Runs the detections of a file or directory, queries/ if none is named, over what is loaded.",
        run: detections::run,
    },
    Dot { name: "sources", args: "", summary: "What is loaded.", run: sources },
    Dot { name: "fields", args: "[PATTERN]", summary: "The fields of what is loaded.", run: fields },
    Dot { name: "macros", args: "[PATTERN]", summary: "The macros that are known.", run: macros },
    Dot { name: "mode", args: "[FORMAT]", summary: "How rows are shown: auto, table, vertical, json, ndjson, csv, tsv, markdown, raw.", run: mode },
    Dot { name: "rows", args: "[N]", summary: "How many rows a table shows; 0 for all.", run: rows },
    Dot { name: "time", args: "[EARLIEST [LATEST]]", summary: "Searches only this range of time, as in `.time -24h@h now`; `all` for no bounds.", run: time },
    Dot { name: "expand", args: "SPL", summary: "A query with its macros put in.", run: show_expanded },
    Dot { name: "explain", args: "SPL", summary: "What a query means: its plan.", run: show_plan },
    Dot { name: "timer", args: "[on|off]", summary: "The line with rows and time.", run: timer },
    Dot { name: "quit", args: "", summary: "Leaves; so do .exit and Ctrl-D.", run: |_, _| Ok(()) },
];

/// Runs a dot command.
pub fn run(session: &mut Session, text: &str) -> Next {
    let text = text.trim_start_matches('.');
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if matches!(name, "quit" | "exit") {
        return Next::Quit;
    }
    let done = match LIST.iter().find(|d| d.name == name) {
        Some(dot) => (dot.run)(session, rest.trim()),
        None => {
            let mut d = Diagnostic::error(Code::UNKNOWN_COMMAND, format!("unknown command `.{name}`"));
            d.help.extend(nearest(name, LIST.iter().map(|d| d.name).chain(["exit"])).map(|n| format!("Did you mean `.{n}`?")));
            Err(plain(d.help("`.help` lists the commands of the shell.")))
        }
    };
    if let Err(failure) = &done {
        session.failed(failure);
    }
    Next::Go(done.is_ok())
}

/// What could be typed of a dot command: its name, then its argument where there are words for it.
pub fn complete(line: &str, pos: usize) -> Vec<Candidate> {
    let typed = line.get(..pos).unwrap_or(line);
    let start = typed.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let word = typed.get(start..).unwrap_or_default();
    let words: Vec<(String, &str)> = match typed.split_whitespace().next() {
        _ if start == 0 => LIST.iter().map(|d| (format!(".{}", d.name), d.summary)).collect(),
        Some(".mode") => std::iter::once(("auto".to_string(), "")).chain(formats().map(|n| (n, ""))).collect(),
        Some(".timer") => ["on", "off"].map(|w| (w.to_string(), "")).to_vec(),
        Some(".help") => {
            command::all().map(|c| (c.name, c.summary)).chain(function::all().map(|f| (f.name, f.summary))).map(|(n, s)| (n.to_string(), s)).collect()
        }
        _ => Vec::new(),
    };
    let fits = words.into_iter().filter(|(w, _)| w.starts_with(word));
    fits.map(|(text, doc)| Candidate { kind: if start == 0 { Kind::Command } else { Kind::Value }, text, range: start..pos, doc: doc.to_string() }).collect()
}

fn formats() -> impl Iterator<Item = String> {
    Format::value_variants().iter().filter_map(|f| f.to_possible_value()).map(|v| v.get_name().to_string())
}

fn usage(message: String, help: &str) -> Box<Failure> {
    plain(Diagnostic::error(Code::USAGE, message).help(help))
}

fn help(session: &mut Session, word: &str) -> Done {
    if word.is_empty() {
        let line = |d: &Dot| format!("  {:<38} {}\n", format!(".{} {}", d.name, d.args), d.summary);
        let list: String = LIST.iter().map(line).collect();
        session.say(&format!("{list}\nAnything else is a query: search terms, or a pipe and a command. Enter ends it once quotes and brackets are closed.\n"));
        return Ok(());
    }
    let word = word.trim_start_matches('|').trim();
    let cards: Vec<String> =
        [command::find(word).map(command_card), function::find(word).map(function_card), aggregate::find(word).map(|(a, _)| aggregate_card(a))]
            .into_iter()
            .flatten()
            .collect();
    if cards.is_empty() {
        let known = command::all().map(|c| c.name).chain(function::all().map(|f| f.name)).chain(aggregate::all().map(|a| a.name));
        let mut d = Diagnostic::error(Code::UNKNOWN_COMMAND, format!("nothing is called `{word}`"));
        d.help.extend(did_you_mean(word, known));
        return Err(plain(d));
    }
    session.say(&format!("{}\n", cards.join("\n\n")));
    Ok(())
}

fn load(session: &mut Session, spec: &str) -> Done {
    if spec.is_empty() {
        return Err(usage("`.load` needs a path".into(), "Write `.load events.xml`, with `,index=…` or `,sourcetype=…` behind it as needed."));
    }
    show::load(session, spec)
}

fn sources(session: &mut Session, _: &str) -> Done {
    let line = |d: &std::sync::Arc<crate::store::Dataset>| match d.rows() {
        Some(rows) => format!("{}: {rows} events\n", d.name()),
        None if matches!(d.as_ref(), crate::store::Dataset::Arriving(_)) => format!("{}: loading; queries read the file\n", d.name()),
        None => format!("{}: read by each query\n", d.name()),
    };
    let text: String = session.engine.store.datasets().iter().map(line).collect();
    session.say(if text.is_empty() { "Nothing is loaded; `.load PATH` loads events.\n" } else { &text });
    Ok(())
}

fn fields(session: &mut Session, pattern: &str) -> Done {
    let names = session.fields().clone();
    let pattern = Pattern::new(if pattern.is_empty() { "*" } else { pattern });
    let text: String = names.iter().filter(|n| pattern.matches(n)).map(|n| format!("{n}\n")).collect();
    session.say(if text.is_empty() { "No field of this name is loaded.\n" } else { &text });
    Ok(())
}

fn macros(session: &mut Session, pattern: &str) -> Done {
    let pattern = Pattern::new(if pattern.is_empty() { "*" } else { pattern });
    let knowledge = session.engine.knowledge.clone();
    let line = |m: &std::sync::Arc<crate::knowledge::Macro>| {
        let args = if m.args.is_empty() { String::new() } else { format!("({})", m.args.join(", ")) };
        format!("`{}{args}` = {}\n", m.name, m.definition.replace('\n', " "))
    };
    let text: String = knowledge.macros().iter().filter(|m| pattern.matches(&m.name)).map(line).collect();
    session.say(if text.is_empty() { "No macro of this name is known; `--macros FILE` and `--app DIR` bring some.\n" } else { &text });
    Ok(())
}

fn mode(session: &mut Session, format: &str) -> Done {
    session.options.format = match format {
        "" => {
            let now = mode_name(session);
            session.say(&format!("{now}\n"));
            return Ok(());
        }
        "auto" => None,
        name => match Format::from_str(name, true) {
            Ok(format) => Some(format),
            Err(_) => return Err(usage(format!("`{name}` is no format"), &format!("Formats are auto, {}.", formats().collect::<Vec<_>>().join(", ")))),
        },
    };
    let now = mode_name(session);
    session.done(&format!("rows are shown as {now}\n"));
    Ok(())
}

fn mode_name(session: &Session) -> String {
    session.options.format.and_then(|f| f.to_possible_value()).map_or("auto".to_string(), |v| v.get_name().to_string())
}

fn rows(session: &mut Session, count: &str) -> Done {
    match count.parse::<usize>() {
        Ok(n) => {
            session.cap = (n > 0).then_some(n);
            session.done(&format!("a table shows {} rows\n", shown_rows(session)));
        }
        Err(_) if count.is_empty() => {
            let rows = shown_rows(session);
            session.say(&format!("{rows}\n"));
        }
        Err(_) => return Err(usage(format!("`{count}` is no number of rows"), "Write `.rows 500`, or `.rows 0` for all.")),
    }
    Ok(())
}

fn shown_rows(session: &Session) -> String {
    session.cap.map_or("all".to_string(), |n| n.to_string())
}

fn time(session: &mut Session, range: &str) -> Done {
    let old = (session.earliest.clone(), session.latest.clone());
    let mut words = range.split_whitespace().map(str::to_string);
    match (words.next(), words.next(), words.next()) {
        (None, ..) => {
            let range = range_words(session);
            session.say(&range);
            return Ok(());
        }
        (Some(all), None, _) if all == "all" => (session.earliest, session.latest) = (None, None),
        (earliest, latest, None) => {
            (session.earliest, session.latest) = (earliest, latest);
            if let Err(d) = session.range() {
                (session.earliest, session.latest) = old;
                return Err(plain(d));
            }
        }
        _ => return Err(usage("`.time` takes at most two times".into(), "Write `.time -24h@h now`, or `.time all` for no bounds.")),
    }
    let range = range_words(session);
    session.done(&format!("events are searched {range}"));
    Ok(())
}

fn range_words(session: &Session) -> String {
    let word = |t: &Option<String>| t.clone().unwrap_or("any".into());
    format!("from {} until {}\n", word(&session.earliest), word(&session.latest))
}

fn timer(session: &mut Session, word: &str) -> Done {
    match word {
        "on" | "off" => {
            session.timer = word == "on";
            session.done(&format!("the timer is {word}\n"));
        }
        "" => session.say(if session.timer { "on\n" } else { "off\n" }),
        other => return Err(usage(format!("`.timer` takes `on` or `off`, not `{other}`"), "Write `.timer on`.")),
    }
    Ok(())
}

fn show_expanded(session: &mut Session, text: &str) -> Done {
    show::expand(session, text)
}

fn show_plan(session: &mut Session, text: &str) -> Done {
    show::explain(session, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::store::Catalog;
    use crate::{Engine, Settings};

    #[test]
    fn each_takes_what_it_says() {
        let mut session = Session::silent(Engine::new(Catalog::default(), Knowledge::builtin(), Settings::default()));
        for (text, next) in [
            (".help", Next::Go(true)),
            (".help stats", Next::Go(true)),
            (".help nosuch", Next::Go(false)),
            (".mode ndjson", Next::Go(true)),
            (".mode nosuch", Next::Go(false)),
            (".rows 5", Next::Go(true)),
            (".rows many", Next::Go(false)),
            (".time -24h@h now", Next::Go(true)),
            (".time nosuch", Next::Go(false)),
            (".time 1 2 3", Next::Go(false)),
            (".load", Next::Go(false)),
            (".load no/such/file", Next::Go(false)),
            (".run no/such/file", Next::Go(false)),
            (".expand `nosuch`", Next::Go(false)),
            (".explain search x", Next::Go(true)),
            (".explain | nosuch", Next::Go(false)),
            (".timer maybe", Next::Go(false)),
            (".sources", Next::Go(true)),
            (".", Next::Go(false)),
            (".exit", Next::Quit),
            (".quit now", Next::Quit),
        ] {
            assert_eq!(run(&mut session, text), next, "{text}");
        }
        assert_eq!((session.options.format, session.cap), (Some(Format::Ndjson), Some(5)));
        assert_eq!((session.earliest.as_deref(), session.latest.as_deref()), (Some("-24h@h"), Some("now")));
    }

    #[test]
    fn loading_shows_in_fields() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("e.ndjson");
        std::fs::write(&file, "{\"user\":\"a\"}\n{\"user\":\"b\"}\n").unwrap();
        let mut session = Session::silent(Engine::new(Catalog::default(), Knowledge::builtin(), Settings::default()));
        assert_eq!(run(&mut session, &format!(".load {}", file.display())), Next::Go(true));
        assert!(session.fields().iter().any(|f| &**f == "user"));
        // Field knowledge makes more of Sysmon's events than stands in them.
        let sysmon = dir.path().join("s.xml");
        std::fs::write(&sysmon, "<Event><System><EventID>1</EventID><Channel>Microsoft-Windows-Sysmon/Operational</Channel></System></Event>\n").unwrap();
        assert!(!session.fields().iter().any(|f| &**f == "process_name"));
        let mut other = Session::silent(Engine::new(Catalog::default(), Knowledge::builtin(), Settings::default()));
        assert_eq!(run(&mut other, &format!(".load {}", sysmon.display())), Next::Go(true));
        assert!(other.fields().iter().any(|f| &**f == "process_name"), "{:?}", other.fields());
        assert_eq!(session.engine.run("| stats count").unwrap_or_else(|f| panic!("{f:?}")).rows.value("count", 0), crate::column::Value::Number(2.0));
    }
}
