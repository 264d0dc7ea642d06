//! Time as the language sees it: zones, formats, relative modifiers, spans, timestamps in event text and durations.
//!
//! An instant is an `f64` of seconds since 1970-01-01 UTC. Microseconds are what is kept of it: every function rounds to
//! whole microseconds first. Instants outside the years 1 to 9999, and those that are no number, have no civil time: each
//! function says what it gives then, none of them panics.

pub mod civil;
pub mod duration;
mod format;
mod iso;
pub mod modifier;
pub mod span;
pub mod stamp;
pub mod strftime;
pub mod strptime;
pub mod unit;
pub mod zone;

pub use duration::{duration, mstime, parse_duration};
pub use modifier::{FORMS, Modifier, ModifierError};
pub use span::Span;
pub use strftime::{Format, strftime};
pub use strptime::{Pattern, strptime};
pub use unit::Unit;
pub use zone::Zone;

/// The present, epoch seconds.
pub fn clock() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
}
