//! Comparing values: eval's operators and the order of `sort`, `stats … by` and `values()`.

use super::{Value, address};
use std::cmp::Ordering;
use std::net::IpAddr;

/// eval's comparison: as numbers where both are numbers, else as text by code point. `None` when a side is null or a
/// multivalue. Two string literals compare as text even when both look like numbers; the planner sees to that.
pub fn compare(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    if let (Some(x), Some(y)) = (a.as_number(), b.as_number()) {
        return x.partial_cmp(&y);
    }
    match (a, b) {
        (Value::Null | Value::Multi(_), _) | (_, Value::Null | Value::Multi(_)) => None,
        _ => Some(a.as_text()?.as_ref().cmp(b.as_text()?.as_ref())),
    }
}

/// How a `sort` key wants to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub enum Collation {
    /// Numbers as numbers, addresses as addresses, the rest as text.
    #[default]
    Auto,
    /// As numbers; what is no number comes last.
    Number,
    /// As text, by code point.
    Text,
    /// As IP addresses.
    Ip,
    /// As groups are sorted: as by `Auto`, and of values that are equal as numbers the text decides.
    Groups,
}

/// A key made once per value, so that sorting parses nothing twice. Kinds order as number, address, text, missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    Number(f64),
    Ip(IpAddr),
    Text(String),
    Missing,
}

impl Key {
    /// The key of a value under a collation. A multivalue sorts by its first value.
    pub fn new(value: &Value<'_>, collation: Collation) -> Key {
        let Some(first) = value.each().first() else { return Key::Missing };
        let text = first.as_text().unwrap_or_default();
        match collation {
            Collation::Text => Key::Text(text.into_owned()),
            Collation::Number => first.as_number().map_or(Key::Missing, |n| Key::Number(unsigned_zero(n))),
            Collation::Ip => address::parse(&text).map_or_else(|| Key::Text(text.to_string()), Key::Ip),
            Collation::Auto | Collation::Groups => match first.as_number() {
                Some(n) => Key::Number(unsigned_zero(n)),
                None => match address::parse(&text) {
                    Some(ip) => Key::Ip(ip),
                    None => Key::Text(text.into_owned()),
                },
            },
        }
    }

    /// Ascending or descending order; missing values come last in both (SEMANTICS 4.2).
    pub fn order(&self, other: &Key, descending: bool) -> Ordering {
        match (self, other) {
            (Key::Missing, Key::Missing) => Ordering::Equal,
            (Key::Missing, _) => Ordering::Greater,
            (_, Key::Missing) => Ordering::Less,
            _ if descending => other.cmp(self),
            _ => self.cmp(other),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Key::Number(_) => 0,
            Key::Ip(_) => 1,
            Key::Text(_) => 2,
            Key::Missing => 3,
        }
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        match (self, other) {
            (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
            (Key::Ip(a), Key::Ip(b)) => a.cmp(b),
            (Key::Text(a), Key::Text(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

/// The number, and 0 for -0, which is the same number.
pub fn unsigned_zero(n: f64) -> f64 {
    n + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_as_numbers_and_the_rest_as_text() {
        let t = Value::text;
        assert_eq!(compare(&t("10"), &t("9")), Some(Ordering::Greater));
        assert_eq!(compare(&t("10"), &t("9a")), Some(Ordering::Less));
        assert_eq!(compare(&t("a"), &Value::Number(1.0)), Some(Ordering::Greater));
        assert_eq!(compare(&t("a"), &Value::Null), None);
    }

    #[test]
    fn sort_keys_put_missing_last_both_ways() {
        let key = |v| Key::new(&v, Collation::Auto);
        assert_eq!(key(Value::Null).order(&key(Value::text("a")), false), Ordering::Greater);
        assert_eq!(key(Value::Null).order(&key(Value::text("a")), true), Ordering::Greater);
        assert_eq!(key(Value::text("10.0.0.2")).order(&key(Value::text("10.0.0.10")), false), Ordering::Less);
        assert_eq!(key(Value::text("2")).order(&key(Value::text("10")), true), Ordering::Greater);
    }
}
