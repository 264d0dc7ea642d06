//! Field extractions of transforms.conf, as REPORT names them.

use super::conf::Stanza;
use super::literal::Literal;
use super::place::Place;
use super::props::group_names;
use super::words::words;
use serde::Serialize;

/// A stanza of transforms.conf that makes fields.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Transform {
    pub name: String,
    pub how: How,
    /// The field that it reads.
    pub source_key: String,
    /// A field that comes again gets one more value; else its first value stays.
    pub mv_add: bool,
    /// Characters of a made field name that are no letters, digits or `_` become `_`.
    pub clean_keys: bool,
    pub keep_empty: bool,
    pub place: Place,
}

/// How the fields are found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// `REGEX`, with the fields of `FORMAT` (`name::value` pairs of templates with `$1`), which takes the pattern again and
    /// again where a name holds a `$`; without `FORMAT` the named groups.
    Regex { regex: String, format: Vec<(String, String)>, groups: Vec<String> },
    /// `DELIMS` with one set of characters between values, which are `FIELDS` by place.
    Columns { separators: String, fields: Vec<String> },
    /// `DELIMS` with two sets: characters between the pairs, and between key and value.
    Pairs { separators: String, assigns: String },
}

impl Transform {
    /// Reads a stanza. Errors: what it lacks.
    pub fn from_stanza(stanza: &Stanza) -> Result<Transform, String> {
        let name = &stanza.name;
        let list = |key: &str| stanza.get(key).map(words).unwrap_or_default().into_iter().map(|w| w.text);
        let how = match (stanza.get("REGEX").filter(|r| !r.is_empty()), stanza.get("DELIMS")) {
            (Some(regex), _) => How::Regex { regex: regex.to_string(), format: format(stanza.get("FORMAT").unwrap_or_default()), groups: group_names(regex) },
            (None, Some(delims)) => {
                let mut sets = quoted(delims).into_iter();
                let separators = sets.next().ok_or_else(|| format!("`{name}`: DELIMS holds no characters in quotes"))?;
                match sets.next() {
                    Some(assigns) => How::Pairs { separators, assigns },
                    None => How::Columns { separators, fields: list("FIELDS").collect() },
                }
            }
            (None, None) => return Err(format!("`{name}` in transforms.conf has neither REGEX nor DELIMS")),
        };
        Ok(Transform {
            name: name.clone(),
            how,
            source_key: stanza.get("SOURCE_KEY").unwrap_or("_raw").to_string(),
            mv_add: stanza.flag("MV_ADD").unwrap_or(false),
            clean_keys: stanza.flag("CLEAN_KEYS").unwrap_or(true),
            keep_empty: stanza.flag("KEEP_EMPTY_VALS").unwrap_or(false),
            place: stanza.place.clone(),
        })
    }

    /// The fields that it makes, as far as they are known beforehand.
    pub fn made_fields(&self) -> impl Iterator<Item = (&str, Literal)> {
        let (format, names): (&[(String, String)], &[String]) = match &self.how {
            How::Regex { format, groups, .. } => (format, groups),
            How::Columns { fields, .. } => (&[], fields),
            How::Pairs { .. } => (&[], &[]),
        };
        let of_format = format.iter().filter(|(name, _)| !name.contains('$'));
        // A value that is one group stands in the text; a composed or constant one need not.
        let literal = |value: &str| match value.strip_prefix('$') {
            Some(n) if n.chars().all(|c| c.is_ascii_digit()) => Literal::Exact,
            _ => Literal::No,
        };
        of_format.map(move |(name, value)| (name.as_str(), literal(value))).chain(names.iter().map(|n| (n.as_str(), Literal::Exact)))
    }
}

/// `a::$1 "b c"::"x $2"` as pairs of templates; pieces without `::` are left out.
fn format(text: &str) -> Vec<(String, String)> {
    let mut pieces = Vec::new();
    let (mut piece, mut in_quotes) = (String::new(), false);
    for c in text.chars().chain([' ']) {
        match c {
            '"' => in_quotes = !in_quotes,
            c if c.is_whitespace() && !in_quotes => pieces.push(std::mem::take(&mut piece)),
            c => piece.push(c),
        }
    }
    pieces.iter().filter_map(|p| p.split_once("::")).map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

/// The quoted texts in a value; `\t`, `\n`, `\\` and `\"` are read.
fn quoted(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut chars = text.chars();
    while chars.by_ref().any(|c| c == '"') {
        let mut set = String::new();
        while let Some(c) = chars.next().filter(|c| *c != '"') {
            match (c, chars.clone().next()) {
                ('\\', Some(next @ ('t' | 'n' | '\\' | '"'))) => {
                    chars.next();
                    set.push(match next {
                        't' => '\t',
                        'n' => '\n',
                        other => other,
                    });
                }
                _ => set.push(c),
            }
        }
        if !set.is_empty() {
            all.push(set);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::conf::parse;
    use super::*;

    fn read(text: &str) -> Result<Transform, String> {
        Transform::from_stanza(parse(&format!("[t]\n{text}")).0.stanza("t").unwrap())
    }

    #[test]
    fn reads_regex_columns_and_pairs() {
        let t = read("REGEX = <Data Name='(\\w+)'>([^<]+)\nFORMAT = $1::$2 tag::x all::\"$1 $2\" two::$2\nMV_ADD = true\nSOURCE_KEY = body").unwrap();
        assert!(t.mv_add && t.clean_keys && t.source_key == "body");
        let How::Regex { format, .. } = &t.how else { panic!() };
        assert_eq!((format.len(), format[2].1.as_str()), (4, "$1 $2"));
        assert_eq!(t.made_fields().collect::<Vec<_>>(), [("tag", Literal::No), ("all", Literal::No), ("two", Literal::Exact)]);
        assert_eq!(read("DELIMS = \"|;\"\nFIELDS = \"a b\", c").unwrap().how, How::Columns { separators: "|;".into(), fields: vec!["a b".into(), "c".into()] });
        assert_eq!(read(r#"DELIMS = "\t,\"", "=:""#).unwrap().how, How::Pairs { separators: "\t,\"".into(), assigns: "=:".into() });
    }

    #[test]
    fn says_what_lacks() {
        assert!(read("filename = x.csv").unwrap_err().contains("neither REGEX nor DELIMS"));
        assert!(read("DELIMS = |").unwrap_err().contains("quotes"));
        assert!(read("DELIMS = \"").is_err());
    }
}
