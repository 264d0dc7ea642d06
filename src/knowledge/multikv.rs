//! Stanzas of multikv.conf: where the sections of a table in text are, and how their lines become cells.

use super::conf::Stanza;
use super::words::words;
use crate::regex::Regex;

/// The sections of a table, in their order. Of `pre` and `post` nothing is made.
#[derive(Debug)]
pub struct TableLayout {
    pub pre: Section,
    /// Without one columns are called `Column_1` and so on.
    pub header: Section,
    pub body: Section,
    pub post: Section,
}

/// One section.
#[derive(Debug, Default)]
pub struct Section {
    /// Does the stanza say anything of it?
    pub defined: bool,
    pub start: Start,
    pub end: End,
    /// Only lines that match are of it.
    pub member: Option<Regex>,
    pub ignore: Ignore,
    /// What is replaced in its lines, one after the other.
    pub replace: Vec<(Regex, String)>,
    pub tokens: Option<Tokens>,
}

/// Where a section begins.
#[derive(Debug, Default)]
pub enum Start {
    /// Where the one before ended.
    #[default]
    Here,
    /// With the first line that matches.
    Match(Regex),
    /// So many lines further on.
    Offset(usize),
}

/// Where a section ends.
#[derive(Debug, Default)]
pub enum End {
    /// As its kind says: a header has one line, what goes before it ends where it begins, other sections go on to the end.
    #[default]
    Unsaid,
    /// Before the first line that matches.
    Match(Regex),
    Lines(usize),
}

/// Lines that are passed over.
#[derive(Debug, Default)]
pub enum Ignore {
    #[default]
    None,
    All,
    Matching(Vec<Regex>),
}

/// How a line becomes cells.
#[derive(Clone, Debug, PartialEq)]
pub enum Tokens {
    /// Places and lengths, in characters.
    Chop(Vec<(usize, usize)>),
    /// What stands between delimiters: at most so many cells, the last one with all that is left; `Inherited` is as many as the header has.
    Split { most: Most, delimiters: String, consume: bool },
    /// Text that stands below a heading.
    Align(Vec<Align>),
    /// These, whatever the line says.
    List(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Most {
    All,
    Inherited,
    Count(usize),
}

/// A column below a heading.
#[derive(Clone, Debug, PartialEq)]
pub struct Align {
    /// The heading, or its beginning.
    pub heading: String,
    /// Aligned to its right end, instead of its left one.
    pub right: bool,
    /// At most so many characters; `None` for up to the next blank.
    pub width: Option<usize>,
}

impl TableLayout {
    /// What a stanza says. Errors: a sentence about the setting that is wrong.
    pub fn from_stanza(stanza: &Stanza) -> Result<TableLayout, String> {
        let section = |name: &str| Section::from_stanza(stanza, name);
        Ok(TableLayout { pre: section("pre")?, header: section("header")?, body: section("body")?, post: section("post")? })
    }
}

impl Section {
    fn from_stanza(stanza: &Stanza, name: &str) -> Result<Section, String> {
        let get = |key: &str| stanza.get(&format!("{name}.{key}")).filter(|t| !t.trim().is_empty());
        let regex = |key: &str| get(key).map(|t| pattern(t).map_err(|why| format!("{name}.{key}: {why}"))).transpose();
        let count = |key: &str| get(key).map(|t| t.trim().parse::<usize>().map_err(|_| format!("{name}.{key}: `{t}` is no number of lines"))).transpose();
        let start = match (regex("start")?, count("start_offset")?) {
            (Some(regex), _) => Start::Match(regex),
            (None, Some(lines)) => Start::Offset(lines),
            _ => Start::Here,
        };
        let end = match (regex("end")?, count("linecount")?) {
            (Some(regex), _) => End::Match(regex),
            (None, Some(lines)) => End::Lines(lines),
            _ => End::Unsaid,
        };
        let ignore = get("ignore").map(ignore).transpose().map_err(|why| format!("{name}.ignore: {why}"))?.unwrap_or_default();
        let replace = get("replace").map(replace).transpose().map_err(|why| format!("{name}.replace: {why}"))?.unwrap_or_default();
        let tokens = get("tokens").map(tokens).transpose().map_err(|why| format!("{name}.tokens: {why}"))?;
        let defined = stanza.settings().any(|(key, _)| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
        Ok(Section { defined, start, end, member: regex("member")?, ignore, replace, tokens })
    }
}

/// A regular expression, in quotes or without.
fn pattern(text: &str) -> Result<Regex, String> {
    let text = text.trim();
    let inside = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    Regex::new(inside)
}

/// `_all_`, `_none_`, `_regex_ "…", …`.
fn ignore(text: &str) -> Result<Ignore, String> {
    let words = words(text);
    match words.split_first() {
        Some((first, [])) if first.is("_all_") => Ok(Ignore::All),
        Some((first, [])) if first.is("_none_") => Ok(Ignore::None),
        Some((first, rest)) if first.is("_regex_") => Ok(Ignore::Matching(rest.iter().map(|w| Regex::new(&w.text)).collect::<Result<_, _>>()?)),
        _ => Err("it is none of `_all_`, `_none_` and `_regex_`".into()),
    }
}

/// `"a" = "b", "c" = "d"`.
fn replace(text: &str) -> Result<Vec<(Regex, String)>, String> {
    let words: Vec<_> = words(text).into_iter().filter(|w| w.quoted || w.text != "=").collect();
    let pair = |pair: &[super::words::Word]| match pair {
        [from, to] => Regex::new(&from.text).map(|regex| (regex, to.text.clone())),
        _ => Err("it takes pairs of quoted texts, `\"from\" = \"to\"`".to_string()),
    };
    words.chunks(2).map(pair).collect()
}

fn tokens(text: &str) -> Result<Tokens, String> {
    let words = words(text);
    let Some((kind, rest)) = words.split_first() else { return Err("it says nothing".into()) };
    let number = |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is no number"));
    match kind.text.to_ascii_lowercase().as_str() {
        "_chop_" => {
            let numbers = rest.iter().map(|w| number(&w.text)).collect::<Result<Vec<_>, _>>()?;
            let pairs = numbers.chunks(2).map(|pair| if let [at, length] = pair { Ok((*at, *length)) } else { Err("a length is missing".to_string()) });
            Ok(Tokens::Chop(pairs.collect::<Result<_, _>>()?))
        }
        "_tokenize_" => {
            let Some((most, rest)) = rest.split_first() else { return Err("the number of tokens is missing".into()) };
            let most = match most.text.as_str() {
                "-1" => Most::All,
                "0" => Most::Inherited,
                text => Most::Count(number(text)?),
            };
            let flag = rest.last().filter(|w| !w.quoted).and_then(|w| super::conf::flag(&w.text));
            let delimiters: String = rest.iter().take(rest.len() - usize::from(flag.is_some())).map(|w| w.text.as_str()).collect();
            let delimiters = delimiters.replace("\\t", "\t");
            Ok(Tokens::Split { most, delimiters: if delimiters.is_empty() { " \t".into() } else { delimiters }, consume: flag.unwrap_or(true) })
        }
        "_align_" => {
            let rest: Vec<_> = rest.iter().filter(|w| !w.is("_align_")).collect();
            let align = |three: &[&super::words::Word]| match three {
                [heading, side, width] if side.is("L") || side.is("R") => {
                    let width = if width.text == "-1" { None } else { Some(number(&width.text)?) };
                    Ok(Align { heading: heading.text.clone(), right: side.is("R"), width })
                }
                _ => Err("`_align_` takes a heading, `L` or `R`, and a width".to_string()),
            };
            Ok(Tokens::Align(rest.chunks(3).map(align).collect::<Result<_, _>>()?))
        }
        "_token_list_" => Ok(Tokens::List(rest.iter().map(|w| w.text.clone()).collect())),
        other => Err(format!("`{other}` is none of `_chop_`, `_tokenize_`, `_align_` and `_token_list_`")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::conf::parse;
    use super::*;

    fn layout(text: &str) -> Result<TableLayout, String> {
        TableLayout::from_stanza(parse(&format!("[t]\n{text}")).0.stanza("t").unwrap())
    }

    #[test]
    fn sections_are_read() {
        let l = layout(
            "pre.start = \"Process\"\npre.end = \"PID\"\npre.ignore = _all_\nheader.linecount = 1\nheader.replace = \"%\" = \"_\", \"#\" = \"_\"\nheader.tokens = _tokenize_, -1,\" \"\nbody.member = \\.cpp\nbody.ignore = _regex_ \"^d.*\", \"x\"\nbody.tokens = _tokenize_, 0, \" \", false\npost.start_offset = 2",
        )
        .unwrap();
        assert!(matches!((&l.pre.start, &l.pre.end, &l.pre.ignore), (Start::Match(_), End::Match(_), Ignore::All)));
        assert!(matches!((&l.header.end, l.header.replace.len(), &l.post.start), (End::Lines(1), 2, Start::Offset(2))));
        assert_eq!(l.header.tokens, Some(Tokens::Split { most: Most::All, delimiters: " ".into(), consume: true }));
        assert_eq!(l.body.tokens, Some(Tokens::Split { most: Most::Inherited, delimiters: " ".into(), consume: false }));
        assert!(matches!(&l.body.ignore, Ignore::Matching(all) if all.len() == 2));
        assert!(l.post.defined && l.body.member.is_some());
    }

    #[test]
    fn tokens_of_every_kind() {
        assert_eq!(tokens("_chop_, 0, 9,  10, 4"), Ok(Tokens::Chop(vec![(0, 9), (10, 4)])));
        assert_eq!(tokens("_token_list_, mode, \"the size\""), Ok(Tokens::List(vec!["mode".into(), "the size".into()])));
        let align = |heading: &str, right, width| Align { heading: heading.into(), right, width };
        assert_eq!(tokens("_align_, PID, R, -1, _align_, \"US\", L, 5"), Ok(Tokens::Align(vec![align("PID", true, None), align("US", false, Some(5))])));
        for bad in ["_chop_, 1", "_tokenize_", "_align_, a, X, 1", "_cut_, 1", "_tokenize_, x"] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
        for bad in ["body.start = (", "body.linecount = x", "body.ignore = some", "body.replace = \"a\"", "body.tokens = _cut_"] {
            assert!(layout(bad).is_err_and(|why| why.starts_with("body.")), "{bad}");
        }
    }
}
