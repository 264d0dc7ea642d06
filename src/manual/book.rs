//! The manual as Markdown files, `docs/manual` of the repository. `tests/manual.rs` keeps the two the same.

use super::coverage::{coverage, state};
use crate::aggregate::{self, Aggregate};
use crate::card::{Example, Support};
use crate::command::{self, Command};
use crate::function::{self, Function};
use crate::syntax::option::{Effect, OptCard};
use std::fmt::Write;

/// Every page: its path below `docs/manual`, and its text.
pub fn book() -> Vec<(String, String)> {
    let mut pages = vec![("README.md".to_string(), index()), ("stats-functions.md".to_string(), stats())];
    pages.extend(command::all().map(|c| (format!("command/{}.md", c.name), of_command(c))));
    pages.extend(function::CHAPTERS.iter().filter_map(|list| Some((format!("function/{}.md", chapter(list.first()?)), of_chapter(list)))));
    pages
}

const NOTE: &str = "<!-- Made from the cards in src by `UPDATE=1 cargo test --test manual`: change the cards, not this file. -->\n";

fn index() -> String {
    let mut out = format!("# Manual\n\n{NOTE}\n`spl help NAME` shows the same pages on a terminal, `spl help --coverage` the tables below.\n");
    let mut commands: Vec<_> = command::all().collect();
    commands.sort_by_key(|c| c.name);
    let built = |c: &&&Command| matches!(c.support, Support::Full | Support::Partial(_));
    let link = |c: &&Command| format!("[{0}](command/{0}.md)", c.name);
    let names = |all: Vec<String>| all.join(",\n");
    let _ = write!(out, "\nCommands that run: {}.\n", names(commands.iter().filter(built).map(link).collect()));
    let _ = write!(out, "\nCommands that are known: {}.\n", names(commands.iter().filter(|c| !built(c)).map(link).collect()));
    let chapters = function::CHAPTERS.iter().filter_map(|list| list.first());
    let chapters = chapters.map(|f| format!("[{0}](function/{0}.md)", format!("{:?}", f.chapter).to_lowercase()));
    let _ = write!(out, "\nEval functions by chapter: {}.\n", names(chapters.collect()));
    let _ = write!(out, "\n[Stats functions](stats-functions.md)\n\n## Coverage\n\n{}", coverage());
    out
}

fn of_command(c: &Command) -> String {
    let mut out = format!("# {}\n\n{NOTE}\n{}\n", c.name, c.summary);
    if !c.aliases.is_empty() {
        let _ = write!(out, "\nAlso written {}.\n", quoted(c.aliases));
    }
    let _ = write!(out, "\n```text\n{}\n```\n\n", c.syntax);
    let _ = writeln!(out, "{:?} command; state: {}; source: [{file}](../../../{file}).", c.kind, state(c.support), file = c.file);
    if !c.options.is_empty() {
        out.push_str("\n## Options\n\n| option | default | |\n| --- | --- | --- |\n");
        out.extend(c.options.iter().map(|o| option(o)));
    }
    foot(&mut out, c.examples, c.support, "##");
    out
}

fn option(o: &OptCard) -> String {
    let default = if o.default.trim().is_empty() { o.default.to_string() } else { format!("`{}`", o.default) };
    let default = if o.default == " " { "a blank".to_string() } else { default };
    let also = if o.aliases.is_empty() { String::new() } else { format!(" Also {}.", quoted(o.aliases)) };
    let effect = match o.effect {
        Effect::Applied => "",
        Effect::Idle => " (changes nothing here)",
        Effect::Lacking => " (not built)",
    };
    format!("| `{}` | {} | {}{also}{effect} |\n", o.name, default.replace('|', "\\|"), o.summary.replace('|', "\\|"))
}

fn of_chapter(list: &[Function]) -> String {
    let mut out = String::new();
    for f in list {
        if out.is_empty() {
            let _ = write!(out, "# Eval functions: {}\n\n{NOTE}", chapter(f));
        }
        let _ = write!(out, "\n## {}\n\n{}\n\n```text\n{}\n```\n", f.name, f.summary, f.syntax);
        foot(&mut out, f.examples, f.support, "###");
    }
    out
}

fn chapter(f: &Function) -> String {
    format!("{:?}", f.chapter).to_lowercase()
}

fn stats() -> String {
    let mut out = format!("# Stats functions\n\n{NOTE}");
    out.push_str("\nThose of `stats`, `eventstats`, `streamstats`, `chart`, `timechart`, `tstats`, `mstats` and sparklines.\n");
    out.extend(aggregate::all().map(of_aggregate));
    out
}

fn of_aggregate(a: &Aggregate) -> String {
    let mut out = format!("\n## {}\n\n{}\n", a.name, a.summary);
    if !a.aliases.is_empty() {
        let _ = write!(out, "\nAlso written {}.\n", quoted(a.aliases));
    }
    let _ = write!(out, "\n```text\n{}\n```\n", a.syntax);
    foot(&mut out, a.examples, a.support, "###");
    out
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

fn foot(out: &mut String, examples: &[Example], support: Support, level: &str) {
    if !examples.is_empty() {
        let _ = write!(out, "\n{level} Examples\n");
    }
    for e in examples {
        let _ = write!(out, "\n```spl\n{}\n```\n\n{}\n", e.spl, shown(e, level));
    }
    let lacks = match support {
        Support::Full => return,
        Support::Partial(lacks) => format!("Not all of it is built: {lacks}"),
        Support::Planned => "Known, but not built yet.".to_string(),
        Support::Outside(why) => format!("Never run here: {why}"),
    };
    let _ = write!(out, "\n{level} What lacks\n\n{lacks}\n");
}

/// Commands have a sentence, functions a value.
fn shown(e: &Example, level: &str) -> String {
    if level == "##" { e.shows.to_string() } else { format!("gives `{}`", e.shows) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn there_is_a_page_a_command_and_a_chapter() {
        let pages = book();
        let paths: HashSet<&str> = pages.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths.len(), pages.len(), "no path twice");
        assert_eq!(pages.len(), 2 + command::all().count() + function::CHAPTERS.len());
        assert!(pages.iter().all(|(_, text)| text.starts_with("# ") && text.ends_with('\n') && !text.ends_with("\n\n")));
    }
}
