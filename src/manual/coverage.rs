//! How much of Splunk's language there is, counted from the cards.

use crate::card::Support;
use crate::{aggregate, command, function};

/// A table: commands, eval functions and stats functions by state.
pub fn coverage() -> String {
    let mut out = format!("{:<16}{:>6}{:>9}{:>9}{:>9}{:>7}\n", "", "full", "partial", "planned", "outside", "all");
    let lines: [(&str, Vec<Support>); 3] = [
        ("commands", command::all().map(|c| c.support).collect()),
        ("eval functions", function::all().map(|f| f.support).collect()),
        ("stats functions", aggregate::all().map(|a| a.support).collect()),
    ];
    for (name, all) in &lines {
        let count = |is: fn(&Support) -> bool| all.iter().filter(|s| is(s)).count();
        out.push_str(&format!(
            "{name:<16}{:>6}{:>9}{:>9}{:>9}{:>7}\n",
            count(|s| matches!(s, Support::Full)),
            count(|s| matches!(s, Support::Partial(_))),
            count(|s| matches!(s, Support::Planned)),
            count(|s| matches!(s, Support::Outside(_))),
            all.len()
        ));
    }
    out.push_str("\nplanned: known and parsed, not built yet; outside: needs a Splunk server, a person or outside state\n");
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_card_is_counted() {
        let text = super::coverage();
        assert_eq!(text.lines().filter(|l| l.contains("functions") || l.starts_with("commands")).count(), 3);
        assert!(text.contains(&crate::command::all().count().to_string()));
    }
}
