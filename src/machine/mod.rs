//! What the processor and the system offer beyond what the language does: the one place of unsafe code.

#![allow(unsafe_code)]

pub mod lanes;
#[cfg(target_os = "linux")]
pub mod mapped;
#[cfg(not(target_os = "linux"))]
#[path = "unmapped.rs"]
pub mod mapped;
pub mod pages;
