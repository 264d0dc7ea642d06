//! Regular expressions as SPL writes them: PCRE's syntax over an engine that cannot be made to hang.
//!
//! The text is rewritten (`translate`) and goes to the linear engine; look-around, back-references and possessive quantifiers
//! go to a backtracking one with Splunk's match limit. A search that hits the limit counts as no match, and [`giving_up`] counts it.

pub mod learn;
mod recent;
mod translate;

use ::regex::CaptureLocations;
use std::borrow::Cow;
use std::cell::Cell;
use translate::{Translated, translate};

/// Steps of the backtracking engine before a search is given up, as Splunk's `match_limit`.
const MATCH_LIMIT: usize = 100_000;

/// Bytes of the longest text for the backtracking engine: its time grows with the square. A longer one counts as no match.
const LONGEST: usize = 1 << 16;

/// Bytes that replacements make of one text at most: as many as a record has at most.
const LONGEST_MADE: usize = 64 << 20;

/// Bytes that a compiled expression may take.
const SIZE_LIMIT: usize = 16 << 20;

thread_local! {
    static GIVEN_UP: Cell<u64> = const { Cell::new(0) };
}

/// Does some work; also gives how many searches were given up in it, at the match limit or for the length of the text or of what was to be
/// made of it. Work around this one does not count them again.
pub fn giving_up<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = GIVEN_UP.replace(0);
    let done = work();
    (done, GIVEN_UP.replace(before))
}

/// A compiled expression.
#[derive(Debug)]
pub struct Regex {
    source: String,
    engine: Engine,
    /// `$` also stands before a last line feed in PCRE; the linear engine looks at the text without it as well.
    before_line_feed: bool,
    names: Vec<(usize, String)>,
    /// All of it is one group: where a match lies, there lies the group.
    one_group: bool,
}

#[derive(Debug)]
enum Engine {
    Linear(::regex::Regex),
    Backtracking(fancy_regex::Regex),
}

/// Byte offsets of a match: start and end.
pub type Span = (usize, usize);

/// Where the groups of one match lie; group 0 is the whole match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captures<'t> {
    text: &'t str,
    groups: Vec<Option<Span>>,
}

impl<'t> Captures<'t> {
    /// The text of a group, `None` where it took no part.
    pub fn get(&self, group: usize) -> Option<&'t str> {
        self.span(group).and_then(|(start, end)| self.text.get(start..end))
    }

    /// Where a group lies.
    pub fn span(&self, group: usize) -> Option<Span> {
        self.groups.get(group).copied().flatten()
    }

    /// Groups, the whole match included.
    pub fn count(&self) -> usize {
        self.groups.len()
    }
}

impl Regex {
    /// Compiles; the error is one line for the user.
    pub fn new(pattern: &str) -> Result<Regex, String> {
        let Translated { text, backtracks, before_line_feed, names, one_group } = translate(pattern)?;
        let engine = Engine::new(&text, backtracks)?;
        Ok(Regex { source: pattern.to_string(), engine, before_line_feed, names, one_group })
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Does it match anywhere in the text?
    pub fn is_match(&self, text: &str) -> bool {
        match &self.engine {
            Engine::Linear(r) => r.is_match(text) || self.shorter(text).is_some_and(|t| r.is_match(t)),
            Engine::Backtracking(r) => within(text, || r.is_match(text)).unwrap_or(false),
        }
    }

    /// The first match from a byte offset on; anchors and look-behind see the text before it.
    pub fn find_at(&self, text: &str, start: usize) -> Option<Span> {
        let start = boundary(text, start)?;
        match &self.engine {
            Engine::Linear(r) => {
                let find = |t: &str| r.find_at(t, start).map(|m| (m.start(), m.end()));
                earlier(find(text), self.shorter(text).filter(|t| start <= t.len()).and_then(find), |m| *m)
            }
            Engine::Backtracking(r) => within(text, || r.find_from_pos(text, start)).flatten().map(|m| (m.start(), m.end())),
        }
    }

    /// The first match from a byte offset on, with its groups.
    pub fn captures_at<'t>(&self, text: &'t str, start: usize) -> Option<Captures<'t>> {
        self.captures(text, start, &mut None)
    }

    /// The same, with room for the groups of a match: to make it takes longer than many a search.
    fn captures<'t>(&self, text: &'t str, start: usize, places: &mut Option<CaptureLocations>) -> Option<Captures<'t>> {
        let start = boundary(text, start)?;
        let groups = match &self.engine {
            Engine::Linear(r) => {
                let places = places.get_or_insert_with(|| r.capture_locations());
                let mut find = |t: &str| r.captures_read_at(places, t, start).map(|_| (0..places.len()).map(|group| places.get(group)).collect::<Vec<_>>());
                let (whole, shorter) = (find(text), self.shorter(text).filter(|t| start <= t.len()).and_then(find));
                earlier(whole, shorter, |g| g.first().copied().flatten().unwrap_or_default())?
            }
            Engine::Backtracking(r) => within(text, || r.captures_from_pos(text, start)).flatten()?.iter().map(|g| g.map(|m| (m.start(), m.end()))).collect(),
        };
        Some(Captures { text, groups })
    }

    /// All matches that do not overlap, from left to right.
    pub fn find_iter<'r, 't: 'r>(&'r self, text: &'t str) -> impl Iterator<Item = Span> + 'r {
        let quick = match &self.engine {
            Engine::Linear(r) if !self.before_line_feed => Some(r.find_iter(text).map(|m| (m.start(), m.end()))),
            _ => None,
        };
        let other = quick.is_none().then(|| walk(text, |start| self.find_at(text, start), |m| *m));
        quick.into_iter().flatten().chain(other.into_iter().flatten())
    }

    /// All matches that do not overlap, with their groups.
    pub fn captures_iter<'r, 't: 'r>(&'r self, text: &'t str) -> impl Iterator<Item = Captures<'t>> + 'r {
        let quick = self.one_group.then(|| self.find_iter(text).map(move |span| Captures { text, groups: vec![Some(span); 2] }));
        let other = quick.is_none().then(|| {
            let mut places = None;
            walk(text, move |start| self.captures(text, start, &mut places), |c| c.span(0).unwrap_or_default())
        });
        quick.into_iter().flatten().chain(other.into_iter().flatten())
    }

    /// Named groups with their numbers, in the order of the pattern.
    pub fn names(&self) -> impl ExactSizeIterator<Item = (usize, &str)> {
        self.names.iter().map(|(group, name)| (*group, name.as_str()))
    }

    /// The text with every match replaced. In the template `\1` stands for a group (nothing where it took no part), `\0` for
    /// the match and `\\` for a backslash; any other backslash is itself. Where that would be far longer than any text is, it is given up: as if
    /// nothing matched.
    pub fn replace_all<'t>(&self, text: &'t str, template: &str) -> Cow<'t, str> {
        replaced(text, template, self.matches(text, template))
    }

    /// The same of one match alone, by its number from 0.
    pub fn replace_nth<'t>(&self, text: &'t str, template: &str, number: usize) -> Cow<'t, str> {
        replaced(text, template, self.matches(text, template).nth(number).into_iter())
    }

    /// All matches that do not overlap, with their groups where the template may ask for them.
    fn matches<'r, 't: 'r>(&'r self, text: &'t str, template: &str) -> impl Iterator<Item = Captures<'t>> + 'r {
        let asked = template.contains('\\').then(|| self.captures_iter(text));
        let other = asked.is_none().then(|| self.find_iter(text).map(move |span| Captures { text, groups: vec![Some(span)] }));
        asked.into_iter().flatten().chain(other.into_iter().flatten())
    }

    /// The text without its last line feed, where `$` may stand before that.
    fn shorter<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.strip_suffix('\n').filter(|_| self.before_line_feed)
    }
}

/// What the backtracking engine finds; `None`, counted, where it gives up.
fn within<T>(text: &str, search: impl FnOnce() -> Result<T, fancy_regex::Error>) -> Option<T> {
    let found = if text.len() <= LONGEST { search().ok() } else { None };
    if found.is_none() {
        give_up();
    }
    found
}

/// Counts a search that is given up.
fn give_up() {
    GIVEN_UP.set(GIVEN_UP.get().wrapping_add(1));
}

/// The match that starts first, and of two that start together the longer one.
fn earlier<T>(a: Option<T>, b: Option<T>, span: impl Fn(&T) -> Span) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let (x, y) = (span(&a), span(&b));
            Some(if y.0 < x.0 || (y.0 == x.0 && y.1 > x.1) { b } else { a })
        }
        (a, b) => a.or(b),
    }
}

impl Engine {
    fn new(pattern: &str, backtracks: bool) -> Result<Engine, String> {
        if !backtracks {
            let built = recent::compiled(pattern, || ::regex::RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build());
            return built.map(Engine::Linear).map_err(|e| one_line(&e.to_string()));
        }
        let built = fancy_regex::RegexBuilder::new(pattern).backtrack_limit(MATCH_LIMIT).delegate_size_limit(SIZE_LIMIT).build();
        built.map(Engine::Backtracking).map_err(|e| one_line(&e.to_string()))
    }
}

/// The text with these matches replaced.
fn replaced<'t>(text: &'t str, template: &str, matches: impl Iterator<Item = Captures<'t>>) -> Cow<'t, str> {
    let mut out = String::new();
    let mut last = 0;
    let mut any = false;
    for found in matches {
        let (start, end) = found.span(0).unwrap_or_default();
        out.push_str(text.get(last..start).unwrap_or_default());
        fill(template, &found, &mut out);
        (last, any) = (end, true);
        if out.len() > LONGEST_MADE {
            give_up();
            return Cow::Borrowed(text);
        }
    }
    if !any {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(last..).unwrap_or_default());
    Cow::Owned(out)
}

/// Appends a template with its references filled in, up to the most that replacements make of a text.
fn fill(template: &str, found: &Captures<'_>, out: &mut String) {
    let mut rest = template;
    while let Some(at) = rest.find('\\').filter(|_| out.len() <= LONGEST_MADE) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let after = after.get(1..).unwrap_or_default();
        let digits = after.bytes().take(2).take_while(u8::is_ascii_digit).count();
        // Two digits where there are so many groups, else one.
        let reference = (1..=digits).rev().find_map(|n| {
            let group: usize = after.get(..n)?.parse().ok()?;
            (n == 1 || group < found.count()).then_some((group, n))
        });
        rest = match reference {
            Some((group, n)) => {
                out.push_str(found.get(group).unwrap_or_default());
                after.get(n..).unwrap_or_default()
            }
            None => {
                out.push('\\');
                after.strip_prefix('\\').unwrap_or(after)
            }
        };
    }
    out.push_str(rest);
}

/// Matches one after the other; an empty one does not touch the end of the one before it, and the search goes on behind it.
fn walk<T>(text: &str, mut find: impl FnMut(usize) -> Option<T>, span: impl Fn(&T) -> Span) -> impl Iterator<Item = T> {
    let (mut at, mut last_end) = (0, None);
    std::iter::from_fn(move || {
        loop {
            let found = find(at)?;
            let (start, end) = span(&found);
            if start != end {
                at = end;
            } else {
                at = end + text.get(end..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8);
                if last_end == Some(end) {
                    continue;
                }
            }
            last_end = Some(end);
            return Some(found);
        }
    })
}

/// The next character boundary at or after an offset, `None` past the end.
fn boundary(text: &str, start: usize) -> Option<usize> {
    (start..=text.len()).find(|&i| text.is_char_boundary(i))
}

/// The engines explain themselves over several lines, the reason in the last one.
fn one_line(message: &str) -> String {
    let last = message.lines().rev().map(str::trim).find(|l| !l.is_empty()).unwrap_or("it does not compile");
    last.strip_prefix("error: ").unwrap_or(last).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regex(p: &str) -> Regex {
        Regex::new(p).unwrap_or_else(|e| panic!("{p}: {e}"))
    }

    #[test]
    fn accepts_what_pcre_accepts() {
        for (pattern, text, want) in [
            (r"(.*\\)(?=.*(\.\w*)$|(\w+)$)", r"C:\Windows\cmd.exe", Some(r"C:\Windows\")),
            (r"^CN=(?P<cn>.*?),[A-Z]{2}\=", "CN=Ann,OU=x", Some("CN=Ann,OU=")),
            (r"{.*?}", "a {b} {c}", Some("{b}")),
            (r"(?i)[\-|\/|–|—|―][Ee^]{1,2}", "x —eN", Some("—e")),
            (r"[^\\]+\.(ZIP|ISO)", r"C:\a\b.ISO", Some("b.ISO")),
            (r"\<(?<src_user>.+)\>", "From <a@b.c>", Some("<a@b.c>")),
            (r"(?<!\/)\b\w+(\.\w+)?:\w+(\.\w+)?$", "/tmp x.txt:zone", Some("x.txt:zone")),
            (r"\x{202E}", "a\u{202E}b", Some("\u{202E}")),
            (r"[[a]+", "x[[a", Some("[[a")),
            (r"[\w-.]+", " a-b.c ", Some("a-b.c")),
            (r"[a&&b~~c]+", "x&&~~y", Some("&&~~")),
            (r"[]a]+", "x]a]", Some("]a]")),
            (r"[+--]+", "1,-+2", Some(",-+")),
            (r"[[:digit:]x]+", "ab12x", Some("12x")),
            (r"\h+", "a \t b", Some(" \t ")),
            (r"a{,2}", "aa{,2}", Some("a{,2}")),
            (r"\Qa.b*\E+", "a.b**", Some("a.b**")),
            (r"(\w)\1", "abccd", Some("cc")),
            (r"(?<q>['\x22]).*?\k<q>", "x 'a\"b' y", Some("'a\"b'")),
            (r"a++b", "aaab", Some("aaab")),
            (r"a++a", "aaa", None),
            (r"(?>a+)a", "aaa", None),
            (r"\d+", "٣4", Some("4")),
            (r"caf\b", "café", Some("caf")),
            (r"(?#note)a", "a", Some("a")),
            ("(?x) a b # c (\n c", "abc", Some("abc")),
            (r"foo$", "foo\n", Some("foo")),
            (r"foo\s*$", "foo \n", Some("foo \n")),
            (r"foo\z", "foo\n", None),
            (r"(?<=x)foo$", "xfoo\n", Some("foo")),
            (r"(?m)^b$", "a\nb\nc", Some("b")),
        ] {
            assert_eq!(regex(pattern).find_at(text, 0).map(|(a, b)| &text[a..b]), want, "{pattern}");
            assert_eq!(regex(pattern).is_match(text), want.is_some(), "{pattern}");
        }
    }

    #[test]
    fn groups_keep_names_that_the_engines_refuse() {
        let r = regex(r"(\w+)=(?<a.b>\d+)(?P<{x}-y>;)?(?=.|$)");
        assert_eq!(r.names().collect::<Vec<_>>(), [(2, "a.b"), (3, "{x}-y")]);
        let found = r.captures_at("k=12 ", 0).unwrap();
        assert_eq!((found.get(1), found.get(2), found.get(3), found.get(9)), (Some("k"), Some("12"), None, None));
    }

    #[test]
    fn refuses_with_one_line() {
        for bad in ["(", "a)", "[a", "*a", "(?<>a)", "(?<n", r"\", "(?<n>a)(?<n>b)", r"a{2}{1000}{1000}{1000}", "(?<=a+", &"(".repeat(100_000)] {
            let error = Regex::new(bad).unwrap_err();
            assert!(!error.is_empty() && !error.contains('\n'), "{bad:.20}: {error}");
        }
    }

    #[test]
    fn the_backtracking_engine_gives_up() {
        let text = "a".repeat(200);
        assert!(!regex(r"(?=x|a)(a+)+\1b").is_match(&text));
    }

    #[test]
    fn walks_and_replaces_like_pcre() {
        assert_eq!(regex("a*").find_iter("baac").collect::<Vec<_>>(), [(0, 0), (1, 3), (4, 4)]);
        for (pattern, text, template, want) in [
            (r"^(\d{1,2})/(\d{1,2})/", "1/14/2023", r"\2/\1/", "14/1/2023"),
            ("^", "test", "pre_", "pre_test"),
            ("l", "hello", "L", "heLLo"),
            ("a{2}", "aaa", "b", "ba"),
            ("(a)(b)?", "a-ab", r"<\1\2\3\x\\>", r"<a\x\>-<ab\x\>"),
            ("(a)", "a", r"\10", "a0"),
            ("é", "aéb", "e", "aeb"),
            ("x", "abc", "y", "abc"),
        ] {
            assert_eq!(regex(pattern).replace_all(text, template), want, "{pattern}");
        }
    }

    #[test]
    fn what_would_be_far_too_long_is_given_up() {
        let (ones, long) = ("1".repeat(1 << 13), "x".repeat(1 << 14));
        for (pattern, template) in [("1", long.as_str()), ("1+", &r"\0".repeat(1 << 14))] {
            assert_eq!(giving_up(|| regex(pattern).replace_all(&ones, template)), (Cow::Borrowed(ones.as_str()), 1));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_pattern_can_panic_or_hang(pattern in r"(\(\?i\))?(\([abw\\.+*|?$]{1,6}\)[+*]?|[\\\[\](){}|*+?^$a-dkgQEpwWsx0-3:<>=!,#&~é-]{0,30})", text in "[a-dé,\n ]{0,30}") {
            if let Ok(r) = Regex::new(&pattern) {
                let _ = r.replace_all(&text, r"\1");
                // However they are looked for, the matches are the same.
                let one_by_one: Vec<_> = walk(&text, |at| r.captures_at(&text, at), |c| c.span(0).unwrap_or_default()).collect();
                proptest::prop_assert_eq!(r.captures_iter(&text).collect::<Vec<_>>(), one_by_one.clone());
                proptest::prop_assert_eq!(r.find_iter(&text).collect::<Vec<_>>(), one_by_one.iter().filter_map(|c| c.span(0)).collect::<Vec<_>>());
                proptest::prop_assert_eq!(r.replace_all(&text, "<x>"), r.replace_all(&text, r"<\9x>"));
                if let Some(found) = r.captures_at(&text, 1) {
                    proptest::prop_assert!(found.get(0).is_some() && r.is_match(&text));
                }
            }
        }
    }
}
