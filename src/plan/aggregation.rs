//! Aggregations as plan nodes have them, compiled from what stats, chart and their kin wrote.

use super::planner::expression;
use super::{Expr, Extension, FieldPattern, Planner, Target};
use crate::aggregate::{self, Accumulator, Aggregate, Call, OnlyNumbers, PRECISION, sparkline::Inside, stored};
use crate::card::Support;
use crate::column::Name;
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::aggregation as ast;
use crate::syntax::computed::PART;

/// Where the times of rows stand while `_time` is the start of a stretch of time; no field of events is called so.
const TIMES: &str = "_\0time";

/// Groups and what is worked out for each.
#[derive(Clone, Debug, Default)]
pub struct Aggregation {
    pub by: Vec<Name>,
    pub outputs: Vec<Output>,
    /// Keep rows whose by-field is null, as a group of its own (chart's NULL column).
    pub keep_null: bool,
    /// Rows come out sorted by the by-fields; else in the order of appearance.
    pub sorted: bool,
    /// Where the time functions find the times of the rows, if not in `_time`: that may hold the start of a stretch of time.
    pub times: Option<Name>,
    /// Rows may hold states instead of events, as [`stored`] has them: they are merged in.
    pub merges: bool,
    /// The states themselves come out, instead of results.
    pub gives: bool,
}

/// One aggregate.
#[derive(Clone, Debug)]
pub struct Output {
    /// The column's name; holds `*` where the argument is a pattern.
    pub name: Name,
    pub function: &'static Aggregate,
    pub call: Call,
    pub argument: Argument,
    /// What the columns of stored states are called by: what stands in the parentheses, if anything does.
    pub subject: Option<Name>,
    /// `allnum=t`: no result of a numeric function where a value is no number.
    pub only_numbers: bool,
    pub role: Role,
}

/// What becomes of the column.
#[derive(Clone, Debug, Default)]
pub enum Role {
    #[default]
    Result,
    /// Goes into a computed one and is left out.
    Part,
    /// Worked out from its parts in each row of results; the function is a stand-in.
    Computed(Expr),
}

/// What an aggregate is over.
#[derive(Clone, Debug)]
pub enum Argument {
    None,
    Field(Name),
    /// Every field that matches, each with a column of its own.
    Pattern(FieldPattern),
    Expr(Expr),
}

impl std::fmt::Debug for Aggregate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Output {
    /// Does it become a column of results?
    pub fn is_shown(&self) -> bool {
        !matches!(self.role, Role::Part)
    }

    /// The state of all groups, without rows.
    pub fn state(&self) -> Box<dyn Accumulator> {
        let state = (self.function.make)(&self.call);
        if self.only_numbers && OnlyNumbers::applies(self.function) { Box::new(OnlyNumbers::new(state)) } else { state }
    }
}

impl Aggregation {
    /// Do its results depend on the order of the rows?
    pub fn ordered(&self) -> bool {
        self.outputs.iter().any(|o| o.function.ordered)
    }

    /// Does it ask no more of the rows of a group than how many there are?
    pub fn only_counts(&self) -> bool {
        let counts = |o: &Output| matches!((&o.argument, &o.role), (Argument::None, Role::Result | Role::Part)) && o.function.name == "count";
        self.outputs.iter().all(counts)
    }

    /// The columns of stored states that it reads.
    pub fn pieces(&self) -> Vec<Name> {
        let mut names = vec![Name::from(stored::MARK), stored::ROWS.into()];
        for output in &self.outputs {
            let own = output.state().store(0).into_iter().map(|(piece, _)| piece);
            names.extend(own.chain(stored::COMMON).map(|piece| Name::from(stored::column_name(piece, output.subject.as_deref()))));
        }
        names
    }

    /// The same with states for results: of each part of a computed one, and with the columns that Splunk keeps beside them.
    pub fn giving(mut self, count: &Output) -> Aggregation {
        self.outputs.retain(|o| !matches!(o.role, Role::Computed(_)));
        let mut more = vec![Output { argument: Argument::None, subject: None, ..count.clone() }];
        for output in self.outputs.iter().filter(|o| !matches!(o.argument, Argument::None)) {
            let spread = matches!(output.function.name, "var" | "varp" | "stdev" | "stdevp");
            let names = ["count"].into_iter().chain(["sum", "sumsq"].into_iter().filter(|_| spread));
            more.extend(names.filter_map(|name| Some(Output { function: aggregate::find(name)?.0, ..output.clone() })));
            // The precision of a field's numbers, where it is asked for its numbers.
            more.extend(OnlyNumbers::applies(output.function).then(|| Output { function: &PRECISION, ..output.clone() }));
        }
        for (n, mut output) in std::mem::take(&mut self.outputs).into_iter().chain(more).enumerate() {
            // Results have names, states go by their fields.
            (output.name, output.role) = (format!("{n}").as_str().into(), Role::Result);
            output.call.stored = true;
            let known =
                self.outputs.iter().any(|o| o.function.name == output.function.name && o.subject == output.subject && o.call.number == output.call.number);
            if !known {
                self.outputs.push(output);
            }
        }
        self.gives = true;
        self
    }

    /// Does it go by the times of the rows?
    pub fn timed(&self) -> bool {
        self.outputs.iter().any(|o| o.function.family == aggregate::Family::Time)
    }

    /// Before `_time` becomes the start of a stretch of time: keeps the times of the rows where they are needed.
    pub fn keep_times(&mut self) -> Option<Extension> {
        self.timed().then(|| {
            self.times = Some(TIMES.into());
            Extension::Assign { target: Target::Field(TIMES.into()), expr: Expr::Field("_time".into()) }
        })
    }

    /// The field of the times that it goes by.
    pub fn time_field(&self) -> Option<Name> {
        self.timed().then(|| self.times.clone().unwrap_or_else(|| "_time".into()))
    }
}

impl Planner<'_> {
    /// The aggregation of a command whose rows are states, to be merged later.
    pub fn giving(&mut self, aggregation: Aggregation) -> Result<Aggregation, Diagnostic> {
        Ok(aggregation.giving(&self.rows_counted("count")?))
    }

    /// How many rows there are, in a column of this name.
    pub fn rows_counted(&mut self, name: &str) -> Result<Output, Diagnostic> {
        let count = ast::Aggregation { function: "count".into(), text: "count".into(), argument: ast::Argument::None, alias: None, span: self.span };
        Ok(Output { name: name.into(), ..self.output(&count)? })
    }

    /// Compiles written aggregations.
    pub fn outputs(&mut self, written: &[ast::Aggregation]) -> Result<Vec<Output>, Diagnostic> {
        let mut all = Vec::new();
        for (n, a) in written.iter().enumerate() {
            match &a.argument {
                ast::Argument::Computed { text, parts } => self.computed(n, a, text, parts, &mut all)?,
                _ => all.push(self.output(a)?),
            }
        }
        Ok(all)
    }

    /// The expression in the place of its column, and its parts. `n` keeps the parts of several apart.
    fn computed(&mut self, n: usize, a: &ast::Aggregation, text: &str, parts: &[ast::Aggregation], all: &mut Vec<Output>) -> Result<(), Diagnostic> {
        let expr = expression(&text.replace(PART, &format!("{PART}{n}.")), self.knowledge, &self.env)
            .map_err(|d| Diagnostic { help: d.help, ..Diagnostic::error(d.code, format!("in this eval: {}", d.message)).at(a.span) })?;
        if expr.is_boolean() {
            let error = Diagnostic::error(Code::BOOLEAN, "this eval gives a Boolean, and a column cannot hold one").at(a.span);
            return Err(error.help("Wrap it: if(…, \"true\", \"false\") or tostring(…)."));
        }
        let mut outputs = parts.iter().map(|part| self.output(part)).collect::<Result<Vec<_>, _>>()?;
        if outputs.iter().any(|o| matches!(o.argument, Argument::Pattern(_))) {
            return Err(Diagnostic::error(Code::WILDCARD, "an eval over stats functions takes no wildcards").at(a.span).help("Name each field."));
        }
        for (k, part) in outputs.iter_mut().enumerate() {
            (part.name, part.role) = (format!("{PART}{n}.{k}").as_str().into(), Role::Part);
        }
        let count = ast::Aggregation { function: "count".into(), argument: ast::Argument::None, alias: None, ..a.clone() };
        let name = a.alias.as_ref().map_or(&a.text, |alias| &alias.name).as_str().into();
        all.push(Output { name, role: Role::Computed(expr), ..self.output(&count)? });
        all.append(&mut outputs);
        Ok(())
    }

    fn output(&mut self, a: &ast::Aggregation) -> Result<Output, Diagnostic> {
        let Some((function, number)) = aggregate::find(&a.function) else {
            return Err(Diagnostic::error(Code::UNKNOWN_FUNCTION, format!("unknown stats function `{}`", a.function)).at(a.span));
        };
        if function.support == Support::Planned {
            return Err(Diagnostic::error(Code::KNOWN_NOT_BUILT, format!("the stats function `{}` is known but not built yet", a.function)).at(a.span));
        }
        let inside = match &a.argument {
            ast::Argument::Field(f) if function.name == "sparkline" => {
                Inside::parse(&f.name).map_err(|why| Diagnostic::error(Code::ARGUMENTS, why).at(f.span).help(format!("Write it as {}.", function.syntax)))?
            }
            _ => Inside::default(),
        };
        let argument = match &a.argument {
            _ if function.name == "sparkline" => inside.field.as_deref().map_or(Argument::None, |f| Argument::Field(f.into())),
            ast::Argument::None | ast::Argument::Computed { .. } => Argument::None,
            ast::Argument::Field(f) if !f.quoted && f.name.contains(',') => {
                let error = Diagnostic::error(Code::ARGUMENTS, format!("`{}` takes one field", a.function)).at(f.span);
                return Err(error.help(format!("Write it as {}; a field with a comma in its name stands in quotes.", function.syntax)));
            }
            ast::Argument::Field(f) if f.is_pattern() && !f.quoted => Argument::Pattern(FieldPattern::new(&f.name)),
            ast::Argument::Field(f) => Argument::Field(f.name.as_str().into()),
            ast::Argument::Eval(e) => Argument::Expr(self.expr(e)?),
        };
        let name: Name = match (&a.alias, &argument) {
            (Some(alias), _) => {
                if alias.is_pattern() && !matches!(argument, Argument::Pattern(_)) {
                    return Err(Diagnostic::error(Code::WILDCARD, format!("`{}` has a wildcard, but the argument has none", alias.name))
                        .at(alias.span)
                        .help("Give the column one name."));
                }
                alias.name.as_str().into()
            }
            // A bare `c` is shown as `count`, as Splunk does.
            (None, Argument::None) if a.argument == ast::Argument::None => function.name.into(),
            (None, _) => a.text.as_str().into(),
        };
        let subject = match &argument {
            _ if a.argument == ast::Argument::None => None,
            Argument::Field(f) if function.name != "sparkline" => Some(f.clone()),
            _ => a.text.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map(|(inside, _)| inside.trim().into()),
        };
        let call = Call { name: a.function.clone(), number, list_limit: self.limits.list, inside, env: self.env.clone(), stretch: None, stored: false };
        Ok(Output { name, function, call, argument, subject, only_numbers: false, role: Role::Result })
    }
}
