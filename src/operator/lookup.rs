//! lookup: the columns of a table's matching rows, beside the rows that match.

use super::{Context, Step};
use crate::column::{Batch, Builder, Column, NO_CODE, Value};
use crate::diagnostic::Diagnostic;
use crate::plan::LookupUse;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::borrow::Cow;
use std::sync::Arc;

/// Combinations of several multivalues that are looked up for one row.
const MAX_COMBINATIONS: usize = 10_000;

/// The step of a lookup.
pub struct Looked(pub LookupUse);

impl Step for Looked {
    fn apply(&self, mut batch: Batch, cx: &Context) -> Result<Batch, Diagnostic> {
        apply(&mut batch, &self.0, cx)?;
        Ok(batch)
    }
}

/// Adds the fields of the matching rows. A row that nothing matches stays as it is, unless the lookup has a default; a row that
/// is matched takes over the cells as they are, empty ones too, where the use overwrites.
pub fn apply(batch: &mut Batch, lookup: &LookupUse, cx: &Context) -> Result<(), Diagnostic> {
    let keys: Vec<Arc<Column>> = lookup.keys.iter().map(|(_, field)| batch.column(field)).collect();
    // Each combination of key values is looked up once; `codes` says which one a row has.
    let mut codes = Vec::with_capacity(batch.len());
    let mut matches = Vec::new();
    match keys.as_slice() {
        [only] if !lookup.index.timed() => {
            if let Column::Dict { codes: dict, values, .. } = only.as_ref() {
                matches = distinct_codes(dict, values.len(), &mut codes).into_iter().map(|c| find(lookup, &[values.get(c as usize)], None)).collect();
            } else {
                by_value(&keys, None, lookup, cx, &mut codes, &mut matches)?;
            }
        }
        _ => {
            let times = lookup.index.timed().then(|| batch.column("_time"));
            by_value(&keys, times.as_deref(), lookup, cx, &mut codes, &mut matches)?;
        }
    }
    cx.check()?;
    // Rows that nothing matches keep what they have.
    let matched: Vec<bool> = codes.iter().map(|&c| matches.get(c as usize).is_some_and(|m: &Matched| m.any())).collect();
    for (column, field) in &lookup.outputs {
        let cells = lookup.lookup.table.rows.column(column);
        let found: Column = matches.iter().map(|m| m.value(&cells, lookup)).collect();
        let old = batch.get(field).filter(|old| !old.all_null());
        let new = match old {
            None => Column::coded(codes.iter().zip(&matched).map(|(&c, &m)| if m { c } else { NO_CODE }).collect(), found),
            Some(old) => {
                let mut new = Builder::new();
                for (i, (&code, &matched)) in codes.iter().zip(&matched).enumerate() {
                    let take = matched && (lookup.overwrite || old.is_null(i));
                    new.push(if take { found.get(code as usize) } else { old.get(i) });
                }
                new.finish()
            }
        };
        batch.set(field.clone(), new);
    }
    Ok(())
}

/// What was found for one combination of key values.
struct Matched {
    rows: Vec<u32>,
    /// How often the lookup's default fills up what is missing to its least number of matches.
    defaults: usize,
}

impl Matched {
    fn any(&self) -> bool {
        !self.rows.is_empty() || self.defaults > 0
    }

    /// The cells of all rows, as a multivalue where there are several.
    fn value<'a>(&'a self, cells: &'a Column, lookup: &'a LookupUse) -> Value<'a> {
        let default = lookup.lookup.def.default_match.as_deref().map_or(Value::Null, Value::text);
        Value::multi(self.rows.iter().map(|&r| cells.get(r as usize)).chain(std::iter::repeat_n(default, self.defaults)))
    }
}

/// The rows for a combination of values; a multivalue is looked up value by value.
fn find(lookup: &LookupUse, values: &[Value<'_>], at: Option<f64>) -> Matched {
    let def = &lookup.lookup.def;
    if values.iter().any(Value::is_null) {
        // Nothing is looked up where a field is missing, so no default is due either.
        return Matched { rows: Vec::new(), defaults: 0 };
    }
    let texts: Vec<Vec<Cow<'_, str>>> = values.iter().map(|v| v.each().iter().filter_map(Value::as_text).collect()).collect();
    let total = texts.iter().try_fold(1usize, |n, t| n.checked_mul(t.len())).unwrap_or(usize::MAX).min(MAX_COMBINATIONS);
    let mut rows = Vec::new();
    for n in 0..total {
        let mut rest = n;
        // The last field turns fastest.
        let mut key: Vec<Option<&str>> = texts.iter().rev().map(|t| take_digit(&mut rest, t)).collect();
        key.reverse();
        for row in lookup.index.find_at(&key, at) {
            if !rows.contains(&row) && rows.len() < def.max_matches {
                rows.push(row);
            }
        }
    }
    let defaults = def.min_matches.saturating_sub(rows.len());
    Matched { defaults: if def.default_match.is_some() { defaults } else { 0 }, rows }
}

fn take_digit<'a>(rest: &mut usize, digits: &'a [Cow<'_, str>]) -> Option<&'a str> {
    let base = digits.len().max(1);
    let digit = digits.get(*rest % base);
    *rest /= base;
    digit.map(AsRef::as_ref)
}

/// Numbers the codes of a dictionary column that occur; the result is the codes by number.
fn distinct_codes(dict: &[u32], values: usize, codes: &mut Vec<u32>) -> Vec<u32> {
    let mut known = vec![NO_CODE; values];
    let mut distinct = Vec::new();
    codes.extend(dict.iter().map(|&c| match known.get_mut(c as usize) {
        None => NO_CODE,
        Some(k) => {
            if *k == NO_CODE {
                *k = distinct.len() as u32;
                distinct.push(c);
            }
            *k
        }
    }));
    distinct
}

/// The texts of each key, and the time's bits where it counts.
type Asked = (Vec<Vec<String>>, Option<u64>);

/// Numbers the combinations of the key columns' values, and of the times where those count, row by row.
fn by_value(
    keys: &[Arc<Column>],
    times: Option<&Column>,
    lookup: &LookupUse,
    cx: &Context,
    codes: &mut Vec<u32>,
    matches: &mut Vec<Matched>,
) -> Result<(), Diagnostic> {
    let len = keys.first().map_or(0, |k| k.len());
    let mut known: HashMap<Asked, u32, RandomState> = HashMap::default();
    for row in 0..len {
        if row % 256 == 0 {
            cx.check()?;
        }
        let values: Vec<Value<'_>> = keys.iter().map(|k| k.get(row)).collect();
        let key = values.iter().map(|v| v.each().iter().filter_map(Value::as_text).map(Cow::into_owned).collect()).collect();
        let at = times.and_then(|t| t.number(row));
        let code = *known.entry((key, at.map(f64::to_bits))).or_insert_with(|| {
            matches.push(find(lookup, &values, at));
            matches.len() as u32 - 1
        });
        codes.push(code);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::store::Catalog;
    use crate::{Engine, Settings};

    /// The value of `o` in each row of `<row> | lookup …`, with these settings of the lookup `l` over this table.
    fn looked(settings: &str, csv: &str, rows: serde_json::Value, spl: &str) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let (conf, lookups) = (dir.path().join("default"), dir.path().join("lookups"));
        std::fs::create_dir_all(&conf).unwrap();
        std::fs::create_dir_all(&lookups).unwrap();
        std::fs::write(conf.join("transforms.conf"), format!("[l]\nfilename = l.csv\n{settings}\n")).unwrap();
        std::fs::write(lookups.join("l.csv"), csv).unwrap();
        let mut knowledge = Knowledge::builtin();
        knowledge.add_app(dir.path()).unwrap();
        let rows: Vec<_> = rows.as_array().unwrap().iter().map(|r| r.as_object().unwrap().clone()).collect();
        let answer = Engine::new(Catalog::of_rows(crate::input::rows(&rows)), knowledge, Settings::default()).run(spl).unwrap();
        let text = |i| answer.rows.value("o", i).as_text().map_or("-".into(), |t| t.replace('\n', ","));
        (0..answer.rows.len()).map(text).collect()
    }

    #[test]
    fn matching_rows_give_their_cells() {
        let csv = "k,o\na,1\na,2\nb,\n10.0.0.0/8,net\nx*,star\n";
        let rows = serde_json::json!([{"k": "a"}, {"k": "b", "o": "old"}, {"k": "none", "o": "old"}, {"o": "old"}, {"k": ["a", "none"], "o": "old"}]);
        for (settings, spl, want) in [
            ("", "* | lookup l k OUTPUT o", ["1,2", "-", "old", "old", "1,2"]),
            ("", "* | lookup l k OUTPUTNEW o", ["1,2", "old", "old", "old", "old"]),
            ("", "* | lookup l k", ["1,2", "-", "old", "old", "1,2"]),
            ("max_matches = 1", "* | lookup l k OUTPUT o", ["1", "-", "old", "old", "1"]),
            ("min_matches = 1\ndefault_match = no", "* | lookup l k OUTPUT o", ["1,2", "-", "no", "old", "1,2"]),
            ("min_matches = 1", "* | lookup l k OUTPUT o", ["1,2", "-", "old", "old", "1,2"]),
        ] {
            assert_eq!(looked(settings, csv, rows.clone(), spl), want, "{settings} {spl}");
        }
    }

    #[test]
    fn match_types_decide_and_several_keys_all_fit() {
        let csv = "k,m,o\n10.0.0.0/8,a,net\nX*,b,star\n";
        let rows = serde_json::json!([{"k": "10.1.1.1", "m": "a"}, {"k": "xyz", "m": ["q", "b"]}]);
        assert_eq!(looked("match_type = CIDR(k)", csv, rows.clone(), "* | lookup l k m OUTPUT o"), ["net", "-"]);
        let wild = "match_type = WILDCARD(k)\ncase_sensitive_match = false";
        assert_eq!(looked(wild, csv, rows.clone(), "* | lookup l k, m OUTPUT o"), ["-", "star"]);
        assert_eq!(looked("match_type = WILDCARD(k)", csv, rows, "* | lookup l k, m OUTPUT o"), ["-", "-"]);
    }
}
