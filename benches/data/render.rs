//! An event as Windows event XML and as a JSON object, one line each.

use super::Event;
use std::fmt::Write;

pub const CHANNEL: &str = "Microsoft-Windows-Sysmon/Operational";

/// `2026-03-02T06:00:00.000` of epoch milliseconds, with this between date and time.
pub fn utc(ms: u64, between: char) -> String {
    let (days, rest) = (ms / 86_400_000, ms % 86_400_000);
    // Days since the first of March of the year 0: the leap day is a year's last.
    let z = days + 719_468;
    let era_day = z % 146_097;
    let year_of_era = (era_day - era_day / 1_460 + era_day / 36_524 - era_day / 146_096) / 365;
    let day_of_year = era_day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let (day, month) = (day_of_year - (153 * shifted + 2) / 5 + 1, if shifted < 10 { shifted + 3 } else { shifted - 9 });
    let year = year_of_era + z / 146_097 * 400 + u64::from(month <= 2);
    let (hour, minute, second, milli) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60, rest % 1_000);
    format!("{year:04}-{month:02}-{day:02}{between}{hour:02}:{minute:02}:{second:02}.{milli:03}")
}

pub fn xml(event: &Event, out: &mut String) {
    let Event { time, record, id, computer, data } = event;
    let when = utc(*time, 'T');
    let _ = write!(
        out,
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon' \
         Guid='{{5770385f-c22a-43e0-bf4c-06f5698ffbd9}}'/><EventID>{id}</EventID><Version>5</Version><Level>4</Level><Task>{id}</Task><Opcode>0</Opcode>\
         <Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime='{when}0000Z'/><EventRecordID>{record}</EventRecordID><Correlation/>\
         <Execution ProcessID='3120' ThreadID='4408'/><Channel>{CHANNEL}</Channel><Computer>{computer}</Computer><Security UserID='S-1-5-18'/></System><EventData>"
    );
    for (name, value) in data {
        let _ = write!(out, "<Data Name='{name}'>");
        for c in value.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                c => out.push(c),
            }
        }
        out.push_str("</Data>");
    }
    out.push_str("</EventData></Event>");
}

pub fn ndjson(event: &Event, out: &mut String) {
    let Event { time, record, id, computer, data } = event;
    let _ = write!(
        out,
        "{{\"_time\":{}.{:03},\"source\":\"XmlWinEventLog:{CHANNEL}\",\"sourcetype\":\"XmlWinEventLog\",\"EventID\":{id},\"EventRecordID\":{record},\"Computer\":\"{computer}\"",
        time / 1_000,
        time % 1_000
    );
    for (name, value) in data {
        let _ = write!(out, ",\"{name}\":\"");
        for c in value.chars() {
            if matches!(c, '"' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
        out.push('"');
    }
    out.push('}');
}
