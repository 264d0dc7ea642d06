//! Running expressions over batches: once per distinct value where one column with a dictionary decides.

mod choice;

use super::{Context, matching};
use crate::column::{Batch, Builder, Column, Mask, Memo, NO_CODE, Value, data};
use crate::crew;
use crate::each::each_of;
use crate::function::{self, Function, Kernel, Ready};
use crate::plan::Expr;
use crate::plan::expr::Made;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Rows between two looks at the cancel token: one call of a function, as of a regular expression, may be long.
const PACE: usize = 64;

/// The value of an expression for every row. Where the query is cancelled meanwhile, what it gives is not to be used: whoever asks
/// checks the token before rows are handed over.
pub fn evaluate(expr: &Expr, batch: &Batch, cx: &Context) -> Arc<Column> {
    match expr {
        Expr::Literal(v) => Arc::new(Column::Const(v.clone(), batch.len())),
        Expr::Field(name) => batch.column(name),
        Expr::Call { function: Function { kernel: Kernel::Choice { rest }, .. }, args, .. } => choice::choice(args, *rest, batch, cx),
        Expr::Call { function: Function { kernel: Kernel::Decided(by), .. }, args, .. } => Arc::new(choice::decided(args, *by, batch, cx)),
        Expr::Call { function, args, ready, made } => {
            let columns: Vec<Arc<Column>> = args.iter().map(|a| evaluate(a, batch, cx)).collect();
            if let (Kernel::First, None, Some(column)) = (&function.kernel, ready, first(&columns)) {
                return column;
            }
            Arc::new(call(&Bound::of(function, ready.as_deref(), made, args, &columns, cx), &columns, batch.len()))
        }
        Expr::Map { list, variable, body } => Arc::new(each_value(evaluate(list, batch, cx), variable, body, batch, cx, |_, result| result)),
        Expr::Keep { variable, condition } => {
            let keep = |value: Value<'static>, result: Value<'static>| if result == Value::Bool(true) { value } else { Value::Null };
            Arc::new(each_value(batch.column(variable), variable, condition, batch, cx, keep))
        }
        Expr::Matches(p) => Arc::new(Column::bools(&matching::mask(p, batch, cx))),
    }
}

/// The rows for which an expression is true; null is not true.
pub fn truth(expr: &Expr, batch: &Batch, cx: &Context) -> Mask {
    match expr {
        // What is unknown is not true either, so no more than the true rows have to be known.
        Expr::Call { function: Function { kernel: Kernel::Decided(by), .. }, args, .. } => choice::true_of(args, *by, batch, cx),
        Expr::Call { function, args, ready, made } if !matches!(function.kernel, Kernel::Choice { .. } | Kernel::First) => {
            let columns: Vec<Arc<Column>> = args.iter().map(|a| evaluate(a, batch, cx)).collect();
            let f = Bound::of(function, ready.as_deref(), made, args, &columns, cx);
            match Row::of(&f, &columns) {
                Some(mut row) => row.true_rows(batch.len()),
                None => call(&f, &columns, batch.len()).test(|v| *v == Value::Bool(true)),
            }
        }
        other => evaluate(other, batch, cx).test(|v| *v == Value::Bool(true)),
    }
}

/// A function with what was prepared for it.
struct Bound<'a> {
    function: &'static Function,
    ready: Option<&'a Ready>,
    /// What is kept for the other segments, where one column alone decides.
    made: Option<&'a Memo<Made>>,
    cx: &'a Context,
}

impl<'a> Bound<'a> {
    fn of(function: &'static Function, ready: Option<&'a Ready>, made: &'a Memo<Made>, args: &[Expr], columns: &[Arc<Column>], cx: &'a Context) -> Bound<'a> {
        // What is the same in all rows here may be something else in another segment of the table, unless the query itself says it.
        let told = args.iter().zip(columns).all(|(a, c)| matches!(a, Expr::Literal(_)) || !matches!(c.as_ref(), Column::Const(..)));
        Bound { function, ready, made: told.then_some(made), cx }
    }

    fn run<'v>(&self, args: &[Value<'v>]) -> Value<'v> {
        if !self.has_room(args) {
            return Value::Null;
        }
        let made = match self.ready {
            Some(ready) => ready(args, &self.cx.env),
            None => function::apply::apply(self.function, args, &self.cx.env),
        };
        // Little may become much.
        let size = text_bytes(&made);
        if size < LARGE || self.cx.memory.has_room(size) { made } else { Value::Null }
    }

    /// The values of a function for rows `0..len`. Once the query is to end, or has no memory left, they are null: nobody will see them.
    fn rows<'v>(&self, len: usize, mut at: impl FnMut(usize) -> Value<'v>) -> Builder {
        let mut out = Builder::new();
        let (mut ended, mut looked) = (false, 0);
        for i in 0..len {
            // Few rows may be much work.
            if i.is_multiple_of(PACE) || out.bytes() >= looked + LARGE {
                looked = out.bytes();
                ended = ended || self.cx.check().is_err() || !self.cx.memory.has_room(looked);
            }
            out.push(if ended { Value::Null } else { at(i) });
        }
        out
    }

    /// The column of a function for rows `0..len`, on every core that has nothing else to do: `row` makes what gives the value of a row.
    fn column<'v, F: FnMut(usize) -> Value<'v>>(&self, len: usize, row: impl Fn() -> F + Sync) -> Column {
        let threads = if len < 2 * SHARE { 1 } else { self.cx.threads.min(1 + crew::free()) };
        if threads < 2 {
            return self.rows(len, row()).finish();
        }
        let parts = (0..len).step_by(SHARE).map(|start| start..len.min(start + SHARE)).collect();
        let part = |part: Range<usize>| {
            let mut row = row();
            self.cx.env.ceilings.watch(|| self.rows(part.len(), |i| row(part.start + i)).finish())
        };
        let parts = each_of(1, parts, threads, part);
        Column::concat(&parts.iter().collect::<Vec<_>>())
    }

    /// Is there room for what the function may make of these arguments, with the copies on the way?
    fn has_room(&self, args: &[Value<'_>]) -> bool {
        let size: usize = args.iter().map(text_bytes).sum();
        // What is put between values stands there once for each.
        let between = match self.function.kernel {
            Kernel::Between(_, with) => args.first().map_or(0, Value::count).saturating_mul(args.get(with).map_or(0, text_bytes)),
            _ => 0,
        };
        let most = size.saturating_mul(3).saturating_add(between);
        most < 3 * LARGE || self.cx.memory.has_room(most)
    }
}

/// So many rows are a thread's share of a column, where several make it.
const SHARE: usize = if cfg!(debug_assertions) { 2 } else { 1 << 11 };

/// Smaller arguments need no look at the account.
const LARGE: usize = 1 << 20;

/// Bytes of the text in a value.
fn text_bytes(value: &Value<'_>) -> usize {
    match value {
        Value::Text(t) => t.len(),
        Value::Multi(all) => all.iter().map(text_bytes).sum(),
        _ => 0,
    }
}

/// The arguments of a function that one column without a dictionary decides, row by row.
#[derive(Clone)]
struct Row<'a> {
    f: &'a Bound<'a>,
    column: &'a Column,
    /// Where its value stands among the arguments.
    at: Vec<usize>,
    args: Vec<Value<'a>>,
    /// What the function gives for null.
    of_null: Value<'static>,
}

impl<'a> Row<'a> {
    fn of(f: &'a Bound<'a>, columns: &'a [Arc<Column>]) -> Option<Row<'a>> {
        let at = varying(columns);
        let column = columns.get(*at.first()?)?;
        let decides = at.iter().all(|i| columns.get(*i).is_some_and(|c| Arc::ptr_eq(c, column)));
        if !decides || matches!(column.as_ref(), Column::Dict { .. }) || matches!(f.function.kernel, Kernel::Volatile(_)) {
            return None;
        }
        let mut args = row(columns, 0);
        at.iter().for_each(|i| args.get_mut(*i).into_iter().for_each(|arg| *arg = Value::Null));
        let of_null = f.run(&args).into_owned();
        Some(Row { f, column, at, args, of_null })
    }

    #[inline]
    fn run(&mut self, row: usize) -> Value<'a> {
        match self.column.get(row) {
            // In most rows nothing may stand there.
            Value::Null => self.of_null.clone(),
            value => {
                if let Some((last, others)) = self.at.split_last() {
                    others.iter().for_each(|at| self.args.get_mut(*at).into_iter().for_each(|arg| *arg = value.clone()));
                    if let Some(arg) = self.args.get_mut(*last) {
                        *arg = value;
                    }
                }
                self.f.run(&self.args)
            }
        }
    }

    /// The rows for which it is true.
    fn true_rows(&mut self, len: usize) -> Mask {
        let mut ended = false;
        Mask::from_fn(len, |row| {
            ended = ended || row.is_multiple_of(PACE) && self.f.cx.check().is_err();
            !ended && self.run(row) == Value::Bool(true)
        })
    }
}

/// The places of the columns that are not the same in all rows.
fn varying(columns: &[Arc<Column>]) -> Vec<usize> {
    columns.iter().enumerate().filter(|(_, c)| !matches!(c.as_ref(), Column::Const(..))).map(|(i, _)| i).collect()
}

fn call(f: &Bound<'_>, columns: &[Arc<Column>], len: usize) -> Column {
    let varying = varying(columns);
    let volatile = matches!(f.function.kernel, Kernel::Volatile(_));
    if let ([], false) = (varying.as_slice(), volatile) {
        return Column::Const(f.run(&row(columns, 0)).into_owned(), len);
    }
    // One column decides, maybe standing there twice.
    let first = varying.first().map(|&i| &columns[i]);
    let same = varying.iter().all(|&i| first.is_some_and(|c| Arc::ptr_eq(c, &columns[i])));
    if let (Some(Column::Dict { codes, values, shared }), true, false) = (first.map(Arc::as_ref), same, volatile) {
        let per_distinct = || per_distinct(f, columns, &varying, values);
        match f.made.filter(|_| *shared) {
            Some(made) if data::worth_keeping(len, values.len()) => return recoded(codes, made.of(values, per_distinct), true),
            _ if values.len() < len => return recoded(codes, per_distinct(), false),
            _ => {}
        }
    }
    if let Some(one) = Row::of(f, columns) {
        return f.column(len, || {
            let mut one = one.clone();
            move |row| one.run(row)
        });
    }
    if let (false, Some((codes, rows))) = (volatile, combinations(&varying, columns, len)) {
        return Column::coded(codes, f.rows(rows.len(), |i| f.run(&row(columns, rows.get(i).map_or(0, |r| *r as usize)))).finish());
    }
    let at = |i: usize| f.run(&row(columns, i));
    // What draws the next of a series is asked in the order of the rows.
    if volatile { f.rows(len, at).finish() } else { f.column(len, || at) }
}

/// The one column that `coalesce` takes all values from.
fn first(columns: &[Arc<Column>]) -> Option<Arc<Column>> {
    let mut rest = columns.iter().skip_while(|c| c.all_null());
    let column = rest.next()?;
    (!column.any_null() || rest.all(|c| c.all_null())).then(|| column.clone())
}

/// Where every column has a dictionary: the number of each row's combination of values, and a row for each combination. Nothing where
/// combinations hardly repeat.
fn combinations(varying: &[usize], columns: &[Arc<Column>], len: usize) -> Option<(Vec<u32>, Vec<u32>)> {
    let mut numbers: Vec<u32> = Vec::new();
    let mut rows = Vec::new();
    for (place, column) in varying.iter().enumerate().filter_map(|(place, i)| Some((place, columns.get(*i)?))) {
        let Column::Dict { codes, .. } = column.as_ref() else { return None };
        let mut seen: HashMap<u64, u32, RandomState> = HashMap::default();
        rows.clear();
        let mut last = (u64::MAX, 0);
        numbers = codes
            .iter()
            .enumerate()
            .map(|(row, code)| {
                let before = if place == 0 { 0 } else { numbers.get(row).copied().unwrap_or_default() };
                let key = u64::from(before) << 32 | u64::from(*code);
                if key != last.0 {
                    let new = seen.len() as u32;
                    let number = *seen.entry(key).or_insert(new);
                    if number == new && rows.len() == new as usize {
                        rows.push(row as u32);
                    }
                    last = (key, number);
                }
                last.1
            })
            .collect();
        if rows.len() * 2 > len {
            return None;
        }
    }
    Some((numbers, rows))
}

fn row(columns: &[Arc<Column>], i: usize) -> Vec<Value<'_>> {
    columns.iter().map(|c| c.get(i)).collect()
}

fn per_distinct(f: &Bound<'_>, columns: &[Arc<Column>], varying: &[usize], values: &Column) -> Made {
    let at = |value: &Value<'_>| {
        let args: Vec<Value<'_>> = columns.iter().enumerate().map(|(i, c)| if varying.contains(&i) { value.borrowed() } else { c.get(0) }).collect();
        f.run(&args).into_owned()
    };
    let mut results = f.rows(values.len(), |i| at(&values.get(i)));
    results.push(at(&Value::Null));
    let results = results.finish();
    let Column::Text(texts) = &results else {
        let codes = (0..results.len() as u32).map(|code| if results.is_null(code as usize) { NO_CODE } else { code }).collect();
        return Made { values: Arc::new(results), codes };
    };
    // Many values may have the same result: the name of a program is that of many paths.
    let mut seen: HashMap<&str, u32, RandomState> = HashMap::default();
    let codes = (0..texts.len()).map(|code| {
        texts.get(code).map_or(NO_CODE, |text| {
            let new = seen.len() as u32;
            *seen.entry(text).or_insert(new)
        })
    });
    let codes = codes.collect();
    let mut distinct: Vec<(&str, u32)> = seen.into_iter().collect();
    distinct.sort_unstable_by_key(|(_, code)| *code);
    Made { values: Arc::new(Column::Text(distinct.into_iter().map(|(text, _)| Some(text)).collect())), codes }
}

/// The codes of a column, for what was made of its distinct values.
fn recoded(codes: &[u32], made: Made, shared: bool) -> Column {
    let null = made.codes.len().saturating_sub(1);
    let codes = codes.iter().map(|c| made.codes.get((*c as usize).min(null)).copied().unwrap_or(NO_CODE)).collect();
    Column::Dict { codes, values: made.values, shared }
}

/// `mvmap` and `mvfilter`: an expression for each value of a field, which stands for that value meanwhile.
fn each_value(
    list: Arc<Column>,
    variable: &str,
    body: &Expr,
    batch: &Batch,
    cx: &Context,
    pick: impl Fn(Value<'static>, Value<'static>) -> Value<'static>,
) -> Column {
    let mut fields = Vec::new();
    body.fields(&mut fields);
    if fields.iter().any(|name| **name == *"_raw") {
        // Free text may stand in any field of a row without it.
        fields.extend(batch.names().cloned());
    }
    let beside: Vec<_> = fields.into_iter().filter(|name| **name != *variable).filter_map(|name| Some((batch.get(&name)?.clone(), name))).collect();
    let mut out = Builder::new();
    let mut next = 0;
    while next < batch.len() {
        // All values of some rows as one batch, with the other fields of their rows beside them.
        let (first, mut rows, mut singles) = (next, Vec::new(), Builder::new());
        while next < batch.len() && rows.len() < TOGETHER {
            for value in list.get(next).each() {
                rows.push(next as u32);
                singles.push(value.borrowed());
            }
            next += 1;
        }
        let singles = Arc::new(singles.finish());
        let mut inner = Batch::new(rows.len());
        beside.iter().for_each(|(column, name)| inner.set(name.clone(), column.spread(&rows)));
        inner.set(variable, singles.clone());
        let results = evaluate(body, &inner, cx);
        // They are copied into the lists.
        let size = results.bytes(&mut Default::default()).saturating_mul(2).saturating_add(out.bytes());
        if cx.check().is_err() || !cx.memory.has_room(size) {
            return Column::null(batch.len());
        }
        let mut at = 0;
        for row in first..next {
            let mut all = Vec::new();
            while rows.get(at).is_some_and(|r| *r as usize == row) {
                all.push(pick(singles.get(at).into_owned(), results.get(at).into_owned()));
                at += 1;
            }
            out.push(Value::multi(all));
        }
    }
    out.finish()
}

/// So many values are enough to work on at once; a row's are not parted.
const TOGETHER: usize = 1 << 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;
    use crate::column::Text;
    use crate::engine::Settings;
    use crate::knowledge::Knowledge;
    use crate::store::{Catalog, Dataset};

    #[test]
    fn what_is_kept_for_a_table_does_not_depend_on_other_fields_of_one_segment() {
        let values = Arc::new(Column::Text(["a", "b"].into_iter().map(Some).collect::<Text>()));
        let segment = |host: Value<'static>| {
            let mut batch = Batch::new(4);
            batch.set("f", Column::Dict { codes: vec![0, 1, 0, 1], values: values.clone(), shared: true });
            batch.set("host", Column::Const(host, 4));
            batch
        };
        let mut catalog = Catalog::default();
        let segments = vec![segment(Value::text("x")), segment(Value::text("y")), segment(Value::Null)];
        catalog.add(Dataset::table("t", segments));
        let engine = Engine::new(catalog, Knowledge::default(), Settings::default());
        let answer = engine.run(r#"* | eval g=coalesce(host, "-").":".f, h=upper(f)."!" | stats count by g h"#).unwrap_or_else(|f| panic!("{f:?}"));
        let shown =
            |field: &str| (0..answer.rows.len()).map(|r| answer.rows.value(field, r).as_text().unwrap_or_default().into_owned()).collect::<Vec<_>>().join(" ");
        assert_eq!((shown("g").as_str(), shown("h").as_str()), ("-:a -:b x:a x:b y:a y:b", "A! B! A! B! A! B!"));
    }
}
