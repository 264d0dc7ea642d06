//! Reading XPath, by precedence.

use super::token::{Token, tokens};
use super::{AXES, Arithmetic, Axis, Comparison, FUNCTIONS, From, Step, Test, XPath};

/// Expressions nest no deeper.
const DEPTH: usize = 60;
/// Tokens of the longest expression.
const TOKENS: usize = 2000;

impl XPath {
    /// Reads an expression. Errors: a sentence about what is not understood.
    pub fn parse(text: &str) -> Result<XPath, String> {
        let tokens = tokens(text)?;
        match tokens.len() {
            0 => return Err("it is empty".into()),
            n if n > TOKENS => return Err(format!("it has more than {TOKENS} parts")),
            _ => {}
        }
        let mut reader = Reader { tokens: &tokens, at: 0, depth: 0 };
        let expr = reader.or()?;
        match reader.peek() {
            None => Ok(expr),
            Some(token) => Err(format!("`{}` is not understood there", token.shown())),
        }
    }
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is(&self, ahead: usize, sign: &str) -> bool {
        matches!(self.tokens.get(self.at + ahead), Some(Token::Sign(s)) if *s == sign)
    }

    /// Takes this sign, if it stands here.
    fn take(&mut self, sign: &str) -> bool {
        let there = self.is(0, sign);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        match self.take(sign) {
            true => Ok(()),
            false => Err(match self.peek() {
                None => format!("a `{sign}` is missing at the end"),
                Some(token) => format!("a `{sign}` is missing before `{}`", token.shown()),
            }),
        }
    }

    fn or(&mut self) -> Result<XPath, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(format!("it nests deeper than {DEPTH} levels"));
        }
        let mut all = vec![self.and()?];
        while self.take("or") {
            all.push(self.and()?);
        }
        self.depth -= 1;
        Ok(single(all, XPath::Or))
    }

    fn and(&mut self) -> Result<XPath, String> {
        let mut all = vec![self.binary(0)?];
        while self.take("and") {
            all.push(self.binary(0)?);
        }
        Ok(single(all, XPath::And))
    }

    /// Comparisons, sums and products, each level binding tighter than the one before.
    fn binary(&mut self, level: usize) -> Result<XPath, String> {
        type Join = fn(Box<XPath>, Box<XPath>) -> XPath;
        const LEVELS: [&[(&str, Join)]; 4] = [
            &[("=", |a, b| XPath::Compare(Comparison::Equal, a, b)), ("!=", |a, b| XPath::Compare(Comparison::Unequal, a, b))],
            &[
                ("<", |a, b| XPath::Compare(Comparison::Less, a, b)),
                ("<=", |a, b| XPath::Compare(Comparison::LessOrEqual, a, b)),
                (">", |a, b| XPath::Compare(Comparison::Greater, a, b)),
                (">=", |a, b| XPath::Compare(Comparison::GreaterOrEqual, a, b)),
            ],
            &[("+", |a, b| XPath::Arithmetic(Arithmetic::Add, a, b)), ("-", |a, b| XPath::Arithmetic(Arithmetic::Subtract, a, b))],
            &[
                ("*", |a, b| XPath::Arithmetic(Arithmetic::Multiply, a, b)),
                ("div", |a, b| XPath::Arithmetic(Arithmetic::Divide, a, b)),
                ("mod", |a, b| XPath::Arithmetic(Arithmetic::Remainder, a, b)),
            ],
        ];
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some((_, join)) = signs.iter().find(|(sign, _)| self.is(0, sign)) {
            self.at += 1;
            left = join(Box::new(left), Box::new(self.binary(level + 1)?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<XPath, String> {
        let mut negative = false;
        while self.take("-") {
            negative = !negative;
        }
        let mut all = vec![self.path()?];
        while self.take("|") {
            all.push(self.path()?);
        }
        let inside = single(all, XPath::Union);
        Ok(if negative { XPath::Negative(Box::new(inside)) } else { inside })
    }

    fn path(&mut self) -> Result<XPath, String> {
        if self.take("//") {
            let mut steps = vec![Step { axis: Axis::DescendantOrSelf, test: Test::Node, conditions: Vec::new() }];
            self.steps(&mut steps)?;
            return Ok(XPath::Path { from: From::Root, steps });
        }
        if self.take("/") {
            let mut steps = Vec::new();
            if self.at_step() {
                self.steps(&mut steps)?;
            }
            return Ok(XPath::Path { from: From::Root, steps });
        }
        let Some(first) = self.primary()? else {
            let mut steps = Vec::new();
            self.steps(&mut steps)?;
            return Ok(XPath::Path { from: From::Here, steps });
        };
        let conditions = self.conditions()?;
        let mut steps = Vec::new();
        if self.take("//") {
            steps.push(Step { axis: Axis::DescendantOrSelf, test: Test::Node, conditions: Vec::new() });
            self.steps(&mut steps)?;
        } else if self.take("/") {
            self.steps(&mut steps)?;
        }
        Ok(if steps.is_empty() && conditions.is_empty() { first } else { XPath::Path { from: From::Of(Box::new(first), conditions), steps } })
    }

    /// A literal, an expression in parentheses or a call; `None` where a step stands.
    fn primary(&mut self) -> Result<Option<XPath>, String> {
        Ok(Some(match self.peek() {
            Some(Token::Text(text)) => {
                let text = text.clone();
                self.at += 1;
                XPath::Text(text)
            }
            Some(Token::Number(n)) => {
                let n = *n;
                self.at += 1;
                XPath::Number(n)
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                let inside = self.or()?;
                self.expect(")")?;
                inside
            }
            Some(Token::Name(name)) if self.is(1, "(") && !matches!(name.as_str(), "node" | "text" | "comment" | "processing-instruction") => {
                let name = name.clone();
                self.at += 2;
                let mut arguments = Vec::new();
                while !self.take(")") {
                    if !arguments.is_empty() {
                        self.expect(",")?;
                    }
                    arguments.push(self.or()?);
                }
                let Some(function) = FUNCTIONS.iter().find(|f| f.name == name) else { return Err(format!("there is no function `{name}`")) };
                if !(function.least..=function.most).contains(&arguments.len()) {
                    return Err(format!("`{name}` does not take {} arguments", arguments.len()));
                }
                XPath::Call(function, arguments)
            }
            _ => return Ok(None),
        }))
    }

    fn at_step(&self) -> bool {
        matches!(self.peek(), Some(Token::Name(_) | Token::Sign("." | ".." | "@")))
    }

    fn steps(&mut self, steps: &mut Vec<Step>) -> Result<(), String> {
        loop {
            steps.push(self.step()?);
            if self.take("//") {
                steps.push(Step { axis: Axis::DescendantOrSelf, test: Test::Node, conditions: Vec::new() });
            } else if !self.take("/") {
                return Ok(());
            }
        }
    }

    fn step(&mut self) -> Result<Step, String> {
        for (sign, axis) in [(".", Axis::Here), ("..", Axis::Parent)] {
            if self.take(sign) {
                return Ok(Step { axis, test: Test::Node, conditions: self.conditions()? });
            }
        }
        let axis = if self.take("@") {
            Axis::Attribute
        } else if let (Some(Token::Name(name)), true) = (self.peek(), self.is(1, "::")) {
            let axis = AXES.iter().find(|(known, _)| known == name).ok_or_else(|| format!("there is no axis `{name}`"))?.1;
            self.at += 2;
            axis
        } else {
            Axis::Child
        };
        let Some(Token::Name(name)) = self.peek() else {
            return Err(match self.peek() {
                None => "a name is missing at the end".to_string(),
                Some(token) => format!("a name is missing before `{}`", token.shown()),
            });
        };
        let name = name.clone();
        self.at += 1;
        let test = if self.take("(") {
            let target = match self.peek() {
                Some(Token::Text(text)) if name == "processing-instruction" => Some(text.clone()),
                _ => None,
            };
            self.at += usize::from(target.is_some());
            self.expect(")")?;
            match name.as_str() {
                "node" => Test::Node,
                "text" => Test::Text,
                "comment" => Test::Comment,
                "processing-instruction" => Test::Instruction(target),
                _ => return Err(format!("`{name}()` is no kind of node")),
            }
        } else if name == "*" {
            Test::Any
        } else {
            name.strip_suffix(":*").map_or_else(|| Test::Name(name.clone()), |prefix| Test::Prefix(prefix.to_string()))
        };
        Ok(Step { axis, test, conditions: self.conditions()? })
    }

    fn conditions(&mut self) -> Result<Vec<XPath>, String> {
        let mut all = Vec::new();
        while self.take("[") {
            all.push(self.or()?);
            self.expect("]")?;
        }
        Ok(all)
    }
}

/// One alone, or several joined.
fn single(mut all: Vec<XPath>, join: fn(Vec<XPath>) -> XPath) -> XPath {
    match (all.len(), all.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            all.extend(last);
            join(all)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_bind_as_they_should() {
        assert_eq!(XPath::parse("//b"), XPath::parse("/descendant-or-self::node()/b"));
        assert_eq!(XPath::parse("1+2*3"), XPath::parse("1+(2*3)"));
        assert_eq!(XPath::parse("1-2-3"), XPath::parse("(1-2)-3"));
        assert_ne!(XPath::parse("1-2-3"), XPath::parse("1-(2-3)"));
        assert_eq!(XPath::parse("a or b and c"), XPath::parse("a or (b and c)"));
        assert_eq!(XPath::parse("* * *"), XPath::parse("child::* * child::*"));
        assert_eq!(XPath::parse("div div mod"), XPath::parse("child::div div child::mod"));
        assert_eq!(XPath::parse("and and or or mod"), XPath::parse("(child::and and child::or) or child::mod"));
        assert_eq!(XPath::parse("-a|b"), XPath::parse("-(a|b)"));
        assert_eq!(XPath::parse("a=b<c"), XPath::parse("a=(b<c)"));
        assert_eq!(XPath::parse("@x/.."), XPath::parse("attribute::x/parent::node()"));
        assert_eq!(XPath::parse("p:a-b.c/p:*"), XPath::parse("child::p:a-b.c/child::p:*"));
    }

    #[test]
    fn says_what_is_not_understood() {
        for (path, why) in [
            ("", "empty"),
            ("//", "missing at the end"),
            ("/a[", "missing at the end"),
            ("/a]", "not understood there"),
            ("/a[]", "missing before `]`"),
            ("a/", "missing at the end"),
            ("kount(//a)", "no function `kount`"),
            ("count()", "does not take 0"),
            ("/a/behind::b", "no axis `behind`"),
            ("'x", "never closed"),
            ("$x", "no variables"),
            ("a#b", "`#`"),
            ("1.2.3", "no number"),
            ("text(", "missing at the end"),
            ("a/thing()", "no kind of node"),
            (&"(".repeat(100), "nests deeper"),
            (&"/a".repeat(2000), "parts"),
        ] {
            assert!(XPath::parse(path).is_err_and(|e| e.contains(why)), "{path:.20}: {:?}", XPath::parse(path));
        }
    }
}
