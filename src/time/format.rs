//! Time formats: `%Y-%m-%d` cut into literal text and variables, for `strftime` and `strptime` alike.

pub(super) const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
pub(super) const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// A variable: its letter, the padding asked for, and for subseconds the number of digits.
    Variable(char, Option<Pad>),
    /// `%3N`, `%6Q`, `%f`: that many digits of the second's fraction.
    Subsecond(usize),
    /// `%z` and its kin: how many colons; [`MINUTES_ONLY`] stands for `%Ez`.
    Offset(u8),
}

/// What fills a number that is shorter than its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pad {
    None,
    Space,
    Zero,
}

/// The mark of `%Ez`, the offset in minutes.
pub(super) const MINUTES_ONLY: u8 = u8::MAX;

/// Splits a format into pieces. Variables that stand for several are written out; those that mean nothing stay as text.
pub(super) fn pieces(format: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    split(format, &mut pieces);
    pieces
}

fn split(format: &str, pieces: &mut Vec<Piece>) {
    let mut rest = format;
    while let Some((text, after)) = rest.split_once('%') {
        push_text(pieces, text);
        rest = match variable(after, pieces) {
            Some(length) => after.get(length..).unwrap_or(""),
            None => {
                push_text(pieces, "%");
                after
            }
        };
    }
    push_text(pieces, rest);
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(before)) => before.push_str(text),
        _ => pieces.push(Piece::Text(text.to_string())),
    }
}

/// Reads the variable that `text` (what follows the percent sign) begins with, and tells its length.
fn variable(text: &str, pieces: &mut Vec<Piece>) -> Option<usize> {
    let mut chars = text.chars();
    let first = chars.next()?;
    let second = chars.next();
    let (pad, letter, length) = match (first, second) {
        ('-', Some(letter)) => (Some(Pad::None), letter, 2),
        ('_', Some(letter)) => (Some(Pad::Space), letter, 2),
        ('0', Some(letter)) => (Some(Pad::Zero), letter, 2),
        ('1'..='9', Some('N' | 'Q' | 'f')) => {
            pieces.push(Piece::Subsecond(first.to_digit(10)? as usize));
            return Some(2);
        }
        ('E', Some('z')) => {
            pieces.push(Piece::Offset(MINUTES_ONLY));
            return Some(2);
        }
        (':', _) => {
            let colons = text.bytes().take_while(|&b| b == b':').count();
            let known = colons <= 3 && text.get(colons..)?.starts_with('z');
            known.then(|| pieces.push(Piece::Offset(colons as u8)))?;
            return Some(colons + 1);
        }
        _ => (None, first, 1),
    };
    match letter {
        'a' | 'A' | 'b' | 'B' | 'C' | 'd' | 'e' | 'g' | 'G' | 'H' | 'I' | 'j' | 'k' | 'l' | 'm' | 'M' | 'p' | 'P' | 's' | 'S' | 'u' | 'U' | 'V' | 'w' | 'W'
        | 'y' | 'Y' | 'Z' => pieces.push(Piece::Variable(letter, pad)),
        'h' => pieces.push(Piece::Variable('b', pad)),
        'N' => pieces.push(Piece::Subsecond(9)),
        'Q' => pieces.push(Piece::Subsecond(3)),
        'f' => pieces.push(Piece::Subsecond(6)),
        'z' => pieces.push(Piece::Offset(0)),
        'c' => split("%a %b %e %H:%M:%S %Y", pieces),
        '+' => split("%a %b %e %H:%M:%S %Z %Y", pieces),
        'x' => split("%m/%d/%Y", pieces),
        'D' => split("%m/%d/%y", pieces),
        'F' => split("%Y-%m-%d", pieces),
        'X' | 'T' => split("%H:%M:%S", pieces),
        'R' => split("%H:%M", pieces),
        'r' => split("%I:%M:%S %p", pieces),
        '%' => push_text(pieces, "%"),
        'n' => push_text(pieces, "\n"),
        't' => push_text(pieces, "\t"),
        _ => return None,
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compounds_are_written_out_and_literals_joined() {
        assert_eq!(pieces("%R"), pieces("%H:%M"));
        assert_eq!(pieces("100%%%L"), [Piece::Text("100%%L".into())]);
        assert_eq!(pieces("%3N%:z"), [Piece::Subsecond(3), Piece::Offset(1)]);
        assert_eq!(pieces("%-d"), [Piece::Variable('d', Some(Pad::None))]);
        assert_eq!(pieces(""), []);
    }
}
