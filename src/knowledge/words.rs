//! Values of .conf files that are lists of words.

/// A word; quotes around it are taken off.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    pub text: String,
    pub quoted: bool,
}

impl Word {
    /// Is it this keyword, in any case and unquoted?
    pub fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case(keyword)
    }
}

/// The words of a text between blanks and commas. In quotes blanks and commas belong to the word, and `\"` is a quote; a
/// quote that is never closed ends with the text.
pub fn words(text: &str) -> Vec<Word> {
    let mut all = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_whitespace() || c == ',' {
            continue;
        }
        let mut word = String::new();
        let quoted = c == '"';
        if quoted {
            while let Some(c) = chars.next().filter(|c| *c != '"') {
                match chars.next_if(|n| c == '\\' && *n == '"') {
                    Some(quote) => word.push(quote),
                    None => word.push(c),
                }
            }
        } else {
            word.push(c);
            while let Some(c) = chars.next_if(|c| !c.is_whitespace() && *c != ',') {
                word.push(c);
            }
        }
        all.push(Word { text: word, quoted });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_blanks_and_commas_outside_quotes() {
        let texts = |t: &str| words(t).into_iter().map(|w| w.text).collect::<Vec<_>>();
        assert_eq!(texts("a, b\tc,,d"), ["a", "b", "c", "d"]);
        assert_eq!(texts(r#""x, y" z"#), ["x, y", "z"]);
        assert_eq!(texts(r#""a\"b" "open \t"#), ["a\"b", "open \\t"]);
        assert_eq!(texts(" , "), [""; 0]);
        assert!(words("as")[0].is("AS") && !words("\"as\"")[0].is("AS"));
    }
}
