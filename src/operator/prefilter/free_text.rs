//! Free text in loaded tables, looked for where their columns tell what the texts of their rows consist of ([`Told`]).

use super::narrow::{Segment, found, rows_at};
use crate::column::text::Buffer;
use crate::column::{Column, Hits, Mask, Text};
use crate::input::parse::is_internal;
use crate::input::sieve::{self, Check, DictionaryHits, Finder};
use crate::store::Told;
use std::sync::Arc;

/// Letters that mean something else behind a backslash: a text may begin with one of them where the value only has what comes after it.
const ESCAPES: [char; 5] = ['b', 'f', 'n', 'r', 't'];

/// Those of some rows of a segment whose text may have what is asked for; nothing where its columns cannot tell.
pub fn rows(check: &Check, segment: &Segment<'_>, rows: &Mask) -> Option<Mask> {
    let (Check::Text { finder, own, hits }, Some((told, at))) = (check, segment.told) else { return None };
    let untold = told.untold(at)?;
    let text = finder.text();
    let wanted = text.strip_prefix(ESCAPES).filter(|_| told.has_escapes()).unwrap_or(&text);
    let in_values = Check::Text { finder: Finder::new(wanted), own: *own, hits: Default::default() };
    // A text that stands between values, or may stand partly in one, is not told.
    let is_told = || !told.may_cut(&text) && having(told.seams(), check, &text).is_some_and(|seams| seams.none());
    let dictionaries = hits.of(told.seams(), || if is_told() { dictionaries(told, &in_values, wanted) } else { None })?;
    let mut out = Mask::new(rows.len(), false);
    let mut texts: Vec<&Text> = vec![untold];
    for (name, column) in segment.rows.columns() {
        match column.as_ref() {
            Column::Text(_) if **name == *"_raw" => {}
            Column::Number { .. } if **name == *"_time" => {}
            // Told of with the untold.
            Column::Mixed(_) => {}
            // What all rows have is maybe no part of their texts, and asks all of them.
            Column::Const(value, _) if is_internal(name) => {
                if value.as_text().is_some_and(|text| in_values.passes_text(&text)) {
                    return None;
                }
            }
            Column::Text(text) => texts.push(text),
            Column::Dict { codes, values, shared: true } => {
                let hits = dictionaries.iter().find(|(dictionary, _)| Arc::ptr_eq(dictionary, values));
                hits.into_iter().for_each(|(_, hits)| out.or(&hits.rows(codes, Some(rows))));
            }
            // Loading makes no others.
            _ => return None,
        }
    }
    out.and(rows);
    texts.retain(|text| text.buffers().iter().any(|buffer| buffer.may_hold(wanted)));
    // One look at all of them, so that what is rare in them is found out once.
    let buffers: Vec<Buffer> = texts.iter().flat_map(|text| text.buffers()).cloned().collect();
    let places = sieve::places_of_several(&in_values, &buffers)?;
    let mut places = places.as_slice();
    for text in texts {
        let (own, others) = places.split_at_checked(text.buffers().len())?;
        out.or(&rows_at(own, text, rows, false));
        places = others;
    }
    Some(out)
}

/// The dictionaries of a table with values that have a text, and which.
fn dictionaries(told: &Told, check: &Check, wanted: &str) -> Option<Arc<[DictionaryHits]>> {
    let hits = |values: &Arc<Column>| match having(values, check, wanted) {
        Some(codes) if codes.none() => None,
        codes => Some(codes.map(|codes| (values.clone(), Hits::of(&codes, false)))),
    };
    told.dictionaries().iter().filter_map(hits).collect()
}

/// Those of some distinct values that have a text; nothing where they are no texts.
fn having(values: &Column, check: &Check, wanted: &str) -> Option<Mask> {
    let Column::Text(text) = values else { return None };
    match text.buffers().iter().any(|buffer| buffer.may_hold(wanted)) {
        true => found(check, text, &Mask::new(text.len(), true), false),
        false => Some(Mask::new(text.len(), false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Batch, Value};
    use crate::input::{DataSpec, ParseOptions, ReadOptions, Warnings, expand};
    use crate::store::{Table, load};
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;

    /// A file in memory.
    fn table(name: &str, text: &str) -> Table {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        let files = expand(&DataSpec::parse(path.to_str().unwrap()).unwrap()).unwrap();
        let read = ReadOptions { chunk_bytes: 4 << 10, ..ReadOptions::default() };
        load(&files[0], &read, &ParseOptions::default(), 2, &|| Ok(()), &mut Warnings::new()).unwrap()
    }

    /// The numbers of the rows that may have a text by what the columns tell, if they do.
    fn told(table: &Table, text: &str) -> Option<Vec<usize>> {
        let Check::All(parts) = Check::own_text(text) else { panic!("{text}") };
        let [segment] = table.segments.as_slice() else { panic!("one segment") };
        let told = table.told.as_ref().map(|told| (told, 0));
        let mut all = Mask::new(segment.len(), true);
        for check in &parts {
            all.and(&rows(check, &Segment { rows: segment, told }, &Mask::new(segment.len(), true))?);
        }
        Some(all.rows().collect())
    }

    /// The numbers of the rows whose text has another, in any case.
    fn have(rows: &Batch, text: &str) -> Vec<usize> {
        let wanted = regex::RegexBuilder::new(&regex::escape(text)).case_insensitive(true).build().unwrap();
        (0..rows.len()).filter(|row| rows.value("_raw", *row).as_text().is_some_and(|raw| wanted.is_match(&raw))).collect()
    }

    /// What the columns tell leaves out no row that has one of these texts, or a piece of the rows' own; gives how often they told something.
    fn nothing_is_lost(table: &Table, needles: &[String]) -> Result<usize, TestCaseError> {
        let [rows] = table.segments.as_slice() else { return Ok(0) };
        let raw: Vec<String> = (0..rows.len()).filter_map(|row| rows.value("_raw", row).as_text().map(|t| t.into_owned())).collect();
        // What stands in one part, wherever it begins.
        let piece = |n: usize| {
            let text = raw.get(n * 31 % raw.len().max(1))?;
            let start = text.floor_char_boundary(n.wrapping_mul(7) % text.len().max(1));
            let piece: String = text.get(start..)?.chars().skip_while(|c| "\"<>'/\\&".contains(*c)).take_while(|c| !"\"<>'/\\&".contains(*c)).collect();
            Some(piece.chars().take(3 + n % 5).collect())
        };
        let mut answers = 0;
        for needle in needles.iter().cloned().chain((0..150).filter_map(piece)) {
            if let (false, Some(told)) = (Check::own_text(&needle).is_none(), told(table, &needle)) {
                answers += usize::from(told.len() < rows.len());
                let lost: Vec<usize> = have(rows, &needle).into_iter().filter(|row| !told.contains(row)).collect();
                prop_assert!(lost.is_empty(), "{needle:?} is in {:?}", lost.iter().filter_map(|row| raw.get(*row)).collect::<Vec<_>>());
            }
        }
        Ok(answers)
    }

    /// Looks at tables of lines, which are made of kinds and values; they have to tell something often.
    fn no_row_is_lost(name: &str, kinds: usize, values: &'static str, needles: &'static str, line: impl Fn(usize, usize, [&str; 3]) -> String) {
        let mut runner = TestRunner::new(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() });
        let answers = std::cell::Cell::new(0);
        let lines = (prop::collection::vec(0..kinds, 1..3), 150..400usize, prop::collection::vec(values, 8..20), prop::collection::vec(needles, 10));
        let run = runner.run(&lines, |(kinds, count, values, needles)| {
            let value = |n: usize| values.get(n % values.len()).map_or("", String::as_str);
            let text: String = (0..count).map(|i| line(i, kinds[i % kinds.len()], [value(i), value(i / 3 + 1), value(i * 7 + i / 11)])).collect();
            answers.set(answers.get() + nothing_is_lost(&table(name, &text), &needles)?);
            Ok(())
        });
        run.unwrap_or_else(|e| panic!("{e}"));
        assert!(answers.get() > 400, "{name}: told {} times", answers.get());
    }

    #[test]
    fn a_text_is_found_where_only_values_have_it() {
        let event = |i: usize| {
            let (image, odd) = (["C:\\Windows\\a.exe", "C:\\Temp\\mimikatz.exe"][usize::from(i % 50 == 49)], i % 7);
            format!(
                "<Event><System><EventID>{}</EventID><TimeCreated SystemTime='2024-01-01T00:00:{:02}Z'/></System><EventData><Data Name='Image'>{image}</Data><Data Name='Odd'>none{odd}</Data></EventData></Event>\n",
                1 + i % 3,
                i % 60
            )
        };
        let xml = table("e.xml", &(0..400).map(event).collect::<String>());
        let record =
            |i: usize| format!("{{\"_time\":{i}00.5,\"Image\":\"C:\\\\Temp\\\\{}\",\"host\":\"pc{i}\"}}\n", ["a", "mimikatz"][usize::from(i % 50 == 49)]);
        let json = table("e.ndjson", &(0..400).map(record).collect::<String>());
        for table in [&xml, &json] {
            let [rows] = table.segments.as_slice() else { panic!("one segment") };
            for text in ["MimiKatz", "katz", "nowhere", "pc123", "3900.5"] {
                let told = told(table, text).unwrap_or_else(|| panic!("{text} is not told"));
                let have = have(rows, text);
                assert!(have.iter().all(|row| told.contains(row)) && told.len() < have.len() + 60, "{text}: {told:?}, not {have:?}");
            }
        }
        assert_eq!(told(&xml, "EventData"), None, "it stands between values");
        assert_eq!(told(&json, ".5,"), None, "it goes beyond a value");
        let lists = table("l.ndjson", &(0..400).map(|i| format!("{{\"a\":[\"x{i}y\",\"z\"],\"more\":\"{}\"}}\n", "long ".repeat(20))).collect::<String>());
        assert_eq!(told(&lists, "x77y"), Some(vec![77]));
        // A value that no column has as it is, and a record that is none.
        let odd = table("o.ndjson", &((0..99).map(|i| format!("{{\"a\":\"x\\n{i}y\",\"b\":null}}\n")).collect::<String>() + "no such thing\n"));
        for text in ["n42y", "no such"] {
            let [rows] = odd.segments.as_slice() else { panic!("one segment") };
            assert!(told(&odd, text).is_none_or(|told| have(rows, text).iter().all(|row| told.contains(row))), "{text}");
        }
        assert_eq!(odd.segments[0].value("a", 42), Value::text("x\n42y"));
    }

    #[test]
    fn no_row_of_json_is_lost() {
        const VALUES: &str = r#"[a-bA-B0-1:, .éſK-]{0,9}|null|\\\\[a-b]\\\\\\"a|a\\[nrt][a-b]{2}|\\u0061bb|nab|long value of [a-b]{30}"#;
        no_row_is_lost("e.ndjson", 8, VALUES, "[a-b0-1:, .-]{3,4}|null|ull|nbb|nab|ab|61b|rab", |i, kind, [a, b, c]| match kind {
            0 => format!("{{\"_time\":17{i}.25,\"a\":\"{a}\",\"b\":\"{b}\",\"c\":\"{c}\",\"more\":\"{c}{a}{b}{c}\"}}\n"),
            1 => format!("{{\"a\":\"{a}\",\"n\":{i},\"host\":\"{b}\",\"u\":null,\"c\":\"{c}\"}}\n"),
            2 => format!("{{\"deep\":{{\"a\":\"{a}\",\"l\":[\"{b}\",{i},\"{c}\"]}},\"ok\":true,\"a\":\"{b}\",\"more\":\"{c}{a}{b}{c}{a}{b}\"}}\n"),
            3 => format!("{{ \"a\" : \"{a}\" , \"UtcTime\":\"2024-01-0{}\",\"b\":{},\"c\":\"{c}\"}}\n", i % 9, ["null", "1.5", "\"aab\""][i % 3]),
            4 => format!("{{\"host\":[\"{a}\",\"{b}\"],\"source\":\"{c}\",\"a\":\"{c}{c}{c}\"}}\n"),
            5 => format!("{{\"host\":\"{a}\",\"a\":\"{b}\",\"host\":\"{c}\"}}\n"),
            6 if i % 9 == 0 => format!("{a} {b}\n"),
            6 => format!("{{\"{}\":\"{a}\",\"b\":\"{b}\",\"c\":\"{c}\"}}\n", "k".repeat(600)),
            _ if i % 50 == 0 => format!("{{\"_raw\":\"{a} {b}\",\"a\":\"{c}\"}}\n"),
            _ => format!("{{\"index\":\"{a}\",\"sourcetype\":\"{b}\",\"a\":\"{c}\",\"a\":\"{b}\"}}\n"),
        });
        let wrapped = |i: usize, _, [a, b, c]: [&str; 3]| {
            format!("{{\"time\":17{i},\"host\":\"{a}\",\"event\":{{\"a\":\"{b}\",\"host\":\"{c}\",\"more\":\"{a}{b}{c}\"}}}}\n")
        };
        no_row_is_lost("e.hec.ndjson", 1, "[a-bA-B0-1:, .-]{0,9}", "[a-b0-1:, .-]{3,4}", wrapped);
    }

    #[test]
    fn no_row_of_xml_is_lost() {
        no_row_is_lost("e.xml", 6, "[a-bA-B0-1:, .éſK-]{0,9}|&lt;a&gt;|\n  |a long value", "[a-b0-1:, .-]{3,4}|Name|abc", |i, kind, [a, b, c]| {
            let data = match kind {
                0 => format!("<Data Name='A'>{a}</Data><Data Name='B'>{b}</Data><Data Name='C'>{c}</Data>"),
                1 => format!("<Data Name='EventID'>{a}</Data><Data Name='A'>{b}</Data><Data Name='A'>{c}</Data>"),
                2 => format!("<Data Name='host'>{a}</Data><Data>{b}</Data><Binary>{c}</Binary>"),
                3 if i % 20 == 0 => format!("<Data Name='A'><![CDATA[{a}]]>{b}</Data><!-- {c} --><Data Name='B'/>"),
                3 => format!("<Data Name='A'>{a}{b}</Data><Data Name='B'>{c}</Data><Data Name='_time'>{b}</Data>"),
                4 => format!("<Data Name='A'>{a}</Data></EventData><EventData><Other><Inner>{b}</Inner><Inner>{c}</Inner></Other>"),
                _ => format!("<Data Name='Computer'>{a}</Data><Data Name='source'>{b}</Data><Data Name='Qualifiers'>{c}</Data>"),
            };
            let system = format!("<EventID Qualifiers='{}'>{i}</EventID><Computer>{a}</Computer><Level>{}</Level>", i % 2, i % 3);
            format!(
                "<Event xmlns='x'><System>{system}<TimeCreated SystemTime=\"2024-01-01T00:00:{:02}Z\"/></System><EventData>{data}</EventData></Event>\n",
                i % 60
            )
        });
    }

    #[test]
    fn a_time_in_the_place_of_a_meta_is_not_lost() {
        let text: String = (0..300).map(|i| format!("{{\"host\":\"when{i}x\",\"a\":\"some long value {i}\"}}\n")).collect();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("e.ndjson");
        std::fs::write(&path, text).unwrap();
        let files = expand(&DataSpec::parse(&format!("{},time=host", path.to_str().unwrap())).unwrap()).unwrap();
        let table = load(&files[0], &ReadOptions::default(), &ParseOptions::default(), 2, &|| Ok(()), &mut Warnings::new()).unwrap();
        assert!(told(&table, "when42x").is_none_or(|told| told.contains(&42)));
    }
}
