//! findtypes and typelearner: searches that part the events into kinds. Events are grouped by the start of a field, by default of the
//! punctuation of their text; a group's search names its source type and the words that all of its events have. Groups with the same search
//! are one.

use crate::column::{Batch, Builder, Value, cast};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::study::Types;
use std::collections::{BTreeMap, BTreeSet};

/// Words of a search at most: the longest ones tell most.
const WORDS: usize = 6;

struct Group {
    kind: String,
    words: BTreeSet<String>,
    count: u32,
    sample: String,
}

/// A row a search, those of most events first.
pub(super) fn types(batch: &Batch, how: &Types, cx: &Context) -> Result<Batch, Diagnostic> {
    let (raw, kind, covered) = (batch.column("_raw"), batch.column("sourcetype"), batch.column("eventtype"));
    let field = how.field.as_ref().map(|name| batch.column(name));
    let mut groups: BTreeMap<(String, String), Group> = BTreeMap::new();
    let open = (0..batch.len()).filter(|row| !how.only_uncovered || covered.is_null(*row)).take(how.events);
    for row in open {
        cx.cancel.check()?;
        let text = cast::join(raw.get(row).each(), " ");
        let kind = cast::join(kind.get(row).each(), " ");
        let by = field.as_ref().map_or_else(|| punctuation(&text), |f| cast::join(f.get(row).each(), " "));
        let by: String = by.chars().take(how.length).collect();
        let words: BTreeSet<String> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| telling(w)).map(str::to_lowercase).collect();
        match groups.get_mut(&(kind.clone(), by.clone())) {
            Some(group) => {
                group.words.retain(|w| words.contains(w));
                group.count += 1;
            }
            None => {
                cx.memory.charge(text.len() * 2 + 256)?;
                groups.insert((kind.clone(), by), Group { kind, words, count: 1, sample: text });
            }
        }
    }
    let mut searches: BTreeMap<String, (u32, String)> = BTreeMap::new();
    for group in groups.into_values() {
        let entry = searches.entry(search(&group)).or_insert((0, group.sample));
        entry.0 += group.count;
    }
    searches.remove("");
    let mut found: Vec<(String, (u32, String))> = searches.into_iter().collect();
    found.sort_by(|a, b| b.1.0.cmp(&a.1.0).then_with(|| a.0.cmp(&b.0)));
    found.truncate(how.most);
    let mut cells: [Builder; 4] = Default::default();
    for (place, (search, (count, sample))) in found.iter().enumerate() {
        let row = [Value::owned(format!("type_{}", place + 1)), Value::text(search), f64::from(*count).into(), Value::text(sample)];
        cells.iter_mut().zip(row).for_each(|(c, v)| c.push(v));
    }
    let mut out = Batch::new(found.len());
    ["eventtype", "search", "count", "sample"].into_iter().zip(cells).for_each(|(name, c)| out.set(name, c.finish()));
    Ok(out)
}

fn search(group: &Group) -> String {
    let mut words: Vec<&String> = group.words.iter().collect();
    words.sort_by(|a, b| b.chars().count().cmp(&a.chars().count()).then_with(|| a.cmp(b)));
    words.truncate(WORDS);
    let kind = (!group.kind.is_empty()).then(|| format!("sourcetype=\"{}\"", group.kind.replace('\\', "\\\\").replace('"', "\\\"")));
    kind.into_iter().chain(words.into_iter().map(|w| format!("\"{w}\""))).collect::<Vec<_>>().join(" ")
}

/// A word that may name a kind: letters alone, and some of them.
fn telling(word: &str) -> bool {
    (3..=40).contains(&word.len()) && word.chars().all(|c| c.is_ascii_alphabetic())
}

/// What is left of the first line without letters and digits; a blank is `_`.
fn punctuation(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().filter(|c| !c.is_alphanumeric()).map(|c| if c == ' ' { '_' } else { c }).take(100).collect()
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn words_that_all_events_of_a_group_have() {
        let rows = r#"[{"_raw":"login failed: user=bob","k":"a"},{"_raw":"login failed: user=eve","k":"a"},{"_raw":"disk 7 full","k":"b","eventtype":"disk"},{"n":"1"}]"#;
        let want =
            r#"[{"eventtype":"type_1","search":"\"failed\" \"login\" \"user\"","count":2},{"eventtype":"type_2","search":"\"disk\" \"full\"","count":1}]"#;
        for query in ["findtypes", "typelearner", "findtypes max=5 useraw", "typelearner k maxlen=-1"] {
            assert_eq!(run(rows, &format!("* | {query} | fields - sample")), want, "{query}");
        }
        assert_eq!(run(rows, "* | findtypes notcovered | table count"), r#"[{"count":2}]"#);
        assert_eq!(run(rows, "* | findtypes max=1 | table count"), r#"[{"count":2}]"#);
        assert_eq!(run("[]", "* | findtypes"), "[]");
    }
}
