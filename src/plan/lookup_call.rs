//! The eval function `lookup`: a table's cells as a JSON object.

use super::{Expr, Planner};
use crate::column::Value;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::function::{self, Env, Function};
use crate::knowledge::{Lookup, LookupIndex};
use crate::syntax::ast;
use serde_json::{Map, Value as Json};
use std::sync::{Arc, Mutex, PoisonError};

/// The index for the columns that were asked for last: they are the same in every row as a rule.
type Last = Mutex<Option<(Vec<String>, Arc<LookupIndex>)>>;

impl Planner<'_> {
    /// `lookup("table", json_object("column", value, …), json_array("column", …))`.
    pub(super) fn lookup_call(&mut self, function: &'static Function, args: &[ast::Expr], span: Span) -> Result<Expr, Diagnostic> {
        let Some(ast::ExprNode::Text(table)) = args.first().map(|a| &a.node) else {
            return Err(Diagnostic::error(Code::ARGUMENTS, "the first argument of `lookup` is the table's name in quotes")
                .at(span)
                .help(format!("Write it as {}.", function.syntax)));
        };
        let lookup = self.lookup(table, span)?;
        let last: Last = Mutex::new(None);
        let timed = lookup.def.time.is_some();
        let ready = function::ready(move |args, env| found(args, &lookup, &last, env).map_or(Value::Null, |json| Value::owned(json.to_string())));
        let mut args = args.iter().skip(1).map(|a| self.expr(a)).collect::<Result<Vec<_>, _>>()?;
        args.extend(timed.then(|| Expr::Field("_time".into())));
        Ok(Expr::call(function, args, Some(Arc::new(ready))))
    }
}

/// The cells that were asked for: those of several rows as arrays. None where nothing matches.
fn found(args: &[Value<'_>], lookup: &Lookup, last: &Last, env: &Env) -> Option<Json> {
    let json = |at: usize| serde_json::from_str::<Json>(&args.get(at)?.as_text()?).ok();
    let (Json::Object(inputs), Json::Array(outputs)) = (json(0)?, json(1)?) else { return None };
    let columns: Vec<String> = inputs.iter().map(|(column, _)| column.clone()).collect();
    let index = {
        // What another thread left is whole.
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((of, index)) if *of == columns => index.clone(),
            _ => {
                let index = Arc::new(lookup.index_with_times(&columns.iter().map(String::as_str).collect::<Vec<_>>(), &env.zone, env.now).ok()?);
                *last = Some((columns, index.clone()));
                index
            }
        }
    };
    let texts: Vec<Option<String>> = inputs
        .iter()
        .map(|(_, value)| match value {
            Json::Null => None,
            Json::String(s) => Some(s.clone()),
            other => Some(other.to_string()),
        })
        .collect();
    let rows = index.find_at(&texts.iter().map(Option::as_deref).collect::<Vec<_>>(), args.get(2).and_then(Value::as_number));
    let mut object = Map::new();
    for column in outputs.iter().filter_map(Json::as_str) {
        let cells = rows.iter().filter_map(|&row| lookup.table.rows.value(column, row as usize).as_text().map(|t| Json::from(t.as_ref())));
        let mut cells: Vec<Json> = cells.collect();
        let value = if rows.len() > 1 { Some(Json::Array(cells)) } else { cells.pop() };
        object.extend(value.map(|v| (column.to_string(), v)));
    }
    (!rows.is_empty()).then_some(Json::Object(object))
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::operator::testing::{rows, shown};
    use crate::store::Catalog;
    use crate::{Engine, Settings};

    #[test]
    fn cells_come_as_an_object() {
        let mut knowledge = Knowledge::builtin();
        knowledge.add_lookup_text("t.csv", "a,b,c\n1,x,7\n2,y,\n2,z,8\n").unwrap();
        let engine = Engine::new(Catalog::of_rows(rows(r#"[{"a":"1"},{"a":"2"},{"a":"3"},{"x":"1"}]"#)), knowledge, Settings::default());
        for (expr, want) in [
            (
                r#"lookup("t.csv", json_object("a", a), json_array("b", "c"))"#,
                r#"[{"r":"{\"b\":\"x\",\"c\":\"7\"}"},{"r":"{\"b\":[\"y\",\"z\"],\"c\":[\"8\"]}"},{},{}]"#,
            ),
            (r#"spath(lookup("t.csv", json_object("a", a, "b", "x"), json_array("c")), "c")"#, r#"[{"r":"7"},{},{},{}]"#),
            (r#"lookup("t.csv", json_object("q", a), json_array("b"))"#, "[{},{},{},{}]"),
            (r#"lookup("t.csv", a, json_array("b"))"#, "[{},{},{},{}]"),
        ] {
            let got = engine.run(&format!("* | eval r={expr} | table r")).map(|a| shown(&a.rows));
            assert_eq!(got.map_err(|f| f.diagnostics[0].to_string()), Ok(want.to_string()), "{expr}");
        }
        for (expr, code) in [(r#"lookup("none.csv", "{}", "[]")"#, "SPL026"), (r#"lookup(a, "{}", "[]")"#, "SPL005"), (r#"lookup("t.csv")"#, "SPL005")] {
            assert_eq!(engine.run(&format!("* | eval r={expr}")).unwrap_err().diagnostics[0].code.id, code, "{expr}");
        }
    }
}
