#![forbid(unsafe_code)]
//! spl

pub mod aggregate;
pub mod card;
pub mod column;
pub mod diagnostic;
pub mod function;
pub mod knowledge;
pub mod regex;
pub mod time;
pub mod wildcard;
