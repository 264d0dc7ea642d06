//! spl
pub mod time;
