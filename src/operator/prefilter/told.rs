//! Free text looked for where a table's columns tell what the texts of its rows consist of ([`Told`]).

use super::narrow::{Segment, found, rows_at};
use crate::column::text::Buffer;
use crate::column::{Column, Hits, Mask, Text};
use crate::input::parse::is_internal;
use crate::input::sieve::{self, Check, DictionaryHits};
use crate::store::Told;
use std::sync::Arc;

/// Those of some rows of a segment whose text may have what is asked for; nothing where its columns cannot tell.
pub fn rows(check: &Check, segment: &Segment<'_>, rows: &Mask) -> Option<Mask> {
    let (Check::Text { finder, told: memo, .. }, Some((told, at))) = (check, segment.told) else { return None };
    let rest = told.rest(at)?;
    let dictionaries = memo.of(told.seams(), || dictionaries(check, told))?;
    let mut out = Mask::new(rows.len(), false);
    let mut texts: Vec<&Text> = vec![rest];
    for (name, column) in segment.rows.columns() {
        match column.as_ref() {
            Column::Text(_) if **name == *"_raw" => {}
            Column::Number { .. } if **name == *"_time" => {}
            // It is maybe no part of the records.
            Column::Const(value, _) if is_internal(name) => {
                if value.as_text().is_some_and(|text| check.passes_text(&text)) {
                    return None;
                }
            }
            Column::Text(text) => texts.push(text),
            Column::Dict { codes, values, shared: true } => {
                let hits = dictionaries.iter().find(|(dictionary, _)| Arc::ptr_eq(dictionary, values));
                hits.into_iter().for_each(|(_, hits)| out.or(&hits.rows(codes, Some(rows))));
            }
            other => out.or(&other.test(|v| v.each().iter().filter_map(|v| v.as_text()).any(|text| check.passes_text(&text)))),
        }
    }
    out.and(rows);
    let wanted = finder.text();
    texts.retain(|text| text.buffers().iter().any(|buffer| buffer.may_hold(&wanted)));
    // One look at all of them, so that what is rare in them is found out once.
    let buffers: Vec<Buffer> = texts.iter().flat_map(|text| text.buffers()).cloned().collect();
    let places = sieve::places(check, &buffers)?;
    let mut places = places.as_slice();
    for text in texts {
        let (own, others) = places.split_at_checked(text.buffers().len())?;
        out.or(&rows_at(own, text, rows, false));
        places = others;
    }
    Some(out)
}

/// The dictionaries of a table with values that have the text; nothing where it may stand between values, or partly in one.
fn dictionaries(check: &Check, told: &Told) -> Option<Arc<[DictionaryHits]>> {
    let Check::Text { finder, .. } = check else { return None };
    let wanted = finder.text();
    let having = |values: &Column| {
        let Column::Text(text) = values else { return None };
        if !text.buffers().iter().any(|buffer| buffer.may_hold(&wanted)) {
            return Some(Mask::new(text.len(), false));
        }
        found(check, text, &Mask::new(text.len(), true), false)
    };
    if told.may_cut(&wanted) || !having(told.seams())?.none() {
        return None;
    }
    let hits = |values: &Arc<Column>| having(values).filter(|codes| !codes.none()).map(|codes| (values.clone(), Hits::of(&codes, false)));
    Some(told.dictionaries().iter().filter_map(hits).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Batch, Value};
    use crate::input::{DataSpec, ParseOptions, ReadOptions, Warnings, expand};
    use crate::store::{Dataset, load};
    use proptest::prelude::*;

    /// A file in memory.
    fn table(name: &str, text: &str) -> Dataset {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        let files = expand(&DataSpec::parse(path.to_str().unwrap()).unwrap()).unwrap();
        let read = ReadOptions { chunk_bytes: 4 << 10, ..ReadOptions::default() };
        load(&files[0], &read, &ParseOptions::default(), 2, &|| Ok(()), &mut Warnings::new()).unwrap()
    }

    /// The numbers of the rows that may have a text by what the columns tell, if they do.
    fn told(table: &Dataset, text: &str) -> Option<Vec<usize>> {
        let Check::All(parts) = Check::own_text(text) else { panic!("{text}") };
        let [segment] = table.segments().unwrap() else { panic!("one segment") };
        let told = table.told().map(|told| (told, 0));
        let mut all = Mask::new(segment.len(), true);
        for check in &parts {
            all.and(&rows(check, &Segment { rows: segment, told }, &Mask::new(segment.len(), true))?);
        }
        Some(all.rows().collect())
    }

    /// The numbers of the rows whose text has another, in any case.
    fn have(rows: &Batch, text: &str) -> Vec<usize> {
        let has = |row: &usize| rows.value("_raw", *row).as_text().is_some_and(|raw| raw.to_lowercase().contains(&text.to_lowercase()));
        (0..rows.len()).filter(has).collect()
    }

    /// What the columns tell leaves out no row that has a text.
    fn nothing_is_lost(table: &Dataset, needles: &[String]) -> Result<(), TestCaseError> {
        let [rows] = table.segments().unwrap() else { return Ok(()) };
        let raw: Vec<String> = (0..rows.len()).filter_map(|row| rows.value("_raw", row).as_text().map(|t| t.into_owned())).collect();
        // Pieces of the texts themselves, wherever they begin.
        let cut = |n: usize| {
            let text = raw.get(n % raw.len().max(1))?;
            let start = text.floor_char_boundary(n.wrapping_mul(7) % text.len().max(1));
            Some(text.get(start..text.floor_char_boundary(start + 3 + n % 9))?.to_string())
        };
        for needle in needles.iter().cloned().chain((0..200).filter_map(cut)) {
            if let Some(told) = told(table, &needle) {
                let lost: Vec<usize> = have(rows, &needle).into_iter().filter(|row| !told.contains(row)).collect();
                prop_assert!(lost.is_empty(), "{needle:?} is in {:?}", lost.iter().filter_map(|row| raw.get(*row)).collect::<Vec<_>>());
            }
        }
        Ok(())
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
            let [rows] = table.segments().unwrap() else { panic!("one segment") };
            for text in ["MimiKatz", "katz", "nowhere", "pc123", "3900.5"] {
                let told = told(table, text).unwrap_or_else(|| panic!("{text} is not told"));
                let have = have(rows, text);
                assert!(have.iter().all(|row| told.contains(row)) && told.len() < have.len() + 60, "{text}: {told:?}, not {have:?}");
            }
        }
        assert_eq!(told(&xml, "EventData"), None, "it stands between values");
        assert_eq!(told(&json, ".5,"), None, "it goes beyond a value");
        // A value that no column has as it is, and a record that is none.
        let odd = table("o.ndjson", &((0..99).map(|i| format!("{{\"a\":\"x\\n{i}y\",\"b\":null}}\n")).collect::<String>() + "no such thing\n"));
        for text in ["n42y", "no such"] {
            let [rows] = odd.segments().unwrap() else { panic!("one segment") };
            assert!(told(&odd, text).is_none_or(|told| have(rows, text).iter().all(|row| told.contains(row))), "{text}");
        }
        assert_eq!(odd.segments().unwrap()[0].value("a", 42), Value::text("x\n42y"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn no_row_of_json_is_lost(
            kinds in prop::collection::vec(0..6usize, 20..120),
            values in prop::collection::vec(r#"[a-bA-B0-1:, .éſ-]{0,7}|null|\\\\[a-b]\\\\\\"a|a\\n[a-b]{2}|\\u0061bb"#, 8..20),
            needles in prop::collection::vec("[a-b0-1:, .-]{3,4}|null|ull|nbb|61b", 10),
        ) {
            let value = |i: usize| &values[i % values.len()];
            let line = |(i, kind): (usize, &usize)| {
                let (a, b, c) = (value(i), value(i / 2 + kind), value(3));
                match kind {
                    0 => format!("{{\"_time\":17{i}.25,\"a\":\"{a}\",\"b\":\"{b}\",\"c\":\"{c}\"}}\n"),
                    1 => format!("{{\"host\":\"{a}\",\"n\":{i},\"b\":\"{b}\",\"u\":null}}\n"),
                    2 => format!("{{\"deep\":{{\"a\":\"{a}\",\"l\":[\"{b}\",{i}]}},\"ok\":true,\"a\":\"{b}\"}}\n"),
                    3 => format!("{{ \"a\" : \"{a}\" , \"UtcTime\":\"2024-01-0{}\",\"b\":{}}}\n", i % 9, ["null", "1.5", "\"aab\""][i % 3]),
                    4 => format!("{{\"_raw\":\"{a} {b}\",\"a\":\"{c}\"}}\n"),
                    _ => format!("{a} {b}\n"),
                }
            };
            // Records with a text of their own are rare.
            let few = kinds.iter().filter(|k| **k != 4 || kinds.len() % 3 == 0);
            nothing_is_lost(&table("e.ndjson", &few.enumerate().map(line).collect::<String>()), &needles)?;
        }

        #[test]
        fn no_row_of_xml_is_lost(
            kinds in prop::collection::vec(0..5usize, 20..120),
            values in prop::collection::vec("[a-bA-B0-1:, .éſ-]{0,7}|&lt;a&gt;|\n  ", 8..20),
            needles in prop::collection::vec("[a-b0-1:, .-]{3,4}|Name|abc", 10),
        ) {
            let value = |i: usize| &values[i % values.len()];
            let event = |(i, kind): (usize, &usize)| {
                let (a, b, c) = (value(i), value(i / 2 + kind), value(3));
                let data = match kind {
                    0 => format!("<Data Name='A'>{a}</Data><Data Name='B'>{b}</Data><Data Name='C'>{c}</Data>"),
                    1 => format!("<Data Name='EventID'>{a}</Data><Data Name='A'>{b}</Data><Data Name='A'>{c}</Data>"),
                    2 => format!("<Data Name='host'>{a}</Data><Data>{b}</Data><Binary>{c}</Binary>"),
                    3 => format!("<Data Name='A'><![CDATA[{a}]]>{b}</Data><!-- {c} --><Data Name='B'/>"),
                    _ => format!("<Data Name='A'>{a}</Data></EventData><EventData><Other><Inner>{b}</Inner></Other>"),
                };
                let system = format!("<EventID Qualifiers='{}'>{i}</EventID><Computer>{a}</Computer><Level>{}</Level>", i % 2, i % 3);
                format!("<Event xmlns='x'><System>{system}<TimeCreated SystemTime=\"2024-01-01T00:00:{:02}Z\"/></System><EventData>{data}</EventData></Event>\n", i % 60)
            };
            nothing_is_lost(&table("e.xml", &kinds.iter().enumerate().map(event).collect::<String>()), &needles)?;
        }
    }
}
