//! Plain files: chunks are found by looking at their ends alone, and read at their place in the file by whoever parses them.

use super::ReadOptions;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// Bytes before the end of a chunk that are looked at first.
const WINDOW: usize = 16 << 10;

/// Buffers are made in multiples of so many bytes.
const ROOM: usize = 1 << 20;

/// A boundary may be told by that many bytes before it.
const CONTEXT: usize = 64;

/// A regular file.
#[derive(Debug)]
pub struct Plain {
    file: Arc<File>,
    length: u64,
}

/// Bytes of a file that nobody has read yet.
#[derive(Clone, Debug)]
pub struct Unread {
    file: Arc<File>,
    offset: u64,
    pub length: usize,
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
        let meta = file.metadata().ok().filter(|m| m.is_file())?;
        Some(Plain { file: Arc::new(file), length: meta.len() })
    }

    /// The chunk that begins at `start`: up to the last end of a record within the size of a chunk, or the first one behind it.
    pub fn cut(&self, start: u64, options: &ReadOptions, last_end: impl Fn(&[u8]) -> Option<usize>) -> io::Result<Cut> {
        let mut reach = options.chunk_bytes;
        let longest = options.record_bytes.max(reach);
        let left = usize::try_from(self.left(start)).unwrap_or(usize::MAX);
        if left == 0 {
            return Ok(Cut::End);
        }
        let at = |length| Cut::At(Unread { file: self.file.clone(), offset: start, length });
        loop {
            if left <= reach {
                return Ok(at(left.min(longest)));
            }
            let mut window = WINDOW.min(reach);
            loop {
                let from = reach - window;
                let bytes = Unread { file: self.file.clone(), offset: start + from as u64, length: window }.read(Vec::new())?;
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
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        Ok(Box::new(file))
    }
}

impl Unread {
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
            match read_at(&self.file, rest, self.offset + done as u64) {
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
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, text).unwrap();
        let plain = Plain::open(&path).unwrap();
        let (mut start, mut lengths) = (0, Vec::new());
        loop {
            match plain.cut(start, &ReadOptions { chunk_bytes, record_bytes }, |b| memchr::memrchr(b'\n', b).map(|i| i + 1)).unwrap() {
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
        assert_eq!(cuts("", 10, 100), [0; 0]);
        assert_eq!(cuts(&line(3), 100, 100), [4]);
        assert_eq!(cuts(&(line(3) + &line(3) + &line(20) + "end"), 10, 100), [8, 24]);
        assert_eq!(cuts(&(line(40_000) + &line(40_000) + &line(9)), 80_005, 100_000), [80_002, 10]);
        assert_eq!(cuts(&(line(3) + &line(500)), 10, 100), [4, 0], "too long");
    }
}
