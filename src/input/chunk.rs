//! A file cut into chunks of whole records, by size alone: the same chunks whatever runs beside.

use super::decode::{self, Member, Stream};
use super::detect::{self, Layout};
use super::parse::Meta;
use super::place::LONGEST;
use super::plain::{Bytes, Cut, Plain, Unread};
use super::{DataSpec, Format, InputFile, Kind, Warnings, delimited, evtx, record, text};
use crate::diagnostic::{Code, Diagnostic};
use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;

/// How many bytes of a file are looked at to tell what it is.
const HEAD: usize = 64 << 10;

/// How to read.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Bytes of a chunk, about, in the midst of a file.
    pub chunk_bytes: usize,
    /// Bytes of the first chunk of a plain file, and of the last ones: what comes first comes soon, and threads end together.
    pub outer_bytes: usize,
    /// A longer record is cut into pieces of raw text.
    pub record_bytes: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions { chunk_bytes: 8 << 20, outer_bytes: 1 << 20, record_bytes: 64 << 20 }
    }
}

impl ReadOptions {
    /// To have all of a file in memory: the segments of a table are alike.
    pub fn of_tables() -> ReadOptions {
        ReadOptions { chunk_bytes: 4 << 20, outer_bytes: 4 << 20, ..ReadOptions::default() }
    }
}

/// What all chunks of a file share.
#[derive(Clone, Debug)]
pub struct FileInfo {
    /// As messages have it, and the field `source` where nothing better is known.
    pub name: Arc<str>,
    pub spec: Arc<DataSpec>,
    pub format: Format,
    pub layout: Layout,
    /// Of delimited text.
    pub header: delimited::Header,
    /// What the format is called as a source type.
    pub sourcetype: &'static str,
}

/// The source type of summary events.
const STASH: &str = "stash";

impl FileInfo {
    /// What a record has that does not say it itself. The index is `main`; the host of files that do not name it is `localhost`, as
    /// Splunk would put the name of the machine there.
    pub fn default_meta(&self, meta: Meta) -> Option<&str> {
        let (set, default) = match meta {
            Meta::Index => (&self.spec.index, self.summary_index().unwrap_or("main")),
            Meta::Host => (&self.spec.host, "localhost"),
            Meta::Source => (&self.spec.source, &*self.name),
            Meta::Sourcetype => (&self.spec.sourcetype, self.sourcetype),
        };
        Some(set.as_deref().unwrap_or(default))
    }

    /// Was it said, as the file was named, what a record has?
    pub fn says(&self, meta: Meta) -> bool {
        let spec = &self.spec;
        match meta {
            Meta::Index => &spec.index,
            Meta::Host => &spec.host,
            Meta::Source => &spec.source,
            Meta::Sourcetype => &spec.sourcetype,
        }
        .is_some()
    }

    /// Does it stand for a summary index, a line an event, as `collect` writes it?
    pub fn is_stash(&self) -> bool {
        self.sourcetype == STASH
    }

    /// Are its JSON records wrapped as for an HTTP event collector, as `collect` writes them?
    pub fn is_wrapped(&self) -> bool {
        self.name.ends_with(".hec.ndjson")
    }

    /// The summary index that a file of `collect` stands for.
    fn summary_index(&self) -> Option<&str> {
        let file = self.name.rsplit(['/', '\\']).next()?;
        file.strip_suffix(".stash").or_else(|| file.strip_suffix(".hec.ndjson"))
    }

    /// What stands before the values that events give to `source`.
    pub fn source_prefix(&self) -> &'static str {
        match self.format {
            Format::WindowsXml | Format::Evtx => "XmlWinEventLog:",
            _ => "",
        }
    }
}

/// Some whole records of a file.
#[derive(Debug)]
pub struct Chunk {
    /// Ascending over all files of one [`Chunks`], from 0.
    pub number: u64,
    pub file: Arc<FileInfo>,
    /// Where the bytes lie in the unpacked file.
    pub offset: u64,
    /// The bytes are a piece of a record that is too long, to be one row of raw text.
    pub raw: bool,
    /// EVTX that was turned into XML.
    pub text: bool,
    pub bytes: Bytes,
    /// Where the bytes are still to be read from.
    pub unread: Option<Unread>,
}

impl Chunk {
    /// Reads the bytes of a chunk that [`Chunks::next_unread`] gave, into a buffer that is there already: any thread can do it. A file
    /// that has become shorter meanwhile gives what it still has.
    pub fn read(&mut self, buffer: Vec<u8>) -> Result<(), Diagnostic> {
        match self.unread.take() {
            Some(unread) => {
                self.bytes = Bytes::Read(unread.read(buffer).map_err(|e| decode::unreadable(&self.file.name, &e))?);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Has the bytes without reading them, where that can be. They can still be read then, and have to be if they turn out not to have been the same all
    /// the time.
    pub fn look(&mut self) -> bool {
        let found = self.unread.as_ref().and_then(Unread::in_place);
        found.is_some_and(|found| {
            self.bytes = found;
            true
        })
    }
}

/// The chunks of a file, or of all members of an archive, in order.
pub struct Chunks {
    members: VecDeque<Member>,
    spec: Arc<DataSpec>,
    options: ReadOptions,
    current: Option<Reading>,
    number: u64,
    warnings: Warnings,
}

/// A file that is being read.
struct Reading {
    stream: Stream,
    /// The file itself, where its bytes are records as they are: only its ends are looked at here.
    plain: Option<Plain>,
    file: Arc<FileInfo>,
    buffer: Vec<u8>,
    offset: u64,
    ended: bool,
    /// Inside a record that is too long.
    lost: bool,
}

impl Chunks {
    /// Opens a file. Fails where it is missing, unreadable or packed in a way that is not supported.
    pub fn open(file: &InputFile, options: &ReadOptions) -> Result<Chunks, Diagnostic> {
        let within = |bytes: usize| bytes.clamp(1, LONGEST);
        let (chunk_bytes, outer_bytes) = (within(options.chunk_bytes), within(options.outer_bytes));
        let options = ReadOptions { chunk_bytes, outer_bytes, record_bytes: within(options.record_bytes) };
        let members = decode::members(file)?.into();
        Ok(Chunks { members, spec: file.spec.clone(), options, current: None, number: 0, warnings: Warnings::new() })
    }

    /// The warnings of reading so far; those of parsing are kept by who parses.
    pub fn take_warnings(&mut self) -> Warnings {
        std::mem::take(&mut self.warnings)
    }

    /// How many chunks are still to come, about; `None` where that is not known.
    pub fn left(&self) -> Option<usize> {
        let reading = self.current.as_ref().filter(|_| self.members.is_empty())?;
        let bytes = reading.plain.as_ref()?.left(reading.offset);
        usize::try_from(bytes.div_ceil(self.options.chunk_bytes as u64)).ok()
    }

    /// The next chunk; `None` at the end.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Chunk>, Diagnostic> {
        let Some(mut chunk) = self.next_unread()? else { return Ok(None) };
        chunk.read(Vec::new())?;
        Ok(Some(chunk))
    }

    /// The next chunk, whose bytes may still have to be [`Chunk::read`]; `None` at the end.
    pub fn next_unread(&mut self) -> Result<Option<Chunk>, Diagnostic> {
        loop {
            let mut reading = match self.current.take() {
                Some(reading) => reading,
                None => match self.members.pop_front() {
                    Some(member) => self.start(&member)?,
                    None => return Ok(None),
                },
            };
            if let Some(plain) = &reading.plain {
                let (offset, file) = (reading.offset, reading.file.clone());
                match plain.cut(offset, &self.options, |bytes| last_end(&file, bytes)).map_err(|e| decode::unreadable(&file.name, &e))? {
                    Cut::End => continue,
                    Cut::At(unread) => {
                        reading.offset += unread.length as u64;
                        let number = self.number;
                        self.number += 1;
                        self.current = Some(reading);
                        return Ok(Some(Chunk { number, file, offset, raw: false, text: false, bytes: Bytes::default(), unread: Some(unread) }));
                    }
                    // A record that is too long: the rest of the file is read piece by piece.
                    Cut::TooLong => {
                        reading.stream.reader = plain.rest(offset).map_err(|e| decode::unreadable(&file.name, &e))?;
                        reading.plain = None;
                    }
                }
            }
            if let Some((bytes, raw)) = self.cut(&mut reading)? {
                let (offset, file) = (reading.offset, reading.file.clone());
                reading.offset += bytes.len() as u64;
                let number = self.number;
                self.number += 1;
                if raw {
                    self.warnings.add(&file.name, Kind::TooLong, offset);
                }
                self.current = Some(reading);
                return Ok(Some(Chunk { number, file, offset, raw, text: false, bytes: Bytes::Read(bytes), unread: None }));
            }
        }
    }

    /// Opens a member and finds out what it is.
    fn start(&mut self, member: &Member) -> Result<Reading, Diagnostic> {
        if member.damaged {
            self.warnings.add(&member.name, Kind::Truncated, 0);
        }
        let mut stream = member.open()?;
        let mut head = Vec::new();
        let mut ended = fill(&mut stream, &mut head, HEAD, &member.name, 0, &mut self.warnings)?;
        let mut plain = (!stream.compressed && detect::encoding(&head) == (encoding_rs::UTF_8, 0)).then(|| member.plain()).flatten();
        if head.starts_with(b"ElfFile\0") || !ended || detect::encoding(&head) != (encoding_rs::UTF_8, 0) {
            let empty = std::mem::replace(&mut stream.reader, Box::new(std::io::empty()));
            let rest: Box<dyn Read + Send> = if ended { Box::new(std::io::empty()) } else { empty };
            stream.reader = decode::as_utf8(head, rest);
            head = Vec::new();
            ended = fill(&mut stream, &mut head, HEAD, &member.name, 0, &mut self.warnings)?;
        }
        let format = self.spec.format.unwrap_or_else(|| detect::format(&head));
        let mut info = FileInfo {
            name: member.name.clone(),
            spec: self.spec.clone(),
            format,
            layout: detect::layout(&head),
            header: delimited::Header::default(),
            sourcetype: match format {
                Format::WindowsXml | Format::Evtx => "XmlWinEventLog",
                Format::Json => "_json",
                Format::Csv { .. } => "csv",
                Format::Text if member.name.ends_with(".stash") || self.spec.sourcetype.as_deref() == Some(STASH) => STASH,
                Format::Text if text::is_syslog(&head) => "syslog",
                Format::Text => "text",
            },
        };
        let mut offset = 0;
        if format == Format::Evtx {
            if cfg!(not(feature = "evtx")) {
                return Err(Diagnostic::error(Code::DATA_FILE, format!("{}: this build cannot read EVTX", member.name))
                    .help("Build with `--features evtx`, or convert the file to event XML."));
            }
            // The blocks follow a file header of fixed size.
            if head.len() < evtx::HEADER {
                self.warnings.add(&member.name, Kind::Block, 0);
            }
            head.drain(..head.len().min(evtx::HEADER));
            offset = evtx::HEADER as u64;
        }
        if let Format::Csv { delimiter } = format {
            while !ended && head.len() < self.options.record_bytes && record::last_quoted_line_end(&head).is_none() {
                let want = head.len() * 2;
                ended = fill(&mut stream, &mut head, want, &member.name, 0, &mut self.warnings)?;
            }
            if let Some(first) = record::quoted_lines(&head).first() {
                info.header = delimited::Header::read(&String::from_utf8_lossy(head.get(first.clone()).unwrap_or_default()), delimiter);
                offset = first.end as u64;
                head.drain(..first.end);
            }
        }
        match (format, info.layout) {
            (Format::WindowsXml | Format::Text, _) | (Format::Json, Layout::Lines) => {}
            _ => plain = None,
        }
        if plain.is_some() {
            (head, ended) = (Vec::new(), false);
        }
        Ok(Reading { stream, plain, file: Arc::new(info), buffer: head, offset, ended, lost: false })
    }

    /// The next whole records of a file, and whether they are a piece of one that is too long.
    fn cut(&mut self, r: &mut Reading) -> Result<Option<(Vec<u8>, bool)>, Diagnostic> {
        let mut want = self.options.chunk_bytes;
        loop {
            if !r.ended && r.buffer.len() < want {
                let place = r.offset;
                r.ended = fill(&mut r.stream, &mut r.buffer, want, &r.file.name, place, &mut self.warnings)?;
            }
            if r.lost {
                let end = resume(r.file.format, &r.buffer).or_else(|| (r.ended || r.buffer.len() >= self.options.record_bytes).then_some(r.buffer.len()));
                if let Some(end) = end {
                    r.lost = resume(r.file.format, &r.buffer).is_none() && !r.ended;
                    return Ok(Some((take(&mut r.buffer, end), true)).filter(|(bytes, _)| !bytes.is_empty()));
                }
            } else if r.ended {
                let mut all = std::mem::take(&mut r.buffer);
                if r.stream.truncated {
                    // What was cut off is no event; the warning has told of it.
                    let whole = last_end(&r.file, &all).unwrap_or(0);
                    all.truncate(whole);
                }
                return Ok((!all.is_empty()).then_some((all, false)));
            } else if let Some(end) = last_end(&r.file, &r.buffer).filter(|end| *end > 0) {
                return Ok(Some((take(&mut r.buffer, end), false)));
            } else if r.buffer.len() >= self.options.record_bytes {
                r.lost = true;
                let end = self.options.record_bytes;
                return Ok(Some((take(&mut r.buffer, end), true)));
            }
            want = (r.buffer.len().max(want) * 2).min(self.options.record_bytes.max(want));
            if want <= r.buffer.len() && !r.ended {
                want = r.buffer.len() + 1;
            }
        }
    }
}

/// The first `end` bytes of a buffer; the rest stays in it.
fn take(buffer: &mut Vec<u8>, end: usize) -> Vec<u8> {
    let rest = buffer.get(end..).unwrap_or_default().to_vec();
    buffer.truncate(end);
    std::mem::replace(buffer, rest)
}

/// Reads until a buffer has `want` bytes; true at the end. Damaged compressed data is an end with a warning.
fn fill(stream: &mut Stream, buffer: &mut Vec<u8>, want: usize, name: &Arc<str>, offset: u64, warnings: &mut Warnings) -> Result<bool, Diagnostic> {
    let missing = want.saturating_sub(buffer.len());
    buffer.reserve(missing);
    match (&mut stream.reader).take(missing as u64).read_to_end(buffer) {
        Ok(n) => Ok(n < missing),
        Err(_) if stream.compressed => {
            stream.truncated = true;
            warnings.add(name, Kind::Truncated, offset + buffer.len() as u64);
            Ok(true)
        }
        Err(e) => Err(decode::unreadable(name, &e)),
    }
}

/// The last place at which a buffer may be cut.
fn last_end(file: &FileInfo, buffer: &[u8]) -> Option<usize> {
    match file.format {
        Format::WindowsXml => record::last_event_end(buffer),
        Format::Json if file.layout == Layout::Values => record::last_value_end(buffer),
        Format::Json => record::last_line_end(buffer),
        Format::Csv { .. } => record::last_quoted_line_end(buffer),
        Format::Evtx => Some(buffer.len() / evtx::BLOCK * evtx::BLOCK),
        Format::Text => record::last_text_end(buffer),
    }
}

/// Where reading goes on after a record that is too long.
fn resume(format: Format, buffer: &[u8]) -> Option<usize> {
    match format {
        Format::WindowsXml => memchr::memmem::find(buffer, b"</Event>").map(|i| i + b"</Event>".len()),
        _ => memchr::memchr(b'\n', buffer).map(|i| i + 1),
    }
}

/// A chunk as `Chunks` would make it.
#[cfg(test)]
pub fn test_chunk(format: Format, bytes: &[u8]) -> Chunk {
    let file = FileInfo {
        name: "test".into(),
        spec: Arc::default(),
        format,
        layout: detect::layout(bytes),
        header: delimited::Header::default(),
        sourcetype: if format == Format::WindowsXml { "XmlWinEventLog" } else { "text" },
    };
    Chunk { number: 0, file: Arc::new(file), offset: 0, raw: false, text: false, bytes: Bytes::Read(bytes.to_vec()), unread: None }
}

/// A file of these bytes; it lives as long as the directory.
#[cfg(test)]
pub fn test_file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, InputFile) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (dir, InputFile { name: name.into(), path: Some(path), spec: Arc::default() })
}

#[cfg(test)]
#[path = "chunk_tests.rs"]
mod tests;
