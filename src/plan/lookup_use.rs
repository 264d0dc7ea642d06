//! A lookup as stages use it: its table as the definition's `filter` leaves it, bound to fields.

use super::{LookupUse, Planner, Predicate, matching};
use crate::column::Mask;
use crate::diagnostic::{Code, Diagnostic, Sources, Span};
use crate::function::Env;
use crate::knowledge::{Knowledge, Lookup, LookupTable};
use crate::plan::{Limits, TimeRange};
use std::sync::Arc;

impl Planner<'_> {
    /// A lookup by the name that stands here, with its table; what was wrong with that becomes warnings.
    ///
    /// Errors: as for [`Lookups::get`](crate::knowledge::Lookups::get), and a `filter` that is no search.
    pub fn lookup(&mut self, name: &str, span: Span) -> Result<Lookup, Diagnostic> {
        let lookup = chosen(self.knowledge, &self.env, name).map_err(|d| d.at(span))?;
        for warning in &lookup.table.warnings {
            if !self.warnings.contains(warning) {
                self.warnings.push(warning.clone());
            }
        }
        Ok(lookup)
    }
}

/// A lookup bound to fields: pairs of the table's column and the event's field. Without outputs all other columns.
pub fn bind(
    knowledge: &Knowledge,
    env: &Arc<Env>,
    name: &str,
    inputs: &[(String, String)],
    outputs: &[(String, String)],
    overwrite: bool,
) -> Result<LookupUse, Diagnostic> {
    let lookup = chosen(knowledge, env, name)?;
    let columns: Vec<&str> = inputs.iter().map(|(column, _)| column.as_str()).collect();
    let index = lookup.index_with_times(&columns, &env.zone, env.now)?;
    let outputs = match outputs {
        [] => lookup.table.fields.iter().filter(|f| !columns.contains(&&***f)).map(|f| (f.to_string(), f.clone())).collect(),
        some => some.iter().map(|(column, field)| (column.clone(), field.as_str().into())).collect(),
    };
    let keys = inputs.iter().map(|(column, field)| (column.clone(), field.as_str().into())).collect();
    Ok(LookupUse { lookup: Arc::new(lookup), index: Arc::new(index), keys, outputs, overwrite })
}

/// A lookup with the rows that its `filter` lets through.
fn chosen(knowledge: &Knowledge, env: &Arc<Env>, name: &str) -> Result<Lookup, Diagnostic> {
    let lookup = knowledge.lookups().get(name)?;
    let Some(filter) = &lookup.def.filter else { return Ok(lookup) };
    let sources = Sources::new(filter, None);
    let mut planner = Planner::new(knowledge, &sources, env.clone(), Limits::default(), TimeRange::default());
    let predicate = planner.search_text(filter, Span::default()).ok().filter(|p: &Predicate| !p.has_subsearch());
    let predicate = predicate.ok_or_else(|| {
        Diagnostic::error(Code::LOOKUP, format!("the filter of the lookup `{name}` is no search expression: `{filter}`"))
            .help("Write it as in `search`, with fields of the table: `filter = (kind=\"shell\") AND (rank>5)`.")
    })?;
    let rows = lookup.table.rows.clone().filter(&matching::mask(&predicate, &lookup.table.rows, &|_| Mask::new(lookup.table.rows.len(), false)));
    let table = LookupTable { rows, ..LookupTable::clone(&lookup.table) };
    Ok(Lookup { table: Arc::new(table), ..lookup })
}
