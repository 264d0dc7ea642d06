//! "Did you mean": the nearest known word, within a cutoff.

/// The candidate nearest to a word, if it is near enough to be a slip: a third of the word's length, at most 3 edits.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let cutoff = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|c| (distance(&word, &c.to_lowercase(), cutoff), c))
        .filter(|(d, _)| *d <= cutoff)
        .min_by_key(|(d, c)| (*d, c.len()))
        .map(|(_, c)| c)
}

/// The sentence for a help line, where something is near enough.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|c| format!("Did you mean `{c}`?"))
}

/// Edit distance with transpositions (optimal string alignment); anything above `cutoff` is reported as `cutoff + 1`.
fn distance(a: &str, b: &str, cutoff: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > cutoff || a.len() > 64 {
        return cutoff + 1;
    }
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut d = (rows[i][j] + usize::from(x != y)).min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                d = d.min(rows[i - 1][j - 1] + 1);
            }
            row.push(d);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()].min(cutoff + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_slips_and_nothing_else() {
        let words = ["stats", "eventstats", "rename", "regex", "rex"];
        assert_eq!(nearest("stast", words), Some("stats"));
        assert_eq!(nearest("RENMAE", words), Some("rename"));
        assert_eq!(nearest("select", words), None);
        assert_eq!(nearest("", words), None);
    }
}
