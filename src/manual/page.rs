//! One page of the manual.

use crate::aggregate::{self, Aggregate};
use crate::card::{Example, Support};
use crate::command::{self, Command};
use crate::diagnostic::{self, CODES, Code};
use crate::function::{self, Function};
use crate::knowledge::app::BUILTIN;
use crate::syntax::option::Effect;
use std::fmt::Write;

/// The page of a name: a command, a function (eval and stats ones of the same name together), a diagnostic code, or one of the
/// lists `commands`, `functions`, `codes` and `knowledge`. `None` for anything else.
pub fn page(name: &str) -> Option<String> {
    let mut parts = Vec::new();
    match name.to_ascii_lowercase().as_str() {
        "commands" => parts.push(commands()),
        "functions" => parts.push(functions()),
        "codes" => parts.push(CODES.iter().map(|c| format!("{}  {}\n", c.id, c.explanation)).collect()),
        "knowledge" => parts.push(knowledge()),
        _ => {
            parts.extend(command::find(name).map(of_command));
            parts.extend(function::find(name).map(of_function));
            let as_written = aggregate::all().find(|a| a.name.eq_ignore_ascii_case(name));
            parts.extend(as_written.or_else(|| aggregate::find(name).map(|(a, _)| a)).map(of_aggregate));
            parts.extend(Code::find(name).map(of_code));
        }
    }
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// The name that may be meant.
pub fn did_you_mean(name: &str) -> Option<String> {
    let names = command::all().map(|c| c.name).chain(function::all().map(|f| f.name)).chain(aggregate::all().map(|a| a.name));
    diagnostic::did_you_mean(name, names.chain(["commands", "functions", "codes", "knowledge"]))
}

fn of_command(c: &Command) -> String {
    let mut out = head(c.name, "command", c.summary, c.syntax, c.aliases);
    if !c.options.is_empty() {
        out.push_str("\nOptions\n");
        for o in c.options {
            let effect = match o.effect {
                Effect::Applied => "",
                Effect::Idle => " (changes nothing here)",
                Effect::Lacking => " (not built)",
            };
            let _ = writeln!(out, "  {:<24} {}{effect}", format!("{}={}", o.name, o.default), o.summary);
        }
    }
    foot(&mut out, c.examples, c.support);
    out
}

fn of_function(f: &Function) -> String {
    let mut out = head(f.name, "eval function", f.summary, f.syntax, &[]);
    foot(&mut out, f.examples, f.support);
    out
}

fn of_aggregate(a: &Aggregate) -> String {
    let mut out = head(a.name, "stats function", a.summary, a.syntax, a.aliases);
    foot(&mut out, a.examples, a.support);
    out
}

fn of_code(c: &Code) -> String {
    format!("{}\n\n  {}\n", c.id, c.explanation)
}

fn head(name: &str, what: &str, summary: &str, syntax: &str, aliases: &[&str]) -> String {
    let also = if aliases.is_empty() { String::new() } else { format!("\nAlso written {}.\n", aliases.join(", ")) };
    format!("{name} ({what})\n\n{summary}\n{also}\nSyntax\n  {syntax}\n")
}

fn foot(out: &mut String, examples: &[Example], support: Support) {
    if !examples.is_empty() {
        out.push_str("\nExamples\n");
        for e in examples {
            let _ = writeln!(out, "  {}\n      {}", e.spl, e.shows);
        }
    }
    let state = match support {
        Support::Full => return,
        Support::Partial(lacks) => format!("Not all of it is built: {lacks}"),
        Support::Planned => "Known, but not built yet.".to_string(),
        Support::Outside(why) => format!("Never run here: {why}"),
    };
    let _ = writeln!(out, "\n{state}");
}

fn mark(support: Support) -> &'static str {
    match support {
        Support::Full | Support::Partial(_) => " ",
        Support::Planned => "-",
        Support::Outside(_) => "x",
    }
}

const MARKS: &str = "\n- known, not built yet    x never run here\n";

fn commands() -> String {
    let mut all: Vec<_> = command::all().collect();
    all.sort_by_key(|c| c.name);
    let mut out: String = all.iter().map(|c| format!("{} {:<20} {}\n", mark(c.support), c.name, c.summary)).collect();
    out.push_str(MARKS);
    out
}

fn functions() -> String {
    let mut out = String::new();
    for chapter in function::CHAPTERS {
        if let Some(first) = chapter.first() {
            let _ = writeln!(out, "eval, {:?}", first.chapter);
        }
        out.extend(chapter.iter().map(|f| format!("{} {:<20} {}\n", mark(f.support), f.name, f.summary)));
    }
    out.push_str("stats\n");
    out.extend(aggregate::all().map(|a| format!("{} {:<20} {}\n", mark(a.support), a.name, a.summary)));
    out.push_str(MARKS);
    out
}

fn knowledge() -> String {
    BUILTIN.iter().map(|(name, text)| format!("# ── {name} ──\n\n{}\n", text.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_page() {
        for name in ["commands", "functions", "codes", "knowledge", "spl001", "STATS", "max"] {
            assert!(page(name).is_some_and(|p| !p.is_empty()), "{name}");
        }
        let names = command::all().map(|c| c.name).chain(function::all().map(|f| f.name)).chain(aggregate::all().map(|a| a.name));
        assert_eq!(names.filter(|n| page(n).is_none()).collect::<Vec<_>>(), [""; 0]);
        assert_eq!(page("stast"), None);
        assert_eq!(did_you_mean("stast").as_deref(), Some("Did you mean `stats`?"));
    }
}
