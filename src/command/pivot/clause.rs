//! The clauses of pivot: statistics, rows and columns, filters, limits and the order.

use super::{Comparison, Filter, Limit, Pivot, Range, Split};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::syntax::aggregation::aggregation;
use crate::syntax::field::field;
use crate::syntax::option::{Opt, OptionValue, raw_value};
use crate::syntax::tokens::{commas, symbol};
use crate::syntax::wanted::Want;
use crate::syntax::{Failure, Parsed, Tokens};

pub(super) static START: Opt<Option<f64>> = Opt::new("start", "", "After RANGE: the least number; rows with lesser ones are left out.");
pub(super) static END: Opt<Option<f64>> = Opt::new("end", "", "After RANGE: where the numbers end; rows with this or greater ones are left out.");
pub(super) static MAX: Opt<Option<u64>> = Opt::new("max", "", "After RANGE: the most parts that the numbers are put into, where no size is given.");
pub(super) static SIZE: Opt<Option<f64>> = Opt::new("size", "", "After RANGE: the size of the parts.");

const KEYWORDS: [&str; 9] = ["SPLITROW", "SPLITCOL", "FILTER", "LIMIT", "ROWSUMMARY", "COLSUMMARY", "SHOWOTHER", "NUMCOLS", "SORT"];

const COMPARISONS: [(&str, Comparison); 9] = [
    ("is", Comparison::Is),
    ("isNot", Comparison::IsNot),
    ("contains", Comparison::Contains),
    ("doesNotContain", Comparison::DoesNotContain),
    ("startsWith", Comparison::StartsWith),
    ("endsWith", Comparison::EndsWith),
    ("in", Comparison::In),
    ("isNull", Comparison::IsNull),
    ("isNotNull", Comparison::IsNotNull),
];

type Rest<'a> = Result<Tokens<'a>, nom::Err<Failure>>;

/// The clause that stands here.
pub(super) fn element<'a>(i: Tokens<'a>, p: &mut Pivot) -> Rest<'a> {
    let Some(keyword) = KEYWORDS.into_iter().find(|k| i.at_word(k)) else {
        let (rest, cell) = aggregation(i)?;
        p.cells.push(cell);
        return Ok(rest);
    };
    let at = i.skip(1);
    match keyword {
        "SPLITROW" | "SPLITCOL" => {
            let (rest, split) = split(at)?;
            if keyword == "SPLITROW" {
                p.rows.push(split)
            } else {
                p.columns.push(split)
            }
            Ok(rest)
        }
        "FILTER" => {
            let (rest, filter) = filter(at)?;
            p.filters.push(filter);
            Ok(rest)
        }
        "LIMIT" => {
            let (rest, limit) = limit(at)?;
            p.limits.push(limit);
            Ok(rest)
        }
        "SORT" => {
            let (mut rest, count) = typed::<u64>(at, keyword)?;
            p.most_rows = count;
            rest = commas(rest)?.0;
            while !rest.is_empty() && !KEYWORDS.iter().any(|k| rest.at_word(k)) {
                let sign = rest.at_symbol('-') || rest.at_symbol('+');
                let (after, name) = field(if sign { rest.skip(1) } else { rest })?;
                // A run of tokens may begin with its sign.
                let bare = name.name.strip_prefix(['-', '+']).filter(|_| !name.quoted);
                let descending = sign && rest.at_symbol('-') || !name.quoted && name.name.starts_with('-');
                p.sort.push((descending, bare.unwrap_or(&name.name).to_string()));
                rest = commas(after)?.0;
            }
            Ok(rest)
        }
        "NUMCOLS" => {
            let (rest, count) = typed(at, keyword)?;
            p.most_columns = count;
            Ok(rest)
        }
        _ => {
            let (rest, flag) = typed(at, keyword)?;
            match keyword {
                "ROWSUMMARY" => p.row_summary = flag,
                "COLSUMMARY" => p.column_summary = flag,
                _ => p.other = flag,
            }
            Ok(rest)
        }
    }
}

/// The value behind a keyword.
fn typed<'a, T: OptionValue>(i: Tokens<'a>, keyword: &'static str) -> Parsed<'a, T> {
    let (rest, value) = raw_value(i)?;
    match T::read(&value.text) {
        Ok(v) => Ok((rest, v)),
        Err(wanted) => i.fail(Diagnostic::error(Code::OPTION_VALUE, format!("`{keyword}` takes {wanted}, not `{}`", value.text)).at(value.span)),
    }
}

const PERIODS: [(&str, &str); 7] = [("auto", ""), ("year", "1y"), ("month", "1mon"), ("day", "1d"), ("hour", "1h"), ("minute", "1m"), ("second", "1s")];

fn split(i: Tokens<'_>) -> Parsed<'_, Split> {
    let (mut i, name) = field(i)?;
    let period = (name.name == "_time").then_some("");
    let mut split = Split { field: name.name, label: None, range: None, period, labels: [None, None] };
    loop {
        i = if i.at_word("AS") {
            let (rest, label) = field(i.skip(1))?;
            split.label = Some(label.name);
            rest
        } else if i.at_word("RANGE") {
            let (mut range, mut at) = (Range::default(), commas(i.skip(1))?.0);
            loop {
                at = if let Some(rest) = [(&START, &mut range.start), (&END, &mut range.end), (&SIZE, &mut range.size)]
                    .into_iter()
                    .find_map(|(option, into)| option.read(at, into).transpose())
                    .transpose()?
                {
                    rest
                } else if let Some(rest) = MAX.read(at, &mut range.max)? {
                    rest
                } else {
                    break;
                };
                at = commas(at)?.0;
            }
            if range.size.is_some_and(|s| s <= 0.0) {
                let d = Diagnostic::error(Code::OPTION_VALUE, "`size` takes a number above 0").at(i.span_to(&at));
                return i.fail(d);
            }
            split.range = Some(range);
            at
        } else if i.at_word("PERIOD") {
            let (rest, word) = raw_value(i.skip(1))?;
            let Some((_, span)) = PERIODS.iter().find(|(n, _)| n.eq_ignore_ascii_case(&word.text)) else {
                let mut d = Diagnostic::error(Code::ARGUMENTS, format!("`{}` is no period", word.text)).at(word.span);
                d.help.extend(did_you_mean(&word.text, PERIODS.iter().map(|(n, _)| *n)));
                return i.fail(d.help("Periods are `auto`, `year`, `month`, `day`, `hour`, `minute` and `second`."));
            };
            split.period = Some(span);
            rest
        } else if i.at_word("TRUELABEL") || i.at_word("FALSELABEL") {
            let (rest, label) = raw_value(i.skip(1))?;
            let [yes, no] = &mut split.labels;
            *(if i.at_word("TRUELABEL") { yes } else { no }) = Some(label.text);
            rest
        } else {
            return Ok((i, split));
        };
    }
}

fn filter(i: Tokens<'_>) -> Parsed<'_, Filter> {
    let (i, name) = field(i)?;
    for sign in ["!=", "<=", ">=", "=", "<", ">"] {
        let mut signs = sign.chars().enumerate();
        if signs.all(|(n, c)| i.peek(n).is_some_and(|t| t.is(c) && (n == 0 || t.glued))) {
            let (rest, value) = raw_value(i.skip(sign.len()))?;
            return Ok((rest, Filter { field: name.name, comparison: Comparison::Sign(sign), values: vec![value.text] }));
        }
    }
    let (mut rest, word) = raw_value(i)?;
    let Some((_, comparison)) = COMPARISONS.iter().find(|(n, _)| n.eq_ignore_ascii_case(&word.text)) else {
        let mut d = Diagnostic::error(Code::ARGUMENTS, format!("`{}` is no comparison of `pivot`", word.text)).at(word.span);
        d.help.extend(did_you_mean(&word.text, COMPARISONS.iter().map(|(n, _)| *n)));
        let names: Vec<String> = COMPARISONS.iter().map(|(n, _)| format!("`{n}`")).collect();
        return i.fail(d.help(format!("Comparisons are {}, `=`, `!=`, `<`, `<=`, `>` and `>=`.", names.join(", "))));
    };
    let mut values = Vec::new();
    match comparison {
        Comparison::IsNull | Comparison::IsNotNull => {}
        Comparison::In => {
            (rest, _) = symbol('(')(rest)?;
            while !rest.at_symbol(')') {
                let (after, value) = field(rest)?;
                values.push(value.name);
                rest = commas(after)?.0;
            }
            rest = rest.skip(1);
        }
        _ => {
            let (after, value) = raw_value(rest)?;
            values.push(value.text);
            rest = after;
        }
    }
    Ok((rest, Filter { field: name.name, comparison: *comparison, values }))
}

fn limit(i: Tokens<'_>) -> Parsed<'_, Limit> {
    let (i, name) = field(i)?;
    if !i.at_word("BY") {
        return i.miss(Want::Keyword("BY"));
    }
    let i = i.skip(1);
    let top = i.at_word("TOP");
    if !top && !i.at_word("BOTTOM") {
        return i.miss(Want::Keyword("TOP"));
    }
    let (i, count) = typed(i.skip(1), "LIMIT")?;
    let (rest, by) = aggregation(i)?;
    Ok((rest, Limit { field: name.name, top, count, by }))
}
