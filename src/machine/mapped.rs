//! A file as memory: its bytes are read where the system holds them, without a copy.
//!
//! Others may cut the file short meanwhile. To read what is no more ends a program (`SIGBUS`); here zeros stand in its place, and
//! [`Part::is_whole`] tells. As others may write to the file as well, nobody relies on what was read so before having asked whether the
//! file is still the same.

use rustix::io::{Errno, ReadWriteFlags, preadv2};
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap, mmap_anonymous, munmap};
use rustix::param::page_size;
use std::ffi::{c_int, c_void};
use std::fs::File;
use std::io::IoSliceMut;
use std::ops::{Deref, Range};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};

/// So many files are memory at a time.
const MOST: usize = 256;

/// Pages may lie in one of so many bytes, which would have to be taken apart to give up some of it.
const LARGE: usize = 2 << 20;

/// A file that is memory.
#[derive(Debug)]
pub struct Mapped {
    start: *mut c_void,
    length: usize,
    claim: &'static Claim,
}

// SAFETY: it is only read, and goes when nobody has it any more.
unsafe impl Send for Mapped {}
// SAFETY: as above.
unsafe impl Sync for Mapped {}

/// Bytes of it. While these are there, their pages count as the program's.
#[derive(Debug)]
pub struct Part {
    whole: Arc<Mapped>,
    range: Range<usize>,
}

/// Addresses that a file takes up.
#[derive(Debug)]
struct Claim {
    taken: AtomicBool,
    start: AtomicUsize,
    end: AtomicUsize,
    /// Some of it was no more.
    torn: AtomicBool,
}

static CLAIMS: [Claim; MOST] = [const { Claim::new() }; MOST];

/// What was done before about reading what is no more.
static FORMER: OnceLock<libc::sigaction> = OnceLock::new();

/// Is it known what to do about it now?
static READY: OnceLock<bool> = OnceLock::new();

impl Mapped {
    /// The first so many bytes of a file; `None` where the system cannot give them so.
    pub fn new(file: &File, length: usize) -> Option<Mapped> {
        if length == 0 || !*READY.get_or_init(prepare) {
            return None;
        }
        let claim = CLAIMS.iter().find(|c| c.taken.compare_exchange(false, true, SeqCst, SeqCst).is_ok())?;
        // SAFETY: the system chooses addresses that nothing else has.
        match unsafe { mmap(ptr::null_mut(), length, ProtFlags::READ, MapFlags::SHARED, file, 0) } {
            Ok(pages) => {
                let start = pages.expose_provenance();
                claim.torn.store(false, SeqCst);
                claim.end.store(start + length.next_multiple_of(page_size()), SeqCst);
                claim.start.store(start, SeqCst);
                Some(Mapped { start: pages, length, claim })
            }
            Err(_) => {
                claim.taken.store(false, SeqCst);
                None
            }
        }
    }

    /// Some of its bytes, where the system has those of the file in memory.
    pub fn part(self: &Arc<Self>, file: &File, range: Range<usize>) -> Option<Part> {
        let Range { start, end } = range;
        if start >= end || end > self.length || !is_held(file, (start + (end - start) / 2) as u64) {
            return None;
        }
        let part = Part { whole: self.clone(), range };
        match part.advise(start - start % page_size()..end, Advice::LinuxPopulateRead) {
            // An older system brings them when they are read.
            Ok(()) | Err(Errno::INVAL) => Some(part),
            Err(_) => None,
        }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // From here on the addresses mean nothing to who is asked about them.
        self.claim.start.store(0, SeqCst);
        self.claim.end.store(0, SeqCst);
        // SAFETY: they were given for this, and nobody reads them any more.
        if unsafe { munmap(self.start, self.length) }.is_ok() {
            self.claim.taken.store(false, SeqCst);
        }
    }
}

impl Part {
    /// Was all that was read of the file so there?
    pub fn is_whole(&self) -> bool {
        !self.whole.claim.torn.load(SeqCst)
    }

    /// Says of some pages what will become of them.
    fn advise(&self, range: Range<usize>, advice: Advice) -> Result<(), Errno> {
        // SAFETY: the pages are there, and stay what they are: who reads them, as one may be that of two parts, gets them from the file.
        unsafe { madvise(self.whole.start.cast::<u8>().add(range.start).cast(), range.len(), advice) }
    }
}

impl Deref for Part {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: so many bytes can be read there for as long as this lives; where the file ends before, they are made to.
        unsafe { std::slice::from_raw_parts(self.whole.start.cast::<u8>().add(self.range.start), self.range.len()) }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let Range { start, end } = self.range;
        let over = |place: usize| (self.whole.start.addr() + place) % LARGE;
        let whole = start.saturating_sub(over(start))..(end + LARGE - over(end)).min(self.whole.length);
        let _ = self.advise(whole, Advice::LinuxDontNeed);
    }
}

impl Claim {
    const fn new() -> Claim {
        Claim { taken: AtomicBool::new(false), start: AtomicUsize::new(0), end: AtomicUsize::new(0), torn: AtomicBool::new(false) }
    }
}

/// Has the system a byte of a file in memory?
fn is_held(file: &File, offset: u64) -> bool {
    let mut byte = [0];
    loop {
        match preadv2(file, &mut [IoSliceMut::new(&mut byte)], offset, ReadWriteFlags::NOWAIT) {
            Err(Errno::INTR) => {}
            read => return read == Ok(1),
        }
    }
}

/// Sees to it that reading what is no more ends nothing.
fn prepare() -> bool {
    // SAFETY: all zeros are a value of this type, whose fields are set as the system wants them.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_missing as extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigemptyset(&raw mut action.sa_mask);
        let mut former: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGBUS, &raw const action, &raw mut former) == 0 && FORMER.set(former).is_ok()
    }
}

/// A thread reads what is no more. Does only what is allowed while it is interrupted: it looks at numbers, and calls the system.
extern "C" fn on_missing(signal: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: the system says of this signal at which address it was.
    let address = unsafe { (*info).si_addr() }.addr();
    let claim = CLAIMS.iter().find(|c| (c.start.load(SeqCst)..c.end.load(SeqCst)).contains(&address));
    if let Some(claim) = claim {
        claim.torn.store(true, SeqCst);
        let page = address - address % page_size();
        let left = claim.end.load(SeqCst) - page;
        let flags = MapFlags::PRIVATE | MapFlags::FIXED;
        // SAFETY: these pages are what the claim stands for. It stays while they are read, which the thread does that is here.
        if unsafe { mmap_anonymous(ptr::with_exposed_provenance_mut(page), left, ProtFlags::READ, flags) }.is_ok() {
            return;
        }
    }
    // It is for others: what was done before about it is done when it happens again at once.
    if let Some(former) = FORMER.get() {
        // SAFETY: the system gave this.
        unsafe { libc::sigaction(signal, former, ptr::null_mut()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// A file of numbered bytes, as memory. Not every file system can tell what it holds.
    fn numbered(length: usize) -> Option<(File, Arc<Mapped>)> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&(0..length).map(|i| (i % 251) as u8).collect::<Vec<_>>()).unwrap();
        let mapped = Arc::new(Mapped::new(&file, length)?);
        mapped.part(&file, 0..length)?;
        Some((file, mapped))
    }

    #[test]
    fn parts_are_what_stands_there() {
        let Some((file, mapped)) = numbered(100_000) else { return };
        for range in [0..100_000, 0..1, 4095..4097, 4096..8192, 50_001..100_000] {
            let part = mapped.part(&file, range.clone()).unwrap();
            let other = mapped.part(&file, 4000..range.end.max(5000)).unwrap();
            drop(other);
            assert!(part.iter().zip(range.clone()).all(|(b, i)| *b == (i % 251) as u8) && part.len() == range.len());
            assert!(part.is_whole());
        }
        assert!(mapped.part(&file, 7..7).is_none() && mapped.part(&file, 99_999..100_001).is_none() && Mapped::new(&file, 0).is_none());
    }

    #[test]
    fn what_is_cut_off_is_told() {
        let Some((file, mapped)) = numbered(100_000) else { return };
        let Some((other_file, other)) = numbered(100_000) else { return };
        let part = mapped.part(&file, 5_000..95_000).unwrap();
        file.set_len(10_000).unwrap();
        assert!(part.iter().skip(15_000).all(|b| *b == 0));
        assert!(!part.is_whole());
        assert!(mapped.part(&file, 20_000..30_000).is_none(), "not in memory");
        let other = other.part(&other_file, 50_000..60_000).unwrap();
        assert!(other.is_whole() && other.iter().any(|b| *b != 0));
    }
}
