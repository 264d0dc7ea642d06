//! Plain files: chunks are found by looking at their ends alone, and read at their place in the file by whoever parses them, or looked at
//! where the system holds them.

use super::ReadOptions;
use crate::machine::mapped::{Mapped, Part};
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

/// Bytes before the end of a chunk that are looked at first.
const WINDOW: usize = 16 << 10;

/// Buffers are made in multiples of so many bytes.
const ROOM: usize = 1 << 20;

/// Before the end of a file, a chunk is one in so many of what is left.
const ENDING: usize = 4;

/// A boundary may be told by that many bytes before it.
const CONTEXT: usize = 64;

/// What was written to so lately is read, and not looked at in place: more may follow, and the clock of files may not tell two times apart.
const SETTLED: Duration = Duration::from_secs(2);

/// A regular file.
#[derive(Debug)]
pub struct Plain {
    opened: Arc<Opened>,
    length: u64,
}

/// An open file, and how it was then.
#[derive(Debug)]
struct Opened {
    file: File,
    state: State,
    /// Nobody had written to it of late.
    settled: bool,
    /// It as memory, once that was asked for.
    mapped: OnceLock<Option<Arc<Mapped>>>,
}

/// What changes when a file is written to: its length, the time of that, and the one of any change, which nobody can set.
#[derive(Debug, PartialEq)]
struct State(u64, Option<SystemTime>, (i64, i64));

/// Bytes of a file that nobody has read yet.
#[derive(Clone, Debug)]
pub struct Unread {
    opened: Arc<Opened>,
    offset: u64,
    pub length: usize,
}

/// Bytes of a file.
#[derive(Debug)]
pub enum Bytes {
    Read(Vec<u8>),
    /// They are where the system holds them; others may write to them.
    InPlace(InPlace),
}

/// Bytes of a file where they lie.
#[derive(Debug)]
pub struct InPlace {
    part: Part,
    opened: Arc<Opened>,
}

/// Where a chunk ends.
pub enum Cut {
    /// There is nothing more.
    End,
    At(Unread),
    /// A record goes on for longer than records may.
    TooLong,
}

impl Plain {
    /// A file as it is now; none where the path is no regular file.
    pub fn open(path: &Path) -> Option<Plain> {
        let file = File::open(path).ok()?;
        // What the system makes up as it is read has no length.
        let meta = file.metadata().ok().filter(|m| m.is_file() && m.len() > 0)?;
        let state = State::of(&meta);
        let settled = state.1.and_then(|time| SystemTime::now().duration_since(time).ok()).is_some_and(|age| age >= SETTLED);
        Some(Plain { opened: Arc::new(Opened { file, state, settled, mapped: OnceLock::new() }), length: meta.len() })
    }

    /// The chunk that begins at `start`: up to the last end of a record within the size of a chunk, or the first one behind it.
    pub fn cut(&self, start: u64, options: &ReadOptions, last_end: impl Fn(&[u8]) -> Option<usize>) -> io::Result<Cut> {
        let left = usize::try_from(self.left(start)).unwrap_or(usize::MAX);
        let before = usize::try_from(start).unwrap_or(usize::MAX);
        let mut reach = before.min(left / ENDING).max(options.outer_bytes).min(options.chunk_bytes);
        let longest = options.record_bytes.max(reach);
        if left == 0 {
            return Ok(Cut::End);
        }
        let at = |length| Cut::At(Unread { opened: self.opened.clone(), offset: start, length });
        loop {
            if left <= reach {
                return Ok(at(left.min(longest)));
            }
            let mut window = WINDOW.min(reach);
            loop {
                let from = reach - window;
                let bytes = Unread { opened: self.opened.clone(), offset: start + from as u64, length: window }.read(Vec::new())?;
                // What is told by bytes before the window is not seen in it.
                let seen = if from == 0 { 0 } else { CONTEXT };
                if let Some(end) = last_end(&bytes).filter(|end| *end > seen) {
                    return Ok(at(from + end));
                }
                if from == 0 {
                    break;
                }
                window = (window * 4).min(reach);
            }
            if reach >= longest {
                return Ok(Cut::TooLong);
            }
            reach = (reach * 2).min(longest);
        }
    }

    /// Bytes from a place on.
    pub fn left(&self, start: u64) -> u64 {
        self.length.saturating_sub(start)
    }

    /// The file from a place on, as a stream.
    pub fn rest(&self, start: u64) -> io::Result<Box<dyn Read + Send>> {
        let mut file = self.opened.file.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        Ok(Box::new(file))
    }
}

impl State {
    fn of(meta: &Metadata) -> State {
        #[cfg(unix)]
        let changed = {
            use std::os::unix::fs::MetadataExt;
            (meta.ctime(), meta.ctime_nsec())
        };
        #[cfg(not(unix))]
        let changed = (0, 0);
        State(meta.len(), meta.modified().ok(), changed)
    }
}

impl Opened {
    /// Is it as it was then?
    fn is_same(&self) -> bool {
        self.file.metadata().is_ok_and(|meta| State::of(&meta) == self.state)
    }
}

impl Bytes {
    /// Were they the same all the time? If not, what was made of them means nothing.
    pub fn are_the_same(&self) -> bool {
        match self {
            Bytes::Read(_) => true,
            Bytes::InPlace(found) => found.part.is_whole() && found.opened.is_same(),
        }
    }

    /// Memory of one's own that has them.
    pub fn into_vec(self) -> Vec<u8> {
        match self {
            Bytes::Read(bytes) => bytes,
            Bytes::InPlace(found) => found.part.to_vec(),
        }
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Bytes::Read(Vec::new())
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Read(bytes) => bytes,
            Bytes::InPlace(found) => &found.part,
        }
    }
}

impl Unread {
    /// The bytes where the system holds them, which takes less time than to copy them; `None` where it does not, or where somebody may be writing.
    pub fn in_place(&self) -> Option<Bytes> {
        let opened = &*self.opened;
        if !opened.settled || !opened.is_same() {
            return None;
        }
        let all = || Mapped::new(&opened.file, usize::try_from(opened.state.0).ok()?).map(Arc::new);
        let mapped = opened.mapped.get_or_init(all).as_ref()?;
        let start = usize::try_from(self.offset).ok()?;
        let part = mapped.part(&opened.file, start..start.checked_add(self.length)?)?;
        Some(Bytes::InPlace(InPlace { part, opened: self.opened.clone() }))
    }

    /// The bytes, in place of what the buffer holds.
    pub fn read(&self, mut buffer: Vec<u8>) -> io::Result<Vec<u8>> {
        match buffer.capacity() < self.length {
            // Chunks differ a little in length: one buffer is to do for all. The end of one is less, and read for each anew.
            true => {
                let room = if self.length < ROOM { self.length } else { self.length.next_multiple_of(ROOM) };
                buffer = vec![0; room];
                buffer.truncate(self.length);
            }
            false => buffer.resize(self.length, 0),
        }
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|r| !r.is_empty()) {
            match read_at(&self.opened.file, rest, self.offset + done as u64) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        buffer.truncate(done);
        Ok(buffer)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths of the chunks of a file of lines.
    fn cuts(text: &str, chunk_bytes: usize, record_bytes: usize) -> Vec<usize> {
        cut(text, &ReadOptions { chunk_bytes, record_bytes, ..ReadOptions::default() })
    }

    fn cut(text: &str, options: &ReadOptions) -> Vec<usize> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, text).unwrap();
        let plain = Plain::open(&path).unwrap();
        let (mut start, mut lengths) = (0, Vec::new());
        loop {
            match plain.cut(start, options, |b| memchr::memrchr(b'\n', b).map(|i| i + 1)).unwrap() {
                Cut::At(unread) => {
                    assert_eq!(unread.read(vec![7; 3]).unwrap(), text.as_bytes()[start as usize..start as usize + unread.length]);
                    start += unread.length as u64;
                    lengths.push(unread.length);
                }
                Cut::End => return lengths,
                Cut::TooLong => return [lengths, vec![0]].concat(),
            }
        }
    }

    #[test]
    fn chunks_end_with_a_record() {
        let line = |n: usize| "x".repeat(n) + "\n";
        assert_eq!(cuts(&line(3), 100, 100), [4]);
        assert_eq!(cuts(&(line(3) + &line(3) + &line(20) + "end"), 10, 100), [8, 24]);
        assert_eq!(cuts(&(line(40_000) + &line(40_000) + &line(9)), 80_005, 100_000), [80_002, 10]);
        assert_eq!(cuts(&(line(3) + &line(500)), 10, 100), [4, 0], "too long");
    }

    #[test]
    fn the_first_and_the_last_chunks_are_smaller() {
        let options = ReadOptions { chunk_bytes: 80, outer_bytes: 10, ..ReadOptions::default() };
        assert_eq!(cut(&"x\n".repeat(200), &options), [10, 10, 20, 40, 80, 60, 44, 34, 24, 18, 14, 10, 10, 10, 10, 6]);
        assert_eq!(cut(&"x\n".repeat(9), &options), [10, 8]);
    }

    #[test]
    fn what_has_no_length_is_no_plain_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(Plain::open(file.path()).is_none() && Plain::open(Path::new("no such file")).is_none());
    }
}
