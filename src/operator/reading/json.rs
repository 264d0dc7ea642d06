//! JSON as fields: everything by name (`a.b{}.c`), what lies at a path, or the first level of an object.

use crate::column::Value;
use crate::input::json::scan;
use crate::path::{Step, place};
use crate::xml::Emit;
use serde_json::Value as Json;

/// Deeper than this nothing is read.
const DEPTH: usize = 128;

/// Every scalar under its path. What stands before a mistake, or before the place where the text was cut, is still given.
pub fn every(text: &str, emit: Emit<'_, 'static>) {
    let mut walk = Walk { text, at: 0, path: String::new(), emit };
    // Where it ends early there is nothing more to give.
    let _ = walk.value(0);
}

struct Walk<'t, 'e> {
    text: &'t str,
    at: usize,
    path: String,
    emit: Emit<'e, 'static>,
}

impl Walk<'_, '_> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'{' | b'[' if depth >= DEPTH => None,
            b'{' => self.object(depth),
            b'[' => {
                let length = self.path.len();
                self.path.push_str("{}");
                self.at += 1;
                if self.peek()? != b']' {
                    loop {
                        self.value(depth + 1)?;
                        match self.peek()? {
                            b',' => self.at += 1,
                            b']' => break,
                            _ => return None,
                        }
                    }
                }
                self.at += 1;
                self.path.truncate(length);
                Some(())
            }
            b'"' => {
                let text = self.string()?;
                (self.emit)(&self.path, Value::owned(text));
                Some(())
            }
            _ => {
                let rest = self.text.get(self.at..)?;
                // A word that goes on to the end may have been cut.
                let length = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}'))?;
                let word = rest.get(..length)?;
                let known = matches!(word, "true" | "false" | "null") || serde_json::from_str::<serde_json::Number>(word).is_ok();
                if !known {
                    return None;
                }
                self.at += length;
                (self.emit)(&self.path, Value::owned(word));
                Some(())
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        let length = self.path.len();
        self.at += 1;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            if self.peek()? != b'"' {
                return None;
            }
            let key = self.string()?;
            if length > 0 {
                self.path.push('.');
            }
            self.path.push_str(&key);
            if self.peek()? != b':' {
                return None;
            }
            self.at += 1;
            self.value(depth + 1)?;
            self.path.truncate(length);
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => break,
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        let (end, escaped) = scan::string_end(self.text.as_bytes(), self.at)?;
        let inside = self.text.get(self.at + 1..end.checked_sub(1)?)?;
        self.at = end;
        let mut out = String::new();
        if escaped {
            scan::unescape(inside, &mut out)
        } else {
            out.push_str(inside)
        }
        Some(out)
    }
}

/// The values at a path. Text that is no JSON gives none.
pub fn at(text: &str, path: &[Step]) -> Vec<Value<'static>> {
    let Ok(json) = serde_json::from_str::<Json>(text) else { return Vec::new() };
    let mut at = vec![&json];
    for step in path {
        at = match step {
            Step::Key(key) => at.into_iter().filter_map(|j| j.get(key.as_str())).collect(),
            Step::Index(index) => at.into_iter().filter_map(|j| j.as_array().and_then(|all| all.get(place(*index, 0, all.len())?))).collect(),
            // Shipped searches write `{}` behind objects too, and find what they ask for.
            Step::Every => at.into_iter().flat_map(|j| j.as_array().map_or_else(|| std::slice::from_ref(j), Vec::as_slice)).collect(),
            Step::Attribute(_) => Vec::new(),
        };
    }
    at.into_iter().map(written).collect()
}

/// A JSON value as a field has it: objects and arrays as text.
fn written(json: &Json) -> Value<'static> {
    match json {
        Json::String(s) => Value::owned(s.as_str()),
        other => Value::owned(other.to_string()),
    }
}

/// The first level of an object: an array is a multivalue, an object within stays JSON, null is no value.
pub fn object(text: &str, prefix: &str, emit: Emit<'_, 'static>) {
    let Ok(Json::Object(members)) = serde_json::from_str::<Json>(text) else { return };
    for (key, value) in &members {
        let name = format!("{prefix}{key}");
        match value {
            Json::Null => {}
            Json::Array(all) => all.iter().filter(|v| !v.is_null()).for_each(|v| emit(&name, written(v))),
            one => emit(&name, written(one)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::steps;

    fn shown(text: &str) -> String {
        let mut out = Vec::new();
        every(text, &mut |name, value| out.push(format!("{name}={}", value.as_text().unwrap_or_default())));
        out.join(";")
    }

    #[test]
    fn everything_has_a_name() {
        for (text, want) in [
            (r#"{"a":{"b":[1,{"c":"x\ny"}]},"d":true,"e":null,"f":"","g":{},"h":[]}"#, "a.b{}=1;a.b{}.c=x\ny;d=true;e=null;f="),
            (r#" [{"a":1},{"a":2},[3]]"#, "{}.a=1;{}.a=2;{}{}=3"),
            (r#"{"a":1,"b":"cut of"#, "a=1"),
            (r#"{"a":1,"b":12"#, "a=1"),
            (r#"{"a":1 "b":2}"#, "a=1"),
            (r#"{"a":1,}"#, "a=1"),
            ("{", ""),
            ("{a:1}", ""),
        ] {
            assert_eq!(shown(text), want, "{text}");
        }
        assert_eq!(shown(&"[".repeat(100_000)), "");
    }

    #[test]
    fn paths_lead_to_values() {
        let doc = r#"{"a":[{"b":1},{"b":[2,3]}],"o":{"p":{"q":"x"}}}"#;
        let shown = |path: &str| at(doc, &steps(path).unwrap()).iter().map(|v| v.as_text().unwrap().into_owned()).collect::<Vec<_>>().join(";");
        for (path, want) in [
            ("a{}.b", "1;[2,3]"),
            ("a{1}.b{}", "2;3"),
            ("a{-1}.b{0}", "2"),
            ("a{9}", ""),
            ("o{}.p{}.q", "x"),
            ("o.p", r#"{"q":"x"}"#),
            ("a.b", ""),
            ("o{@x}", ""),
        ] {
            assert_eq!(shown(path), want, "{path}");
        }
    }
}
