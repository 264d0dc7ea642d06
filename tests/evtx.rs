//! EVTX files that `datasets/generate.py` wrote: the same rows as their events have as XML, and what is left of damaged copies.
#![cfg(feature = "evtx")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

const HEADER: usize = 4096;
const BLOCK: usize = 65536;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Standard output and error of a query that must succeed.
fn query(spl: &str, data: &[PathBuf]) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spl"));
    command.args(["query", spl, "--format", "ndjson", "--macros"]).arg(path("queries/macros.conf"));
    for file in data {
        command.arg("--data").arg(file);
    }
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(0), "{spl}: {err}");
    (out, err)
}

#[test]
fn the_rows_are_those_of_the_xml() {
    let (evtx, xml) = (path("tests/data/regasm_regsvcs.evtx"), path("datasets/T1218.009/regasm_regsvcs_sysmon.xml"));
    for (spl, rows) in [("*", 236), ("`sysmon` | stats count by EventCode Computer source sourcetype host", 24), ("* | sort 0 _time | fields _raw", 236)] {
        let (got, wanted) = (query(spl, std::slice::from_ref(&evtx)), query(spl, std::slice::from_ref(&xml)));
        assert_eq!((got.1.as_str(), wanted.1.as_str()), ("", ""));
        assert_eq!(got.0.lines().count(), rows, "{spl}");
        for (got, wanted) in got.0.lines().zip(wanted.0.lines()) {
            assert_eq!(got, wanted, "{spl}");
        }
    }
}

#[test]
fn other_shapes_of_events() {
    let (out, err) = query("* | reverse", &[path("tests/data/evtx_shapes.evtx")]);
    assert_eq!(err, "");
    let rows: Vec<serde_json::Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    for (row, field, wanted) in [
        (0, "Qualifiers", r#""16384""#),
        (0, "Data", r#"["first","a &lt; b &amp; \"c\" &gt; 'd'","last"]"#),
        (1, "Qualifiers", r#""0""#),
        (1, "Data", r#""one""#),
        (1, "Binary", r#""00FF10""#),
        (2, "source", r#""XmlWinEventLog:Ledger/Admin""#),
        (2, "Provider_Name", r#""Ledger &quot;&amp; Sons&apos;""#),
        (2, "Correlation_ActivityID", r#""{4ecb168d-3df2-6643-f1ea-000000000b96}""#),
        (2, "Security_UserID", r#""S-1-5-18""#),
        (2, "Qualifiers", "null"),
        (2, "Book", r#""Übung 日本 😀""#),
        (2, "By", r#""S-1-5-21-1004336348-1177238915-682003330-512""#),
        (2, "Pages", r#""4294967295""#),
        (3, "Ports", r#"["80","443"]"#),
        (3, "Empty", "null"),
        (3, "None", "null"),
        (3, "When", r#""2024-05-14T08:00:00.0000000Z""#),
        (3, "Mask", r#""0x0""#),
        (3, "On", r#""true""#),
        (3, "Text", r#""it's \"text\"""#),
        (4, "EventID", r#""5""#),
        (4, "SystemTime", r#""2024-05-14T08:00:05.0000000Z""#),
    ] {
        let wanted: serde_json::Value = serde_json::from_str(wanted).unwrap();
        assert_eq!(rows[row][field], wanted, "{field} of {}", rows[row]);
    }
}

/// How many records lie whole in the bytes of a file.
fn whole_records(bytes: &[u8]) -> usize {
    let mut count = 0;
    for block in bytes[HEADER..].chunks(BLOCK) {
        let mut at = 512;
        while block.get(at..at + 4) == Some(b"**\0\0") {
            let Some(length) = block.get(at + 4..at + 8) else { break };
            at += u32::from_le_bytes(length.try_into().unwrap()) as usize;
            count += usize::from(at <= block.len());
        }
    }
    count
}

#[test]
fn a_cut_file_gives_its_whole_events_and_one_warning() {
    let bytes = fs::read(path("tests/data/regasm_regsvcs.evtx")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cut.evtx");
    // Behind a record, too: that a block is short of what its header says shows that something is missing.
    let second = HEADER + 512 + u32::from_le_bytes(bytes[HEADER + 516..HEADER + 520].try_into().unwrap()) as usize;
    for end in [HEADER + 100, HEADER + 600, second, HEADER + 30_000, HEADER + BLOCK + 700, HEADER + 2 * BLOCK + 20_000, bytes.len() - 20_000] {
        fs::write(&file, &bytes[..end]).unwrap();
        let (out, err) = query("* | stats count", std::slice::from_ref(&file));
        let wanted = format!("{{\"count\":{}}}", whole_records(&bytes[..end]));
        assert_eq!((out.trim(), err.matches("warning").count()), (wanted.as_str(), 1), "{end}: {err}");
    }
}

#[test]
fn damaged_files_neither_panic_nor_hang() {
    let bytes = fs::read(path("tests/data/regasm_regsvcs.evtx")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut state = 1218_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % below
    };
    let files: Vec<PathBuf> = (0..60)
        .map(|n| {
            let mut bytes = bytes.clone();
            for _ in 0..[1, 10, 100][n % 3] {
                // Half of the damage lies in the first templates, where it does most harm.
                let at = HEADER + random(if n % 2 == 0 { 4000 } else { bytes.len() - HEADER });
                bytes[at] ^= 1 << random(8);
            }
            let file = dir.path().join(format!("{n:02}.evtx"));
            fs::write(&file, bytes).unwrap();
            file
        })
        .collect();
    let (out, err) = query("* | stats count by _raw | stats sum(count) as count", &files);
    let count = serde_json::from_str::<serde_json::Value>(&out).unwrap()["count"].as_f64().unwrap();
    assert!((5_000.0..=60.0 * 236.0).contains(&count), "{count}");
    assert!(!err.contains("panicked") && err.matches("warning").count() <= files.len(), "{err}");
}

#[test]
fn a_template_cannot_fill_the_memory() {
    let (out, err) = query("* | stats count", &[path("tests/data/evtx_bomb.evtx")]);
    let count = serde_json::from_str::<serde_json::Value>(&out).unwrap()["count"].as_f64().unwrap();
    assert!((10.0..60.0).contains(&count), "{count}");
    assert_eq!(err.matches("warning").count(), 1, "{err}");
}
