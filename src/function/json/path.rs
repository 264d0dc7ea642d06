//! Paths into JSON: `a.b{0}.c`, `{}` for every element.

/// Steps of the longest path: what a path makes must be readable again.
const MAX_STEPS: usize = 100;

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'p> {
    Key(&'p str),
    /// Counted from 0; negative from the end.
    Index(i64),
    Every,
}

/// The steps of a path, `None` where it is none. An empty path stays where it is.
pub fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for part in path.split('.').filter(|_| !path.is_empty()) {
        let (key, mut braces) = part.split_at(part.find('{').unwrap_or(part.len()));
        if key.is_empty() && braces.is_empty() {
            return None;
        }
        if !key.is_empty() {
            steps.push(Step::Key(key));
        }
        while !braces.is_empty() {
            let (index, rest) = braces.strip_prefix('{')?.split_once('}')?;
            steps.push(if index.is_empty() { Step::Every } else { Step::Index(index.trim().parse().ok()?) });
            braces = rest;
        }
        if steps.len() > MAX_STEPS {
            return None;
        }
    }
    Some(steps)
}

/// The place in a list that an index means.
pub fn place(index: i64, len: usize) -> Option<usize> {
    let back = usize::try_from(index.unsigned_abs()).ok()?;
    if index < 0 { len.checked_sub(back) } else { Some(back) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cut_into_steps() {
        use Step::{Every, Index, Key};
        assert_eq!(steps("a.b{0}{}.c d"), Some(vec![Key("a"), Key("b"), Index(0), Every, Key("c d")]));
        assert_eq!(steps("{-1}"), Some(vec![Index(-1)]));
        assert_eq!(steps(""), Some(vec![]));
        for bad in ["a..b", "a{", "a{x}", "a{0}b", ".", &"a.".repeat(500)] {
            assert_eq!(steps(bad), None, "{bad:.10}");
        }
    }
}
