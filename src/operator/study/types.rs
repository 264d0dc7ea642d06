//! findtypes and typelearner: searches that part the events into kinds. Events are grouped by the start of a field, by default of the
//! punctuation of their text; a group's search names its source type and the words, or the phrases, that all of its events have. Groups with
//! the same search are one.

use crate::column::{Batch, Builder, Value, cast};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::study::Types;
use std::collections::BTreeMap;

/// Words or phrases of a search at most: the longest ones tell most.
const TERMS: usize = 6;

/// Words of a text that are looked at.
const WORDS: usize = 200;

struct Group {
    kind: String,
    terms: Vec<Vec<String>>,
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
        cx.check()?;
        let text = cast::join(raw.get(row).each(), " ");
        let kind = cast::join(kind.get(row).each(), " ");
        let by = field.as_ref().map_or_else(|| punctuation(&text), |f| cast::join(f.get(row).each(), " "));
        let by: String = by.chars().take(how.length).collect();
        let words = words(&text, how.phrases);
        match groups.get_mut(&(kind.clone(), by.clone())) {
            Some(group) => {
                group.terms = group.terms.iter().flat_map(|term| shared(term, &words)).collect();
                group.count += 1;
            }
            None => {
                cx.memory.charge(text.len() * 2 + 256)?;
                let terms = words.split(Option::is_none).map(|run| run.iter().flatten().cloned().collect()).collect();
                groups.insert((kind.clone(), by), Group { kind, terms, count: 1, sample: text });
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
    let mut terms: Vec<String> = group.terms.iter().filter(|term| !term.is_empty()).map(|term| term.join(" ")).collect();
    terms.sort_by(|a, b| b.chars().count().cmp(&a.chars().count()).then_with(|| a.cmp(b)));
    terms.dedup();
    terms.truncate(TERMS);
    let kind = (!group.kind.is_empty()).then(|| format!("sourcetype=\"{}\"", group.kind.replace('\\', "\\\\").replace('"', "\\\"")));
    kind.into_iter().chain(terms.into_iter().map(|term| format!("\"{term}\""))).collect::<Vec<_>>().join(" ")
}

/// The words of a text that may name a kind, in their order; `None` where a phrase ends, which without `phrases` is behind each word.
fn words(text: &str, phrases: bool) -> Vec<Option<String>> {
    let mut words: Vec<Option<String>> = Vec::new();
    let (mut rest, mut count) = (text, 0);
    while let Some(start) = rest.find(char::is_alphanumeric).filter(|_| count < WORDS) {
        let (between, behind) = rest.split_at(start);
        let end = behind.find(|c: char| !c.is_alphanumeric()).unwrap_or(behind.len());
        let (word, behind) = behind.split_at(end);
        if !phrases || between != " " || !telling(word) {
            words.push(None);
        }
        if telling(word) {
            words.push(Some(word.to_lowercase()));
            count += 1;
        }
        rest = behind;
    }
    words
}

/// The parts of a phrase that a text has, each as long as it can be.
fn shared(phrase: &[String], words: &[Option<String>]) -> Vec<Vec<String>> {
    let (mut parts, mut rest) = (Vec::new(), phrase);
    while !rest.is_empty() {
        let common = |from: usize| rest.iter().zip(words.iter().skip(from)).take_while(|(a, b)| b.as_ref() == Some(*a)).count();
        let most = (0..words.len()).map(common).max().unwrap_or_default();
        let (part, behind) = rest.split_at(most.max(1).min(rest.len()));
        if most > 0 {
            parts.push(part.to_vec());
        }
        rest = behind;
    }
    parts
}

/// A word that may name a kind: letters alone, and some of them.
fn telling(word: &str) -> bool {
    (3..=40).contains(&word.len()) && word.chars().all(|c| c.is_ascii_alphabetic())
}

/// The text's `punct`: the first thirty marks of its first line; a blank is `_`, a tab `t`, and a dash behind a letter or digit does not count.
fn punctuation(text: &str) -> String {
    let mut before = ' ';
    let mark = |c: char| {
        let behind_word = std::mem::replace(&mut before, c).is_alphanumeric();
        match c {
            ' ' => Some('_'),
            '\t' => Some('t'),
            '-' if behind_word => None,
            c => ",;-#$%&+./:=?@\\'|*\"(){}<>[]^!".contains(c).then_some(c),
        }
    };
    text.lines().next().unwrap_or_default().chars().filter_map(mark).take(30).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::testing::run;

    #[test]
    fn words_that_all_events_of_a_group_have() {
        let rows = r#"[{"_raw":"login failed: user=bob","k":"a"},{"_raw":"login failed: user=eve","k":"a"},{"_raw":"disk 7 full","k":"b","eventtype":"disk"},{"n":"1"}]"#;
        let want =
            r#"[{"eventtype":"type_1","search":"\"failed\" \"login\" \"user\"","count":2},{"eventtype":"type_2","search":"\"disk\" \"full\"","count":1}]"#;
        for query in ["findtypes", "typelearner", "typelearner k maxlen=-1"] {
            assert_eq!(run(rows, &format!("* | {query} | fields - sample")), want, "{query}");
        }
        let phrases = run(rows, "* | findtypes max=5 useraw | table search");
        assert_eq!(phrases, r#"[{"search":"\"login failed\" \"user\""},{"search":"\"disk\" \"full\""}]"#);
        assert_eq!(run(rows, "* | findtypes notcovered | table count"), r#"[{"count":2}]"#);
        assert_eq!(run(rows, "* | findtypes max=1 | table count"), r#"[{"count":2}]"#);
        assert_eq!(run("[]", "* | findtypes"), "[]");
    }

    #[test]
    fn phrases_shrink_to_what_is_shared() {
        let term = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
        let parts = shared(&term("session opened for user root"), &words("a session opened by, for user bob 7", true));
        assert_eq!(parts, [term("session opened"), term("for user")]);
        assert_eq!(shared(&term("session opened"), &words("session opened", false)), [term("session"), term("opened")]);
        assert_eq!(shared(&term("none"), &[]), Vec::<Vec<String>>::new());
        assert_eq!(punctuation("####<Jun 3, 2005 5:38:22 PM MDT> <Notice>\t- a-b ~\n!"), "####<_,__::__>_<>t-__");
        assert_eq!(punctuation(&".".repeat(50)).len(), 30);
    }
}
