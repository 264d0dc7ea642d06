use crate::column::{Batch, Value};
use crate::input::testing::{cut, the_same_alone, the_same_checked};
use crate::input::{Entities, Format, ParseOptions, Wanted, Warnings};
use proptest::prelude::*;
use std::sync::LazyLock;

fn parse(text: &str, wanted: &Wanted, entities: Entities) -> (Batch, Warnings) {
    let mut warnings = Warnings::new();
    let chunk = crate::input::chunk::test_chunk(Format::WindowsXml, text.as_bytes());
    let options = ParseOptions { xml_entities: entities, ..Default::default() };
    (Batch::concat(crate::input::parse(&chunk, wanted, &options, &mut warnings)), warnings)
}

fn all(text: &str) -> Batch {
    parse(text, &Wanted::All, Entities::Keep).0
}

const EVENT: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='P' Guid='{1}'/><EventID Qualifiers='7'>3</EventID>\
<Level>4</Level><TimeCreated SystemTime='2020-10-05T20:43:58.3517448Z'/><Correlation/><Execution ProcessID='1' ThreadID='2'/><Channel>C/Op</Channel>\
<Computer>h1</Computer><Security UserID='S-1'/></System><EventData><Data Name='A'>x&amp;y</Data><Data Name='Channel'>other</Data><Data Name='E'></Data>\
<Data Name='B'>1</Data><Data Name='B'>2</Data><Data>u</Data><Binary>00</Binary></EventData></Event>";

#[test]
fn fields_of_one_event() {
    let b = all(EVENT);
    for (name, wanted) in [
        ("Provider_Name", "P"),
        ("Provider_Guid", "{1}"),
        ("EventID", "3"),
        ("EventCode", "3"),
        ("Qualifiers", "7"),
        ("Level", "4"),
        ("SystemTime", "2020-10-05T20:43:58.3517448Z"),
        ("Execution_ThreadID", "2"),
        ("Security_UserID", "S-1"),
        ("Channel", "C/Op"),
        ("A", "x&amp;y"),
        ("Data", "u"),
        ("Binary", "00"),
        ("host", "h1"),
        ("source", "XmlWinEventLog:C/Op"),
        ("sourcetype", "XmlWinEventLog"),
        ("index", "main"),
        ("_raw", EVENT),
    ] {
        assert_eq!(b.value(name, 0), Value::text(wanted), "{name}");
    }
    assert_eq!(b.value("_time", 0), Value::Number(1_601_930_638.351_744));
    assert_eq!(b.value("B", 0), Value::multi([Value::text("1"), Value::text("2")]));
    assert!(b.get("E").is_none());
    assert_eq!(parse(EVENT, &Wanted::All, Entities::Decode).0.value("A", 0), Value::text("x&y"));
}

#[test]
fn every_arrangement_gives_the_same_rows() {
    let one = "<Event><System><EventID>1</EventID></System><EventData><Data Name='A'>v</Data></EventData></Event>";
    let pretty = "<Event>\n  <System>\n    <EventID>1</EventID>\n  </System>\n  <EventData>\n    <Data Name=\"A\">v</Data>\n    <Data Name=\"B\">\n    </Data>\n  </EventData>\n</Event>\n";
    let prefixed = "<e:Event xmlns:e='x'><e:System><e:EventID>1</e:EventID></e:System><e:EventData><e:Data Name='A'>v</e:Data></e:EventData></e:Event>";
    let cdata = "<Event><!-- c --><System><EventID><!-- <x> -->1</EventID></System><EventData><Data Name='A'><![CDATA[v]]></Data></EventData></Event >";
    let wrapped = format!("<?xml version='1.0'?>\n<Events>\n{one}\n{one}</Events>");
    for (text, rows) in [(one, 1), (pretty, 1), (prefixed, 1), (&wrapped, 2), (&format!("{one}{pretty}{one}\r\n"), 3), (cdata, 1)] {
        let (b, warnings) = parse(text, &Wanted::All, Entities::Keep);
        assert_eq!((b.len(), warnings.is_empty()), (rows, true), "{text}");
        for row in 0..rows {
            assert_eq!((b.value("EventID", row), b.value("A", row), b.value("B", row)), (Value::text("1"), Value::text("v"), Value::Null), "{text}");
        }
    }
}

#[test]
fn user_data_and_rendering() {
    let b = all(
        "<Event><System><Channel>S</Channel></System><UserData><Cleared xmlns='x'><Channel>T</Channel><User>u</User><L><I>1</I><I>2</I></L></Cleared></UserData>\
                 <RenderingInfo Culture='en-US'><Message>m</Message><Keywords><Keyword>k</Keyword></Keywords></RenderingInfo></Event>",
    );
    for (name, wanted) in [("Channel", "S"), ("User", "u"), ("Message", "m"), ("Keyword", "k")] {
        assert_eq!(b.value(name, 0), Value::text(wanted), "{name}");
    }
    assert_eq!(b.value("I", 0).count(), 2);
}

#[test]
fn damaged_events_stay_as_raw_text_and_hurt_no_other() {
    let good = "<Event><System><EventID>1</EventID></System></Event>";
    for (bad, rows) in [
        ("<Event><System><EventID>1</EventID>", 2),
        ("<Event><System></Event>", 2),
        ("<Event><EventData><Data Name='A>x</Data></EventData></Event>", 2),
        ("junk", 2),
        ("<Event><EventData><Data Name='A'>x</Dat></EventData></Event>", 2),
        ("<Event><System><EventID>9</EventID></System>\n<Event><System>", 3),
    ] {
        let (b, warnings) = parse(&format!("{good}\n{bad}\n{good}"), &Wanted::All, Entities::Keep);
        assert!(!warnings.is_empty(), "{bad}");
        assert_eq!(b.len(), rows + 1, "{bad}: {:?}", (0..b.len()).map(|i| b.value("_raw", i)).collect::<Vec<_>>());
        assert_eq!((b.value("EventID", 0), b.value("EventID", rows)), (Value::text("1"), Value::text("1")), "{bad}");
        assert!((1..rows).all(|i| b.value("EventID", i).is_null()), "{bad}");
    }
}

#[test]
fn hostile_input_ends_soon() {
    let deep = format!("<Event>{}</Event>", "<a>".repeat(100_000));
    let tags: String = (0..20_000).map(|i| format!("<Event><EventData><Data Name='f{i}'>v</Data></EventData></Event>")).collect();
    let quote = format!("<Event><EventData><Data Name='{}", "x".repeat(1_000_000));
    let events = "<Event>".repeat(20_000);
    let opens = "<Event".repeat(50_000);
    let comments = "<Event><!--".repeat(100_000);
    parse(&comments, &Wanted::All, Entities::Keep);
    for text in [deep, quote, events, opens, "<Event>\0\0</Event>".into(), "<".repeat(100_000), "<Event></Event".into(), "</Event>".repeat(1000)] {
        parse(&text, &Wanted::All, Entities::Decode);
    }
    let b = crate::input::parse(
        &crate::input::chunk::test_chunk(Format::WindowsXml, tags.as_bytes()),
        &Wanted::All,
        &ParseOptions::default(),
        &mut Warnings::new(),
    );
    assert_eq!(b.iter().map(Batch::len).sum::<usize>(), 20_000);
    assert!(b.iter().map(Batch::bytes).sum::<usize>() < 400 << 20);
}

#[test]
fn only_what_is_wanted() {
    let (b, _) = parse(EVENT, &Wanted::only(["EventCode", "A"]), Entities::Keep);
    assert_eq!((b.names().len(), b.value("EventCode", 0), b.value("A", 0)), (2, Value::text("3"), Value::text("x&amp;y")));
}

/// Longer than what is looked at together.
static LONG: LazyLock<String> = LazyLock::new(|| "é'\">".repeat(5000));

/// Events as they may stand beside one another: of a few shapes, with values that are no XML, and damaged.
fn event_text() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec![
        "",
        "1",
        "C:\\a.exe",
        "a&amp;b",
        "</Event>",
        "x<y",
        "<![CDATA[z]]>",
        "<!-- c -->",
        "é",
        "Event>",
        "\n",
        "'",
        "\"",
        "]]>",
        LONG.as_str(),
    ]);
    let shape = 0..5usize;
    let damage = prop::option::weighted(0.2, 0..600usize);
    (shape, prop::collection::vec(value, 4), damage).prop_map(|(shape, v, damage)| {
        let system = format!("<System><Provider Name='{}'/><EventID>{}</EventID><Computer>h{}</Computer></System>", v[0], v[1].trim(), v[2]);
        let text = match shape {
            0 => format!("<Event xmlns='e'>{system}<EventData><Data Name='A'>{}</Data><Data Name='B'>{}</Data></EventData></Event>", v[2], v[3]),
            1 => format!("<Event xmlns='e'>{system}<EventData><Data Name=\"A\">{}</Data></EventData></Event>", v[3]),
            2 => format!("<Event xmlns='e'>{system}<UserData><X><A>{}</A></X></UserData></Event>", v[2]),
            3 => format!("<Event xmlns='e'>{system}<EventData/></Event>"),
            _ => "<Event/>".to_string(),
        };
        cut(text, damage)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// What the events before one were like changes nothing, nor does it who finds its end.
    #[test]
    fn an_event_is_read_the_same_among_others(events in prop::collection::vec((event_text(), prop::sample::select(vec!["", "\n", " \r\n", "<!-- -->", "x"])), 1..60)) {
        let text: String = events.iter().flat_map(|(event, gap)| [event.as_str(), gap]).collect();
        let chunk = crate::input::chunk::test_chunk(Format::WindowsXml, text.as_bytes());
        the_same_alone(&chunk)?;
        the_same_checked(&chunk, "A")?;
    }

    /// Where values that are always the same decide whether events of a shape matter, all others of that shape are passed by.
    #[test]
    fn shapes_that_cannot_matter(kinds in prop::collection::vec(0..8usize, 20..120)) {
        let event = |(i, kind): (usize, &usize)| {
            let data = match kind {
                0 => format!("<Data Name='A'>1</Data><Data Name='B'>{i}</Data>"),
                1 => format!("<Data Name='A'>2</Data><Data Name='B'>{i}</Data>"),
                2 => format!("<Data Name='B'>{i}</Data><Data Name='A'>1</Data>"),
                3 => format!("<Data Name='B'>{i}</Data><Data Name='A'>a</Data><Data Name='C'>{i}</Data>"),
                4 => format!("<Data Name='A'>2</Data><Data Name='B'>{i}</Data><Data Name='A'>1</Data>"),
                5 => format!("<Data Name='A'>{}</Data><Data Name='B'>{i}</Data>", i % 3),
                // One that matters, after others with the same beginning did not.
                6 if i > 50 => format!("<Data Name='A'>2</Data><Data Name='B'>{i}</Data><Data Name='C'>{i}</Data><Data Name='A'>1</Data>"),
                6 => format!("<Data Name='A'>2</Data><Data Name='B'>{i}</Data><Data Name='C'>{i}</Data>"),
                _ => format!("<Data Name='C'>{i}</Data>"),
            };
            format!("<Event><System><EventID>{}</EventID></System><EventData>{data}</EventData></Event>\n", kind / 4)
        };
        let text: String = kinds.iter().enumerate().map(event).collect();
        the_same_checked(&crate::input::chunk::test_chunk(Format::WindowsXml, text.as_bytes()), "A")?;
    }
}

#[test]
fn what_system_says_in_one_event_touches_no_other() {
    let other = "<Event><EventData><Data Name='Level'>1</Data><Data Name='Level'>2</Data></EventData></Event>";
    let first = "<Event><System><Level>4</Level></System><EventData><Data Name='Level'>5</Data></EventData></Event>";
    for text in [[first, other].concat(), [other, first].concat()] {
        let (b, _) = parse(&text, &Wanted::All, Entities::Keep);
        let rows = if text.starts_with(first) { (0, 1) } else { (1, 0) };
        assert_eq!(b.value("Level", rows.0), Value::text("4"));
        assert_eq!(b.value("Level", rows.1), Value::multi([Value::text("1"), Value::text("2")]));
    }
}

/// `time=FIELD` is for JSON and CSV: events of Windows tell their time by themselves, and keep the field.
#[test]
fn a_field_that_was_named_as_the_time_stays() {
    let mut chunk = crate::input::chunk::test_chunk(Format::WindowsXml, EVENT.as_bytes());
    let spec = crate::input::DataSpec::parse("x.xml,time=A").unwrap();
    std::sync::Arc::get_mut(&mut chunk.file).unwrap().spec = std::sync::Arc::new(spec);
    let rows = Batch::concat(crate::input::parse(&chunk, &Wanted::All, &Default::default(), &mut Warnings::new()));
    assert_eq!((rows.value("A", 0), rows.value("_time", 0)), (Value::text("x&amp;y"), all(EVENT).value("_time", 0)));
}
