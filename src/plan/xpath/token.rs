//! The tokens of XPath.

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A sign, or one of the words `and`, `or`, `div` and `mod` as an operator.
    Sign(&'static str),
    Name(String),
    Text(String),
    Number(f64),
}

impl Token {
    /// As it was written.
    pub(super) fn shown(&self) -> String {
        match self {
            Token::Sign(sign) => (*sign).to_string(),
            Token::Name(text) | Token::Text(text) => text.clone(),
            Token::Number(n) => n.to_string(),
        }
    }
}

const SIGNS: [&str; 21] = ["//", "::", "..", "!=", "<=", ">=", "/", "(", ")", "[", "]", ".", "@", ",", "|", "+", "-", "=", "<", ">", "*"];

/// The tokens of an expression. Errors: a sentence about what is not understood.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut all: Vec<Token> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        // A word or star behind a whole expression is an operator.
        let operand = all.last().is_some_and(|token| !matches!(token, Token::Sign(sign) if !matches!(*sign, ")" | "]" | "." | "..")));
        let (token, length) = if c == '"' || c == '\'' {
            let inside = rest.get(1..).unwrap_or_default();
            let end = inside.find(c).ok_or("a quote is never closed")?;
            (Token::Text(inside.get(..end).unwrap_or_default().to_string()), end + 2)
        } else if c.is_ascii_digit() || c == '.' && rest.chars().nth(1).is_some_and(|d| d.is_ascii_digit()) {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let digits = rest.get(..end).unwrap_or_default();
            (Token::Number(digits.parse().map_err(|_| format!("`{digits}` is no number"))?), end)
        } else if c.is_alphabetic() || c == '_' {
            let end = name_end(rest);
            let name = rest.get(..end).unwrap_or_default();
            match ["and", "or", "div", "mod"].into_iter().find(|word| operand && *word == name) {
                Some(word) => (Token::Sign(word), end),
                None => (Token::Name(name.to_string()), end),
            }
        } else {
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign)).ok_or_else(|| match c {
                '$' => "there are no variables here".to_string(),
                c => format!("`{c}` is not understood"),
            })?;
            // A star that stands for any name is no operator; it is an operand itself.
            let token = if sign == "*" && !operand { Token::Name("*".into()) } else { Token::Sign(sign) };
            (token, sign.len())
        };
        all.push(token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(all)
}

/// Behind a name, with one prefix; `a::b` is an axis, and `a:*` any name with a prefix.
fn name_end(text: &str) -> usize {
    let part = |text: &str| text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(text.len());
    let end = part(text);
    match text.get(end..).and_then(|rest| rest.strip_prefix(':')) {
        Some(rest) if rest.starts_with('*') => end + 2,
        Some(rest) if rest.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_') => end + 1 + part(rest),
        _ => end,
    }
}
