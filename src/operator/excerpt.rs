//! abstract: the lines of a text that say most of what was searched for.

use crate::plan::Excerpt;

/// The best lines, in their order; one behind a gap begins with `...`. A line counts by the terms in it, four times, and by those in the lines
/// beside it, so that what is around a hit comes with it; of lines that are as good the first ones stay. `None` where there are no more lines than may stay.
pub fn excerpt(text: &str, how: &Excerpt) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() <= how.lines {
        return None;
    }
    let terms: Vec<usize> = lines
        .iter()
        .map(|line| {
            let line = line.to_lowercase();
            how.terms.iter().filter(|term| line.contains(term.as_str())).count()
        })
        .collect();
    let beside = |i: usize| terms.get(i).copied().unwrap_or_default();
    let score = |i: usize| 4 * beside(i) + i.checked_sub(1).map_or(0, beside) + beside(i + 1);
    let mut best: Vec<usize> = (0..lines.len()).collect();
    best.sort_by_key(|i| std::cmp::Reverse(score(*i)));
    best.truncate(how.lines);
    best.sort_unstable();
    let mut out = String::new();
    let mut last = None;
    for i in best {
        if let Some(last) = last {
            out.push('\n');
            if last + 1 < i {
                out.push_str("...");
            }
        }
        out.push_str(lines.get(i).unwrap_or(&""));
        last = Some(i);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_and_what_is_around_them_stay() {
        let text = "a\nb\nc\nneedle one\ne\nf\ng\nneedle two TWO\ni";
        let of = |terms: &[&str], lines: usize| excerpt(text, &Excerpt { terms: terms.iter().map(|t| t.to_string()).collect(), lines });
        for (terms, lines, want) in [
            (&[][..], 2, "a\nb"),
            (&["needle"], 2, "needle one\n...needle two TWO"),
            (&["needle", "two"], 1, "needle two TWO"),
            (&["needle"], 4, "c\nneedle one\ne\n...needle two TWO"),
            (&["needle", "two"], 3, "needle one\n...g\nneedle two TWO"),
            (&["none"], 9, ""),
        ] {
            assert_eq!(of(terms, lines).unwrap_or_default(), want, "{terms:?} {lines}");
        }
    }
}
