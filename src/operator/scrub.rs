//! scrub: words and numbers become others of the same length and shape.
//!
//! What a word becomes is told from the word alone, so that the same word is the same afterwards, in every event and field. Names
//! become other names, other words others that can be spoken, digits digits. Words that the lists leave, those of one or two
//! letters, numbers below 10000, what names a value (`key=`, `"key":`, `<tag`) and times stay.

use crate::function::mix;
use crate::plan::scrub::Scrub;
use crate::regex::Regex;
use std::net::Ipv4Addr;

/// The text with its words replaced.
pub fn scrub(text: &str, how: &Scrub) -> String {
    // Times first: the digits in them are no numbers.
    let mut times = spans(text, &how.times, true);
    times.extend(spans(text, &how.kept, false));
    times.sort_unstable();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end, replaced) in times {
        if start < at {
            continue;
        }
        words(text, at, start, how, &mut out);
        let time = text.get(start..end).unwrap_or_default();
        if replaced {
            other_digits(time, &mut out)
        } else {
            out.push_str(time)
        }
        at = end;
    }
    words(text, at, text.len(), how, &mut out);
    out
}

fn spans(text: &str, forms: &[Regex], replaced: bool) -> Vec<(usize, usize, bool)> {
    forms.iter().flat_map(|r| r.find_iter(text)).filter(|(start, end)| end > start).map(|(start, end)| (start, end, replaced)).collect()
}

/// Digits of a time, each by another: hours and minutes stay what they can be, as the first digit of two does not grow.
fn other_digits(text: &str, out: &mut String) {
    let mut stream = Stream::of(text);
    let mut first = true;
    for c in text.chars() {
        match c.to_digit(10) {
            Some(d) => {
                let most = if first { d } else { 9 };
                out.extend(char::from_digit(stream.below(u64::from(most) + 1) as u32, 10));
                first = false;
            }
            None => {
                out.push(c);
                first = true;
            }
        }
    }
}

/// The words between two places.
fn words(text: &str, from: usize, to: usize, how: &Scrub, out: &mut String) {
    let mut at = from;
    while let Some(rest) = text.get(at..to).filter(|r| !r.is_empty()) {
        let Some(start) = rest.find(|c: char| c.is_alphanumeric()) else { break };
        out.push_str(rest.get(..start).unwrap_or_default());
        let word_on = rest.get(start..).unwrap_or_default();
        let length = address(word_on).unwrap_or_else(|| word_on.find(|c: char| !c.is_alphanumeric()).unwrap_or(word_on.len()));
        let (word, behind) = (word_on.get(..length).unwrap_or_default(), word_on.get(length..).unwrap_or_default());
        if names_a_value(text.get(..at + start).unwrap_or_default(), behind) && !how.private.contains(&word.to_lowercase()) {
            out.push_str(word);
        } else {
            replace(word, how, out);
        }
        at += start + length;
    }
    out.push_str(text.get(at..to).unwrap_or_default());
}

/// How long an address is that stands at the start.
fn address(text: &str) -> Option<usize> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let found = text.get(..end)?.trim_end_matches('.');
    let stops = !text.get(found.len()..)?.starts_with(|c: char| c.is_alphanumeric());
    (stops && found.parse::<Ipv4Addr>().is_ok()).then_some(found.len())
}

/// Does the word say what a value is: a key, a tag of XML or its attribute?
fn names_a_value(before: &str, behind: &str) -> bool {
    let key = behind.starts_with('=') || behind.starts_with("\":") || behind.starts_with("\" :");
    // The parts of a longer key, such as `process_name=`.
    let longer = behind.starts_with(['_', '.', '-']) && {
        let end = behind.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))).unwrap_or(behind.len());
        behind.get(end..).is_some_and(|r| r.starts_with('=') || r.starts_with("\":"))
    };
    key || longer || before.ends_with('<') || before.ends_with("</")
}

fn replace(word: &str, how: &Scrub, out: &mut String) {
    let lower = word.to_lowercase();
    if !how.private.contains(&lower) {
        let letters = word.chars().all(char::is_alphabetic);
        let digits = word.chars().all(|c| c.is_ascii_digit());
        let short = letters && word.chars().count() <= 2 || digits && word.len() <= 4;
        if short || how.public.contains(&lower) || how.dictionary.contains(&lower) {
            return out.push_str(word);
        }
    }
    if let Ok(address) = word.parse::<Ipv4Addr>() {
        return other_address(address, out);
    }
    if how.names.contains(&lower) {
        let fitting: Vec<&String> = how.names.iter().filter(|n| n.len() == lower.len() && **n != lower).collect();
        let chosen = Stream::of(&lower).below(fitting.len() as u64) as usize;
        if let Some(name) = fitting.get(chosen) {
            out.extend(word.chars().zip(name.chars()).map(|(like, c)| as_case(like, c)));
            return;
        }
    }
    other_word(word, &lower, out);
}

/// An address whose parts have as many digits as before.
fn other_address(address: Ipv4Addr, out: &mut String) {
    let mut stream = Stream::of(&address.to_string());
    for (n, part) in address.octets().into_iter().enumerate() {
        let (least, most) = match part {
            0..=9 => (0, 9),
            10..=99 => (10, 99),
            _ => (100, 255),
        };
        if n > 0 {
            out.push('.');
        }
        out.push_str(&(least + stream.below(most - least + 1)).to_string());
    }
}

const VOWELS: &[u8] = b"aeiou";
const CONSONANTS: &[u8] = b"bcdfghklmnprstvw";
const HEX: &[u8] = b"abcdef";

/// Vowels by vowels, consonants by consonants, digits by digits; what is hexadecimal stays so.
fn other_word(word: &str, lower: &str, out: &mut String) {
    let hex = lower.chars().all(|c| c.is_ascii_hexdigit()) && lower.contains(|c: char| c.is_ascii_digit());
    let mut stream = Stream::of(lower);
    for (n, like) in word.chars().enumerate() {
        let from = |letters: &[u8], stream: &mut Stream| letters.get(stream.below(letters.len() as u64) as usize).map_or('x', |b| char::from(*b));
        let other = match like.to_ascii_lowercase() {
            // A first digit does not become 0, and a leading 0 stays.
            '0' if n == 0 => '0',
            '0'..='9' if n == 0 => char::from_digit(1 + stream.below(9) as u32, 10).unwrap_or('1'),
            '0'..='9' => char::from_digit(stream.below(10) as u32, 10).unwrap_or('0'),
            _ if hex => from(HEX, &mut stream),
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' => from(VOWELS, &mut stream),
            'b'..='z' => from(CONSONANTS, &mut stream),
            // Letters of other alphabets have no table here.
            _ => 'x',
        };
        out.push(as_case(like, other));
    }
}

fn as_case(like: char, c: char) -> char {
    if like.is_uppercase() { c.to_ascii_uppercase() } else { c }
}

/// Numbers told from a text.
struct Stream(u64);

impl Stream {
    fn of(text: &str) -> Stream {
        Stream(text.bytes().fold(0xcbf2_9ce4_8422_2325, |n, b| mix(n ^ u64::from(b))))
    }

    /// Below this number; 0 where that is 0.
    fn below(&mut self, most: u64) -> u64 {
        self.0 = mix(self.0);
        (self.0 >> 11).checked_rem(most).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::scrub::words;

    fn lists() -> Scrub {
        let set = |t: &str| words(t).collect();
        Scrub {
            public: set("for\nfrom\nuser\ncom"),
            private: set("by"),
            names: words("carol\naaron\ndavid").collect(),
            kept: vec![Regex::new(r"\d{4}-\d\d-\d\d").unwrap()],
            ..Scrub::default()
        }
    }

    #[test]
    fn shapes_stay_and_words_go() {
        let how = lists();
        let shape = |t: &str| {
            t.chars()
                .map(|c| {
                    if c.is_ascii_digit() {
                        '9'
                    } else if c.is_uppercase() {
                        'A'
                    } else if c.is_lowercase() {
                        'a'
                    } else {
                        c
                    }
                })
                .collect::<String>()
        };
        for text in ["user=Carol@adalberto.com", "from 10.20.130.4 port 22 id 4711123", r"C:\Temp\Xyzzy.EXE", "deadbeef00 a1b2-c3d4", "Ünïcode λ 7"] {
            let got = scrub(text, &how);
            assert_eq!((got.chars().count(), got == text), (text.chars().count(), false), "{text}: {got}");
            if text.is_ascii() {
                assert_eq!(shape(&got), shape(text), "{text}: {got}");
            }
            assert_eq!(scrub(text, &how), got);
        }
        let got = scrub("user=Carol@adalberto.com", &how);
        assert!(got.starts_with("user=") && got.ends_with(".com") && ["Aaron", "David"].iter().any(|n| got.contains(n)), "{got}");
    }

    #[test]
    fn what_stays_and_what_must_go() {
        let how = lists();
        for text in ["2024-01-31", "user for from", "port_name=", r#"{"keyword": 5}"#, "<Event>", "to be 404 10443".get(..9).unwrap(), ""] {
            assert_eq!(scrub(text, &how), text);
        }
        assert_ne!(scrub("by", &how), "by");
        let timed = Scrub { times: vec![Regex::new(r"\d\d:\d\d:\d\d").unwrap()], ..lists() };
        let got = scrub("12:34:56 x", &timed);
        assert!(got != "12:34:56 x" && got.ends_with(" x") && got.matches(':').count() == 2, "{got}");
        assert_eq!(scrub("carol", &how), scrub("carol x", &how).trim_end_matches(" x"));
    }
}
