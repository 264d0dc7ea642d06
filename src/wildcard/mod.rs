//! Wildcards: `*` of the search language and of field names, `%` and `_` of `like`.
//!
//! A pattern is cut at its stars into pieces that are looked for from left to right: no backtracking.

mod set;

pub use set::Set;

use memchr::{memchr2, memmem};
use std::borrow::Cow;

/// Pieces longer than this are looked for in a folded copy, so that the search stays linear.
const SHORT: usize = 32;

/// A pattern that matches whole texts.
#[derive(Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The text between the stars, folded where case does not count; one more than there are stars.
    pieces: Vec<Piece>,
    fold: bool,
    ascii: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// `None` stands for any one character.
    Holes(Vec<Option<char>>),
}

/// As it was written, folded.
impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let piece = |p: &Piece| match p {
            Piece::Literal(t) => t.clone(),
            Piece::Holes(all) => all.iter().map(|c| c.unwrap_or('_')).collect(),
        };
        write!(f, "{:?}", self.pieces.iter().map(piece).collect::<Vec<_>>().join("*"))
    }
}

impl Pattern {
    /// `*` stands for any text; case does not count (Unicode simple folding), as in `search`.
    pub fn new(text: &str) -> Pattern {
        Pattern::from_pieces(text.split('*'), true)
    }

    /// `*` stands for any text; case counts, as for field names.
    pub fn case_sensitive(text: &str) -> Pattern {
        Pattern::from_pieces(text.split('*'), false)
    }

    /// From the literal texts between the wildcards, for callers that know of escaped stars. One piece has no wildcard.
    pub fn from_pieces<'a>(pieces: impl IntoIterator<Item = &'a str>, fold: bool) -> Pattern {
        let pieces = pieces.into_iter().map(|p| Piece::Literal(if fold { folded(p).into_owned() } else { p.to_string() }));
        Pattern::build(pieces.collect(), fold)
    }

    /// `%` stands for any text, `_` for one character, `\` takes their meaning away; case counts.
    pub fn like(text: &str) -> Pattern {
        let mut pieces = vec![Vec::new()];
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let one = match c {
                '%' => {
                    pieces.push(Vec::new());
                    continue;
                }
                '_' => None,
                '\\' => match chars.clone().next() {
                    Some(escaped @ ('%' | '_' | '\\')) => {
                        chars.next();
                        Some(escaped)
                    }
                    _ => Some('\\'),
                },
                c => Some(c),
            };
            if let Some(last) = pieces.last_mut() {
                last.push(one);
            }
        }
        let piece = |chars: Vec<Option<char>>| chars.iter().copied().collect::<Option<String>>().map_or(Piece::Holes(chars), Piece::Literal);
        Pattern::build(pieces.into_iter().map(piece).collect(), false)
    }

    fn build(mut pieces: Vec<Piece>, fold: bool) -> Pattern {
        if pieces.is_empty() {
            pieces.push(Piece::Literal(String::new()));
        }
        let ascii = pieces.iter().all(|p| matches!(p, Piece::Literal(l) if l.is_ascii()));
        Pattern { pieces, fold, ascii }
    }

    /// Does case not count?
    pub fn folds(&self) -> bool {
        self.fold
    }

    /// Is there no wildcard in it?
    pub fn is_literal(&self) -> bool {
        matches!(self.pieces.as_slice(), [Piece::Literal(_)])
    }

    /// Texts that must be there in this order; folded where case does not count.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|p| match p {
            Piece::Literal(l) if !l.is_empty() => Some(l.as_str()),
            _ => None,
        })
    }

    /// Does the whole text match?
    pub fn matches(&self, text: &str) -> bool {
        // Two non-ASCII characters fold into ASCII, so only an ASCII text may be compared as it is.
        if self.fold && !text.is_ascii() { self.walk(&folded(text), false, |_, _| ()) } else { self.walk(text, self.fold, |_, _| ()) }
    }

    /// What each star stands for, every one but the last as short as can be; `None` where the text does not match.
    pub fn capture<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let mut gaps = Vec::new();
        if !self.fold || text.is_ascii() {
            return self.walk(text, self.fold, |from, to| gaps.push(text.get(from..to).unwrap_or_default())).then_some(gaps);
        }
        let folded = folded(text);
        // Folding keeps the number of characters, not their length.
        let places: Vec<(usize, usize)> = folded.char_indices().map(|(i, _)| i).zip(text.char_indices().map(|(i, _)| i)).collect();
        let place = |at: usize| places.binary_search_by_key(&at, |p| p.0).ok().and_then(|i| places.get(i)).map_or(text.len(), |p| p.1);
        self.walk(&folded, false, |from, to| gaps.push(text.get(place(from)..place(to)).unwrap_or_default())).then_some(gaps)
    }

    /// Matches and reports what lies between the pieces. `loose` compares ASCII without case.
    fn walk(&self, text: &str, loose: bool, mut gap: impl FnMut(usize, usize)) -> bool {
        if loose && !self.ascii {
            return false;
        }
        let Some((first, rest)) = self.pieces.split_first() else { return false };
        let Some(mut at) = first.starts(text, 0, loose) else { return false };
        let Some((last, middle)) = rest.split_last() else { return at == text.len() };
        for piece in middle {
            let Some((start, end)) = piece.find(text, at, loose) else { return false };
            gap(at, start);
            at = end;
        }
        let Some(start) = last.ends(text, loose).filter(|&start| start >= at) else { return false };
        gap(at, start);
        true
    }
}

impl Piece {
    /// Where the piece ends if it starts here.
    fn starts(&self, text: &str, at: usize, loose: bool) -> Option<usize> {
        match self {
            Piece::Literal(l) => same(text.as_bytes().get(at..at + l.len())?, l, loose).then_some(at + l.len()),
            Piece::Holes(chars) => {
                let mut rest = text.get(at..)?.chars();
                let fits = chars.iter().all(|want| rest.next().is_some_and(|c| want.is_none_or(|w| w == c)));
                fits.then(|| text.len() - rest.as_str().len())
            }
        }
    }

    /// Where the piece starts if it ends the text.
    fn ends(&self, text: &str, loose: bool) -> Option<usize> {
        let start = match self {
            Piece::Literal(l) => text.len().checked_sub(l.len())?,
            Piece::Holes(chars) => text.char_indices().rev().nth(chars.len().checked_sub(1)?)?.0,
        };
        self.starts(text, start, loose).map(|_| start)
    }

    /// The first place from here on.
    fn find(&self, text: &str, at: usize, loose: bool) -> Option<(usize, usize)> {
        let rest = text.get(at..)?;
        match self {
            Piece::Literal(l) => {
                let start = at + if loose { find_loose(rest.as_bytes(), l)? } else { memmem::find(rest.as_bytes(), l.as_bytes())? };
                Some((start, start + l.len()))
            }
            Piece::Holes(_) => rest.char_indices().find_map(|(i, _)| self.starts(text, at + i, loose).map(|end| (at + i, end))),
        }
    }
}

fn same(bytes: &[u8], piece: &str, loose: bool) -> bool {
    if loose { bytes.eq_ignore_ascii_case(piece.as_bytes()) } else { bytes == piece.as_bytes() }
}

/// Finds a folded ASCII piece in ASCII text without case.
fn find_loose(text: &[u8], piece: &str) -> Option<usize> {
    let Some(&first) = piece.as_bytes().first() else { return Some(0) };
    if piece.len() > SHORT {
        return memmem::find(&text.to_ascii_lowercase(), piece.as_bytes());
    }
    let mut from = 0;
    loop {
        let at = from + memchr2(first, first.to_ascii_uppercase(), text.get(from..)?)?;
        if same(text.get(at..at + piece.len())?, piece, true) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The text with every character folded, so that texts which differ only in case become the same.
pub fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) };
    }
    // Most of it is ASCII all the same.
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| !b.is_ascii()) {
        let (plain, other) = rest.split_at(at);
        let start = out.len();
        out.push_str(plain);
        out.get_mut(start..).into_iter().for_each(str::make_ascii_lowercase);
        out.extend(other.chars().next().map(fold));
        rest = other.get(other.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
    }
    out.extend([rest.to_ascii_lowercase()]);
    Cow::Owned(out)
}

/// Simple case folding: by way of upper case, which joins the variants (`ſ`, `ς`, the Kelvin sign); one character stays one.
fn fold(c: char) -> char {
    fn single(mut all: impl ExactSizeIterator<Item = char>, c: char) -> char {
        if all.len() == 1 { all.next().unwrap_or(c) } else { c }
    }
    match c {
        'ı' => c,
        _ => {
            let upper = single(c.to_uppercase(), c);
            single(upper.to_lowercase(), upper)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_match_any_text_without_case() {
        for (pattern, text, want) in [
            ("cmd.exe", "CMD.EXE", true),
            ("cmd.exe", "xcmd.exe", false),
            ("*\\regasm.exe", "C:\\X\\RegAsm.exe", true),
            ("a*", "ABC", true),
            ("a*a", "a", false),
            ("*b*", "aBc", true),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "a1b2b3c", true),
            ("*ab*ab*", "xabx", false),
            ("straße*", "STRAßE 1", true),
            ("*ÉTÉ", "l'été", true),
            ("k", "\u{212A}", true),
            ("ΣΑΣ", "σας", true),
            ("é", "e", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), want, "{pattern} {text}");
        }
        assert!(!Pattern::case_sensitive("A*").matches("ab"));
        assert!(Pattern::from_pieces(["a*", ""], true).matches("A*b") && !Pattern::from_pieces(["a*", ""], true).matches("ab"));
        assert!(Pattern::new("abc").is_literal() && !Pattern::new("a*").is_literal());
    }

    #[test]
    fn like_knows_one_character_and_escapes() {
        for (pattern, text, want) in [
            ("a%", "abc", true),
            ("a%", "Abc", false),
            ("_b_", "abc", true),
            ("_", "é", true),
            ("%_b%x_", "aab\nxé", true),
            ("_%", "", false),
            ("%__", "a", false),
            ("50\\%", "50%", true),
            ("50\\%", "50x", false),
            ("a\\_b", "axb", false),
            ("C:\\Win%", "C:\\Windows", true),
            ("a*", "abc", false),
        ] {
            assert_eq!(Pattern::like(pattern).matches(text), want, "{pattern} {text}");
        }
    }

    #[test]
    fn captures_what_the_stars_stand_for() {
        assert_eq!(Pattern::new("*-x-*").capture("A-X-b-x-c"), Some(vec!["A", "b-x-c"]));
        assert_eq!(Pattern::new("é*É").capture("Été\u{212A}é"), Some(vec!["té\u{212A}"]));
        assert_eq!(Pattern::case_sensitive("src_*").capture("src_ip"), Some(vec!["ip"]));
        assert_eq!(Pattern::new("a*").capture("b"), None);
    }

    #[test]
    fn long_and_repetitive_input_stays_quick() {
        let text = "a".repeat(100_000);
        let pattern = format!("*{}b*", "a*".repeat(50));
        assert!(!Pattern::new(&pattern).matches(&text));
        assert!(!Pattern::new(&format!("*{}b*", "a".repeat(5_000))).matches(&text));
    }
}
