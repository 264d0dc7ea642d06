//! Random events and random searches: whatever is left out, coded, cut or shared on the way, the rows are those of the plain way.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::Config;
use spl_engine::Engine;
use spl_engine::engine::Settings;
use spl_engine::input::{DataSpec, ReadOptions, Warnings, expand};
use spl_engine::knowledge::Knowledge;
use spl_engine::output::json::Objects;
use spl_engine::store::{Catalog, Dataset, load};
use std::path::Path;

/// Values that meet the searches below, nearly meet them, or hide what they hold.
const VALUES: &[&str] = &[
    "C:\\Windows\\RegSvcs.exe",
    "c:\\x\\regsvcs.exe",
    "C:\\tools\\not-regsvcs.exe.txt",
    "RegſvcS.exe",
    "powershell -Enc AAAA",
    "\u{212a}erberos",
    "10.1.2.3",
    "8.8.8.8",
    "3",
    "3.0",
    "03",
    "30",
    "-",
    "",
    " ",
    "a,b=c",
    "é\"ü'",
    "Event",
    "Image",
    "x</Data>y",
];

const TESTS: &[&str] = &[
    "EventID=3",
    "EventCode=3",
    "EventID!=3",
    "EventID>2",
    "EventID IN (1, 3)",
    "Image=*\\\\regsvcs.exe",
    "Image=\"*regsvcs.exe\"",
    "process_name=regsvcs.exe",
    "process_name=reg*",
    "process_name IN (regsvcs.exe, cmd.exe, \"kerb*\")",
    "process_name!=regsvcs.exe",
    "CommandLine=\"*powershell*-enc*\"",
    "dest_ip!=10.0.0.0/8",
    "dest_ip=8.8.8.8",
    "dest_ip=*",
    "regsvcs.exe",
    "*svcs*",
    "\"powershell -enc\"",
    "kerberos",
    "TERM(regsvcs.exe)",
    "NOT regsvcs.exe",
    "host=pc1",
    "Computer=pc1",
    "source=*Sysmon*",
    "Image=3",
    "Missing=1",
    "_raw=*regsvcs*",
];

const WHERES: &[&str] =
    &["like(Image, \"%regsvcs.exe\")", "Image=\"3\"", "EventID=3", "CommandLine IN (\"3\", \"-\")", "isnotnull(dest_ip)", "match(Image, \"(?i)REGSVCS\")"];

#[derive(Clone, Debug)]
struct Event {
    id: &'static str,
    image: &'static str,
    command: &'static str,
    ip: &'static str,
    odd: u8,
}

fn event() -> impl Strategy<Value = Event> {
    (select(&["1", "3", "3", "3.0", "22"][..]), select(VALUES), select(VALUES), select(VALUES), any::<u8>()).prop_map(|(id, image, command, ip, odd)| Event {
        id,
        image,
        command,
        ip,
        odd,
    })
}

impl Event {
    fn xml(&self) -> String {
        let escaped = |v: &str| v.replace("</Data>", "&lt;");
        let image = match self.odd % 16 {
            0 => format!("<![CDATA[{}]]>", self.image),
            1 => escaped(self.image).replacen("svcs", "sv<!-- c -->cs", 1),
            2 => self.image.to_string(),
            _ => escaped(self.image),
        };
        let root = if self.odd % 8 == 5 { ("<e:Event xmlns:e='x'>", "</e:Event>") } else { ("<Event xmlns='x'>", "</Event>") };
        let id =
            if self.odd % 8 == 6 { format!("<EventID Qualifiers='{}'>{}</EventID>", self.odd, self.id) } else { format!("<EventID>{}</EventID>", self.id) };
        let extra =
            if self.odd % 8 == 7 { format!("<Data Name='EventID'>3</Data><Data Name=\"Image\">{}</Data>", escaped(self.command)) } else { String::new() };
        format!(
            "{}<System><Provider Name='p'/>{id}<TimeCreated SystemTime='2024-05-14T07:{:02}:23Z'/><Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>pc{}</Computer></System><EventData>{extra}<Data Name='Image'>{image}</Data><Data Name='CommandLine'>{}</Data><Data Name='DestinationIp'>{}</Data></EventData>{}{}",
            root.0,
            self.odd % 60,
            self.odd % 3,
            escaped(self.command),
            escaped(self.ip),
            root.1,
            if self.odd.is_multiple_of(2) { "\n" } else { "" },
        )
    }

    fn json(&self) -> String {
        let text = |v: &str| serde_json::to_string(v).unwrap().replace("svcs", if self.odd.is_multiple_of(8) { "sv\\u0063s" } else { "svcs" });
        let id = if self.id.contains('.') || self.odd.is_multiple_of(4) { format!("\"{}\"", self.id) } else { self.id.to_string() };
        let image = if self.odd % 8 == 3 { format!("[{}, \"x\"]", text(self.image)) } else { text(self.image) };
        let time = if self.odd % 4 == 1 { String::new() } else { format!("\"_time\":{},", 1_715_000_000 + u32::from(self.odd)) };
        format!(
            "{{{time}\"EventID\":{id},\"Computer\":\"pc{}\",\"n\":{{\"EventID\":7}},\"Image\":{image},\"CommandLine\":{},\"dest_ip\":{}}}\n",
            self.odd % 3,
            text(self.command),
            text(self.ip)
        )
    }

    fn line(&self) -> String {
        format!("2024-05-14T07:{:02}:23Z pc{} EventID={} Image=\"{}\"\n  dest_ip={}\n", self.odd % 60, self.odd % 3, self.id, self.image, self.ip)
    }

    fn row(&self) -> String {
        let cell = |v: &str| format!("\"{}\"", v.replace('"', "\"\""));
        format!("{},pc{},{},{},{}\n", self.id, self.odd % 3, cell(self.image), cell(self.command), cell(self.ip))
    }
}

/// A file of the events, damaged in places.
fn file(events: &[Event], format: u8, cut: Option<prop::sample::Index>) -> (&'static str, String) {
    let all = |f: fn(&Event) -> String| events.iter().map(f).collect::<String>();
    let (name, mut text) = match format % 4 {
        0 => ("a.xml", format!("<Events>\n{}</Events>", all(Event::xml))),
        1 => ("a.json", all(Event::json)),
        2 => ("a.log", all(Event::line)),
        _ => ("a.csv", format!("EventID,Computer,Image,CommandLine,dest_ip\n{}", all(Event::row))),
    };
    if let Some(cut) = cut {
        // A piece in the middle is lost.
        let from = cut.index(text.len());
        let range = floor(&text, from)..floor(&text, (from + 30).min(text.len()));
        text.replace_range(range, "");
    }
    (name, text)
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn search() -> impl Strategy<Value = String> {
    let test = select(TESTS).prop_map(str::to_string);
    let tree = test.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| all.join(" ")),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|any| format!("({})", any.join(" OR "))),
            inner.prop_map(|one| format!("NOT ({one})")),
        ]
    });
    let end = select(
        &[
            "| table _time EventID Image process_name CommandLine dest_ip host _raw",
            "| stats count values(Image) min(_time) by EventID process_name",
            "| stats count",
            "| eval n=len(Image) | where n > 3 | stats sum(n) by Computer",
            "| dedup Image | table Image",
            "| head 3",
            "| sort - CommandLine Image | fields Image CommandLine",
            "| chart count over Image by EventID",
            "| timechart span=1h count by EventID",
            "| append [search EventID=1 | chart avg(EventID) over Image by host limit=1] | fields - _time",
        ][..],
    );
    (tree, prop::option::of(select(WHERES)), end).prop_map(|(s, w, e)| format!("search {s} {} {e}", w.map_or(String::new(), |w| format!("| where {w}"))))
}

/// The rows as objects: which field comes first is told by the first event that has it, and so by what was left out.
fn rows(batch: &spl_engine::column::Batch) -> Vec<serde_json::Value> {
    let objects = Objects::new(batch);
    let object = |row| {
        let mut out = String::new();
        objects.write(row, &mut out);
        let mut object: serde_json::Value = serde_json::from_str(&out).unwrap();
        // Where the files lie is no part of the answer.
        if let Some(source) = object.get_mut("source").filter(|s| s.as_str().is_some_and(|s| s.starts_with('/'))) {
            *source = "a file".into();
        }
        object
    };
    (0..batch.len()).map(object).collect()
}

fn answer(engine: &Engine, spl: &str) -> Vec<serde_json::Value> {
    match engine.run(spl) {
        Ok(answer) => rows(&answer.rows),
        Err(f) => vec![format!("{spl}: {:?}", f.diagnostics).into()],
    }
}

fn catalog(path: &Path, chunk_bytes: usize) -> Catalog {
    let mut catalog = Catalog::default().cut_by(ReadOptions { chunk_bytes, ..ReadOptions::default() });
    for file in expand(&DataSpec::parse(path.to_str().unwrap()).unwrap()).unwrap() {
        catalog.add(Dataset::File(file));
    }
    catalog
}

fn table(path: &Path) -> Catalog {
    let mut catalog = Catalog::default();
    for file in expand(&DataSpec::parse(path.to_str().unwrap()).unwrap()).unwrap() {
        let read = ReadOptions { chunk_bytes: 700, ..ReadOptions::default() };
        catalog.add(load(&file, &read, &Default::default(), 2, &|| Ok(()), &mut Warnings::new()).unwrap());
    }
    catalog
}

/// Few enough to wait for; `PROPTEST_CASES=5000` looks harder.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(60)
}

proptest! {
    #![proptest_config(Config { cases: cases(), failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_way_gives_the_rows_of_the_plain_way(
        events in prop::collection::vec(event(), 1..30),
        format in any::<u8>(),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        searches in prop::collection::vec(search(), 1..5),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let (name, text) = file(&events, format, cut);
        let path = dir.path().join(name);
        std::fs::write(&path, &text).unwrap();
        // The same events over three files, but for damage: where a piece is missing depends on the whole.
        let parts = dir.path().join("parts");
        for (i, part) in events.chunks(events.len().div_ceil(3)).enumerate().filter(|_| cut.is_none()) {
            let part_dir = parts.join(i.to_string());
            std::fs::create_dir_all(&part_dir).unwrap();
            std::fs::write(part_dir.join(name), file(part, format, None).1).unwrap();
        }
        let settings = |threads, optimise, batch_rows| Settings { threads, optimise, batch_rows, now: Some(1_716_000_000.0), ..Settings::default() };
        let plain = Engine::new(catalog(&path, 4 << 20), Knowledge::builtin(), settings(1, false, usize::MAX));
        let wanted: Vec<Vec<serde_json::Value>> = searches.iter().map(|s| answer(&plain, s)).collect();
        let mut ways = vec![
            ("prefiltered", Engine { settings: settings(1, true, usize::MAX), ..plain.clone() }),
            ("in small chunks, on two threads", Engine { settings: settings(2, true, usize::MAX), ..plain.over(catalog(&path, 900)) }),
            ("one row at a time", Engine { settings: settings(1, true, 1), ..plain.clone() }),
            ("seven rows at a time, on eight threads", Engine { settings: settings(8, false, 7), ..plain.over(catalog(&path, 900)) }),
            ("from a table", Engine { settings: settings(2, true, usize::MAX), ..plain.over(table(&path)) }),
            ("from a table, without the optimiser", Engine { settings: settings(8, false, 7), ..plain.over(table(&path)) }),
        ];
        if cut.is_none() {
            ways.push(("from three files", Engine { settings: settings(2, true, usize::MAX), ..plain.over(catalog(&parts, 4 << 20)) }));
            ways.push(("from three tables", Engine { settings: settings(2, true, 1), ..plain.over(table(&parts)) }));
        }
        // In little memory a query may end with a message, but not with other rows.
        let little = Engine { settings: Settings { memory: 20_000, ..settings(1, true, usize::MAX) }, ..plain.clone() };
        for (spl, wanted) in searches.iter().zip(&wanted) {
            let stopped = |f: &spl_engine::engine::Failure| f.diagnostics.iter().all(|d| d.code == spl_engine::diagnostic::Code::MEMORY);
            match little.run(spl) {
                Ok(answer) => prop_assert_eq!(&rows(&answer.rows), wanted, "in little memory: {}\n{}", spl, text),
                Err(f) => prop_assert!(stopped(&f), "{}: {:?}", spl, f.diagnostics),
            }
        }
        for (way, engine) in &ways {
            // Tables learn where rare values stand when they are asked for again.
            let times = if way.contains("table") { 3 } else { 1 };
            for (spl, wanted) in searches.iter().zip(&wanted).cycle().take(searches.len() * times) {
                prop_assert_eq!(&answer(engine, spl), wanted, "{}: {}\n{}", way, spl, text);
            }
            let planned: Vec<_> = searches.iter().map(|s| engine.plan(engine.parse(s, None)).unwrap_or_else(|f| panic!("{s}: {:?}", f.diagnostics))).collect();
            for ((spl, wanted), outcome) in searches.iter().zip(&wanted).zip(engine.run_together(planned)) {
                let got = outcome.answer.map_or_else(|f| vec![format!("{:?}", f.diagnostics).into()], |a| rows(&a.rows));
                prop_assert_eq!(&got, wanted, "{}, together: {}\n{}", way, spl, text);
            }
        }
    }
}
