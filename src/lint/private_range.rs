//! A search that names several of the private ranges, one of them with another prefix length than it has.

use super::{Query, searches};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{Search, SearchValue};

/// RFC 1918.
const RANGES: [(&str, u8); 3] = [("10.0.0.0", 8), ("172.16.0.0", 12), ("192.168.0.0", 16)];

pub fn check(query: &Query<'_>, out: &mut Vec<Diagnostic>) {
    let mut values: Vec<&SearchValue> = Vec::new();
    searches(query.pipeline, &mut |s| match s {
        Search::Compare { value, .. } => values.push(value),
        Search::In { values: all, .. } => values.extend(all),
        _ => {}
    });
    let found: Vec<(&SearchValue, &str, u8, u8)> = values
        .into_iter()
        .filter_map(|v| {
            let (base, length) = v.text.split_once('/')?;
            let (range, right) = RANGES.iter().find(|(r, _)| *r == base)?;
            Some((v, *range, *right, length.parse().ok()?))
        })
        .collect();
    let distinct = RANGES.iter().filter(|(r, _)| found.iter().any(|f| f.1 == *r)).count();
    if distinct < 2 {
        return;
    }
    for (value, range, right, length) in found.into_iter().filter(|f| f.2 != f.3) {
        let what = if length > right {
            format!("covers only a part of the private range {range}/{right}")
        } else {
            format!("covers more than the private range {range}/{right}")
        };
        out.push(
            Diagnostic::warning(Code::CIDR_BOUNDARY, format!("`{}` {what}", value.text))
                .at(value.span)
                .help(format!("The whole range is `{range}/{right}`; keep the other only if it is meant."))
                .fix(format!("{range}/{right}")),
        );
    }
}
