//! One column of the rows of several, with as little copied as can be.

use super::{Builder, Column, Mask, NO_CODE, Text, Value};
use foldhash::fast::RandomState;
use hashbrown::hash_map::{Entry, HashMap};
use std::sync::Arc;

impl Column {
    /// One column of the rows of several, in order.
    pub fn concat(parts: &[&Column]) -> Column {
        match parts {
            [] => return Column::null(0),
            [one] => return (*one).clone(),
            _ => {}
        }
        if let Some(Column::Const(first, _)) = parts.first()
            && parts.iter().all(|p| matches!(p, Column::Const(v, _) if v == first))
        {
            return Column::Const(first.clone(), parts.iter().map(|p| p.len()).sum());
        }
        coded(parts).or_else(|| text(parts)).or_else(|| numbers(parts)).unwrap_or_else(|| {
            let mut out = Builder::new();
            parts.iter().for_each(|p| (0..p.len()).for_each(|i| out.push(p.get(i))));
            out.finish()
        })
    }

    /// The same values, texts without codes.
    pub fn uncoded(self) -> Column {
        match &self {
            Column::Dict { .. } => text(&[&self]).unwrap_or(self),
            _ => self,
        }
    }
}

/// Codes, where all parts have some, or no value at all, and there are no more distinct values than rows.
fn coded(parts: &[&Column]) -> Option<Column> {
    let mut places: HashMap<*const Column, usize, RandomState> = HashMap::default();
    let (mut dictionaries, mut of_parts, mut is_shared) = (Vec::new(), Vec::new(), false);
    for part in parts {
        of_parts.push(match part {
            Column::Dict { values, shared, .. } => {
                is_shared |= *shared;
                Some(*places.entry(Arc::as_ptr(values)).or_insert_with(|| {
                    dictionaries.push(values);
                    dictionaries.len() - 1
                }))
            }
            Column::Const(Value::Null, _) => None,
            _ => return None,
        });
    }
    let rows = parts.iter().map(|p| p.len()).sum();
    let (values, numbers) = match dictionaries.as_slice() {
        [one] => ((*one).clone(), Vec::new()),
        _ if dictionaries.iter().map(|d| d.len()).sum::<usize>() > rows => return None,
        several => {
            let texts = several.iter().map(|d| if let Column::Text(t) = d.as_ref() { Some(t) } else { None }).collect::<Option<Vec<_>>>()?;
            let (values, numbers) = merged(&texts);
            (Arc::new(Column::Text(values)), numbers)
        }
    };
    let mut all = Vec::with_capacity(rows);
    for (part, dictionary) in parts.iter().zip(of_parts) {
        match (part, dictionary.and_then(|d| numbers.get(d))) {
            (Column::Dict { codes, .. }, None) => all.extend_from_slice(codes),
            (Column::Dict { codes, .. }, Some(numbers)) => all.extend(codes.iter().map(|c| numbers.get(*c as usize).copied().unwrap_or(NO_CODE))),
            _ => all.resize(all.len() + part.len(), NO_CODE),
        }
    }
    Some(Column::Dict { codes: all, values, shared: is_shared && numbers.is_empty() })
}

/// The distinct values of several dictionaries, and for each of them the new codes by the old ones.
fn merged(dictionaries: &[&Text]) -> (Text, Vec<Vec<u32>>) {
    let mut all = Text::default();
    dictionaries.iter().for_each(|d| all.append(d));
    let mut known: HashMap<&str, u32, RandomState> = HashMap::default();
    let (mut kept, mut at) = (Vec::new(), 0);
    let numbers = dictionaries.iter().map(|d| {
        let rows = at..at + d.len();
        at = rows.end;
        let number = |row: usize| match known.entry(all.get(row)?) {
            Entry::Occupied(number) => Some(*number.get()),
            Entry::Vacant(new) => {
                kept.push(row as u32);
                Some(*new.insert(kept.len() as u32 - 1))
            }
        };
        rows.map(number).map(|n| n.unwrap_or(NO_CODE)).collect()
    });
    let numbers = numbers.collect();
    (all.take(&kept), numbers)
}

/// Numbers, where all parts are, or no value at all.
fn numbers(parts: &[&Column]) -> Option<Column> {
    let is_of_numbers = |part: &&&Column| matches!(part, Column::Number { .. } | Column::Const(Value::Number(_) | Value::Null, _));
    if parts.iter().filter(is_of_numbers).count() < parts.len() {
        return None;
    }
    let rows = parts.iter().map(|p| p.len()).sum();
    let mut all = Vec::with_capacity(rows);
    let mut valid = parts.iter().any(|part| part.any_null()).then(|| Mask::new(rows, true));
    for part in parts {
        if let (Some(valid), true) = (&mut valid, part.any_null()) {
            (0..part.len()).filter(|row| part.is_null(*row)).for_each(|row| valid.set(all.len() + row, false));
        }
        match part {
            Column::Number { values, .. } => all.extend_from_slice(values),
            Column::Const(Value::Number(n), len) => all.resize(all.len() + len, *n),
            other => all.resize(all.len() + other.len(), 0.0),
        }
    }
    Some(Column::Number { values: all, valid })
}

/// Text, where all parts are, or no value at all. What codes stand for may be strewn over much more text.
fn text(parts: &[&Column]) -> Option<Column> {
    let (mut all, mut strewn) = (Text::default(), false);
    for part in parts {
        match part {
            Column::Text(t) => all.append(t),
            Column::Const(Value::Null, len) => all.append_nulls(*len),
            Column::Const(Value::Text(t), len) => all.append_rows(&Text::of(&[t]), &vec![0; *len]),
            Column::Dict { codes, values, .. } => {
                let Column::Text(values) = values.as_ref() else { return None };
                all.append_rows(values, codes);
                strewn = true;
            }
            _ => return None,
        }
    }
    Some(Column::Text(if strewn { all.packed() } else { all }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A column of letters, in one of the ways that it may be held; the table's values are all of them.
    fn column(letters: &[u8], way: u8, table: &Arc<Column>) -> Column {
        let text = |l: &u8| (*l > 0).then(|| char::from(b'a' + l).to_string());
        let codes = || letters.iter().map(|l| l.checked_sub(1).map_or(NO_CODE, u32::from)).collect();
        match way {
            0 => Column::Text(letters.iter().map(text).collect()),
            1 => Column::Dict { codes: codes(), values: table.clone(), shared: true },
            2 => Column::coded(codes(), table.as_ref().clone()),
            3 => Column::coded(letters.iter().map(|l| u32::from(*l)).collect(), (0..4).map(|l| text(&l).map_or(Value::Null, Value::owned)).collect()),
            4 => Column::Const(letters.first().and_then(text).map_or(Value::Null, Value::owned), letters.len()),
            5 => letters.iter().map(|l| l.checked_sub(1).map_or(Value::Null, |n| Value::Number(n.into()))).collect(),
            6 => Column::Const(letters.first().map_or(Value::Null, |l| Value::Number((*l).into())), letters.len()),
            _ => letters.iter().map(|l| if *l == 1 { Value::Number(1.0) } else { text(l).map_or(Value::Null, Value::owned) }).collect(),
        }
    }

    proptest! {
        #[test]
        fn rows_stay_what_they_are(parts in prop::collection::vec((prop::collection::vec(0..4u8, 0..9), prop_oneof![0..8u8, 4..7u8]), 0..6)) {
            let table = Arc::new(Column::Text(Text::of(&["b", "c", "d"])));
            let columns: Vec<Column> = parts.iter().map(|(letters, way)| column(letters, *way, &table)).collect();
            let all = Column::concat(&columns.iter().collect::<Vec<_>>());
            let wanted: Vec<Value<'_>> = columns.iter().flat_map(|c| (0..c.len()).map(|row| c.get(row))).collect();
            prop_assert_eq!((0..all.len()).map(|row| all.get(row)).collect::<Vec<_>>(), wanted);
            prop_assert!((0..all.len()).all(|row| all.is_null(row) == all.get(row).is_null()));
            if let Column::Dict { values, shared, .. } = &all {
                let texts: Vec<_> = (0..values.len()).filter_map(|v| values.get(v).as_text().map(|t| t.into_owned())).collect();
                prop_assert!(!shared || Arc::ptr_eq(values, &table));
                prop_assert!(parts.iter().any(|(_, way)| *way == 3) || (1..texts.len()).all(|i| !texts[..i].contains(&texts[i])));
            }
        }
    }

    #[test]
    fn values_of_chunks_stand_there_once() {
        let chunk = |texts: [&str; 2]| Column::coded(vec![0, 1, 0, NO_CODE], Column::Text(Text::of(&texts)));
        let (one, two, gap) = (chunk(["x", "y"]), chunk(["y", "z"]), Column::null(2));
        let all = Column::concat(&[&one, &gap, &two]);
        assert!(
            matches!(&all, Column::Dict { codes, values, shared: false } if values.len() == 3 && *codes == [0, 1, 0, NO_CODE, NO_CODE, NO_CODE, 1, 2, 1, NO_CODE])
        );
        // Few rows of many values let the others go.
        let few = one.take(&[1]);
        assert!(matches!(Column::concat(&[&few, &two.take(&[1])]), Column::Text(t) if t.get(0) == Some("y") && t.get(1) == Some("z")));
    }
}
