//! Compiled eval expressions: functions bound, constants folded, regexes and formats prepared.

use super::{Planner, Predicate};
use crate::card::Support;
use crate::column::{Column, Memo, Name, Value};
use crate::diagnostic::{Code, Diagnostic, Span, did_you_mean};
use crate::function::{self, Function, Kernel, Ready, operator};
use crate::syntax::ast;
use std::sync::Arc;

/// An expression ready to run.
#[derive(Clone)]
pub enum Expr {
    Literal(Value<'static>),
    Field(Name),
    Call {
        function: &'static Function,
        args: Vec<Expr>,
        ready: Option<Arc<Ready>>,
        /// What it made of the dictionaries of tables, where one column decides.
        made: Memo<Made>,
    },
    /// `mvmap(field, body)`: the body for each value, which it sees under the field's own name.
    Map {
        list: Box<Expr>,
        variable: Name,
        body: Box<Expr>,
    },
    /// `mvfilter(condition)`: the values of the one field that the condition names.
    Keep {
        variable: Name,
        condition: Box<Expr>,
    },
    /// `searchmatch("…")`.
    Matches(Box<Predicate>),
}

impl std::fmt::Debug for Expr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expr::Literal(Value::Text(t)) => write!(f, "{t:?}"),
            Expr::Literal(v) => f.write_str(&v.as_text().unwrap_or("null".into())),
            Expr::Field(name) => write!(f, "'{name}'"),
            Expr::Call { function, args, .. } => {
                write!(f, "{}(", function.name)?;
                if let (1, "in" | "IN") = (args.len(), function.name) {
                    return write!(f, "{:?}, …)", args.first());
                }
                for (i, a) in args.iter().enumerate() {
                    write!(f, "{}{a:?}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str(")")
            }
            Expr::Map { list, variable, body } => write!(f, "mvmap({list:?}, {variable} → {body:?})"),
            Expr::Keep { variable, condition } => write!(f, "mvfilter({variable} → {condition:?})"),
            Expr::Matches(p) => write!(f, "searchmatch({p:?})"),
        }
    }
}

/// What a function makes of the distinct values of a column.
#[derive(Clone)]
pub struct Made {
    /// Its distinct results.
    pub values: Arc<Column>,
    /// The place of its result there for each code, with one more for null; [`crate::column::NO_CODE`] where it gives nothing.
    pub codes: Arc<[u32]>,
}

impl Expr {
    /// A call of a function.
    pub fn call(function: &'static Function, args: Vec<Expr>, ready: Option<Arc<Ready>>) -> Expr {
        Expr::Call { function, args, ready, made: Memo::default() }
    }

    /// The fields that it reads.
    pub fn fields(&self, into: &mut Vec<Name>) {
        match self {
            Expr::Literal(_) => {}
            Expr::Field(name) => into.push(name.clone()),
            Expr::Call { args, .. } => args.iter().for_each(|a| a.fields(into)),
            Expr::Map { list, body, .. } => {
                list.fields(into);
                body.fields(into);
            }
            Expr::Keep { variable, condition } => {
                into.push(variable.clone());
                condition.fields(into);
            }
            Expr::Matches(p) => p.fields(into),
        }
    }

    /// Does it give a different result at each call?
    pub fn volatile(&self) -> bool {
        match self {
            Expr::Call { function, args, .. } => matches!(function.kernel, Kernel::Volatile(_)) || args.iter().any(Expr::volatile),
            Expr::Map { list, body, .. } => list.volatile() || body.volatile(),
            Expr::Keep { condition, .. } => condition.volatile(),
            _ => false,
        }
    }

    /// Can it be true at all? A field holds no Boolean, nor is a number or a text one.
    pub fn may_be_boolean(&self) -> bool {
        match self {
            Expr::Literal(v) => matches!(v, Value::Bool(_) | Value::Null),
            Expr::Field(_) | Expr::Map { .. } | Expr::Keep { .. } => false,
            Expr::Call { .. } | Expr::Matches(_) => true,
        }
    }

    /// Is its result a Boolean, which Splunk does not let be assigned?
    pub fn is_boolean(&self) -> bool {
        match self {
            Expr::Literal(v) => matches!(v, Value::Bool(_)),
            Expr::Call { function, .. } => {
                matches!(
                    function.name,
                    "=" | "=="
                        | "!="
                        | "<"
                        | "<="
                        | ">"
                        | ">="
                        | "AND"
                        | "OR"
                        | "XOR"
                        | "NOT"
                        | "LIKE"
                        | "IN"
                        | "like"
                        | "match"
                        | "in"
                        | "cidrmatch"
                        | "true"
                        | "false"
                ) || (function.chapter == function::Chapter::Informational && function.name.starts_with("is"))
            }
            Expr::Matches(_) => true,
            _ => false,
        }
    }
}

/// More values that are listed than these are not compared one by one.
const LISTED: usize = 16;

impl Planner<'_> {
    /// Compiles an expression.
    pub fn expr(&mut self, e: &ast::Expr) -> Result<Expr, Diagnostic> {
        match &e.node {
            ast::ExprNode::Number(n) => Ok(Expr::Literal(Value::Number(*n))),
            ast::ExprNode::Text(t) => Ok(Expr::Literal(Value::owned(t.as_str()))),
            ast::ExprNode::Field(name) => Ok(Expr::Field(name.as_str().into())),
            ast::ExprNode::Macro(text) => Err(Diagnostic::error(Code::UNKNOWN_MACRO, format!("the macro {text} was not expanded")).at(e.span)),
            ast::ExprNode::Unary { op, arg } => {
                let arg = self.expr(arg)?;
                self.operator(if op == "-" { "neg" } else { op }, vec![arg], e.span, &[])
            }
            ast::ExprNode::Operator { op, args } => {
                if let Some(both) = text_literals(op, args) {
                    return Ok(both);
                }
                let compiled = args.iter().map(|a| self.expr(a)).collect::<Result<Vec<_>, _>>()?;
                let spans: Vec<Span> = args.iter().map(|a| a.span).collect();
                self.operator(op, compiled, e.span, &spans)
            }
            ast::ExprNode::In(args) => {
                let compiled = args.iter().map(|a| self.expr(a)).collect::<Result<Vec<_>, _>>()?;
                self.operator("IN", compiled, e.span, &[])
            }
            ast::ExprNode::Call { name, args } => self.call(name, args, e.span),
        }
    }

    fn operator(&mut self, op: &str, args: Vec<Expr>, span: Span, spans: &[Span]) -> Result<Expr, Diagnostic> {
        let Some(function) = operator::find(op) else {
            return Err(Diagnostic::error(Code::UNKNOWN_FUNCTION, format!("unknown operator `{op}`")).at(span));
        };
        // A field that holds a number is one, also where the number was read as text.
        let args = match function.name {
            "+" => args.into_iter().map(|arg| if let Expr::Field(_) = arg { Expr::call(&operator::FIELD, vec![arg], None) } else { arg }).collect(),
            _ => args,
        };
        self.bind(function, args, span, spans)
    }

    fn call(&mut self, name: &str, args: &[ast::Expr], span: Span) -> Result<Expr, Diagnostic> {
        let name_span = Span { end: span.start + name.len(), ..span };
        let Some(function) = function::find(name) else {
            let mut d = Diagnostic::error(Code::UNKNOWN_FUNCTION, format!("unknown function `{name}`")).at(name_span);
            d.help.extend(did_you_mean(name, function::all().map(|f| f.name)));
            if d.help.is_empty() {
                let stats = crate::aggregate::find(name).is_some();
                d = d.help(if stats {
                    format!("`{name}` is a stats function: use it in `stats` or `eventstats`.")
                } else {
                    "`spl help functions` lists the functions.".into()
                });
            }
            return Err(d);
        };
        self.check(function, args.len(), span)?;
        match function.name {
            "searchmatch" => return self.searchmatch(&args[..1], span),
            "lookup" => return self.lookup_call(function, args, span),
            "sigfig" => return args.first().map_or(Ok(Expr::Literal(Value::Null)), |written| self.sigfig(function, written)),
            "mvmap" => return self.mvmap(args, span),
            "mvfilter" => return self.mvfilter(args, span),
            "cluster" | "getfields" => return self.whole_row(function.name, args, span),
            _ => {}
        }
        if let Kernel::Form | Kernel::Planned = function.kernel {
            return Err(Diagnostic::error(Code::KNOWN_NOT_BUILT, format!("the function `{name}` is known but not built yet")).at(name_span));
        }
        let compiled = args.iter().map(|a| self.expr(a)).collect::<Result<Vec<_>, _>>()?;
        let spans: Vec<Span> = args.iter().map(|a| a.span).collect();
        self.warn_of_refused(function.name, args);
        self.bind(function, compiled, span, &spans)
    }

    /// Warns of arguments that Splunk refuses, though they have a plain meaning.
    fn warn_of_refused(&mut self, function: &str, args: &[ast::Expr]) {
        let text = args.iter().find(|a| matches!(a.node, ast::ExprNode::Text(_)));
        let negative = args.get(1).filter(|a| matches!(&a.node, ast::ExprNode::Unary { op, .. } if op == "-"));
        let (at, what, help) = match (function, text, negative) {
            ("sum" | "avg", Some(text), _) => (text.span, "a text among the numbers", "Write a number without quotes, or as tonumber(…)."),
            ("round", _, Some(decimals)) => (decimals.span, "decimals below 0", "Write it as round(x/100)*100."),
            _ => return,
        };
        let warning = Diagnostic::warning(Code::ARGUMENTS, format!("Splunk refuses {what} in `{function}`")).at(at).help(help);
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    fn check(&self, function: &'static Function, n: usize, span: Span) -> Result<(), Diagnostic> {
        let (least, most) = function.arity;
        // A condition without its value.
        let paired = matches!(function.name, "case" | "validate");
        if (least..=most).contains(&n) && !(paired && n % 2 == 1) {
            return Ok(());
        }
        let takes = match (least, most) {
            _ if paired => "pairs of a condition and a value".to_string(),
            (a, b) if a == b => format!("{a} argument{}", if a == 1 { "" } else { "s" }),
            (a, usize::MAX) => format!("at least {a} argument{}", if a == 1 { "" } else { "s" }),
            (a, b) => format!("{a} to {b} arguments"),
        };
        Err(Diagnostic::error(
            Code::ARGUMENTS,
            format!(
                "`{}` takes {takes}, not {n}{}",
                function.name,
                match (paired, n) {
                    (false, _) => "",
                    (true, 1) => " argument",
                    (true, _) => " arguments",
                }
            ),
        )
        .at(span)
        .help(format!("Write it as {}.", function.syntax)))
    }

    fn bind(&mut self, function: &'static Function, args: Vec<Expr>, span: Span, spans: &[Span]) -> Result<Expr, Diagnostic> {
        if function.support == Support::Planned {
            return Err(Diagnostic::error(Code::KNOWN_NOT_BUILT, format!("the function `{}` is known but not built yet", function.name)).at(span));
        }
        let constants: Vec<Option<Value<'static>>> = args.iter().map(|a| if let Expr::Literal(v) = a { Some(v.clone()) } else { None }).collect();
        let ready = match function.kernel {
            Kernel::Prepared(prepare) => {
                let ready = prepare(&constants, &self.env).map_err(|(n, why)| {
                    Diagnostic::error(argument_code(function, n), why)
                        .at(spans.get(n).copied().unwrap_or(span))
                        .help(format!("See `spl help {}`.", function.name))
                })?;
                Some(Arc::new(ready))
            }
            _ => None,
        };
        let all_constant = constants.iter().all(Option::is_some) && !matches!(function.kernel, Kernel::Volatile(_));
        if all_constant {
            let values: Vec<Value<'static>> = constants.into_iter().flatten().collect();
            return Ok(Expr::Literal(match &ready {
                Some(ready) => ready(&values, &self.env).into_owned(),
                None => function::apply::apply(function, &values, &self.env).into_owned(),
            }));
        }
        if let ("in" | "IN", [value, listed @ ..]) = (function.name, args.as_slice())
            && let Some(listed) = constants.get(1..).filter(|_| listed.len() > LISTED).and_then(|all| all.iter().cloned().collect::<Option<Vec<_>>>())
        {
            return Ok(Expr::call(function, vec![value.clone()], Some(Arc::new(operator::is_one_of(&listed)))));
        }
        Ok(Expr::call(function, args, ready))
    }

    fn searchmatch(&mut self, args: &[ast::Expr], span: Span) -> Result<Expr, Diagnostic> {
        match args.first().map(|a| &a.node) {
            Some(ast::ExprNode::Text(text)) => Ok(Expr::Matches(Box::new(self.search_text(text, span)?))),
            _ => Err(Diagnostic::error(Code::ARGUMENTS, "`searchmatch` takes a search as a quoted text")
                .at(span)
                .help("Write it as searchmatch(\"field=value\").")),
        }
    }

    fn mvmap(&mut self, args: &[ast::Expr], span: Span) -> Result<Expr, Diagnostic> {
        let (Some(list), Some(body)) = (args.first(), args.get(1)) else {
            return Err(Diagnostic::error(Code::ARGUMENTS, "`mvmap` takes a field and an expression").at(span));
        };
        let list_expr = self.expr(list)?;
        let mut used = Vec::new();
        list_expr.fields(&mut used);
        let Some(variable) = used.into_iter().next() else {
            return Err(Diagnostic::error(Code::ARGUMENTS, "the first argument of `mvmap` names no field").at(list.span));
        };
        Ok(Expr::Map { list: Box::new(list_expr), variable, body: Box::new(self.expr(body)?) })
    }

    fn mvfilter(&mut self, args: &[ast::Expr], span: Span) -> Result<Expr, Diagnostic> {
        let Some(arg) = args.first() else { return Err(Diagnostic::error(Code::ARGUMENTS, "`mvfilter` takes a condition").at(span)) };
        let condition = self.expr(arg)?;
        let mut used = Vec::new();
        condition.fields(&mut used);
        used.sort();
        used.dedup();
        match used.as_slice() {
            [one] => Ok(Expr::Keep { variable: one.clone(), condition: Box::new(condition) }),
            _ => Err(Diagnostic::error(Code::ARGUMENTS, "the condition of `mvfilter` must name exactly one field")
                .at(arg.span)
                .help("Bring other values in with `mvmap`, or as literals.")),
        }
    }
}

/// Two string literals compare as text even where both look like numbers (SEMANTICS 2.6). What a function makes of literals
/// is none: it compares as it would in a field.
fn text_literals(op: &str, args: &[ast::Expr]) -> Option<Expr> {
    let [ast::Expr { node: ast::ExprNode::Text(a), .. }, ast::Expr { node: ast::ExprNode::Text(b), .. }] = args else { return None };
    let result = match op {
        "<" => a < b,
        "<=" => a <= b,
        ">" => a > b,
        ">=" => a >= b,
        "=" | "==" => a == b,
        "!=" => a != b,
        _ => return None,
    };
    Some(Expr::Literal(Value::Bool(result)))
}

/// Which code a refused constant argument has: most are regexes.
fn argument_code(function: &Function, n: usize) -> &'static Code {
    match (function.name, n) {
        ("match", 1) | ("replace", 1) | ("mvfind", 1) => Code::REGEX,
        ("cidrmatch", 0) => Code::CIDR,
        ("relative_time", 1) | ("strftime", 1) | ("strptime", 1) => Code::TIME,
        _ => Code::ARGUMENTS,
    }
}

#[cfg(test)]
mod tests {
    use crate::Engine;
    use crate::knowledge::Knowledge;
    use crate::store::Catalog;

    #[test]
    fn what_splunk_refuses_runs_with_a_warning() {
        let engine = Engine::new(Catalog::default(), Knowledge::builtin(), Default::default());
        for (expr, want) in [("sum(1, \"2\")", "a text among the numbers"), ("avg(\"x\", 2)", "in `avg`"), ("round(1234, -2)", "decimals below 0")] {
            let answer = engine.run(&format!("| makeresults | eval a={expr}")).unwrap();
            assert!(answer.warnings.len() == 1 && answer.warnings[0].to_string().contains(want), "{expr}: {:?}", answer.warnings);
        }
        assert!(engine.run("| makeresults | eval a=sum(b, 2), c=round(-1.5, 1)").unwrap().warnings.is_empty());
    }
}
