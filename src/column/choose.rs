//! Two columns into one, row by row.

use super::{Builder, Column, Mask, NO_CODE, Value};
use std::sync::Arc;

/// Row by row the value of the first column where the mask is set, else that of the second.
pub fn choose(yes: &Arc<Column>, no: &Arc<Column>, first: &Mask) -> Arc<Column> {
    if first.all() || Arc::ptr_eq(yes, no) {
        return yes.clone();
    }
    if first.none() {
        return no.clone();
    }
    let rows = yes.len();
    Arc::new(match (yes.as_ref(), no.as_ref()) {
        (Column::Text(a), Column::Text(b)) => {
            let mut both = a.clone();
            both.append(b);
            let order: Vec<u32> = (0..rows).map(|i| if first.get(i) { i as u32 } else { (rows + i) as u32 }).collect();
            Column::Text(both.take(&order))
        }
        (Column::Const(a, _), Column::Const(b, _)) => of_few(&[a, b], (0..rows).map(|i| if first.get(i) { 0 } else { 1 })),
        (Column::Dict { codes, values, shared }, Column::Const(Value::Null, _)) => {
            let codes = codes.iter().enumerate().map(|(i, c)| if first.get(i) { *c } else { NO_CODE }).collect();
            Column::Dict { codes, values: values.clone(), shared: *shared }
        }
        (Column::Dict { codes: a, values: v, .. }, Column::Dict { codes: b, values: w, .. }) => {
            let (mut first_codes, mut second_codes) = (Recoded::new(v), Recoded::new(w));
            let mut values = Builder::new();
            let mut made = 0;
            let picked = a
                .iter()
                .zip(b)
                .enumerate()
                .map(|(i, (a, b))| if first.get(i) { first_codes.code(*a, &mut values, &mut made) } else { second_codes.code(*b, &mut values, &mut made) });
            let codes = picked.collect();
            Column::coded(codes, values.finish())
        }
        _ => {
            let mut out = Builder::new();
            (0..rows).for_each(|i| out.push(if first.get(i) { yes.get(i) } else { no.get(i) }));
            out.finish()
        }
    })
}

/// A column of a few values: the number of each row's, which is none of them where it has none.
pub fn of_few(values: &[&Value<'static>], numbers: impl Iterator<Item = usize>) -> Column {
    let number = |value: &&Value<'static>| if let Value::Number(n) = value { Some(*n) } else { None };
    if let Some(all) = values.iter().map(number).collect::<Option<Vec<f64>>>() {
        let found: Vec<Option<f64>> = numbers.map(|number| all.get(number).copied()).collect();
        let valid = found.iter().any(Option::is_none).then(|| Mask::from_fn(found.len(), |row| found.get(row).is_some_and(Option::is_some)));
        return Column::Number { values: found.into_iter().map(Option::unwrap_or_default).collect(), valid };
    }
    let (mut distinct, mut codes): (Vec<&Value<'static>>, Vec<u32>) = Default::default();
    for value in values {
        let known = distinct.iter().position(|d| d == value);
        codes.push(if value.is_null() { NO_CODE } else { known.unwrap_or(distinct.len()) as u32 });
        if known.is_none() && !value.is_null() {
            distinct.push(value);
        }
    }
    let codes = numbers.map(|number| codes.get(number).copied().unwrap_or(NO_CODE)).collect();
    Column::coded(codes, distinct.into_iter().map(Value::borrowed).collect())
}

/// Row by row the value of the first column, or that of the second where it has none.
pub fn or(first: &Arc<Column>, second: &Arc<Column>) -> Arc<Column> {
    if !first.any_null() {
        return first.clone();
    }
    if first.all_null() {
        return second.clone();
    }
    choose(first, second, &Mask::from_fn(first.len(), |i| !first.is_null(i)))
}

/// The codes of a dictionary in another one that is being made.
struct Recoded<'v> {
    values: &'v Column,
    known: Vec<u32>,
}

impl<'v> Recoded<'v> {
    fn new(values: &'v Column) -> Recoded<'v> {
        Recoded { values, known: vec![NO_CODE; values.len()] }
    }

    fn code(&mut self, code: u32, into: &mut Builder, made: &mut u32) -> u32 {
        let Some(known) = self.known.get_mut(code as usize) else { return NO_CODE };
        if *known == NO_CODE && !self.values.is_null(code as usize) {
            into.push(self.values.get(code as usize));
            *known = *made;
            *made += 1;
        }
        *known
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Text;

    #[test]
    fn every_representation_gives_the_same() {
        let plain = |values: &[Option<&str>]| Arc::new(Column::Text(values.iter().copied().collect::<Text>()));
        let coded = |codes: &[u32], values: &[&str], shared| {
            let values = Arc::new(Column::Text(values.iter().map(|v| Some(*v)).collect::<Text>()));
            Arc::new(Column::Dict { codes: codes.to_vec(), values, shared })
        };
        let shown = |c: Arc<Column>| (0..c.len()).map(|i| c.get(i).as_text().map(|t| t.into_owned())).collect::<Vec<_>>();
        let firsts = [plain(&[Some("a"), None, Some("b"), None]), coded(&[1, NO_CODE, 0, NO_CODE], &["b", "a"], true)];
        let seconds = [plain(&[Some("x"), Some("y"), None, None]), coded(&[0, 1, NO_CODE, NO_CODE], &["x", "y"], false)];
        for first in &firsts {
            for second in &seconds {
                assert_eq!(shown(or(first, second)), [Some("a"), Some("y"), Some("b"), None].map(|t| t.map(String::from)));
                let even = Mask::from_fn(4, |i| i % 2 == 0);
                assert_eq!(shown(choose(second, first, &even)), [Some("x"), None, None, None].map(|t| t.map(String::from)));
            }
            let null = Arc::new(Column::null(4));
            assert!(Arc::ptr_eq(&or(&null, first), first));
            assert_eq!(shown(or(first, &null)), shown(first.clone()));
        }
        let full = plain(&[Some("a")]);
        assert!(Arc::ptr_eq(&or(&full, &plain(&[Some("b")])), &full));
    }
}
