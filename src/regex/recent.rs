//! Expressions that were compiled lately. Rules make the same fields for every query, and a query is asked again with one more stage: to
//! compile its expressions takes longer than all else before the first row.

use ::regex::Regex;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

/// So many are kept.
const KEPT: usize = 32;

/// Only patterns of so many bytes and without counted repetition are kept: they cannot become large.
const SHORT: usize = 128;

static RECENT: Mutex<VecDeque<Regex>> = Mutex::new(VecDeque::new());

/// The compiled pattern, from before or compiled now.
pub fn compiled(pattern: &str, compile: impl FnOnce() -> Result<Regex, ::regex::Error>) -> Result<Regex, ::regex::Error> {
    if pattern.len() > SHORT || pattern.contains('{') {
        return compile();
    }
    let known = {
        let mut recent = recent();
        recent.iter().position(|r| r.as_str() == pattern).and_then(|at| recent.remove(at))
    };
    let regex = known.map_or_else(compile, Ok)?;
    let mut recent = recent();
    recent.truncate(KEPT - 1);
    recent.push_front(regex.clone());
    Ok(regex)
}

fn recent() -> MutexGuard<'static, VecDeque<Regex>> {
    RECENT.lock().unwrap_or_else(|e| e.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_compiled_lately_is_not_compiled_again() {
        let mut compiles = 0;
        let mut get = |pattern: &str| {
            let regex = compiled(pattern, || {
                compiles += 1;
                Regex::new(pattern)
            });
            (regex.map(|r| r.is_match("recent 7")).ok(), compiles)
        };
        assert_eq!(get("^recent (?:7)$"), (Some(true), 1));
        assert_eq!(get("^recent (?:7)$"), (Some(true), 1));
        assert_eq!(get("^recent (?:8"), (None, 2));
        assert_eq!((get("^recent \\d{1,2}$"), get("^recent \\d{1,2}$")), ((Some(true), 3), (Some(true), 4)));
    }
}
