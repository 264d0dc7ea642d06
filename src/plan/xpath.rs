//! Reading the part of XPath that `xpath` takes: `/`, `//`, names, `*`, `@name`, `text()`, `.`, `..`, and conditions in brackets.

use super::reading::{XNode, XPath, XStep, XTest};

/// Steps of the longest path.
const MAX_STEPS: usize = 100;

impl XPath {
    /// Reads a path. Errors: a sentence about what is not understood.
    pub fn parse(text: &str) -> Result<XPath, String> {
        let mut rest = text.trim();
        let mut steps = Vec::new();
        if rest.is_empty() {
            return Err("it is empty".into());
        }
        loop {
            let deep = rest.starts_with("//");
            rest = rest.strip_prefix("//").or_else(|| rest.strip_prefix('/')).unwrap_or(rest);
            let end = end_of_step(rest)?;
            let (step, after) = rest.split_at(end);
            steps.push(self::step(step, deep)?);
            if steps.len() > MAX_STEPS {
                return Err(format!("it has more than {MAX_STEPS} steps"));
            }
            if after.is_empty() {
                return Ok(XPath { steps });
            }
            rest = after;
        }
    }
}

/// Up to the next `/` outside of brackets and quotes.
fn end_of_step(text: &str) -> Result<usize, String> {
    let (mut quote, mut depth) = (None, 0usize);
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') => depth = depth.checked_sub(1).ok_or("a `]` closes nothing")?,
            (None, '/') if depth == 0 => return Ok(i),
            _ => {}
        }
    }
    if quote.is_some() || depth > 0 { Err("a quote or bracket is never closed".into()) } else { Ok(text.len()) }
}

fn step(text: &str, deep: bool) -> Result<XStep, String> {
    let (node, mut rest) = text.split_at(text.find('[').unwrap_or(text.len()));
    let node = self::node(node.trim())?;
    let mut tests = Vec::new();
    while let Some(inside) = rest.trim_start().strip_prefix('[') {
        let end = closing(inside).ok_or("a `[` is never closed")?;
        for part in inside.get(..end).unwrap_or_default().split(" and ") {
            tests.push(test(part.trim())?);
        }
        rest = inside.get(end + 1..).unwrap_or_default();
    }
    match rest.trim() {
        "" => Ok(XStep { deep, node, tests }),
        other => Err(format!("`{other}` is not understood")),
    }
}

/// The bracket that closes, outside of quotes.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(i, c)| {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ']') => return Some(i),
            _ => {}
        }
        None
    })
}

fn node(text: &str) -> Result<XNode, String> {
    let name = |t: &str| {
        let good = !t.is_empty() && t.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')) && !t.contains("::");
        if good { Ok(t.to_string()) } else { Err(format!("`{t}` is no name; axes and functions are not built")) }
    };
    Ok(match text {
        "." | "self::node()" => XNode::Here,
        ".." | "parent::node()" => XNode::Parent,
        "*" => XNode::Element(None),
        "@*" => XNode::Attribute(None),
        "text()" => XNode::Text,
        _ => match text.strip_prefix('@').or_else(|| text.strip_prefix("attribute::")) {
            Some(attribute) => XNode::Attribute(Some(name(attribute)?)),
            None => XNode::Element(Some(name(text.strip_prefix("child::").unwrap_or(text))?)),
        },
    })
}

fn test(text: &str) -> Result<XTest, String> {
    let position = text.strip_prefix("position()").map_or(text, |t| t.trim_start().trim_start_matches('=').trim());
    if let Ok(n) = position.parse::<usize>() {
        return if n == 0 { Err("positions count from 1".into()) } else { Ok(XTest::Position(n)) };
    }
    if position == "last()" {
        return Ok(XTest::Last);
    }
    let Some(at) = text.find('=') else { return Ok(XTest::Has { node: node(text)?, text: None }) };
    let (left, right) = text.split_at(at);
    let (left, equal) = left.strip_suffix('!').map_or((left, true), |l| (l, false));
    let right = right.trim_start_matches('=').trim();
    let quoted = |q: char| right.strip_prefix(q).and_then(|r| r.strip_suffix(q));
    let value = quoted('"').or_else(|| quoted('\'')).or_else(|| right.parse::<f64>().is_ok().then_some(right));
    let value = value.ok_or_else(|| format!("`{right}` must stand in quotes"))?;
    Ok(XTest::Has { node: node(left.trim())?, text: Some((equal, value.to_string())) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_not_understood() {
        assert_eq!(XPath::parse("//a[@b='x/y]']/c").unwrap().steps.len(), 2);
        for (path, why) in [
            ("", "empty"),
            ("//", "no name"),
            ("/a[", "never closed"),
            ("/a]", "closes nothing"),
            ("/a[0]", "from 1"),
            ("count(//a)", "no name"),
            ("/a/following::b", "no name"),
            ("/a[@b=c]", "quotes"),
            (&"/a".repeat(200), "steps"),
        ] {
            assert!(XPath::parse(path).unwrap_err().contains(why), "{path:.20}: {:?}", XPath::parse(path));
        }
    }
}
