//! Key and value pairs in text.

use crate::column::Value;
use crate::operator::transform;
use crate::plan::reading::Pairs;
use crate::xml::Emit;
use hashbrown::HashSet;
use std::borrow::Cow;

/// The pairs of a text. True where more were there than the limit.
pub fn read(text: &str, how: &Pairs, emit: Emit<'_, 'static>) -> bool {
    let delimited = how.delimiters.iter().flat_map(|(between, assigns)| transform::pairs(text, between, assigns));
    let automatic = Automatic { text, at: 0 }.filter(|_| how.auto).map(|(k, v)| (Cow::Borrowed(k), Cow::Borrowed(v)));
    let mut seen: HashSet<String> = HashSet::new();
    let mut taken = 0;
    // What the delimiters give goes before what is found anywhere, and is not taken twice.
    let mut from_delimiters: HashSet<String> = HashSet::new();
    for (by_delimiters, (mut key, value)) in delimited.map(|p| (true, p)).chain(automatic.map(|p| (false, p))) {
        if how.clean {
            transform::clean(&mut key);
        }
        if key.is_empty() || value.is_empty() || (!by_delimiters && from_delimiters.contains(key.as_ref())) {
            continue;
        }
        if by_delimiters {
            from_delimiters.insert(key.to_string());
        }
        if !seen.insert(key.to_string()) && !how.repeat {
            continue;
        }
        if taken == how.limit {
            return true;
        }
        taken += 1;
        emit(&key, Value::owned(value));
    }
    false
}

/// `key=value` wherever it stands: the key is what touches the `=`, the value ends at a blank, comma, semicolon, `|` or `&`, or is quoted.
struct Automatic<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Automatic<'t> {
    type Item = (&'t str, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let from = self.at;
            let equals = from + memchr::memchr(b'=', self.text.as_bytes().get(from..)?)?;
            self.at = equals + 1;
            let before = self.text.get(from..equals)?;
            let in_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ':' | '{' | '}' | '@');
            let start = before.rfind(|c: char| !in_key(c)).and_then(|i| Some(i + before.get(i..)?.chars().next()?.len_utf8())).unwrap_or(0);
            let key = before.get(start..)?;
            let rest = self.text.get(self.at..)?;
            let quoted = rest.chars().next().filter(|c| matches!(c, '"' | '\'')).and_then(|quote| {
                let inside = rest.get(1..)?;
                Some(inside.split_at(closing(inside, quote)?))
            });
            let value = match quoted {
                Some((inside, _)) => {
                    self.at += inside.len() + 2;
                    inside
                }
                None => {
                    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '&')).unwrap_or(rest.len());
                    self.at += end;
                    rest.get(..end)?
                }
            };
            if !key.is_empty() {
                return Some((key, value));
            }
        }
    }
}

/// The place of the quote that closes; a backslash takes the meaning of one away.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(i, c)| {
        let ends = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(i)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, how: &Pairs) -> String {
        let mut out = Vec::new();
        let cut = read(text, how, &mut |name, value| out.push(format!("{name}={}", value.as_text().unwrap_or_default())));
        format!("{}{}", out.join(";"), if cut { "…" } else { "" })
    }

    #[test]
    fn pairs_are_found() {
        let auto = Pairs { delimiters: None, auto: true, limit: 50, characters: 10_000, repeat: false, clean: true };
        let set = |between: &str, assigns: &str| Pairs { delimiters: Some((between.into(), assigns.into())), auto: false, ..auto.clone() };
        for (text, how, want) in [
            (r#"a=1 b="x y",c='z' d= e.f=2;a=3 =4"#, auto.clone(), "a=1;b=x y;c=z;e_f=2"),
            (r#"k="a \" b" ä=1"#, auto.clone(), r#"k=a \" b"#),
            ("a=1 a=2", Pairs { repeat: true, ..auto.clone() }, "a=1;a=2"),
            ("a.b=1 9x=2", Pairs { clean: false, ..auto.clone() }, "a.b=1;9x=2"),
            ("a=1 b=2 c=3", Pairs { limit: 2, ..auto.clone() }, "a=1;b=2…"),
            (r#"a:1|b:"x|y";c:3"#, set("|;", ":"), "a=1;b=x|y;c=3"),
            ("a:1;b=2", Pairs { auto: true, ..set(";", ":") }, "a=1;b=2"),
            ("", auto.clone(), ""),
            ("=====", auto.clone(), ""),
        ] {
            assert_eq!(shown(text, &how), want, "{text}");
        }
    }
}
