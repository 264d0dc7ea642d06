//! The patterns that props.conf's stanzas are headed by.

use regex::Regex;

/// Which events a stanza of props.conf is for.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// `[default]`: all of them.
    Default,
    /// `[sourcetype]`.
    Sourcetype(Pattern),
    /// `[host::pattern]`, any case.
    Host(Pattern),
    /// `[source::pattern]`.
    Source(Pattern),
}

/// A name or a pattern over the whole of a value: `...` is any text, `*` any text without `/` or `\`, `a|b` either, `( )`
/// groups, `\` makes the next character literal.
#[derive(Clone, Debug)]
pub enum Pattern {
    Name(String),
    Regex(Regex),
}

impl Matcher {
    /// The matcher of a stanza's name; `None` for stanzas that are not about search time (`rule::`, `delayedrule::`).
    ///
    /// Errors: what is wrong with the pattern.
    pub fn parse(stanza: &str) -> Result<Option<Matcher>, String> {
        Ok(Some(match stanza.split_once("::") {
            _ if stanza == super::conf::DEFAULT => Matcher::Default,
            Some(("source", p)) => Matcher::Source(Pattern::parse(p, false)?),
            Some(("host", p)) => Matcher::Host(Pattern::parse(p, true)?),
            Some(("rule" | "delayedrule", _)) => return Ok(None),
            _ => Matcher::Sourcetype(match stanza.strip_prefix("(?::){0}") {
                // The known way to have wildcards in a source type, which are literal otherwise.
                Some(p) => Pattern::parse(p, false)?,
                None => Pattern::Name(stanza.to_string()),
            }),
        }))
    }

    /// Is the stanza for events of this source, host and source type?
    pub fn matches(&self, source: &str, host: &str, sourcetype: &str) -> bool {
        match self {
            Matcher::Default => true,
            Matcher::Source(p) => p.matches(source),
            Matcher::Host(p) => p.matches(host),
            Matcher::Sourcetype(p) => p.matches(sourcetype),
        }
    }

    /// Does it ask for the host?
    pub fn by_host(&self) -> bool {
        matches!(self, Matcher::Host(_))
    }

    /// What wins over what: source over host over source type over the default; in a class the stanza's `priority`,
    /// which without one is 100 for a plain name and 0 for a pattern.
    pub fn rank(&self, priority: Option<i64>) -> (u8, i64) {
        match self {
            Matcher::Default => (0, 0),
            Matcher::Sourcetype(p) => (1, priority.unwrap_or(p.priority())),
            Matcher::Host(p) => (2, priority.unwrap_or(p.priority())),
            Matcher::Source(p) => (3, priority.unwrap_or(p.priority())),
        }
    }
}

impl Pattern {
    fn parse(text: &str, any_case: bool) -> Result<Pattern, String> {
        let (text, any_case) = text.strip_prefix("(?i)").map_or((text, any_case), |t| (t, true));
        if !any_case && !text.contains("...") && !text.contains(['*', '|', '(', '\\']) {
            return Ok(Pattern::Name(text.to_string()));
        }
        let mut regex = String::from("^(?:");
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let mut used = c.len_utf8();
            match c {
                '.' if rest.starts_with("...") => {
                    regex.push_str(".*");
                    used = 3;
                }
                '*' => regex.push_str(r"[^/\\]*"),
                '|' | '(' | ')' => regex.push(c),
                '\\' => {
                    let next = rest.chars().nth(1).unwrap_or('\\');
                    regex.push_str(&regex::escape(next.encode_utf8(&mut [0; 4])));
                    used += rest.chars().nth(1).map_or(0, char::len_utf8);
                }
                _ => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
            }
            rest = rest.get(used..).unwrap_or_default();
        }
        regex.push_str(")$");
        regex::RegexBuilder::new(&regex)
            .case_insensitive(any_case)
            .dot_matches_new_line(true)
            .build()
            .map(Pattern::Regex)
            .map_err(|_| format!("`{text}` is no pattern; are its parentheses paired?"))
    }

    fn matches(&self, value: &str) -> bool {
        match self {
            Pattern::Name(name) => name == value,
            Pattern::Regex(regex) => regex.is_match(value),
        }
    }

    fn priority(&self) -> i64 {
        if matches!(self, Pattern::Name(_)) { 100 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stanzas_match_whole_names() {
        let long = "XmlWinEventLog:Microsoft-Windows-Sysmon/Operational";
        for (stanza, value, want) in [
            ("source::XmlWinEventLog:Security", "XmlWinEventLog:Security", true),
            ("source::XmlWinEventLog:Security", "xmlwineventlog:security", false),
            ("source::XmlWinEventLog:Security", "XmlWinEventLog:Security2", false),
            ("source::XmlWinEventLog:*", "XmlWinEventLog:Security", true),
            ("source::XmlWinEventLog:*", long, false),
            ("source::XmlWinEventLog:...", long, true),
            ("source::(Xml|)WinEventLog:Security", "WinEventLog:Security", true),
            ("source::/var/log/*.log", "/var/log/a.log", true),
            ("source::/var/log/*.log", "/var/log/axlog", false),
            (r"source::C:\\a\*", r"C:\a*", true),
            ("host::WEB*", "web-1", true),
            ("host::web", "WEB", true),
            ("XmlWinEventLog", "XmlWinEventLog", true),
            ("Xml*", "XmlWinEventLog", false),
            ("(?::){0}Xml*", "XmlWinEventLog", true),
            ("a::b", "a::b", true),
            ("default", "anything", true),
        ] {
            let m = Matcher::parse(stanza).unwrap().unwrap();
            assert_eq!(m.matches(value, value, value), want, "{stanza} {value}");
        }
        assert!(Matcher::parse("rule::x").unwrap().is_none());
        assert!(Matcher::parse("source::(a").is_err());
    }

    #[test]
    fn source_outranks_host_outranks_sourcetype() {
        let rank = |s: &str, p| Matcher::parse(s).unwrap().unwrap().rank(p);
        assert!(rank("source::a*", None) > rank("host::a", Some(1000)) && rank("host::a", None) > rank("a", None));
        assert!(rank("source::a", None) > rank("source::a*", None) && rank("source::a*", Some(101)) > rank("source::a", None));
    }
}
