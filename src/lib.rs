#![forbid(unsafe_code)]
//! spl
pub mod time;
