//! Bytes of a file as plain UTF-8: archives opened, compressions undone, UTF-16 converted. All as streams.

use super::detect::{self, Compression};
use super::plain::{Bytes, Plain};
use super::{Chunk, InputFile};
use crate::diagnostic::{Code, Diagnostic};
use encoding_rs::{CoderResult, Decoder, UTF_8};
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Compressions inside each other, as `a.json.gz` in a zip.
const LAYERS: usize = 4;

/// What is read as one file: a file, or a member of a zip archive.
#[derive(Clone, Debug)]
pub struct Member {
    /// As messages and the field `source` have it: `logs.zip:a.json` for a member.
    pub name: Arc<str>,
    path: Option<PathBuf>,
    /// Start, packed length and whether it is deflated, within the archive.
    packed: Option<(u64, u64, bool)>,
    /// The archive itself is damaged; what can be found of it is read.
    pub damaged: bool,
}

/// A stream, and whether its errors mean damaged compressed data rather than a disk that fails.
pub struct Stream {
    /// Its compressed data ended before its text did.
    pub truncated: bool,
    pub reader: Box<dyn Read + Send>,
    pub compressed: bool,
}

/// What a file consists of, in the order of the archive.
pub fn members(file: &InputFile) -> Result<Vec<Member>, Diagnostic> {
    let plain = Member { name: file.name.clone(), path: file.path.clone(), packed: None, damaged: false };
    let Some(path) = &file.path else { return Ok(vec![plain]) };
    let mut head = Vec::new();
    let mut handle = open(path)?;
    (&mut handle).take(30).read_to_end(&mut head).map_err(|e| unreadable(&file.name, &e))?;
    if detect::compression(&head) != Compression::Zip {
        return Ok(vec![plain]);
    }
    let mut members = Vec::new();
    match zip::ZipArchive::new(handle) {
        Ok(mut archive) => {
            for i in 0..archive.len() {
                let Ok(entry) = archive.by_index_raw(i) else { continue };
                let member = entry.name().map(|n| n.into_owned()).unwrap_or_else(|_| format!("member {i}"));
                let deflated = match entry.compression() {
                    zip::CompressionMethod::Stored => false,
                    zip::CompressionMethod::Deflated => true,
                    other => return Err(refused(&file.name, &format!("its member {member} is packed as {other}"))),
                };
                if entry.encrypted() {
                    return Err(refused(&file.name, &format!("its member {member} is encrypted")));
                }
                if entry.is_dir() || member.starts_with("__MACOSX") {
                    continue;
                }
                let Some(start) = entry.data_start() else { continue };
                let name = format!("{}:{member}", file.name).into();
                members.push(Member { name, path: Some(path.clone()), packed: Some((start, entry.compressed_size(), deflated)), damaged: false });
            }
        }
        // An archive that was cut off has no directory; its first member can still be read.
        Err(_) => {
            let length = |at: usize| head.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes);
            let start = 30 + u64::from(length(26)) + u64::from(length(28));
            let method = length(8);
            if head.len() == 30 && (method == 0 || method == 8) {
                members.push(Member { packed: Some((start, u64::MAX, method == 8)), damaged: true, ..plain });
            }
        }
    }
    if members.is_empty() {
        return Err(refused(&file.name, "there is no readable file in this archive"));
    }
    Ok(members)
}

impl Member {
    /// The file itself, where it is one on disk that is read as a whole.
    pub fn plain(&self) -> Option<Plain> {
        let path = self.path.as_ref().filter(|_| self.packed.is_none())?;
        Plain::open(path)
    }

    /// Opens the member as unpacked bytes.
    pub fn open(&self) -> Result<Stream, Diagnostic> {
        let mut stream = match &self.path {
            None => Stream { reader: Box::new(io::stdin()), compressed: false, truncated: false },
            Some(path) => {
                let mut file = open(path)?;
                match self.packed {
                    None => Stream { reader: Box::new(file), compressed: false, truncated: false },
                    Some((start, length, deflated)) => {
                        file.seek(SeekFrom::Start(start)).map_err(|e| unreadable(&self.name, &e))?;
                        let inside = io::BufReader::with_capacity(256 << 10, file.take(length));
                        let reader: Box<dyn Read + Send> = if deflated { Box::new(flate2::bufread::DeflateDecoder::new(inside)) } else { Box::new(inside) };
                        Stream { reader, compressed: true, truncated: false }
                    }
                }
            }
        };
        for _ in 0..LAYERS {
            let mut head = Vec::new();
            let read = (&mut stream.reader).take(4).read_to_end(&mut head);
            let kind = detect::compression(&head);
            // A decoder tells an error only once: it is told again where the bytes before it are read.
            let tail: Box<dyn Read + Send> = match read {
                Err(e) if !stream.compressed => return Err(unreadable(&self.name, &e)),
                Err(e) => Box::new(Broken(e.kind())),
                Ok(_) => stream.reader,
            };
            let rest = Cursor::new(head).chain(tail);
            stream.reader = match kind {
                Compression::None => {
                    stream.reader = Box::new(rest);
                    break;
                }
                Compression::Gzip => Box::new(flate2::read::MultiGzDecoder::new(rest)),
                Compression::Zstd => Box::new(zstd::stream::read::Decoder::new(rest).map_err(|e| unreadable(&self.name, &e))?),
                Compression::Zip => {
                    return Err(refused(&self.name, "a zip archive is read from a file only, not from standard input or inside another archive"));
                }
            };
            stream.compressed = true;
        }
        Ok(stream)
    }
}

/// A stream that fails.
struct Broken(io::ErrorKind);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
}

/// A stream that begins with these bytes, without its byte order mark and as UTF-8.
pub fn as_utf8(head: Vec<u8>, rest: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
    let (encoding, mark) = detect::encoding(&head);
    let mut bytes = Cursor::new(head);
    bytes.set_position(mark as u64);
    let all = bytes.chain(rest);
    if encoding == UTF_8 {
        return Box::new(all);
    }
    Box::new(Utf16 { inner: Box::new(all), decoder: encoding.new_decoder_without_bom_handling(), input: Vec::new(), output: Vec::new(), at: 0, done: false })
}

/// Converts a stream to UTF-8, what is invalid replaced.
struct Utf16 {
    inner: Box<dyn Read + Send>,
    decoder: Decoder,
    input: Vec<u8>,
    output: Vec<u8>,
    at: usize,
    done: bool,
}

impl Read for Utf16 {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.output.len() {
            if self.done {
                return Ok(0);
            }
            self.input.clear();
            let n = (&mut self.inner).take(64 << 10).read_to_end(&mut self.input)?;
            self.done = n < 64 << 10;
            self.at = 0;
            self.output.resize(self.decoder.max_utf8_buffer_length(n).unwrap_or(n * 4 + 16), 0);
            let (result, _, written, _) = self.decoder.decode_to_utf8(&self.input, &mut self.output, self.done);
            self.output.truncate(written);
            if result == CoderResult::OutputFull {
                return Err(io::Error::other("text that cannot be converted"));
            }
        }
        let ready = self.output.get(self.at..).unwrap_or_default();
        let n = ready.len().min(out.len());
        for (to, from) in out.iter_mut().zip(ready) {
            *to = *from;
        }
        self.at += n;
        Ok(n)
    }
}

fn open(path: &Path) -> Result<File, Diagnostic> {
    File::open(path).map_err(|e| unreadable(&path.to_string_lossy(), &e))
}

/// An error of the system while reading.
pub fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::DATA_FILE, format!("{name}: cannot be read: {error}")).help("Check the path and its permissions.")
}

fn refused(name: &str, why: &str) -> Diagnostic {
    Diagnostic::error(Code::DATA_FILE, format!("{name}: {why}")).help("Unpack it first and give the unpacked files.")
}

impl Chunk {
    /// A chunk of binary records as one of text; `None` for a chunk that is text already.
    pub fn decoded(&self, warnings: &mut super::Warnings) -> Option<Chunk> {
        if self.file.format != super::Format::Evtx || self.text {
            return None;
        }
        Some(Chunk { bytes: Bytes::Read(super::evtx::to_xml(self, warnings)), text: true, file: self.file.clone(), unread: None, ..*self })
    }
}
