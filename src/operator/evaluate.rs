//! Running expressions over batches: once per distinct value where one column with a dictionary decides.

use super::{Context, matching};
use crate::column::{Batch, Builder, Column, Mask, NO_CODE, Value};
use crate::function::{self, Function, Kernel, Ready};
use crate::plan::Expr;
use std::sync::Arc;

/// Rows between two looks at the cancel token: one call of a function, as of a regular expression, may be long.
const PACE: usize = 64;

/// The value of an expression for every row. Where the query is cancelled meanwhile, what it gives is not to be used: whoever asks
/// checks the token before rows are handed over.
pub fn evaluate(expr: &Expr, batch: &Batch, cx: &Context) -> Arc<Column> {
    match expr {
        Expr::Literal(v) => Arc::new(Column::Const(v.clone(), batch.len())),
        Expr::Field(name) => batch.column(name),
        Expr::Call { function, args, ready } => {
            let columns: Vec<Arc<Column>> = args.iter().map(|a| evaluate(a, batch, cx)).collect();
            Arc::new(call(&Bound { function, ready: ready.as_deref(), cx }, &columns, batch.len()))
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
    evaluate(expr, batch, cx).test(|v| *v == Value::Bool(true))
}

/// A function with what was prepared for it.
struct Bound<'a> {
    function: &'static Function,
    ready: Option<&'a Ready>,
    cx: &'a Context,
}

impl Bound<'_> {
    fn run<'v>(&self, args: &[Value<'v>]) -> Value<'v> {
        if !self.has_room(args) {
            return Value::Null;
        }
        match self.ready {
            Some(ready) => ready(args, &self.cx.env),
            None => function::apply::apply(self.function, args, &self.cx.env),
        }
    }

    /// The values of a function for rows `0..len`. Once the query is to end, or has no memory left, they are null: nobody will see them.
    fn rows<'v>(&self, len: usize, mut at: impl FnMut(usize) -> Value<'v>) -> Builder {
        let mut out = Builder::new();
        let mut ended = false;
        for i in 0..len {
            ended = ended || i.is_multiple_of(PACE) && (self.cx.cancel.check().is_err() || !self.cx.memory.has_room(out.bytes()));
            out.push(if ended { Value::Null } else { at(i) });
        }
        out
    }

    /// Is there room for what the function may make of these arguments, with the copies on the way?
    fn has_room(&self, args: &[Value<'_>]) -> bool {
        let size: usize = args.iter().map(text_bytes).sum();
        size < LARGE || self.cx.memory.has_room(size.saturating_mul(3))
    }
}

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

fn call(f: &Bound<'_>, columns: &[Arc<Column>], len: usize) -> Column {
    let varying: Vec<usize> = columns.iter().enumerate().filter(|(_, c)| !matches!(c.as_ref(), Column::Const(..))).map(|(i, _)| i).collect();
    let volatile = matches!(f.function.kernel, Kernel::Volatile(_));
    if let ([], false) = (varying.as_slice(), volatile) {
        return Column::Const(f.run(&row(columns, 0)).into_owned(), len);
    }
    // One column decides, maybe standing there twice.
    let first = varying.first().map(|&i| &columns[i]);
    let same = varying.iter().all(|&i| first.is_some_and(|c| Arc::ptr_eq(c, &columns[i])));
    if let (Some(Column::Dict { codes, values }), true, false) = (first.map(Arc::as_ref), same, volatile)
        && values.len() < len
    {
        return per_distinct(f, columns, &varying, codes, values);
    }
    f.rows(len, |i| f.run(&row(columns, i))).finish()
}

fn row(columns: &[Arc<Column>], i: usize) -> Vec<Value<'_>> {
    columns.iter().map(|c| c.get(i)).collect()
}

fn per_distinct(f: &Bound<'_>, columns: &[Arc<Column>], varying: &[usize], codes: &[u32], values: &Column) -> Column {
    let at = |value: &Value<'_>| {
        let args: Vec<Value<'_>> = columns.iter().enumerate().map(|(i, c)| if varying.contains(&i) { value.borrowed() } else { c.get(0) }).collect();
        f.run(&args).into_owned()
    };
    let mut results = f.rows(values.len(), |i| at(&values.get(i)));
    // What the function makes of null becomes one more distinct value.
    let null = at(&Value::Null);
    let codes = match null {
        Value::Null => codes.to_vec(),
        null => {
            results.push(null);
            codes.iter().map(|&c| if c == NO_CODE { values.len() as u32 } else { c }).collect()
        }
    };
    Column::Dict { codes, values: Arc::new(results.finish()) }
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
    // All values of all rows as one batch, with the other fields of their rows beside them.
    let mut rows = Vec::new();
    let mut singles = Builder::new();
    for i in 0..batch.len() {
        for v in list.get(i).each() {
            rows.push(i as u32);
            singles.push(v.borrowed());
        }
    }
    let singles = Arc::new(singles.finish());
    let mut inner = batch.take(&rows);
    inner.set(variable, singles.clone());
    let results = evaluate(body, &inner, cx);
    let mut out = Builder::new();
    let mut at = 0;
    for i in 0..batch.len() {
        let mut all = Vec::new();
        while rows.get(at).is_some_and(|&r| r as usize == i) {
            all.push(pick(singles.get(at).into_owned(), results.get(at).into_owned()));
            at += 1;
        }
        out.push(Value::multi(all));
    }
    out.finish()
}
