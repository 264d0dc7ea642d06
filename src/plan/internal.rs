//! Internal indexes, whose names begin with `_`: a wildcard reaches them only where it begins with `_` itself.

use super::{Predicate, Test};

impl Predicate {
    /// The same asked of events, where `index=*` is every index but the internal ones. Rows of results have no such rule.
    pub fn of_events(self) -> Predicate {
        match self {
            Predicate::And(all) => Predicate::And(all.into_iter().map(Predicate::of_events).collect()),
            Predicate::Or(any) => Predicate::Or(any.into_iter().map(Predicate::of_events).collect()),
            Predicate::Not(inner) => Predicate::Not(Box::new(inner.of_events())),
            Predicate::Field { name, test, .. } if &*name == "index" && reaches_all(&test) => match test {
                Test::Any(tests) => {
                    let (wide, named): (Vec<Test>, Vec<Test>) = tests.into_iter().partition(reaches_all);
                    Predicate::Or(vec![but_internal(Test::Any(wide)), Predicate::field("index", Test::Any(named))])
                }
                test => but_internal(test),
            },
            other => other,
        }
    }
}

fn but_internal(test: Test) -> Predicate {
    Predicate::And(vec![Predicate::field("index", test), Predicate::Not(Box::new(Predicate::field("index", Test::equal("_*"))))])
}

/// Does the test pass for names that begin with anything?
fn reaches_all(test: &Test) -> bool {
    match test {
        Test::Exists => true,
        Test::Equal { text, .. } => !text.is_literal() && text.matches(&std::iter::once("\u{1}").chain(text.literals()).collect::<String>()),
        Test::Any(tests) => tests.iter().any(reaches_all),
        _ => false,
    }
}
