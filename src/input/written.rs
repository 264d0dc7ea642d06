//! What was read, as bytes of which some are asked for as text.

use crate::machine::lanes;
use std::cell::Cell;
use std::ops::Range;

/// What was read. Where few of its values are wanted, they are asked to be UTF-8 one by one, instead of all of it before.
#[derive(Clone, Copy, Debug)]
pub enum Written<'a> {
    Text(&'a str),
    /// Some of these bytes were asked for and are no UTF-8, once that is set: what was made of them is to be made of text.
    Bytes(&'a [u8], &'a Cell<bool>),
}

impl<'a> Written<'a> {
    /// All of it.
    #[inline(always)]
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Written::Text(text) => text.as_bytes(),
            Written::Bytes(bytes, _) => bytes,
        }
    }

    /// A part of it; none where it is no UTF-8, or ends before.
    #[inline]
    pub fn get(self, range: Range<usize>) -> Option<&'a str> {
        match self {
            Written::Text(text) => text.get(range),
            Written::Bytes(bytes, broken) => {
                let part = bytes.get(range)?;
                let text = lanes::ascii(part).or_else(|| std::str::from_utf8(part).ok());
                broken.set(broken.get() || text.is_none());
                text
            }
        }
    }

    /// Parts that were copied from it, as text: none of it where one of them, which begin and end at `ends`, is no UTF-8. Asked of the copy, because
    /// others may write to what is looked at in place.
    pub fn taken(self, parts: Vec<u8>, mut ends: impl Iterator<Item = usize>) -> String {
        let text = String::from_utf8(parts).ok().filter(|text| text.is_ascii() || ends.all(|end| text.is_char_boundary(end)));
        if let (None, Written::Bytes(_, broken)) = (&text, self) {
            broken.set(true);
        }
        text.unwrap_or_default()
    }

    /// All that comes before a place.
    pub fn before(self, end: usize) -> Option<Written<'a>> {
        Some(match self {
            Written::Text(text) => Written::Text(text.get(..end)?),
            Written::Bytes(bytes, broken) => Written::Bytes(bytes.get(..end)?, broken),
        })
    }

    /// Is all of it known to be text?
    pub fn is_text(self) -> bool {
        matches!(self, Written::Text(_))
    }

    /// Did a part turn out to be no UTF-8?
    pub fn is_broken(self) -> bool {
        matches!(self, Written::Bytes(_, broken) if broken.get())
    }

    /// All of it as text.
    pub fn text(self) -> &'a str {
        match self {
            Written::Text(text) => text,
            Written::Bytes(bytes, _) => self.get(0..bytes.len()).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::column::{Batch, Memo};
    use crate::input::chunk::test_chunk;
    use crate::input::sieve::{Check, FieldName};
    use crate::input::testing::rows;
    use crate::input::{Format, Kind, ParseOptions, Parser, Wanted, Warnings};
    use proptest::prelude::*;
    use std::sync::Arc;

    const STRAYS: &[&[u8]] = &[b"\xff", b"\xc3", b"\xa9", "é".as_bytes()];

    /// Records alike enough to be followed by their shapes, some of which are damaged.
    fn records(format: Format, kinds: &[usize]) -> String {
        let record = |(i, kind): (usize, &usize)| match (format, kind) {
            (Format::Json, 0) => format!("{{\"_time\":{i}.5,\"a\":\"v{i}\",\"b\":\"p\\\\q\",\"c\":{i}}}\n"),
            (Format::Json, 1) => format!("{{\"_time\":\"2025-03-04T00:00:0{}Z\",\"a\":\"v\",\"d\":{{\"a\":\"x\"}}}}\n", i % 10),
            (Format::Json, _) => "{\"a\":\"v\",\n".to_string(),
            (_, 0) => format!(
                "<Event><System><TimeCreated SystemTime='2025-03-04T00:00:0{}Z'/></System><EventData><Data Name='a'>v{i}</Data></EventData></Event>",
                i % 10
            ),
            (_, 1) => format!("<Event><EventData><Data Name='a'>v</Data><Data Name='b'><![CDATA[x]]>{i}</Data></EventData></Event>"),
            _ => "<Event><EventData><Data Name='a'>v</Dat></EventData></Event>".to_string(),
        };
        kinds.iter().enumerate().map(record).collect()
    }

    proptest! {
        /// Bytes that are no UTF-8 are read as the text that has characters of replacement for them, wherever they stand, with whatever is wanted.
        #[test]
        fn stray_bytes_are_replaced(
            kinds in prop::collection::vec(prop_oneof![5 => Just(0), 4 => Just(1), 1 => Just(2)], 1..40),
            strays in prop::collection::vec((0..10_000usize, prop::sample::select(STRAYS)), 0..4),
        ) {
            for format in [Format::Json, Format::WindowsXml] {
                let mut bytes = records(format, &kinds).into_bytes();
                for (at, stray) in &strays {
                    let at = at % (bytes.len() + 1);
                    bytes.splice(at..at, stray.iter().copied());
                }
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let check = Check::Value {
                    names: vec![FieldName::new("a")],
                    test: Arc::new(|text: &str| text.contains('v') || text.contains('\u{fffd}')),
                    parts: Arc::new(Check::none()),
                    shown: String::new(),
                    hits: Memo::default(),
                };
                for (wanted, check) in [(["a", "_time"], Check::none()), (["b", "c"], Check::none()), (["a", "b"], check)] {
                    let read = |bytes: &[u8]| {
                        let (mut parser, mut warnings) = (Parser::new(Wanted::only(wanted), ParseOptions::default()), Warnings::new());
                        let chunk = test_chunk(format, bytes);
                        // The first time no shape is known. What cannot pass a check may be left out.
                        let mut time = || {
                            let all = rows(&Batch::concat(parser.parse_where(&chunk, &check, &mut warnings)));
                            all.into_iter().filter(|row| check.is_none() || row.iter().any(|(name, _)| name == "a")).collect::<Vec<_>>()
                        };
                        let times = [time(), time(), time()];
                        (times, warnings.count(Kind::Damaged) * u64::from(check.is_none()))
                    };
                    prop_assert_eq!(read(&bytes), read(text.as_bytes()), "{}", &text);
                }
            }
        }
    }
}
