//! A batch: a few thousand rows of named columns.

use super::{Column, Mask, Value};
use foldhash::fast::RandomState;
use hashbrown::HashSet;
use indexmap::{IndexMap, IndexSet};
use std::convert::Infallible;
use std::sync::Arc;

/// A field name, shared by every batch that has it.
pub type Name = Arc<str>;

/// What a row without any value counts for.
pub const ROW_BYTES: usize = 16;

/// Rows that are kept may hold on to so many times as much text as they have.
const KEPT: usize = 4;

/// Rows of named columns, in the order in which fields are shown. All columns have `len` rows.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    len: usize,
    columns: IndexMap<Name, Arc<Column>, RandomState>,
}

impl Batch {
    /// A batch of `len` rows without columns.
    pub fn new(len: usize) -> Batch {
        Batch { len, columns: IndexMap::default() }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// No rows?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The fields, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &Name> {
        self.columns.keys()
    }

    /// The fields with their columns, in order.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (&Name, &Arc<Column>)> {
        self.columns.iter()
    }

    /// A column by name.
    pub fn get(&self, name: &str) -> Option<&Arc<Column>> {
        self.columns.get(name)
    }

    /// A column by name; all null where the batch has none.
    pub fn column(&self, name: &str) -> Arc<Column> {
        self.columns.get(name).cloned().unwrap_or_else(|| Arc::new(Column::null(self.len)))
    }

    /// The value of a field in a row.
    pub fn value(&self, name: &str, row: usize) -> Value<'_> {
        self.columns.get(name).map_or(Value::Null, |c| c.get(row))
    }

    /// Sets a column, in its old place where the field exists, else as the last one. A column of another length is a bug of
    /// the caller; missing rows then read as null.
    pub fn set(&mut self, name: impl Into<Name>, column: impl Into<Arc<Column>>) {
        let column = column.into();
        debug_assert_eq!(column.len(), self.len);
        self.columns.insert(name.into(), column);
    }

    /// Takes a column out; the order of the others stays.
    pub fn remove(&mut self, name: &str) -> Option<Arc<Column>> {
        self.columns.shift_remove(name)
    }

    /// Keeps the fields that pass a test.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.columns.retain(|name, _| keep(name));
    }

    /// The same rows with other columns.
    pub fn with_columns(&self, columns: impl IntoIterator<Item = (Name, Arc<Column>)>) -> Batch {
        Batch { len: self.len, columns: columns.into_iter().collect() }
    }

    /// The rows at these places, in this order.
    pub fn take(&self, rows: &[u32]) -> Batch {
        match self.take_while(rows, || Ok::<(), Infallible>(())) {
            Ok(batch) => batch,
            Err(never) => match never {},
        }
    }

    /// The same, as long as `go_on` has no error; it is asked before each column.
    pub fn take_while<E>(&self, rows: &[u32], go_on: impl Fn() -> Result<(), E>) -> Result<Batch, E> {
        let columns = self.columns.iter().map(|(name, column)| {
            go_on()?;
            Ok((name.clone(), Arc::new(column.take(rows))))
        });
        Ok(Batch { len: rows.len(), columns: columns.collect::<Result<_, E>>()? })
    }

    /// All rows in another order, each once, as long as `go_on` has no error; it is asked before each column. Values that are held here alone
    /// are not copied.
    pub fn reordered<E>(self, rows: &[u32], go_on: impl Fn() -> Result<(), E>) -> Result<Batch, E> {
        let columns = self.columns.into_iter().map(|(name, column)| {
            go_on()?;
            Ok((name, Arc::new(Arc::try_unwrap(column).map_or_else(|shared| shared.take(rows), |own| own.reordered(rows)))))
        });
        Ok(Batch { len: rows.len(), columns: columns.collect::<Result<_, E>>()? })
    }

    /// The rows that a mask has set.
    pub fn filter(self, mask: &Mask) -> Batch {
        if mask.all() {
            return self;
        }
        let rows: Vec<u32> = mask.rows().map(|r| r as u32).collect();
        self.take(&rows)
    }

    /// The rows from `start`, at most `len` of them.
    pub fn slice(&self, start: usize, len: usize) -> Batch {
        let end = start.saturating_add(len).min(self.len);
        if start == 0 && end == self.len {
            return self.clone();
        }
        self.take(&(start.min(end) as u32..end as u32).collect::<Vec<_>>())
    }

    /// The same rows without what lies around theirs, where that is most of it: for rows that are kept when the others are gone.
    pub fn packed(self) -> Batch {
        let packed = |column: Arc<Column>| Arc::new(Arc::unwrap_or_clone(column).packed());
        Batch { len: self.len, columns: self.columns.into_iter().map(|(name, column)| (name, packed(column))).collect() }
    }

    /// The same rows, for being kept while others come: without what lies around theirs, where that is most of all that they hold on to.
    pub fn kept(self) -> Batch {
        let mut seen = HashSet::default();
        let (used, held) = self.columns.values().fold((0, 0), |(used, held), column| (used + column.text_bytes(), held + column.held_bytes(&mut seen)));
        if used.saturating_mul(KEPT) < held { self.packed() } else { self }
    }

    /// One batch of the rows of several; fields in the order of their first appearance.
    pub fn concat(parts: Vec<Batch>) -> Batch {
        match Batch::concat_while(parts, || Ok::<(), Infallible>(())) {
            Ok(batch) => batch,
            Err(never) => match never {},
        }
    }

    /// The same, as long as `go_on` has no error; it is asked before each column.
    pub fn concat_while<E>(mut parts: Vec<Batch>, go_on: impl Fn() -> Result<(), E>) -> Result<Batch, E> {
        if parts.len() == 1 {
            return Ok(parts.into_iter().next().unwrap_or_default());
        }
        let len = parts.iter().map(Batch::len).sum();
        let names: IndexSet<Name, RandomState> = parts.iter().flat_map(|p| p.names().cloned()).collect();
        let columns = names.into_iter().map(|name| {
            go_on()?;
            // What is put together need not be held in parts any longer.
            let part = |p: &mut Batch| p.columns.swap_remove(&name).unwrap_or_else(|| Arc::new(Column::null(p.len)));
            let columns: Vec<Arc<Column>> = parts.iter_mut().map(part).collect();
            let all = Column::concat(&columns.iter().map(Arc::as_ref).collect::<Vec<_>>());
            Ok((name, Arc::new(all)))
        });
        Ok(Batch { len, columns: columns.collect::<Result<_, E>>()? })
    }

    /// Bytes held, for the memory account. Every row counts for a few, so that rows of constants cannot be collected without end:
    /// what works on them holds a place for each.
    pub fn bytes(&self) -> usize {
        self.bytes_beside(&mut HashSet::default())
    }

    /// The same beside other batches that are held: texts whose addresses are in `seen` are counted already.
    pub fn bytes_beside(&self, seen: &mut HashSet<*const u8, RandomState>) -> usize {
        self.len * ROW_BYTES + self.columns.values().map(|c| c.bytes(seen)).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(name: &str, values: &[f64]) -> Batch {
        let mut b = Batch::new(values.len());
        b.set(name, Column::numbers(values.to_vec()));
        b
    }

    #[test]
    fn batches_with_different_fields_concatenate() {
        let all = Batch::concat(vec![batch("a", &[1.0]), batch("b", &[2.0, 3.0])]);
        assert_eq!((all.len(), all.value("a", 0), all.value("a", 2), all.value("b", 1)), (3, Value::Number(1.0), Value::Null, Value::Number(2.0)));
    }

    #[test]
    fn kept_rows_let_the_others_go() {
        let text: super::super::Text = (0..1000).map(|i| Some(format!("value number {i}"))).collect();
        let few = Column::coded((0..1000).collect(), Column::Text(text.clone())).take(&[7, u32::MAX, 9]);
        let mut b = Batch::new(3);
        b.set("coded", few);
        b.set("text", Column::Text(text.take(&[9, 8, 1001])));
        b.set("same", Column::Const(Value::Number(1.0), 3));
        let packed = b.clone().packed();
        assert!(b.bytes() > 20_000 && packed.bytes() < 500, "{} {}", b.bytes(), packed.bytes());
        assert!(b.names().all(|name| (0..3).all(|row| b.value(name, row) == packed.value(name, row))));
    }

    #[test]
    fn rows_are_kept_without_much_else() {
        let rows = |table: bool| {
            let text: super::super::Text = (0..1000).map(|i| Some(format!("value number {i}"))).collect();
            let codes = Column::Dict { codes: (0..1000).collect(), values: Arc::new(Column::Text(text.clone())), shared: table };
            let mut b = Batch::new(1000);
            b.set("text", Column::Text(text));
            b.set("coded", codes);
            b
        };
        for table in [false, true] {
            let all = rows(table);
            let (few, most) = (all.take(&[7, 8, 500]), all.slice(300, 600));
            assert!(few.clone().kept().bytes() < 500, "{}", few.clone().kept().bytes());
            assert!(few.names().all(|name| (0..3).all(|row| few.value(name, row) == few.clone().kept().value(name, row))));
            assert_eq!((most.bytes(), all.bytes()), (most.clone().kept().bytes(), all.clone().kept().bytes()));
        }
    }

    #[test]
    fn rows_come_in_another_order() {
        let values = || [Value::text("a"), Value::multi([Value::Number(1.0), Value::Null, Value::text("b")]), Value::Null].into_iter().collect::<Column>();
        let mut b = batch("n", &[1.0, 2.0, 3.0]);
        b.set("own", values());
        let shared = Arc::new(values());
        b.set("shared", shared.clone());
        let want = b.take(&[2, 0, 1]);
        let got = b.reordered(&[2, 0, 1], || Ok::<(), Infallible>(())).unwrap();
        for name in ["n", "own", "shared"] {
            assert!((0..3).all(|row| got.value(name, row) == want.value(name, row)), "{name}");
        }
        assert_eq!(shared.get(0), Value::text("a"));
    }

    #[test]
    fn filter_and_slice_keep_order() {
        let b = batch("a", &[1.0, 2.0, 3.0]);
        assert_eq!(b.clone().filter(&Mask::from_fn(3, |i| i != 1)).value("a", 1), Value::Number(3.0));
        assert_eq!(b.slice(1, 9).len(), 2);
        assert_eq!(b.slice(7, 9).len(), 0);
    }
}
