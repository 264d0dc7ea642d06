use super::*;
use crate::column::Batch;
use crate::input::sieve::Check;
use crate::input::{ParseOptions, Parser, Wanted, parse};
use proptest::prelude::*;
use std::io::Write;
use std::time::{Duration, SystemTime};

/// All rows of a file, as text, with the warnings of reading and parsing.
fn rows(name: &str, bytes: &[u8], chunk_bytes: usize) -> (Vec<String>, Warnings) {
    let (_dir, file) = test_file(name, bytes);
    read(&file, &ReadOptions { chunk_bytes, ..Default::default() })
}

fn read(file: &InputFile, options: &ReadOptions) -> (Vec<String>, Warnings) {
    let mut chunks = Chunks::open(file, options).unwrap();
    let (mut warnings, mut all) = (Warnings::new(), Vec::new());
    while let Some(chunk) = chunks.next().unwrap() {
        all.extend(parse(&chunk, &Wanted::All, &ParseOptions { now: 1.7e9, ..Default::default() }, &mut warnings));
    }
    warnings.merge(chunks.take_warnings());
    (all.iter().flat_map(texts).collect(), warnings)
}

fn texts(batch: &Batch) -> Vec<String> {
    (0..batch.len())
        .map(|row| {
            let mut fields: Vec<String> = batch.columns().filter(|(_, c)| !c.is_null(row)).map(|(n, c)| format!("{n}={:?}", c.get(row))).collect();
            fields.sort();
            fields.join("\n")
        })
        .collect()
}

const XML: &str =
    "<Events>\n<Event><System><EventID>1</EventID></System></Event>\n<Event><System>\n<EventID>2</EventID><Computer>c</Computer></System></Event></Events>\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    e.write_all(bytes).unwrap();
    e.finish().unwrap()
}

#[test]
fn the_size_of_chunks_never_shows() {
    let pretty = "[\n {\"a\": 1,\n  \"b\": [\"x\"]},\n {\"a\": 2}\n]";
    let lines = "{\"a\":1}\n{\"a\":\n{\"b\":{\"c\":\"}\"}}\n\n{\"a\":3}";
    let csv = "a,b\n1,\"x\ny\"\n2,3\n4,5,6\n";
    let text = "Oct 11 22:14:15 h p[1]: a=1\n  more\nOct 11 22:14:16 h p[1]: a=2\n\nlast";
    for sample in [XML, pretty, lines, csv, text, "junk <Event>\n</Event><Event><a></Event>x", ""] {
        let whole = rows("x", sample.as_bytes(), 1 << 20);
        for size in [1, 2, 3, 7, 20, 64] {
            let parts = rows("x", sample.as_bytes(), size);
            assert_eq!(parts.0, whole.0, "{size} {sample}");
            assert_eq!(parts.1.diagnostics(), whole.1.diagnostics(), "{size} {sample}");
        }
    }
}

#[test]
fn compressions_and_encodings_read_the_same() {
    let plain = rows("x", XML.as_bytes(), 1 << 20).0;
    assert_eq!(plain.len(), 2);
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(XML.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> = XML.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("x", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(XML.as_bytes()).unwrap();
    let zip = zip.finish().unwrap().into_inner();
    let forms: [(&str, Vec<u8>); 7] = [
        ("gzip", gzip(XML.as_bytes())),
        ("two members", [gzip(&XML.as_bytes()[..40]), gzip(&XML.as_bytes()[40..])].concat()),
        ("zstd", zstd::encode_all(XML.as_bytes(), 1).unwrap()),
        ("mark", [b"\xef\xbb\xbf", XML.as_bytes()].concat()),
        ("utf-16", utf16),
        ("utf-16 without mark", big),
        ("gzip of utf-16", gzip(&XML.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())),
    ];
    for (form, bytes) in forms {
        let (got, warnings) = rows("x", &bytes, 50);
        assert!(warnings.is_empty(), "{form} {warnings:?}");
        assert_eq!(got, plain, "{form}");
    }
    assert_eq!(rows("x", &zip, 50).0.len(), 2);
    assert!(rows("x", &zip, 50).0[0].contains("source=Text(\"x:x\")"));
}

#[test]
fn what_is_cut_off_gives_its_whole_events_and_one_warning() {
    let many: String = (0..2000).map(|i| format!("<Event><System><EventID>{i}</EventID></System></Event>\n")).collect();
    let zstd = zstd::encode_all(many.as_bytes(), 1).unwrap();
    let gzip = gzip(many.as_bytes());
    for bytes in [&gzip[..gzip.len() / 2], &zstd[..zstd.len() - 10]] {
        let (got, warnings) = rows("x", bytes, 1000);
        assert!(warnings.count(Kind::Truncated) == 1, "{warnings:?}");
        assert!(got.len() < 2001);
    }
    let mut broken = gzip.clone();
    broken[gzip.len() / 2] ^= 0xff;
    assert_eq!(rows("x", &broken, 1000).1.count(Kind::Truncated), 1);
    assert_eq!(rows("x", &gzip[..5], 1000).0.len(), 0);
}

#[test]
fn a_record_that_is_too_long_becomes_pieces() {
    let long = format!("{{\"a\":1}}\n{{\"b\":\"{}\"}}\n{{\"a\":2}}\n", "x".repeat(350_000));
    let (_dir, file) = test_file("x", long.as_bytes());
    for chunk_bytes in [1000, 10_000, 90_000] {
        let (got, warnings) = read(&file, &ReadOptions { chunk_bytes, record_bytes: 100_000, ..Default::default() });
        assert_eq!((got.len(), warnings.count(Kind::TooLong)), (6, 4), "{chunk_bytes}");
        assert!(got[0].contains("a=Text(\"1\")") && got[5].contains("a=Text(\"2\")"), "{chunk_bytes}");
    }
}

#[test]
fn json_records() {
    let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let text = format!(
        "{}\n{}\n{}\n{deep}\n{}\n",
        r#"{"a":{"b":"x\ty","c":[1,2.50,{"d":true}]},"n":null,"e":"","eventTime":"2024-01-01T00:00:00Z"}"#,
        r#"{"_time":1700000000.5,"m":["p","q"],"host":"h","source":"s","_raw":"r"}"#,
        r#"{"a":1} trailing"#,
        r#"{"ts":1700000000123,"x":"\ud83d\ude00","o":{"p":{"q":1}}}"#,
    );
    let (got, warnings) = rows("x", text.as_bytes(), 1 << 20);
    assert_eq!((got.len(), warnings.count(Kind::Damaged)), (5, 2));
    for (row, wanted) in [
        (0, "a.b=Text(\"x\\ty\")"),
        (0, "a.c{}=Multi([Text(\"1\"), Text(\"2.50\")])"),
        (0, "a.c{}.d=Text(\"true\")"),
        (0, "e=Text(\"\")"),
        (0, "_time=Number(1704067200.0)"),
        (1, "m=Multi([Text(\"p\"), Text(\"q\")])"),
        (1, "host=Text(\"h\")"),
        (1, "_raw=Text(\"r\")"),
        (1, "_time=Number(1700000000.5)"),
        (2, "_raw=Text(\"{\\\"a\\\":1} trailing\")"),
        (4, "_time=Number(1700000000.123)"),
        (4, "x=Text(\"😀\")"),
        (4, "o.p.q=Text(\"1\")"),
        (4, "source=Text(\"x\")"),
    ] {
        assert!(got[row].contains(wanted), "{wanted} in {}", got[row]);
    }
}

#[test]
fn long_keys_do_not_multiply() {
    let fields: String = (0..20_000).map(|i| format!("\"f{i}\":1,")).collect();
    let text = format!("{{\"{}\":{{{fields}\"z\":1}},\"a\":1}}\n", "k".repeat(100_000));
    let (got, warnings) = rows("x", text.as_bytes(), 1 << 20);
    assert!(warnings.is_empty() && got[0].contains("a=Text(\"1\")") && got[0].len() < 500_000);
}

#[test]
fn what_is_damaged_does_not_depend_on_what_is_wanted() {
    let deep = |n: usize| format!("{{\"a\":1,\"b\":{}1{}}}\n", "[".repeat(n), "]".repeat(n));
    let text = [
        "{\"a\":1,\"b\":{\"c\":nul}}\n",
        "{\"a\":1,\"b\":[1,]}\n",
        "{\"a\":1,\"b\":{\"c\" 1}}\n",
        "{\"a\":1,\"b\":[1 2]}\n",
        &deep(199),
        &deep(200),
        &deep(201),
    ]
    .concat();
    let chunk = test_chunk(Format::Json, text.as_bytes());
    let counts = [Wanted::All, Wanted::only(["a"])].map(|wanted| {
        let mut warnings = Warnings::new();
        parse(&chunk, &wanted, &ParseOptions::default(), &mut warnings);
        warnings.diagnostics()
    });
    assert_eq!(counts[0], counts[1]);
}

#[test]
#[cfg(feature = "evtx")]
fn damaged_blocks_of_evtx_are_skipped() {
    let mut bytes = b"ElfFile\0".to_vec();
    bytes.resize(evtx::HEADER, 0);
    bytes.resize(evtx::HEADER + 2 * evtx::BLOCK, 0);
    bytes.extend(b"ElfChnk\0");
    bytes.resize(evtx::HEADER + 3 * evtx::BLOCK, 0xff);
    bytes.extend(b"cut off");
    for size in [1, 1 << 20] {
        let (got, warnings) = rows("x", &bytes, size);
        assert_eq!((got.len(), warnings.count(Kind::Block)), (0, 2));
    }
}

#[test]
fn invalid_utf8_is_replaced() {
    let (got, _) = rows("x", b"{\"a\":\"\xff\"}\n{\"a\":\"b\"}\n", 1 << 20);
    assert!(got[0].contains("a=Text(\"\u{fffd}\")") && got[1].contains("a=Text(\"b\")"), "{got:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_are_too_strange(head in prop::sample::select(vec!["", "<Event>", "{\"a\":", "[{", "a,b\n", "\x1f\u{8b}", "ElfFile\0", "Oct 11 10:00:00 h a[1]: "]),
                                bytes in prop::collection::vec(any::<u8>(), 0..600), size in 1usize..200) {
        let mut all = head.as_bytes().to_vec();
        all.extend(bytes);
        rows("x", &all, size);
    }

    #[test]
    fn likely_pieces_in_any_order(pieces in prop::collection::vec(prop::sample::select(vec![
        "<Event>", "</Event>", "<System>", "</System>", "<EventData>", "</EventData>", "<Data Name='a'>", "</Data>", "<EventID>", "</EventID>", "v", "\n", " ", "<!--", "-->",
        "<![CDATA[", "]]>", "'", "\"", "&amp;", "{", "}", "[", "]", "\"a\"", ":", ",", "1", "null", "\\", "a=1", "<Event ", "/>",
    ]), 0..60), head in prop::sample::select(vec!["<Event>", "{\"a\":1}\n", "[{\"a\":1},", "a,b\n", "x a=1\n"]), size in 1usize..40) {
        let text = head.to_string() + &pieces.concat();
        let whole = rows("x", text.as_bytes(), 1 << 20);
        let parts = rows("x", text.as_bytes(), size);
        prop_assert_eq!(whole.0, parts.0);
    }
}

/// Events of either format, some of them damaged, in a file that nobody has written to for an hour.
fn settled(name: &str) -> (tempfile::TempDir, InputFile) {
    let event = |i: usize| match (name.ends_with("json"), i % 50) {
        (true, 7) => format!("{{\"id\":{i},\n").into_bytes(),
        (true, 9) if i > 1500 => b"{\"id\":\"\xff\"}\n".to_vec(),
        (true, _) => format!("{{\"_time\":{i}.5,\"id\":{},\"path\":\"C:\\\\{i}\",\"user\":\"u{}\"}}\n", i % 3, i % 7).into_bytes(),
        (false, 7) => b"<Event><System><EventID>1</Event>\n".to_vec(),
        (false, 9) if i > 1500 => b"<Event><EventData><Data Name='user'>\xff</Data></EventData></Event>\n".to_vec(),
        (false, _) => {
            format!("<Event><System><EventID>{}</EventID></System><EventData><Data Name='user'>u{}</Data></EventData></Event>\n", i % 3, i % 7).into_bytes()
        }
    };
    let (dir, file) = test_file(name, &(0..2000).flat_map(event).collect::<Vec<_>>());
    std::fs::File::options().write(true).open(dir.path().join(name)).unwrap().set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    (dir, file)
}

/// The rows of a file's chunks as a scan reads them, where something may happen to the file between; with the bytes, and how many chunks were looked at in place.
fn scanned(file: &InputFile, mut between: impl FnMut(u64)) -> (Vec<String>, Warnings, usize, usize) {
    let (mut chunks, mut parser) = (Chunks::open(file, &ReadOptions { chunk_bytes: 9_000, ..Default::default() }).unwrap(), parser());
    let (mut warnings, mut all, mut buffer, mut length, mut in_place) = (Warnings::new(), Vec::new(), Vec::new(), 0, 0);
    while let Some(chunk) = chunks.next_unread().unwrap() {
        between(chunk.number);
        in_place += usize::from(chunk.unread.as_ref().is_some_and(|unread| unread.in_place().is_some()));
        let (bytes, batches) = parser.read_where(chunk, &mut buffer, &Check::none(), &mut warnings).unwrap();
        length += bytes;
        all.extend(batches);
    }
    (all.iter().flat_map(texts).collect(), warnings, length, in_place)
}

fn parser() -> Parser {
    Parser::new(Wanted::only(["EventID", "id", "user"]), ParseOptions::default())
}

/// The same rows, each chunk read into memory of its own.
fn copied(file: &InputFile) -> (Vec<String>, Warnings) {
    let (mut chunks, mut parser) = (Chunks::open(file, &ReadOptions { chunk_bytes: 9_000, ..Default::default() }).unwrap(), parser());
    let (mut warnings, mut all) = (Warnings::new(), Vec::new());
    while let Some(chunk) = chunks.next().unwrap() {
        all.extend(parser.parse_where(&chunk, &Check::none(), &mut warnings));
    }
    (all.iter().flat_map(texts).collect(), warnings)
}

#[test]
fn what_is_looked_at_in_place_is_what_is_read() {
    for name in ["a.json", "a.xml"] {
        let (dir, file) = settled(name);
        let (rows, warnings, length, in_place) = scanned(&file, |_| ());
        assert_eq!((&rows, format!("{warnings:?}")), (&copied(&file).0, format!("{:?}", copied(&file).1)), "{name}");
        assert!(rows.len() > 1900 && length as u64 == std::fs::metadata(dir.path().join(name)).unwrap().len());
        // Not every file system can tell what it holds.
        assert!(!cfg!(target_os = "linux") || in_place == 0 || in_place > 5, "{name}");
    }
}

#[test]
fn a_file_that_somebody_writes_to_is_read() {
    for name in ["a.json", "a.xml"] {
        let (dir, file) = settled(name);
        let (wanted, _) = copied(&file);
        let open = || std::fs::File::options().append(true).open(dir.path().join(name)).unwrap();
        // More is written: no part of what comes later, which is as it was.
        let before = std::fs::metadata(dir.path().join(name)).unwrap().len();
        let (rows, _, length, in_place) = scanned(&file, |number| {
            if number == 3 {
                open().write_all(b"more").unwrap();
            }
        });
        assert_eq!((&rows, length as u64), (&wanted, before), "{name}");
        assert!(in_place <= 3);
        // It is cut short: what it still has is read.
        let (_dir, file) = settled(name);
        let path = _dir.path().join(name);
        let (rows, ..) = scanned(&file, |number| {
            if number == 3 {
                std::fs::File::options().write(true).open(&path).unwrap().set_len(20_000).unwrap();
            }
        });
        assert!(rows.len() < wanted.len() && rows.len() > 100 && wanted.starts_with(rows.get(..100).unwrap()), "{name}");
    }
}
