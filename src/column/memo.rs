//! What was made of the distinct values that the batches of a table share: made once, whichever batch asks first.

use super::Column;
use std::sync::{Arc, Mutex, OnceLock};

/// Dictionaries that are remembered at a time. Tables are read one after the other.
const KEPT: usize = 4;

/// From a shared dictionary to what one predicate or function makes of it. Most are never asked, and take no memory of their own. A clone
/// remembers nothing: it may run in another query, with another memory account.
pub struct Memo<T>(OnceLock<Box<Known<T>>>);

type Known<T> = Mutex<Vec<Entry<T>>>;

/// The dictionary is held on to, so that its address is not another's.
type Entry<T> = (Arc<Column>, Arc<OnceLock<T>>);

impl<T: Clone> Memo<T> {
    /// What was made of these values, or is made now. A thread that asks meanwhile waits for it.
    pub fn of(&self, values: &Arc<Column>, make: impl FnOnce() -> T) -> T {
        let made = {
            let mut known = self.0.get_or_init(Box::default).lock().unwrap_or_else(|e| e.into_inner());
            match known.iter().find(|(seen, _)| Arc::ptr_eq(seen, values)) {
                Some((_, made)) => made.clone(),
                None => {
                    if known.len() >= KEPT {
                        known.remove(0);
                    }
                    let made = Arc::new(OnceLock::new());
                    known.push((values.clone(), made.clone()));
                    made
                }
            }
        };
        made.get_or_init(make).clone()
    }

    /// What was made of these values by now.
    pub fn known(&self, values: &Arc<Column>) -> Option<T> {
        let known = self.0.get()?.lock().unwrap_or_else(|e| e.into_inner());
        known.iter().find(|(seen, _)| Arc::ptr_eq(seen, values)).and_then(|(_, made)| made.get().cloned())
    }
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        Memo::default()
    }
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Memo(OnceLock::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dictionary_is_worked_on_once() {
        let memo = Memo::default();
        let dictionaries: Vec<Arc<Column>> = (0..KEPT).map(|n| Arc::new(Column::null(n))).collect();
        let mut made = 0;
        for values in dictionaries.iter().chain(&dictionaries) {
            let lengths = memo.of(values, || {
                made += 1;
                values.len()
            });
            assert_eq!((lengths, memo.known(values)), (values.len(), Some(values.len())));
        }
        assert_eq!((made, memo.known(&Arc::new(Column::null(1)))), (KEPT, None));
    }
}
