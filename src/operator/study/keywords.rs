//! findkeywords: for each group of events the words that set it apart.
//!
//! Words that all events of a group have are taken one by one, each time the one that the fewest events of other groups have, until no
//! other event has all of them or no further word helps; then words that no event of the group has are taken out of what remains, each
//! time the one that most of those events have.

use crate::column::{Batch, Builder, Value, cast};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use foldhash::fast::RandomState;
use indexmap::{IndexMap, IndexSet};

/// Words of a search at most, of either kind.
const WORDS: usize = 10;

struct Events {
    /// All words, by number.
    words: IndexSet<String, RandomState>,
    /// Of each event, ascending.
    of: Vec<Vec<u32>>,
    texts: Vec<String>,
}

impl Events {
    fn has(&self, event: u32, word: u32) -> bool {
        self.of.get(event as usize).is_some_and(|words| words.binary_search(&word).is_ok())
    }
}

/// What is found for a group.
struct Found {
    group: String,
    events: Vec<u32>,
    include: Vec<u32>,
    exclude: Vec<u32>,
    /// Events of other groups that the search finds, too.
    wrong: usize,
}

pub(super) fn keywords(batch: &Batch, label: &str, dedup: bool, cx: &Context) -> Result<Batch, Diagnostic> {
    let (raw, labels) = (batch.column("_raw"), batch.column(label));
    let mut events = Events { words: IndexSet::default(), of: Vec::new(), texts: Vec::new() };
    let mut groups: IndexMap<String, Vec<u32>, RandomState> = IndexMap::default();
    for row in 0..batch.len() {
        cx.check()?;
        let Some(group) = labels.get(row).as_text().map(|t| t.into_owned()) else { continue };
        let text = cast::join(raw.get(row).each(), " ");
        let known = events.words.len();
        let mut words: Vec<u32> = text
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|w| (2..=40).contains(&w.len()))
            .map(|w| events.words.insert_full(w.to_lowercase()).0 as u32)
            .collect();
        words.sort_unstable();
        words.dedup();
        cx.memory.charge(text.len() + words.len() * 4 + (events.words.len() - known) * 64 + 64)?;
        groups.entry(group).or_default().push(events.texts.len() as u32);
        events.of.push(words);
        events.texts.push(text);
    }
    let mut found = Vec::new();
    for (group, rows) in &groups {
        found.push(apart(group, rows, &events, cx)?);
    }
    found.sort_by(|a, b| b.events.len().cmp(&a.events.len()).then_with(|| a.group.cmp(&b.group)));
    if dedup {
        let mut seen: IndexSet<(Vec<u32>, Vec<u32>), RandomState> = IndexSet::default();
        found.retain(|f| seen.insert((f.include.clone(), f.exclude.clone())));
    }
    Ok(table(&found, &events))
}

fn apart(group: &str, rows: &[u32], events: &Events, cx: &Context) -> Result<Found, Diagnostic> {
    let own: IndexSet<u32, RandomState> = rows.iter().copied().collect();
    let mut shared: Vec<u32> = rows.first().and_then(|r| events.of.get(*r as usize)).cloned().unwrap_or_default();
    for row in rows {
        cx.check()?;
        shared.retain(|word| events.has(*row, *word));
    }
    let mut others: Vec<u32> = (0..events.of.len() as u32).filter(|e| !own.contains(e)).collect();
    let (mut include, mut exclude): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
    let name = |word: u32| events.words.get_index(word as usize);
    while include.len() < WORDS && (include.is_empty() || !others.is_empty()) {
        cx.check()?;
        // Of words that are as good the longest one tells most.
        let left = |word: u32| others.iter().filter(|e| events.has(**e, word)).count();
        let long = |word: u32| std::cmp::Reverse(name(word).map_or(0, String::len));
        let mut best: Option<(usize, u32)> = None;
        for word in shared.iter().filter(|w| !include.contains(w)) {
            cx.check()?;
            let n = left(*word);
            if best.is_none_or(|(least, chosen)| (n, long(*word), name(*word)) < (least, long(chosen), name(chosen))) {
                best = Some((n, *word));
            }
        }
        match best {
            Some((n, word)) if n < others.len() || include.is_empty() => {
                include.push(word);
                others.retain(|e| events.has(*e, word));
            }
            _ => break,
        }
    }
    while exclude.len() < WORDS && !others.is_empty() {
        let mut counts: IndexMap<u32, usize, RandomState> = IndexMap::default();
        for (n, event) in others.iter().enumerate() {
            cx.at(n)?;
            events.of.get(*event as usize).into_iter().flatten().for_each(|w| *counts.entry(*w).or_default() += 1);
        }
        let mut ranked: Vec<(u32, usize)> = counts.into_iter().collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| name(a.0).cmp(&name(b.0))));
        let absent = |word: u32| !rows.iter().any(|r| events.has(*r, word));
        let Some((word, _)) = ranked.into_iter().find(|(word, _)| absent(*word)) else { break };
        cx.check()?;
        exclude.push(word);
        others.retain(|e| !events.has(*e, word));
    }
    Ok(Found { group: group.to_string(), events: rows.to_vec(), include, exclude, wrong: others.len() })
}

fn table(found: &[Found], events: &Events) -> Batch {
    let names = |words: &[u32]| -> Vec<String> { words.iter().filter_map(|w| events.words.get_index(*w as usize).cloned()).collect() };
    let quoted = |words: Vec<String>| words.into_iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>();
    let mut cells: [Builder; 9] = Default::default();
    for f in found {
        let size = f.events.len() as f64;
        let percent = |part: f64, whole: f64| Value::Number(100.0 * part / whole.max(1.0));
        let mut search = quoted(names(&f.include)).join(" ");
        if !f.exclude.is_empty() {
            let without = quoted(names(&f.exclude)).join(" OR ");
            search = if search.is_empty() { format!("NOT ({without})") } else { format!("{search} NOT ({without})") };
        }
        let multi = |words: &[u32]| Value::multi(names(words).into_iter().map(Value::owned));
        let sample = f.events.first().and_then(|e| events.texts.get(*e as usize));
        let row = [
            Value::text(&f.group),
            Value::Number(size),
            percent(size, events.of.len() as f64),
            percent(size, size + f.wrong as f64),
            multi(&f.include),
            multi(&f.exclude),
            Value::Number(f64::from(u8::from(f.wrong == 0 && !search.is_empty()))),
            if search.is_empty() { Value::text("*") } else { Value::owned(search) },
            sample.map_or(Value::Null, |t| Value::text(t)),
        ];
        cells.iter_mut().zip(row).for_each(|(c, v)| c.push(v));
    }
    const NAMES: [&str; 9] = [
        "groupID",
        "numInGroup",
        "percentInInputGroup",
        "percentInOutputGroup",
        "includeKeywords",
        "excludeKeywords",
        "eventTypeable",
        "search",
        "sampleEvent",
    ];
    let mut out = Batch::new(found.len());
    NAMES.into_iter().zip(cells).for_each(|(name, c)| out.set(name, c.finish()));
    out
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn words_set_groups_apart() {
        let rows = r#"[{"k":"1","_raw":"login failed for ann"},{"k":"1","_raw":"login failed for bob"},{"k":"2","_raw":"login of ann"},{"k":"3","_raw":"ann"},{"k":"4","_raw":"ann"},{"_raw":"none"}]"#;
        let got = run(rows, "* | findkeywords labelfield=k | table groupID numInGroup search eventTypeable percent*");
        let want = r#"[{"groupID":"1","numInGroup":2,"search":"\"failed\"","eventTypeable":1,"percentInInputGroup":40,"percentInOutputGroup":100},{"groupID":"2","numInGroup":1,"search":"\"of\"","eventTypeable":1,"percentInInputGroup":20,"percentInOutputGroup":100},{"groupID":"3","numInGroup":1,"search":"\"ann\" NOT (\"login\")","eventTypeable":0,"percentInInputGroup":20,"percentInOutputGroup":50},{"groupID":"4","numInGroup":1,"search":"\"ann\" NOT (\"login\")","eventTypeable":0,"percentInInputGroup":20,"percentInOutputGroup":50}]"#;
        assert_eq!(got, want);
        assert_eq!(run(rows, "* | findkeywords labelfield=k dedup=t | stats count"), r#"[{"count":3}]"#);
        assert_eq!(run(rows, "* | findkeywords labelfield=none"), "[]");
        for (query, want) in [
            ("findkeywords", "expected `labelfield=`"),
            ("findkeywords labelfield=k x=1", "no option `x`"),
            ("findkeywords labelfield=k dedup=2", "`true` or `false`"),
        ] {
            let got = run(rows, &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
