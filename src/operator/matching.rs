//! Running search predicates over batches.

use super::asked::{Ask, Tests};
use super::{Context, evaluate};
use crate::column::{Batch, Mask};
use crate::plan::{Predicate, matching};
use std::collections::BTreeSet;

pub use matching::passes;

/// The rows that pass.
pub fn mask(predicate: &Predicate, batch: &Batch, cx: &Context) -> Mask {
    matching::mask(predicate, batch, &|expr| evaluate::truth(expr, batch, cx))
}

/// More tests than these are asked together: lists of addresses or names that a subsearch found, or that stand in the query.
const MANY: usize = 16;

/// A predicate, ready to be asked of many batches.
pub struct Matcher {
    predicate: Predicate,
    together: Option<(Tests, Ask)>,
}

impl Matcher {
    /// Makes it ready.
    pub fn new(predicate: Predicate) -> Matcher {
        let together = (predicate.tests() > MANY).then(|| {
            let mut tests = Tests::default();
            let ask = tests.add(&predicate);
            tests.prepare();
            (tests, ask)
        });
        Matcher { predicate, together }
    }

    /// The rows that pass.
    pub fn mask(&self, batch: &Batch, cx: &Context) -> Mask {
        match &self.together {
            None => mask(&self.predicate, batch, cx),
            Some((tests, ask)) => tests.ask(batch, &BTreeSet::new()).rows(ask, Mask::new(batch.len(), true), &mut |p| mask(p, batch, cx)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Column, Value};
    use crate::operator::testing::context;
    use crate::plan::predicate::Bound;
    use crate::plan::{Phrase, Test};
    use proptest::prelude::*;
    use std::sync::Arc;

    const TEXTS: &[&str] = &["a", "b*", "*c", "10.0.0.0/8", "10.1.2.3", "A", "3", "*", "*b*", "3.0", "abc", "10.1.0.0/16"];
    const VALUES: &[&str] = &["a", "ABC", "bc", "10.1.2.3", "3", "", "10.9.9.9", "c"];

    fn predicates() -> impl Strategy<Value = Predicate> {
        let test = (0..TEXTS.len()).prop_map(|i| Test::equal(TEXTS[i]));
        let test = prop_oneof![test.clone(), prop::collection::vec(test.clone(), 1..4).prop_map(Test::Any), test.prop_map(|t| Test::Differs(Box::new(t)))];
        let field = (prop::sample::select(vec!["f", "g", "missing"]), test).prop_map(|(name, test)| Predicate::field(name, test));
        let bounds = prop::sample::select(vec![Bound::Minor, Bound::Major]);
        let phrase = (0..TEXTS.len(), any::<bool>(), bounds).prop_map(|(i, case, bound)| Predicate::Text(Phrase::new(TEXTS[i], case, bound).unwrap()));
        prop_oneof![field, phrase].prop_recursive(3, 40, 5, |inner| {
            let some = prop::collection::vec(inner.clone(), 1..5);
            prop_oneof![some.clone().prop_map(Predicate::And), some.prop_map(Predicate::Or), inner.prop_map(|p| Predicate::Not(Box::new(p)))]
        })
    }

    proptest! {
        #[test]
        fn together_as_one_by_one(any in prop::collection::vec(predicates(), 1..12), values in prop::collection::vec((0..VALUES.len(), 0..VALUES.len()), 1..40)) {
            let column = |of: &dyn Fn(&(usize, usize)) -> usize| values.iter().map(|v| VALUES.get(of(v)).map_or(Value::Null, |t| Value::text(t))).collect::<Column>();
            let mut batch = Batch::new(values.len());
            batch.set("f", column(&|v| v.0));
            batch.set("g", Column::coded(values.iter().map(|v| v.1 as u32).collect(), VALUES.iter().map(|t| Value::text(t)).collect()));
            let raw = |v: &(usize, usize)| (!v.0.is_multiple_of(3)).then(|| format!("{}.{} {}", VALUES.get(v.0)?, VALUES.get(v.1)?, VALUES.get(v.0 + 1)?).into()).flatten();
            batch.set("_raw", values.iter().map(|v| raw(v).map_or(Value::Null, |t: String| Value::owned(t))).collect::<Column>());
            let cx = Arc::new(context());
            let predicate = Predicate::Or(any);
            let mut matcher = Matcher::new(predicate.clone());
            let mut tests = Tests::default();
            let ask = tests.add(&predicate);
            tests.prepare();
            matcher.together = Some((tests, ask));
            prop_assert_eq!(matcher.mask(&batch, &cx), mask(&predicate, &batch, &cx));
        }
    }
}
