//! How large the pieces are in which the system gives memory.
//!
//! Large pages make much memory quicker to read. A short query touches little, and is done before the system has found and cleared
//! pages of megabytes for it: where other programs left memory in small pieces, that takes a tenth of its time.

#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Who has touched so many bytes will touch more.
pub const MUCH: usize = 56 << 20;

#[cfg(target_os = "linux")]
static SMALL: AtomicBool = AtomicBool::new(false);

/// The program begins: memory comes in small pages.
pub fn small() {
    #[cfg(target_os = "linux")]
    SMALL.store(rustix::thread::disable_transparent_huge_pages(true).is_ok(), Relaxed);
}

/// Much memory is to come: in large pages, where the system has them.
pub fn large() {
    #[cfg(target_os = "linux")]
    if SMALL.swap(false, Relaxed) {
        // Where that fails, all goes on in small ones.
        let _ = rustix::thread::disable_transparent_huge_pages(false);
    }
}
