//! How much of Splunk's language there is, from the cards: a count, and a line a command, function and diagnostic code.

use crate::card::Support;
use crate::command::{self, Command};
use crate::diagnostic::CODES;
use crate::syntax::option::Effect;
use crate::{aggregate, function};
use std::fmt::Write;

/// Tables in Markdown: how many commands and functions are in which state, then each by itself with its options.
pub fn coverage() -> String {
    let mut out = counts();
    out.push_str("\n## Commands\n\n");
    let mut commands: Vec<_> = command::all().collect();
    commands.sort_by_key(|c| c.name);
    let head = ["command", "state", "options", "options that change nothing here", "what lacks"];
    let lines = commands.iter().map(|c| [c.name.into(), state(c.support).into(), options(c, Effect::Applied), options(c, Effect::Idle), lacks(c)]);
    out.push_str(&table(head, lines));
    out.push_str("\n## Eval functions\n\n");
    let lines = function::all().map(|f| [f.name.into(), state(f.support).into(), format!("{:?}", f.chapter).to_lowercase(), note(f.support).into()]);
    out.push_str(&table(["function", "state", "chapter", "what lacks"], lines));
    out.push_str("\n## Stats functions\n\n");
    let lines = aggregate::all().map(|a| [a.name.into(), state(a.support).into(), a.aliases.join(", "), note(a.support).into()]);
    out.push_str(&table(["function", "state", "also written", "what lacks"], lines));
    out.push_str("\n## Diagnostic codes\n\n");
    let lines = CODES.iter().map(|c| [c.id.into(), format!("{:?}", c.kind).to_lowercase(), c.explanation.into()]);
    out.push_str(&table(["code", "kind", "what it means"], lines));
    out
}

fn counts() -> String {
    let all: [(&str, Vec<Support>); 3] = [
        ("commands", command::all().map(|c| c.support).collect()),
        ("eval functions", function::all().map(|f| f.support).collect()),
        ("stats functions", aggregate::all().map(|a| a.support).collect()),
    ];
    let count = |all: &[Support], name: &str| all.iter().filter(|s| state(**s) == name).count().to_string();
    let lines = all.iter().map(|(name, all)| {
        let [full, partial, planned, outside] = ["full", "partial", "planned", "outside"].map(|s| count(all, s));
        [name.to_string(), full, partial, planned, outside, all.len().to_string()]
    });
    let mut out = table(["", "full", "partial", "planned", "outside", "all"], lines);
    let effects: Vec<Effect> = command::all().flat_map(|c| c.options.iter().map(|o| o.effect)).collect();
    let of = |e: Effect| effects.iter().filter(|x| **x == e).count();
    let _ = write!(
        out,
        "\nFull: all that is documented. Partial: it runs; what lacks is said. Planned: known and parsed, not built yet. Outside: it needs a\n\
         server, a person or outside state, and is never run.\n\n\
         Of {} options of commands, {} do what they say, {} have nothing here to change and are read, {} are not built.\n",
        effects.len(),
        of(Effect::Applied),
        of(Effect::Idle),
        of(Effect::Lacking)
    );
    out
}

/// The word for a state.
pub fn state(support: Support) -> &'static str {
    match support {
        Support::Full => "full",
        Support::Partial(_) => "partial",
        Support::Planned => "planned",
        Support::Outside(_) => "outside",
    }
}

fn note(support: Support) -> &'static str {
    match support {
        Support::Full | Support::Planned => "",
        Support::Partial(why) | Support::Outside(why) => why,
    }
}

fn options(c: &Command, effect: Effect) -> String {
    c.options.iter().filter(|o| o.effect == effect).map(|o| o.name).collect::<Vec<_>>().join(", ")
}

/// What the card says lacks, and the options that are not built.
fn lacks(c: &Command) -> String {
    let lacking = options(c, Effect::Lacking);
    match (note(c.support), lacking.is_empty()) {
        (note, true) => note.to_string(),
        (note, false) => format!("{note} (options: {lacking})"),
    }
}

/// A Markdown table that is also readable as text: all columns but the last are padded.
fn table<const N: usize>(head: [&str; N], lines: impl Iterator<Item = [String; N]>) -> String {
    let lines: Vec<[String; N]> = lines.map(|l| l.map(|cell| cell.replace('|', "\\|"))).collect();
    let mut widths = head.map(|h| h.chars().count());
    for line in &lines {
        widths.iter_mut().zip(line).for_each(|(w, cell)| *w = cell.chars().count().max(*w));
    }
    if let Some(last) = widths.last_mut() {
        *last = 0;
    }
    let row = |cells: &[String]| {
        let cells = cells.iter().zip(widths).map(|(cell, w)| format!(" {cell:<w$} |"));
        format!("|{}\n", cells.collect::<String>())
    };
    let mut out = row(&head.map(String::from));
    out.push_str(&row(&widths.map(|w| "-".repeat(w.max(3)))));
    out.extend(lines.iter().map(|l| row(l)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_card_has_a_line() {
        let text = coverage();
        let names =
            command::all().map(|c| c.name).chain(function::all().map(|f| f.name)).chain(aggregate::all().map(|a| a.name)).chain(CODES.iter().map(|c| c.id));
        let missing: Vec<&str> = names.filter(|n| !text.contains(&format!("\n| {n} "))).collect();
        assert_eq!(missing, [""; 0]);
    }

    #[test]
    fn a_table_is_padded_and_its_bars_are_escaped() {
        let lines = [["a".to_string(), "x|y".to_string()], ["long".to_string(), String::new()]];
        assert_eq!(table(["n", "what"], lines.into_iter()), "| n    | what |\n| ---- | --- |\n| a    | x\\|y |\n| long |  |\n");
    }
}
