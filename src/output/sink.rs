//! The one way by which text reaches a terminal. There, whatever could move the cursor, change what is shown or hide is made
//! visible; into files and pipes text goes byte for byte.

use super::file::Replacing;
use super::gate::Gate;
use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

/// Bytes that are collected before they are written.
const BUFFER: usize = 64 << 10;

/// A place for text.
pub struct Sink {
    out: Out,
    terminal: bool,
    color: bool,
}

enum Out {
    Stream(BufWriter<Box<dyn Write + Send>>),
    Memory(Vec<u8>),
    File(BufWriter<Replacing>),
}

impl Sink {
    /// A stream that is, or is not, shown to a person.
    pub fn new(out: Box<dyn Write + Send>, terminal: bool) -> Sink {
        Sink { out: Out::Stream(BufWriter::with_capacity(BUFFER, out)), terminal, color: false }
    }

    /// Standard output.
    pub fn stdout(color: bool) -> Sink {
        let terminal = io::stdout().is_terminal();
        Sink { color: color && terminal, ..Sink::new(Box::new(io::stdout()), terminal) }
    }

    /// Standard error.
    pub fn stderr(color: bool) -> Sink {
        let terminal = io::stderr().is_terminal();
        Sink { color: color && terminal, ..Sink::new(Box::new(io::stderr()), terminal) }
    }

    /// A file, which takes the place of an older one when the sink is finished, and not before.
    pub fn file(path: &Path) -> io::Result<Sink> {
        Ok(Sink { out: Out::File(BufWriter::with_capacity(BUFFER, Replacing::create(path)?)), terminal: false, color: false })
    }

    /// The same sink before a gate; nothing may have been written yet. A file has its own way of not being there: it is not finished.
    pub fn behind(self, gate: &Gate) -> Sink {
        let out = match self.out {
            Out::Stream(out) => Out::Stream(BufWriter::with_capacity(BUFFER, gate.before(out.into_parts().0))),
            other => other,
        };
        Sink { out, ..self }
    }

    /// A place in memory for what is to come into this sink later: text is made there what it would be here.
    pub fn beside(&self) -> Sink {
        Sink { out: Out::Memory(Vec::new()), ..*self }
    }

    /// Writes what was put beside this sink.
    pub fn append(&mut self, beside: Sink) -> io::Result<()> {
        match beside.out {
            Out::Memory(bytes) => self.write(&bytes),
            _ => Ok(()),
        }
    }

    /// Does a person see it as it is written?
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// May text be coloured?
    pub fn has_color(&self) -> bool {
        self.color
    }

    /// Writes text.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        let text = if self.terminal { visible(text) } else { Cow::Borrowed(text) };
        self.write(text.as_bytes())
    }

    /// Writes text in which colours (`ESC [ … m`) are our own. They are left out where the sink has none.
    pub fn styled(&mut self, text: &str) -> io::Result<()> {
        let mut rest = text;
        while let Some(at) = rest.find('\u{1b}') {
            let (before, after) = rest.split_at(at);
            self.text(before)?;
            let length = color_length(after);
            let (sequence, after) = after.split_at(length.max(1));
            match (length > 0, self.color) {
                (true, true) => self.write(sequence.as_bytes())?,
                (true, false) => {}
                (false, _) => self.text(sequence)?,
            }
            rest = after;
        }
        self.text(rest)
    }

    /// Hands on what is buffered.
    pub fn flush(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::Stream(out) => out.flush(),
            Out::Memory(_) => Ok(()),
            Out::File(out) => out.flush(),
        }
    }

    /// Writes the rest; a file is put into its place.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        match self.out {
            Out::Stream(_) | Out::Memory(_) => Ok(()),
            Out::File(out) => out.into_inner().map_err(|e| e.into_error())?.commit(),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.out {
            Out::Stream(out) => out.write_all(bytes),
            Out::Memory(all) => {
                all.extend_from_slice(bytes);
                Ok(())
            }
            Out::File(out) => out.write_all(bytes),
        }
    }
}

/// Bytes of the colour sequence that a text begins with; 0 where it begins with something else.
fn color_length(text: &str) -> usize {
    let Some(body) = text.strip_prefix("\u{1b}[") else { return 0 };
    let digits = body.bytes().take_while(|b| b.is_ascii_digit() || *b == b';').count();
    if body.as_bytes().get(digits) == Some(&b'm') { digits + 3 } else { 0 }
}

/// The text with everything invisible made visible: control characters as their pictures (`␛`), other controls, and what
/// reorders or hides text, as `\u202e`, which JSON reads as the same character. Line feeds and tabs stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (b' '..=b'~').contains(&b) || b == b'\n' || b == b'\t') || !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if !is_hidden(c) => out.push(c),
            '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    Cow::Owned(out)
}

fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        // Soft hyphen, joiners, fillers.
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}' => true,
        // Direction and zero width.
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => true,
        // Annotations and tags.
        '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Shared;
    use super::*;

    #[test]
    fn what_hides_is_made_visible() {
        for (text, want) in [
            ("plain\ttext\n", "plain\ttext\n"),
            ("\u{1b}]0;title\u{7}", "␛]0;title␇"),
            ("a\rb\u{8}", "a␍b␈"),
            ("\u{9b}31m\u{7f}", "\\u009b31m\\u007f"),
            ("exe\u{202e}gpj", "exe\\u202egpj"),
            ("\u{e0041}", "\\udb40\\udc41"),
            ("Grüße 日本 🙂", "Grüße 日本 🙂"),
        ] {
            assert_eq!(visible(text), want);
        }
        // Text in JSON means the same before and after.
        let json = "\"\u{202e}\u{e0041}\u{7f}\"";
        let read = |t: &str| serde_json::from_str::<String>(t).unwrap();
        assert_eq!(read(&visible(json)), read(json));
    }

    fn written(terminal: bool, color: bool, write: impl Fn(&mut Sink)) -> String {
        let shared = Shared::default();
        let mut sink = Sink { color, ..Sink::new(Box::new(shared.clone()), terminal) };
        write(&mut sink);
        sink.finish().unwrap();
        shared.text()
    }

    #[test]
    fn only_a_terminal_is_protected() {
        assert_eq!(written(true, true, |s| s.text("\u{1b}[31mred").unwrap()), "␛[31mred");
        assert_eq!(written(false, false, |s| s.text("\u{1b}[31mred").unwrap()), "\u{1b}[31mred");
    }

    #[test]
    fn styled_text_keeps_colours_and_nothing_else() {
        let text = "\u{1b}[1;31mred\u{1b}[0m \u{1b}[2J \u{1b}é";
        assert_eq!(written(true, true, |s| s.styled(text).unwrap()), "\u{1b}[1;31mred\u{1b}[0m ␛[2J ␛é");
        assert_eq!(written(true, false, |s| s.styled(text).unwrap()), "red ␛[2J ␛é");
    }
}
