//! diff: the difference of two rows' texts, line by line.

use crate::column::{Batch, Column, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::reshape::Diff;
use std::fmt::Write;

/// Lines around a change that are shown.
const AROUND: usize = 3;
/// Pairs of lines that are compared at most; texts that differ in more are shown as replaced.
const PAIRS: usize = 4_000_000;

/// One row whose `_raw` is the difference. A row that is not there is an empty text.
pub fn diff(rows: &Batch, how: &Diff, cx: &Context) -> Result<Batch, Diagnostic> {
    let text = |position: u64| {
        let row = usize::try_from(position).ok().and_then(|p| p.checked_sub(1)).unwrap_or(usize::MAX);
        let mut text = if row < rows.len() { rows.value(&how.attribute, row).as_text().unwrap_or_default().into_owned() } else { String::new() };
        let most = usize::try_from(how.most).unwrap_or(usize::MAX);
        if how.most > 0 && text.len() > most {
            text.truncate(text.floor_char_boundary(most));
        }
        text
    };
    let (first, second) = (text(how.first), text(how.second));
    let (a, b): (Vec<&str>, Vec<&str>) = (first.lines().collect(), second.lines().collect());
    let out = match a == b {
        true => "Results are the Same".to_string(),
        false => shown(&a, &b, &edits(&a, &b, cx)?, how),
    };
    let mut result = Batch::new(1);
    result.set("_raw", Column::Const(Value::owned(out), 1));
    Ok(result)
}

/// A line of both, of the first, or of the second, with the places in the two before it.
#[derive(Clone, Copy, PartialEq)]
enum Edit {
    Same(usize, usize),
    Gone(usize, usize),
    New(usize, usize),
}

/// The shortest way from one text to the other, by the longest common subsequence of what lies between equal ends.
fn edits(a: &[&str], b: &[&str], cx: &Context) -> Result<Vec<Edit>, Diagnostic> {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let rest = (a.len() - start).min(b.len() - start);
    let end = a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(x, y)| x == y).count();
    let (x, y) = (a.get(start..a.len() - end).unwrap_or_default(), b.get(start..b.len() - end).unwrap_or_default());
    let mut out: Vec<Edit> = (0..start).map(|i| Edit::Same(i, i)).collect();
    let width = y.len() + 1;
    if x.len().saturating_mul(y.len()) <= PAIRS {
        // Lengths of the common subsequences of all ends.
        let mut lengths = vec![0u32; (x.len() + 1) * width];
        cx.memory.fits(lengths.len() * 4)?;
        let at = |lengths: &[u32], i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or_default();
        for (i, line) in x.iter().enumerate().rev() {
            cx.check()?;
            for (j, other) in y.iter().enumerate().rev() {
                let best = if line == other { at(&lengths, i + 1, j + 1) + 1 } else { at(&lengths, i + 1, j).max(at(&lengths, i, j + 1)) };
                lengths.get_mut(i * width + j).into_iter().for_each(|l| *l = best);
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < x.len() || j < y.len() {
            let (p, q) = (start + i, start + j);
            if i < x.len() && j < y.len() && x.get(i) == y.get(j) {
                out.push(Edit::Same(p, q));
                (i, j) = (i + 1, j + 1);
            } else if j >= y.len() || i < x.len() && at(&lengths, i + 1, j) >= at(&lengths, i, j + 1) {
                out.push(Edit::Gone(p, q));
                i += 1;
            } else {
                out.push(Edit::New(p, q));
                j += 1;
            }
        }
    } else {
        out.extend((0..x.len()).map(|i| Edit::Gone(start + i, start)));
        out.extend((0..y.len()).map(|j| Edit::New(start + x.len(), start + j)));
    }
    out.extend((0..end).map(|n| Edit::Same(a.len() - end + n, b.len() - end + n)));
    Ok(out)
}

/// Hunks of changes with the lines around them.
fn shown(a: &[&str], b: &[&str], edits: &[Edit], how: &Diff) -> String {
    let changed: Vec<usize> = (0..edits.len()).filter(|&i| !matches!(edits.get(i), Some(Edit::Same(..)))).collect();
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    for &i in &changed {
        let (from, to) = (i.saturating_sub(AROUND), (i + AROUND + 1).min(edits.len()));
        match hunks.last_mut() {
            Some(last) if from <= last.1 => last.1 = to,
            _ => hunks.push((from, to)),
        }
    }
    let mut out = String::new();
    if how.header {
        let (old, new) = if how.context { ("***", "---") } else { ("---", "+++") };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{old} {}\n{new} {}", how.first, how.second);
    }
    for (from, to) in hunks {
        hunk(a, b, edits.get(from..to).unwrap_or_default(), how.context, &mut out);
    }
    out.trim_end_matches('\n').to_string()
}

fn hunk(a: &[&str], b: &[&str], edits: &[Edit], context: bool, out: &mut String) {
    let old = edits.iter().filter(|e| !matches!(e, Edit::New(..))).count();
    let new = edits.iter().filter(|e| !matches!(e, Edit::Gone(..))).count();
    let (i, j) = edits.first().map_or((0, 0), |e| match *e {
        Edit::Same(i, j) | Edit::Gone(i, j) | Edit::New(i, j) => (i, j),
    });
    let line = |side: &[&str], n: usize| side.get(n).copied().unwrap_or_default().to_string();
    if !context {
        let place = |at: usize, n: usize| match n {
            0 => format!("{at},0"),
            1 => format!("{}", at + 1),
            _ => format!("{},{n}", at + 1),
        };
        let _ = writeln!(out, "@@ -{} +{} @@", place(i, old), place(j, new));
        for edit in edits {
            let (mark, text) = match *edit {
                Edit::Same(i, _) => (' ', line(a, i)),
                Edit::Gone(i, _) => ('-', line(a, i)),
                Edit::New(_, j) => ('+', line(b, j)),
            };
            let _ = writeln!(out, "{mark}{text}");
        }
        return;
    }
    let place = |at: usize, n: usize| if n > 1 { format!("{},{}", at + 1, at + n) } else { format!("{}", at + n) };
    // A line that is changed, not only gone or new, has lines of the other kind beside it.
    let mixed: Vec<bool> = edits
        .chunk_by(|a, b| matches!(a, Edit::Same(..)) == matches!(b, Edit::Same(..)))
        .flat_map(|run| {
            let both = run.iter().any(|e| matches!(e, Edit::Gone(..))) && run.iter().any(|e| matches!(e, Edit::New(..)));
            run.iter().map(move |_| both)
        })
        .collect();
    let _ = writeln!(out, "***************\n*** {} ****", place(i, old));
    if edits.iter().any(|e| matches!(e, Edit::Gone(..))) {
        for (edit, changed) in edits.iter().zip(&mixed) {
            let _ = match *edit {
                Edit::Same(i, _) => writeln!(out, "  {}", line(a, i)),
                Edit::Gone(i, _) => writeln!(out, "{} {}", if *changed { '!' } else { '-' }, line(a, i)),
                Edit::New(..) => Ok(()),
            };
        }
    }
    let _ = writeln!(out, "--- {} ----", place(j, new));
    if edits.iter().any(|e| matches!(e, Edit::New(..))) {
        for (edit, changed) in edits.iter().zip(&mixed) {
            let _ = match *edit {
                Edit::Same(_, j) => writeln!(out, "  {}", line(b, j)),
                Edit::New(_, j) => writeln!(out, "{} {}", if *changed { '!' } else { '+' }, line(b, j)),
                Edit::Gone(..) => Ok(()),
            };
        }
    }
}
