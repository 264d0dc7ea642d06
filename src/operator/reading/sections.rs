//! `multikv conf=…`: the lines of the sections that a stanza of multikv.conf describes.

use crate::knowledge::multikv::{Align, End, Ignore, Most, Section, Start, TableLayout, Tokens};
use std::borrow::Cow;

/// A row of a table: its line, and cells with the names of their columns.
pub struct Row {
    pub line: String,
    pub cells: Vec<(String, String)>,
}

/// The rows of the tables of a text: of all of them, or of the first.
pub fn rows(text: &str, layout: &TableLayout, several: bool, limit: usize) -> Vec<Row> {
    let lines: Vec<&str> = text.lines().take(limit).collect();
    let mut all = Vec::new();
    let mut at = 0;
    // What was not found once is not there further on either.
    let (mut pre, mut post) = (layout.pre.defined, layout.post.defined);
    while at < lines.len() {
        let begun = at;
        if pre {
            let found = extent(&lines, at, &layout.pre, Kind::Before(&layout.header.start, &layout.body.start));
            pre = found.is_some();
            at = found.map_or(at, |(_, end)| end);
        }
        let Some(headed) = extent(&lines, at, &layout.header, Kind::Header) else { break };
        at = headed.1;
        let header = heading(&lines, headed, &layout.header);
        let Some((from, to)) = extent(&lines, at, &layout.body, Kind::Rest) else { break };
        for line in lines.get(from..to).unwrap_or_default() {
            if let Some(line) = wanted(line, &layout.body) {
                let cells = cells(&line, layout.body.tokens.as_ref(), &header);
                let name = |i: usize| header.names.get(i).cloned().unwrap_or_else(|| format!("Column_{}", i + 1));
                let cells = cells.into_iter().enumerate().map(|(i, cell)| (cell.0.unwrap_or_else(|| name(i)), cell.1)).collect();
                all.push(Row { line: line.into_owned(), cells });
            }
        }
        at = to;
        if post {
            let found = extent(&lines, at, &layout.post, Kind::Rest);
            post = found.is_some();
            at = found.map_or(at, |(_, end)| end);
        }
        if !several || at <= begun {
            break;
        }
    }
    all
}

/// What a section ends with where it does not say.
enum Kind<'l> {
    /// Where the first of these begins.
    Before(&'l Start, &'l Start),
    Header,
    Rest,
}

/// The first line of a section and the one behind it; `None` where its start is not found.
fn extent(lines: &[&str], at: usize, section: &Section, kind: Kind<'_>) -> Option<(usize, usize)> {
    let find = |from: usize, regex: &crate::regex::Regex| (from..lines.len()).find(|i| lines.get(*i).is_some_and(|line| regex.is_match(line)));
    let from = match &section.start {
        Start::Here => at,
        Start::Match(regex) => find(at, regex)?,
        Start::Offset(count) => at.saturating_add(*count),
    };
    // The line that a section starts with does not end it.
    let inside = from + usize::from(matches!(section.start, Start::Match(_)));
    let to = match (&section.end, kind) {
        (End::Match(regex), _) => find(inside, regex).unwrap_or(lines.len()),
        (End::Lines(count), _) => from.saturating_add(*count),
        (End::Unsaid, _) if !section.defined => from,
        (End::Unsaid, Kind::Before(header, body)) => match (header, body) {
            (Start::Match(regex), _) | (_, Start::Match(regex)) => find(inside, regex).unwrap_or(from),
            _ => from,
        },
        (End::Unsaid, Kind::Header) => from + usize::from(!matches!(section.tokens, Some(Tokens::List(_)))),
        (End::Unsaid, Kind::Rest) => lines.len(),
    };
    (from <= lines.len()).then_some((from, to.min(lines.len()).max(from)))
}

/// The line with its replacements; `None` where it is not of the section, or passed over.
fn wanted<'l>(line: &'l str, section: &Section) -> Option<Cow<'l, str>> {
    let passed = match &section.ignore {
        Ignore::None => false,
        Ignore::All => true,
        Ignore::Matching(all) => all.iter().any(|regex| regex.is_match(line)),
    };
    if passed || line.trim().is_empty() || section.member.as_ref().is_some_and(|m| !m.is_match(line)) {
        return None;
    }
    Some(section.replace.iter().fold(Cow::Borrowed(line), |line, (regex, with)| Cow::Owned(regex.replace_all(&line, with).into_owned())))
}

/// The names of the columns, and the line that they stand in.
struct Heading {
    names: Vec<String>,
    line: String,
}

fn heading(lines: &[&str], (from, to): (usize, usize), section: &Section) -> Heading {
    let none = Heading { names: Vec::new(), line: String::new() };
    if let Some(Tokens::List(names)) = &section.tokens {
        return Heading { names: names.clone(), line: String::new() };
    }
    let line = lines.get(from..to).unwrap_or_default().iter().find_map(|line| wanted(line, section));
    let Some(line) = line.filter(|_| section.defined) else { return none };
    let names = cells(&line, section.tokens.as_ref(), &none).into_iter().map(|(_, cell)| cell).collect();
    Heading { names, line: line.into_owned() }
}

/// The cells of a line; aligned ones know their column.
fn cells(line: &str, tokens: Option<&Tokens>, header: &Heading) -> Vec<(Option<String>, String)> {
    let plain = |cells: Vec<String>| cells.into_iter().map(|cell| (None, cell)).collect();
    match tokens {
        None => plain(split(line, Most::Inherited, " \t", true, header.names.len())),
        Some(Tokens::List(cells)) => plain(cells.clone()),
        Some(Tokens::Split { most, delimiters, consume }) => plain(split(line, *most, delimiters, *consume, header.names.len())),
        Some(Tokens::Chop(parts)) => {
            plain(parts.iter().map(|(at, length)| line.chars().skip(*at).take(*length).collect::<String>().trim().to_string()).collect())
        }
        Some(Tokens::Align(columns)) => columns.iter().filter_map(|column| aligned(line, column, header)).collect(),
    }
}

/// What stands between delimiters; the last cell holds all that is left where there may be no more.
fn split(line: &str, most: Most, delimiters: &str, consume: bool, inherited: usize) -> Vec<String> {
    let most = match most {
        Most::Inherited if inherited > 0 => inherited,
        Most::Count(count) => count,
        _ => usize::MAX,
    };
    let is = |c: char| delimiters.contains(c);
    let mut all = Vec::new();
    let mut rest = Some(line);
    while let Some(text) = rest {
        let text = if consume { text.trim_start_matches(is) } else { text };
        if consume && text.is_empty() {
            break;
        }
        let end = text.find(is).filter(|_| all.len() + 1 < most);
        all.push(text.get(..end.unwrap_or(text.len())).unwrap_or_default().trim().to_string());
        rest = end.and_then(|end| text.get(end..)).and_then(|after| after.chars().next().and_then(|c| after.get(c.len_utf8()..)));
    }
    all
}

/// The text below a heading, from its beginning on or up to its end.
fn aligned(line: &str, column: &Align, header: &Heading) -> Option<(Option<String>, String)> {
    let name = header.names.iter().find(|name| name.starts_with(&column.heading))?;
    let start = header.line.find(name.as_str())?;
    let place = header.line.get(..start)?.chars().count();
    let chars: Vec<char> = line.chars().collect();
    let blank = |i: usize| chars.get(i).is_none_or(|c| matches!(c, ' ' | '\t'));
    let (from, to) = if column.right {
        let end = (place + name.chars().count()).min(chars.len());
        let from = match column.width {
            Some(width) => end.saturating_sub(width),
            None => (0..end).rev().find(|i| blank(*i)).map_or(0, |i| i + 1),
        };
        (from, end)
    } else {
        let to = match column.width {
            Some(width) => place.saturating_add(width),
            None => (place..chars.len()).find(|i| blank(*i)).unwrap_or(chars.len()),
        };
        (place, to.min(chars.len()))
    };
    let text: String = chars.get(from..to).unwrap_or_default().iter().collect();
    Some((Some(name.clone()), text.trim().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Conf;

    fn shown(settings: &str, text: &str) -> String {
        let conf = Conf::parse(&format!("[t]\n{settings}"), &"multikv.conf".into(), &mut Vec::new());
        let layout = TableLayout::from_stanza(conf.stanza("t").unwrap()).unwrap();
        let row = |row: Row| row.cells.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join(",");
        rows(text, &layout, true, 1000).into_iter().map(row).collect::<Vec<_>>().join(";")
    }

    #[test]
    fn sections_give_their_rows() {
        let top = "Processes: 2\nload 1\nPID %CPU CMD\n1   0.5  init\n2   0.1  sh -c x\nProcesses: 1\nPID %CPU CMD\n3 9 z\n";
        let conf = "pre.start = Process\npre.end = PID\npre.ignore = _all_\nheader.start = \"PID\"\nheader.linecount = 1\nheader.replace = \"%\" = \"_\"\nheader.tokens = _tokenize_, -1,\" \"\nbody.end = \"Process\"\nbody.tokens = _tokenize_, 0, \" \"";
        assert_eq!(shown(conf, top), "PID=1,_CPU=0.5,CMD=init;PID=2,_CPU=0.1,CMD=sh -c x;PID=3,_CPU=9,CMD=z");
        let ls = "total 8\n-rw-r--r-- 1 u g 12 Jan  3 10:00 a.cpp\ndrwxr-xr-x 2 u g 4 Jan  3 10:00 d.cpp\n-rw-r--r-- 1 u g 7 Jan  4 11:00 b.h\n";
        let conf = "pre.linecount = 1\nheader.tokens = _token_list_, mode, links, user, group, size, date, name\nbody.member = \\.cpp\nbody.replace = \"(\\w{3})\\s+(\\d{1,2})\\s+(\\d{2}:\\d{2})\" = \"\\1_\\2_\\3\"\nbody.ignore = _regex_ \"^d\"\nbody.tokens = _tokenize_, 0, \" \"";
        assert_eq!(shown(conf, ls), "mode=-rw-r--r--,links=1,user=u,group=g,size=12,date=Jan_3_10:00,name=a.cpp");
        assert_eq!(shown("body.tokens = _chop_, 0, 2, 3, 2", "ab cd ef\ngh"), "Column_1=ab,Column_2=cd;Column_1=gh,Column_2=");
        let aligned = "header.linecount = 1\nbody.tokens = _align_, NAME, L, -1, _align_, SI, R, 4, _align_, none, L, 3";
        assert_eq!(shown(aligned, "NAME   SIZE\na b  1 200\nlonger 1234"), "NAME=a,SIZE=200;NAME=longer,SIZE=1234");
        assert_eq!(shown("body.tokens = _tokenize_, -1, \",\", \";\", false", "a,,b;c"), "Column_1=a,Column_2=,Column_3=b,Column_4=c");
        assert_eq!(shown("body.tokens = _tokenize_, 2, \",\"", "a,,b,c"), "Column_1=a,Column_2=b,c");
        assert_eq!(shown("body.start = none", "a b"), "");
        assert_eq!(shown("body.start_offset = 1\nbody.linecount = 1\npost.linecount = 9", "a\nb\nc\nd"), "Column_1=b");
        assert_eq!(shown("header.start_offset = 5\nbody.member=x", "a"), "");
    }
}
