//! Paths of `spath` into JSON and XML: `a.b{}.c{0}`, `book{2}{@id}`.

/// One step of an `spath` path.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Step {
    Key(String),
    /// As written: JSON counts from 0, XML from 1.
    Index(i64),
    /// `{}`: every element; what is no array stands for itself.
    Every,
    /// `{@name}`.
    Attribute(String),
}

/// Steps of the longest path.
const MAX_STEPS: usize = 100;

/// The steps of an `spath` path such as `a.b{}.c{0}` or `book{2}{@id}`. Errors: a sentence about what is wrong.
pub fn steps(path: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('{') {
            let (index, after) = inside.split_once('}').ok_or("a `{` is never closed")?;
            steps.push(match (index.trim(), index.trim().strip_prefix('@')) {
                ("", _) => Step::Every,
                (_, Some("")) => return Err("`{@}` names no attribute".into()),
                (_, Some(name)) => Step::Attribute(name.to_string()),
                (number, None) => Step::Index(number.parse().map_err(|_| format!("`{{{number}}}` holds no number and no `@attribute`"))?),
            });
            if !after.is_empty() && !after.starts_with(['.', '{']) {
                return Err(format!("`{after}` must begin with `.` or `{{`"));
            }
            rest = after.strip_prefix('.').unwrap_or(after);
            if rest.is_empty() && after.starts_with('.') {
                return Err("a name must follow the last `.`".into());
            }
        } else {
            let end = rest.find(['.', '{']).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            if key.is_empty() || after == "." {
                return Err("a name is missing next to a `.`".into());
            }
            steps.push(Step::Key(key.to_string()));
            rest = after.strip_prefix('.').unwrap_or(after);
        }
        if steps.len() > MAX_STEPS {
            return Err(format!("it has more than {MAX_STEPS} steps"));
        }
    }
    if steps.is_empty() { Err("it is empty".into()) } else { Ok(steps) }
}

/// The place in a list that an index means, counted from `base`; negative from the end.
pub fn place(index: i64, base: i64, len: usize) -> Option<usize> {
    match index {
        i if i < 0 => len.checked_sub(usize::try_from(i.unsigned_abs()).ok()?),
        i => usize::try_from(i.checked_sub(base)?).ok().filter(|i| *i < len),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cut_into_steps() {
        use Step::{Attribute, Every, Index, Key};
        let key = |k: &str| Key(k.into());
        for (path, want) in [
            ("a.b{}.c d", vec![key("a"), key("b"), Every, key("c d")]),
            ("{0}{-1}", vec![Index(0), Index(-1)]),
            ("book{2}{@id}", vec![key("book"), Index(2), Attribute("id".into())]),
            ("{}.a-b:c", vec![Every, key("a-b:c")]),
        ] {
            assert_eq!(steps(path), Ok(want), "{path}");
        }
        for bad in ["", ".", "a..b", "a.", ".a", "a{", "a{x}", "a{0}b", "a{@}", "a{}.", &"a.".repeat(500)] {
            assert!(steps(bad).is_err(), "{bad:.10}");
        }
    }
}
