//! A file as memory: its bytes are read where the system holds them, without a copy.
//!
//! Others may cut the file short meanwhile. To read what is no more ends a program (`SIGBUS`); here zeros stand in its place, and
//! [`Part::is_whole`] tells. As others may write to the file as well, nobody relies on what was read so before having asked whether the
//! file is still the same.
//!
//! The first file that becomes memory installs a handler of that signal for the whole process; what is not of such a file goes to
//! whoever handled it before.

use rustix::io::{Errno, ReadWriteFlags, preadv2};
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap, mmap_anonymous, munmap};
use rustix::param::page_size;
use std::ffi::{c_int, c_void};
use std::fs::File;
use std::io::IoSliceMut;
use std::ops::{Deref, Range};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
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

/// Pages that a file takes up, and whether some of it was no more.
#[derive(Debug)]
struct Claim {
    /// The number of the first page, and behind it how many there are, in so many bits: who asks sees both at once. No pages where nobody has it.
    pages: AtomicU64,
    torn: AtomicBool,
}

/// A file has fewer than two to the power of so many pages.
const COUNT: u32 = 28;

/// Somebody has the claim, and no pages yet.
const TAKEN: u64 = 1 << COUNT;

static CLAIMS: [Claim; MOST] = [const { Claim { pages: AtomicU64::new(0), torn: AtomicBool::new(false) } }; MOST];

/// What is done about reading what is no more, and what was before.
static ACTIONS: OnceLock<Actions> = OnceLock::new();

struct Actions {
    ours: libc::sigaction,
    former: libc::sigaction,
}

/// Is it known what to do about it now?
static READY: OnceLock<bool> = OnceLock::new();

impl Mapped {
    /// The first so many bytes of a file; `None` where the system cannot give them so.
    pub fn new(file: &File, length: usize) -> Option<Mapped> {
        if length == 0 || !*READY.get_or_init(prepare) {
            return None;
        }
        let count = length.div_ceil(page_size()) as u64;
        let claim = CLAIMS.iter().find(|c| count < TAKEN && c.pages.compare_exchange(0, TAKEN, SeqCst, SeqCst).is_ok())?;
        claim.torn.store(false, SeqCst);
        // SAFETY: the system chooses addresses that nothing else has.
        let pages = unsafe { mmap(ptr::null_mut(), length, ProtFlags::READ, MapFlags::SHARED, file, 0) };
        let Ok(start) = pages else {
            claim.pages.store(0, SeqCst);
            return None;
        };
        let mapped = Mapped { start, length, claim };
        let first = (start.expose_provenance() / page_size()) as u64;
        // Where addresses are longer than any system's are today, it does without.
        if first >> (u64::BITS - COUNT) != 0 {
            return None;
        }
        claim.pages.store(first << COUNT | count, SeqCst);
        Some(mapped)
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
        self.claim.pages.store(TAKEN, SeqCst);
        // SAFETY: they were given for this, and nobody reads them any more.
        if unsafe { munmap(self.start, self.length) }.is_ok() {
            self.claim.pages.store(0, SeqCst);
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
    /// The bytes from an address up to the end of what it stands for, where it stands for that.
    fn from(&self, address: usize) -> Option<usize> {
        let pages = self.pages.load(SeqCst);
        let (first, count) = (pages >> COUNT, pages % TAKEN);
        let page = (address / page_size()) as u64;
        (first..first + count).contains(&page).then(|| (first + count - page) as usize * page_size())
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
        let mut ours: libc::sigaction = std::mem::zeroed();
        ours.sa_sigaction = on_missing as extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) as usize;
        ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigemptyset(&raw mut ours.sa_mask);
        let mut former: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGBUS, ptr::null(), &raw mut former) == 0
            && ACTIONS.set(Actions { ours, former }).is_ok()
            && libc::sigaction(libc::SIGBUS, &raw const ours, ptr::null_mut()) == 0
    }
}

/// A thread reads what is no more. Does only what is allowed while it is interrupted: it looks at numbers, and calls the system.
extern "C" fn on_missing(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the system gives this with the signal.
    let sent = unsafe { (*info).si_code } <= 0;
    if !sent {
        // SAFETY: it was not sent by a program, so that it has the address at which it was.
        let address = unsafe { (*info).si_addr() }.addr();
        if let Some((claim, left)) = CLAIMS.iter().find_map(|c| Some((c, c.from(address)?))) {
            claim.torn.store(true, SeqCst);
            let page = ptr::with_exposed_provenance_mut(address - address % page_size());
            // SAFETY: these pages are what the claim stands for. It stays while they are read, which the thread does that is here.
            if unsafe { mmap_anonymous(page, left, ProtFlags::READ, MapFlags::PRIVATE | MapFlags::FIXED) }.is_ok() {
                return;
            }
        }
    }
    if let Some(actions) = ACTIONS.get() {
        // SAFETY: this is what the system called us with.
        unsafe { actions.as_before(sent, signal, info, context) };
    }
}

impl Actions {
    /// Does what would have been done about a signal that is for others.
    ///
    /// # Safety
    ///
    /// The arguments are those of a handler that the system has called.
    unsafe fn as_before(&self, sent: bool, signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
        let handler = self.former.sa_sigaction;
        if handler == libc::SIG_IGN && sent {
            return;
        }
        // SAFETY: the system told of this action, whose handler takes what its flags say.
        unsafe {
            if handler == libc::SIG_DFL || handler == libc::SIG_IGN {
                // What was read is read again at once, and what was sent is sent again: then the system does it.
                libc::sigaction(signal, &raw const self.former, ptr::null_mut());
                if sent {
                    libc::raise(signal);
                }
                return;
            }
            match self.former.sa_flags & libc::SA_SIGINFO {
                0 => std::mem::transmute::<usize, extern "C" fn(c_int)>(handler)(signal),
                _ => std::mem::transmute::<usize, extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void)>(handler)(signal, info, context),
            }
            // It may have put the system's own action in place, for what is read again at once. A signal that was sent is over.
            if sent {
                libc::sigaction(signal, &raw const self.ours, ptr::null_mut());
            }
        }
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

    #[test]
    fn files_come_and_go_while_others_are_cut_off() {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut file = tempfile::tempfile().unwrap();
                    file.write_all(&[1; 4096]).unwrap();
                    while !stop.load(SeqCst) {
                        drop(Mapped::new(&file, 4096));
                    }
                });
            }
            for _ in 0..100 {
                let Some((file, mapped)) = numbered(1 << 20) else { break };
                let part = mapped.part(&file, 0..1 << 20).unwrap();
                file.set_len(0).unwrap();
                assert!(part.iter().all(|b| *b == 0) && !part.is_whole());
            }
            stop.store(true, SeqCst);
        });
    }

    #[test]
    fn a_signal_that_was_sent_changes_nothing() {
        let Some((file, mapped)) = numbered(100_000) else { return };
        let part = mapped.part(&file, 0..100_000).unwrap();
        // SAFETY: the handler that was there before is the one of Rust's own runtime, which goes on.
        unsafe { libc::raise(libc::SIGBUS) };
        assert!(part.is_whole());
        file.set_len(0).unwrap();
        assert!(part.iter().all(|b| *b == 0) && !part.is_whole());
    }
}
