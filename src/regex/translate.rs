//! PCRE's syntax to that of the engines.
//!
//! They refuse or read differently: a `{` that starts no quantifier, `\<`, `\h`, `\Z`, brackets inside a class, group names with
//! odd characters. PCRE's `\d`, `\w` and `\s` mean ASCII. Named groups become numbered ones; the names are handed back.

/// Groups deeper than this are refused: the engines recurse over them.
const MAX_DEPTH: usize = 150;

/// A pattern for the engines.
#[derive(Debug, Default)]
pub struct Translated {
    pub text: String,
    /// It needs look-around, back-references, or other things that only a backtracking engine has.
    pub backtracks: bool,
    /// `$` was written as the very end; in PCRE it also stands before a last line feed.
    pub before_line_feed: bool,
    /// Named groups: number and name.
    pub names: Vec<(usize, String)>,
    /// All of it is one group, the only one.
    pub one_group: bool,
}

/// Where `$` stands in PCRE.
const END: &str = r"(?=\n?\z)";

/// Rewrites a pattern. The error is one line for the user.
pub fn translate(pattern: &str) -> Result<Translated, String> {
    let mut walk = Walk::new(pattern);
    walk.run()?;
    if walk.backtracks {
        // What comes before the first such construct is written for the other engine too.
        walk = Walk { backtracks: true, ..Walk::new(pattern) };
        walk.run()?;
    }
    let before_line_feed = walk.has_end && !walk.has_exact_end && !walk.backtracks;
    let one_group = !walk.backtracks
        && walk.groups == 1
        && walk.first.is_some_and(|(start, end)| end == walk.out.len() && are_flags(walk.out.get(..start).unwrap_or_default()));
    Ok(Translated { text: walk.out, backtracks: walk.backtracks, before_line_feed, names: walk.names, one_group })
}

/// Are these no more than flags: `(?i)`, or nothing?
fn are_flags(text: &str) -> bool {
    let inside = text.strip_prefix("(?").and_then(|rest| rest.strip_suffix(')'));
    text.is_empty() || inside.is_some_and(|flags| flags.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
}

struct Walk<'p> {
    rest: &'p str,
    out: String,
    /// Is there a `$` or `\Z`, and is there a `\z`?
    has_end: bool,
    has_exact_end: bool,
    backtracks: bool,
    groups: usize,
    /// Where the first group begins and ends, where it stands in no other.
    first: Option<(usize, usize)>,
    names: Vec<(usize, String)>,
    /// Flags `m` and `x` outside each open group.
    open: Vec<Flags>,
    flags: Flags,
}

#[derive(Clone, Copy, Default)]
struct Flags {
    multiline: bool,
    extended: bool,
}

/// Inside a class: one character, or a set such as `\d`.
enum Item {
    Char(char),
    Set(String),
}

impl<'p> Walk<'p> {
    fn new(pattern: &'p str) -> Walk<'p> {
        Walk {
            rest: pattern,
            out: String::with_capacity(pattern.len() + 16),
            has_end: false,
            has_exact_end: false,
            backtracks: false,
            groups: 0,
            first: None,
            names: Vec::new(),
            open: Vec::new(),
            flags: Flags::default(),
        }
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(c) = self.next() {
            match c {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                ')' => {
                    self.flags = self.open.pop().ok_or("there is a `)` without a `(`")?;
                    self.out.push(')');
                    if self.open.is_empty() {
                        self.first.iter_mut().filter(|(_, end)| *end == 0).for_each(|(_, end)| *end = self.out.len());
                    }
                }
                '{' => self.brace(),
                '*' | '+' | '?' => self.quantifier(c),
                '$' if !self.flags.multiline => self.end(),
                '#' if self.flags.extended => self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest),
                '|' | '^' | '.' | '$' => self.out.push(c),
                c if c.is_whitespace() && self.flags.extended => {}
                c => self.literal(c),
            }
        }
        if self.open.is_empty() { Ok(()) } else { Err("a `(` is not closed".into()) }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        Some(c)
    }

    fn eat(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes the text up to a closing mark.
    fn until(&mut self, close: &str, what: &str) -> Result<&'p str, String> {
        let (text, rest) = self.rest.split_once(close).ok_or_else(|| format!("{what} is not closed by `{close}`"))?;
        self.rest = rest;
        Ok(text)
    }

    /// A character that stands for itself.
    fn literal(&mut self, c: char) {
        literal(c, &mut self.out);
    }

    fn end(&mut self) {
        self.has_end = true;
        self.out.push_str(if self.backtracks { END } else { r"\z" });
    }

    /// `*`, `+`, `?`, with a `?` or `+` behind it.
    fn quantifier(&mut self, c: char) {
        self.out.push(c);
        self.greed();
    }

    /// The mark behind a quantifier: lazy or possessive.
    fn greed(&mut self) {
        if self.eat("?") {
            self.out.push('?');
        } else if self.eat("+") {
            self.out.push('+');
            self.backtracks = true;
        }
    }

    /// `{` as a quantifier where it is one, else as itself.
    fn brace(&mut self) {
        let counted = self.rest.split_once('}').filter(|(inside, _)| {
            let (low, high) = inside.split_once(',').unwrap_or((inside, ""));
            !low.is_empty() && low.bytes().chain(high.bytes()).all(|b| b.is_ascii_digit())
        });
        match counted {
            Some((inside, rest)) => {
                self.out.push('{');
                self.out.push_str(inside);
                self.out.push('}');
                self.rest = rest;
                self.greed();
            }
            None => self.literal('{'),
        }
    }

    /// After `(`.
    fn group(&mut self) -> Result<(), String> {
        if self.eat("?#") {
            return self.until(")", "the comment `(?#`").map(|_| ());
        }
        if self.rest.starts_with('*') {
            return Err("verbs such as `(*UCP)` are not supported".into());
        }
        let outer = self.flags;
        if !self.rest.starts_with('?') {
            self.numbered();
        } else if self.eat("?P=") {
            let name = self.until(")", "the reference `(?P=`")?;
            return self.reference(name);
        } else if let Some(mark) = ["?=", "?!", "?<=", "?<!", "?>"].into_iter().find(|p| self.rest.starts_with(p)) {
            self.eat(mark);
            self.backtracks = true;
            self.out.push('(');
            self.out.push_str(mark);
        } else if self.eat("?P<") || self.eat("?<") {
            self.name(">")?;
        } else if self.eat("?'") {
            self.name("'")?;
        } else if self.flag_group()? {
            return Ok(());
        }
        self.open.push(outer);
        if self.open.len() > MAX_DEPTH { Err(format!("groups are nested more than {MAX_DEPTH} deep")) } else { Ok(()) }
    }

    /// The name of a group; the engines only see its number.
    fn name(&mut self, close: &str) -> Result<(), String> {
        let name = self.until(close, "the name of a group")?;
        if name.is_empty() {
            return Err("a group has an empty name".into());
        }
        if self.names.iter().any(|(_, n)| n == name) {
            return Err(format!("two groups are named `{name}`"));
        }
        self.numbered();
        self.names.push((self.groups, name.to_string()));
        Ok(())
    }

    /// Opens the next group that has a number.
    fn numbered(&mut self) {
        self.groups += 1;
        if self.groups == 1 && self.open.is_empty() {
            self.first = Some((self.out.len(), 0));
        }
        self.out.push('(');
    }

    /// `(?i)`, `(?i:`, `(?:`, or a construct that only the backtracking engine may know. True where no group is left open.
    fn flag_group(&mut self) -> Result<bool, String> {
        let letters = self.rest.get(1..).unwrap_or_default();
        let len = letters.find(|c: char| !(c.is_ascii_alphabetic() || c == '-')).unwrap_or(letters.len());
        let (flags, rest) = letters.split_at(len);
        if !rest.starts_with([':', ')']) || flags.contains(['R', 'P']) {
            self.eat("?");
            self.backtracks = true;
            self.out.push_str("(?");
            return Ok(false);
        }
        let (on, off) = flags.split_once('-').unwrap_or((flags, ""));
        for (set, value) in [(on, true), (off, false)] {
            self.flags.multiline = if set.contains('m') { value } else { self.flags.multiline };
            self.flags.extended = if set.contains('x') { value } else { self.flags.extended };
        }
        // Blanks and comments are taken out here; `J`, duplicate names, has no counterpart.
        let keep = |set: &str| set.chars().filter(|c| !matches!(c, 'x' | 'J')).collect::<String>();
        let (on, off) = (keep(on), keep(off));
        let alone = rest.starts_with(')');
        self.rest = rest.get(1..).unwrap_or_default();
        if alone && on.is_empty() && off.is_empty() {
            return Ok(true);
        }
        self.out.push_str("(?");
        self.out.push_str(&on);
        if !off.is_empty() {
            self.out.push('-');
            self.out.push_str(&off);
        }
        self.out.push(if alone { ')' } else { ':' });
        Ok(alone)
    }

    /// A back-reference by name or number.
    fn reference(&mut self, to: &str) -> Result<(), String> {
        let number = match to.parse::<usize>() {
            Ok(n) => n,
            Err(_) => self.names.iter().find(|(_, n)| n == to).map(|(g, _)| *g).ok_or_else(|| format!("there is no group `{to}` before the reference"))?,
        };
        self.backtracks = true;
        self.out.push_str(&format!("(?:\\{number})"));
        Ok(())
    }

    /// After `\`, outside a class.
    fn escape(&mut self) -> Result<(), String> {
        let c = self.next().ok_or("it ends in a single backslash")?;
        match c {
            'Z' => self.end(),
            'A' | 'B' => self.pass(c),
            'z' => {
                self.has_exact_end = true;
                self.pass(c);
            }
            'b' if self.backtracks => self.pass(c),
            'b' => self.out.push_str(r"(?-u:\b)"),
            'K' | 'G' => {
                self.backtracks = true;
                self.pass(c);
            }
            'R' => self.out.push_str(r"(?:\r\n|[\n\x0B\f\r\x{85}\x{2028}\x{2029}])"),
            'N' => self.out.push_str(r"[^\n]"),
            'Q' => {
                let (text, rest) = self.rest.split_once(r"\E").unwrap_or((self.rest, ""));
                text.chars().for_each(|c| literal(c, &mut self.out));
                self.rest = rest;
            }
            'E' => {}
            '1'..='9' => {
                let more = self.rest.bytes().take(1).take_while(u8::is_ascii_digit).count();
                let number = format!("{c}{}", self.rest.get(..more).unwrap_or_default());
                self.rest = self.rest.get(more..).unwrap_or_default();
                self.reference(&number)?;
            }
            'k' | 'g' => {
                let close = match self.next() {
                    Some('<') => ">",
                    Some('{') => "}",
                    Some('\'') => "'",
                    Some(d) if d.is_ascii_digit() => return self.reference(&d.to_string()),
                    _ => return Err(format!("`\\{c}` wants a group")),
                };
                let to = self.until(close, "the reference to a group")?;
                self.reference(to)?;
            }
            c => match self.shared_escape(c)? {
                Item::Char(c) => self.literal(c),
                Item::Set(set) if set.starts_with(r"\p") || set.starts_with(r"\P") => self.out.push_str(&set),
                Item::Set(set) => self.out.push_str(&format!("[{set}]")),
            },
        }
        Ok(())
    }

    fn pass(&mut self, c: char) {
        self.out.push('\\');
        self.out.push(c);
    }

    /// Escapes that mean the same inside a class and outside.
    fn shared_escape(&mut self, c: char) -> Result<Item, String> {
        let set = |s: &str| Ok(Item::Set(s.to_string()));
        match c {
            'd' => set("0-9"),
            'D' => set("^0-9"),
            'w' => set("0-9A-Za-z_"),
            'W' => set("^0-9A-Za-z_"),
            's' => set(r"\t\n\x0B\f\r\x20"),
            'S' => set(r"^\t\n\x0B\f\r\x20"),
            'h' => set(r"\t\p{Zs}"),
            'H' => set(r"^\t\p{Zs}"),
            'v' => set(r"\n\x0B\f\r\x{85}\x{2028}\x{2029}"),
            'V' => set(r"^\n\x0B\f\r\x{85}\x{2028}\x{2029}"),
            'p' | 'P' => {
                let name = if self.eat("{") { self.until("}", "the property")?.to_string() } else { self.next().map(String::from).unwrap_or_default() };
                Ok(Item::Set(format!("\\{c}{{{name}}}")))
            }
            'n' => Ok(Item::Char('\n')),
            'r' => Ok(Item::Char('\r')),
            't' => Ok(Item::Char('\t')),
            'f' => Ok(Item::Char('\x0C')),
            'a' => Ok(Item::Char('\x07')),
            'e' => Ok(Item::Char('\x1B')),
            'c' => Ok(Item::Char(self.next().filter(char::is_ascii).map_or('c', |k| char::from((k.to_ascii_uppercase() as u8) ^ 64)))),
            'x' if self.eat("{") => self.until("}", "`\\x{`").and_then(|digits| code(digits, 16)),
            'x' => self.digits(2, 16),
            '0' => self.digits(2, 8),
            c if c.is_ascii_alphanumeric() => Err(format!("`\\{c}` means nothing in a regular expression; a backslash is written `\\\\`")),
            c => Ok(Item::Char(c)),
        }
    }

    /// Up to `most` digits of a character's code.
    fn digits(&mut self, most: usize, base: u32) -> Result<Item, String> {
        let n = self.rest.chars().take(most).take_while(|c| c.is_digit(base)).count();
        let digits = self.rest.get(..n).unwrap_or_default();
        self.rest = self.rest.get(n..).unwrap_or_default();
        code(if digits.is_empty() { "0" } else { digits }, base)
    }

    /// After `[`, up to its `]`.
    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.eat("^") {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            if !first && self.eat("]") {
                self.out.push(']');
                return Ok(());
            }
            first = false;
            match self.item()? {
                // `-` behind a set, or before one or the end, is itself.
                Item::Set(set) if set.starts_with(['^', '[']) || set.starts_with(r"\p") || set.starts_with(r"\P") => {
                    self.out.push_str(&if set.starts_with('^') { format!("[{set}]") } else { set });
                    self.dash();
                }
                Item::Set(set) => {
                    self.out.push_str(&set);
                    self.dash();
                }
                Item::Char(low) => {
                    literal(low, &mut self.out);
                    let ahead = self.rest;
                    if !self.eat("-") {
                        continue;
                    }
                    if self.rest.starts_with(']') {
                        literal('-', &mut self.out);
                        continue;
                    }
                    match self.item()? {
                        Item::Char(high) => {
                            self.out.push('-');
                            literal(high, &mut self.out);
                        }
                        Item::Set(_) => {
                            literal('-', &mut self.out);
                            self.rest = ahead.strip_prefix('-').unwrap_or(ahead);
                        }
                    }
                }
            }
        }
    }

    fn dash(&mut self) {
        if self.eat("-") {
            literal('-', &mut self.out);
        }
    }

    /// One item of a class.
    fn item(&mut self) -> Result<Item, String> {
        let open = || "a `[` is not closed".to_string();
        match self.next().ok_or_else(open)? {
            '\\' => match self.next().ok_or_else(open)? {
                'b' => Ok(Item::Char('\x08')),
                c @ '1'..='7' => {
                    let n = self.rest.bytes().take(2).take_while(|b| (b'0'..b'8').contains(b)).count();
                    let digits = format!("{c}{}", self.rest.get(..n).unwrap_or_default());
                    self.rest = self.rest.get(n..).unwrap_or_default();
                    code(&digits, 8)
                }
                c => self.shared_escape(c),
            },
            '[' if self.rest.starts_with(':') => match self.rest.split_once(":]") {
                Some((name, rest)) if name.bytes().skip(1).all(|b| b.is_ascii_alphabetic() || b == b'^') => {
                    self.rest = rest;
                    Ok(Item::Set(format!("[{name}:]")))
                }
                _ => Ok(Item::Char('[')),
            },
            c => Ok(Item::Char(c)),
        }
    }
}

/// The character of a code.
fn code(digits: &str, base: u32) -> Result<Item, String> {
    u32::from_str_radix(digits, base).ok().and_then(char::from_u32).map(Item::Char).ok_or_else(|| format!("`{digits}` is no character's code"))
}

/// A character that stands for itself, inside a class or outside.
fn literal(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str(r"\n"),
        c if c.is_ascii_control() || c == ' ' => out.push_str(&format!("\\x{:02X}", u32::from(c))),
        // `\<` and `\>` would be word boundaries.
        '<' | '>' => out.push(c),
        c if c.is_ascii_punctuation() && c != '_' => {
            out.push('\\');
            out.push(c);
        }
        c => out.push(c),
    }
}
