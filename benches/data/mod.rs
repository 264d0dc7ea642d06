//! Made-up Sysmon events to measure on: the same bytes each time, as event XML and as NDJSON.
//!
//! Nothing but std is used, so that `generate.rs` compiles alone.
#![allow(dead_code, reason = "each bench uses its part")]

mod render;
mod words;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use words::*;

/// The first event's time, epoch milliseconds: 2026-03-02T06:00:00Z.
const FIRST: u64 = 1_772_431_200_000;
/// The events of a file span a day, whatever its size.
const SPAN: u64 = 24 * 3_600_000;
/// Bytes of an event of XML, about.
const EVENT_BYTES: u64 = 1_310;

/// One event; its values are text.
pub struct Event {
    /// Epoch milliseconds.
    pub time: u64,
    pub record: u64,
    pub id: u32,
    pub computer: String,
    pub data: Vec<(&'static str, String)>,
}

/// Numbers that look like chance: splitmix64.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`, all equally often.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    /// Below `n`, small numbers far more often, as names are in logs.
    fn skewed(&mut self, n: u64) -> u64 {
        let (a, b) = (self.below(n), self.below(n));
        a * b / n.max(1)
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.skewed(of.len() as u64) as usize]
    }

    fn guid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!("{{{:08x}-{:04x}-{:04x}-{:04x}-{:012x}}}", a >> 32, a >> 16 & 0xffff, a & 0xffff, b >> 48, b & 0xffff_ffff_ffff)
    }
}

/// The events of a log of about so many bytes of XML, by time.
pub fn events(xml_bytes: u64, seed: u64) -> impl Iterator<Item = Event> {
    let count = (xml_bytes / EVENT_BYTES).max(1);
    let mut chance = Chance::new(seed);
    (0..count).map(move |n| {
        let time = FIRST + SPAN * n / count + chance.below(SPAN / count + 1);
        event(time, 40_000 + n, &mut chance)
    })
}

fn event(time: u64, record: u64, c: &mut Chance) -> Event {
    let kind = c.below(100);
    let machine = c.skewed(400);
    let computer = format!("{}-{machine:03}.corp.example", if machine.is_multiple_of(7) { "SRV" } else { "PC" });
    let user = match c.below(5) {
        0 => "NT AUTHORITY\\SYSTEM".to_string(),
        1 => "NT AUTHORITY\\NETWORK SERVICE".to_string(),
        _ => format!("CORP\\{}.{}", c.one(GIVEN), c.one(FAMILY)),
    };
    let image = c.one(IMAGES).to_string();
    let mut data =
        vec![("RuleName", "-".to_string()), ("UtcTime", render::utc(time, ' ')), ("ProcessGuid", c.guid()), ("ProcessId", (4 * c.below(8_000)).to_string())];
    let id = match kind {
        0..28 => created(&mut data, image, c),
        28..53 => connected(&mut data, image, machine, c),
        53..63 => put(&mut data, 5, [("Image", image)]),
        63..78 => put(
            &mut data,
            7,
            [("Image", image), ("ImageLoaded", c.one(LIBRARIES).into()), ("Hashes", hashes(c)), ("Signed", "true".into()), ("Signature", c.one(MAKERS).into())],
        ),
        78..89 => {
            let target = format!("C:\\Users\\{}\\AppData\\Local\\Temp\\{:08x}.{}", c.one(FAMILY), c.next() >> 32, c.one(ENDINGS));
            put(&mut data, 11, [("Image", image), ("TargetFilename", target), ("CreationUtcTime", render::utc(time, ' '))])
        }
        89..96 => {
            let target = format!("HKLM\\SOFTWARE\\{}\\{}\\{}", c.one(MAKERS), c.one(SETTINGS), c.below(500));
            put(
                &mut data,
                13,
                [("EventType", "SetValue".into()), ("Image", image), ("TargetObject", target), ("Details", format!("DWORD (0x{:08x})", c.below(9)))],
            )
        }
        _ => {
            let name = format!("{}{}.{}", c.one(SITES), c.below(60), c.one(DOMAINS));
            put(&mut data, 22, [("QueryName", name), ("QueryStatus", "0".into()), ("QueryResults", format!("::ffff:{};", outside(c))), ("Image", image)])
        }
    };
    data.push(("User", user));
    Event { time, record, id, computer, data }
}

fn put<const N: usize>(data: &mut Vec<(&'static str, String)>, id: u32, fields: [(&'static str, String); N]) -> u32 {
    data.extend(fields);
    id
}

/// A process that starts: one in some thousand is one to look for.
fn created(data: &mut Vec<(&'static str, String)>, image: String, c: &mut Chance) -> u32 {
    let (image, line) = match c.below(2_000) {
        0 => (POWERSHELL.to_string(), format!("powershell.exe -NoProfile -EncodedCommand {:016x}{:016x}", c.next(), c.next())),
        1 => (POWERSHELL.to_string(), format!("PowerShell -w hidden -enc {:016x}", c.next())),
        2 => ("C:\\Users\\Public\\dump.exe".to_string(), "dump.exe \"SekurLSA::minidump\" lsass.dmp".to_string()),
        n => {
            let line = format!("\"{image}\" {}{} --session {:x} --log C:\\Logs\\{:06x}.txt", c.one(SWITCHES), n % 40, c.next() >> 24, c.below(1 << 24));
            (image, line)
        }
    };
    let fields = [
        ("Image", image),
        ("FileVersion", format!("10.0.{}.{}", 19_041 + c.below(4) * 1_000, c.below(2_000))),
        ("Company", c.one(MAKERS).to_string()),
        ("CommandLine", line),
        ("CurrentDirectory", "C:\\Windows\\system32\\".to_string()),
        ("LogonGuid", c.guid()),
        ("LogonId", format!("0x{:x}", c.below(1 << 20))),
        ("IntegrityLevel", c.one(&["Medium", "High", "System", "Low"]).to_string()),
        ("Hashes", hashes(c)),
        ("ParentProcessGuid", c.guid()),
        ("ParentProcessId", (4 * c.below(8_000)).to_string()),
        ("ParentImage", c.one(IMAGES).to_string()),
        ("ParentCommandLine", format!("{} -k {}", c.one(IMAGES), c.one(SETTINGS))),
    ];
    put(data, 1, fields)
}

/// A connection; a few are of programs that have no business on the network.
fn connected(data: &mut Vec<(&'static str, String)>, image: String, machine: u64, c: &mut Chance) -> u32 {
    let image = match c.below(600) {
        0 => "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\RegSvcs.exe".to_string(),
        1 => "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\RegAsm.exe".to_string(),
        _ => image,
    };
    let to = match c.below(5) {
        0 => outside(c),
        1 => format!("192.168.{}.{}", c.below(4), 1 + c.below(250)),
        2 => format!("172.{}.0.{}", 16 + c.below(16), 1 + c.below(250)),
        _ => format!("10.{}.{}.{}", c.below(4), c.skewed(20), 1 + c.skewed(250)),
    };
    let fields = [
        ("Image", image),
        ("Protocol", c.one(&["tcp", "udp"]).to_string()),
        ("Initiated", "true".to_string()),
        ("SourceIsIpv6", "false".to_string()),
        ("SourceIp", format!("10.1.{}.{}", machine / 250, 1 + machine % 250)),
        ("SourceHostname", format!("pc-{machine:03}.corp.example")),
        ("SourcePort", (49_152 + c.below(16_000)).to_string()),
        ("DestinationIsIpv6", "false".to_string()),
        ("DestinationIp", to),
        ("DestinationHostname", format!("{}{}.{}", c.one(SITES), c.below(60), c.one(DOMAINS))),
        ("DestinationPort", c.one(&["443", "53", "80", "445", "389", "8080", "3389"]).to_string()),
    ];
    put(data, 3, fields)
}

/// An address of the ranges that are kept for documents.
fn outside(c: &mut Chance) -> String {
    format!("{}.{}", c.one(&["203.0.113", "198.51.100", "192.0.2"]), 1 + c.below(254))
}

fn hashes(c: &mut Chance) -> String {
    format!("MD5={:016X}{:016X},SHA256={:016X}{:016X}{:016X}{:016X}", c.next(), c.next(), c.next(), c.next(), c.next(), c.next())
}

/// The two files of a log, and how many events it has.
pub struct Files {
    pub events: u64,
    pub xml: PathBuf,
    pub ndjson: PathBuf,
}

/// Writes `events.xml` and `events.ndjson` into a directory, the same events in both.
///
/// Errors: those of the file system.
pub fn write(directory: &Path, xml_bytes: u64, seed: u64) -> io::Result<Files> {
    let mut files = Files { events: 0, xml: directory.join("events.xml"), ndjson: directory.join("events.ndjson") };
    let (mut xml, mut ndjson) = (BufWriter::new(File::create(&files.xml)?), BufWriter::new(File::create(&files.ndjson)?));
    let mut line = String::new();
    for event in events(xml_bytes, seed) {
        files.events += 1;
        for (out, render) in [(&mut xml, render::xml as fn(&Event, &mut String)), (&mut ndjson, render::ndjson)] {
            line.clear();
            render(&event, &mut line);
            line.push('\n');
            out.write_all(line.as_bytes())?;
        }
    }
    xml.flush()?;
    ndjson.flush()?;
    Ok(files)
}

/// Each of these with each of those: the arguments of a bench.
pub fn pairs(these: &[&'static str], those: &[&'static str]) -> Vec<(&'static str, &'static str)> {
    these.iter().flat_map(|a| those.iter().map(move |b| (*a, *b))).collect()
}
