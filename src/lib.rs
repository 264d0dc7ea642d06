#![forbid(unsafe_code)]
//! spl

pub mod aggregate;
pub mod card;
pub mod column;
pub mod diagnostic;
pub mod function;
pub mod input;
pub mod time;
