//! Multivalue functions: several values in one.

use super::list::List;
use super::tally::Tally;
use super::{Aggregate, Family, Grouped};
use crate::card::Example;

const BASE: Aggregate = Aggregate::base(Family::Multivalue, Tally::values, file!());

/// The family.
pub const LIST: &[Aggregate] = &[
    Aggregate {
        name: "list",
        ordered: true,
        summary: "All values in the order of the rows, 100 of them at most.",
        syntax: "list(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("b,a,b", ",") | stats list(x) AS r | table r"#, shows: "b, a, b" }],
        make: Grouped::<List>::make,
        ..BASE
    },
    Aggregate {
        name: "values",
        summary: "Distinct values in the order of texts.",
        syntax: "values(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("b,10,9,b", ",") | stats values(x) AS r | table r"#, shows: "10, 9, b" }],
        make: Tally::values,
        ..BASE
    },
];
