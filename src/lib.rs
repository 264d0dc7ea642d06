#![forbid(unsafe_code)]
//! spl

pub mod column;
pub mod diagnostic;
