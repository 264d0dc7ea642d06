//! Event order functions: which value came first, which last.

use super::pick::Pick;
use super::{Aggregate, Family};
use crate::card::Example;

const BASE: Aggregate = Aggregate::base(Family::EventOrder, Pick::first, file!());

/// The family.
pub const LIST: &[Aggregate] = &[
    Aggregate {
        name: "first",
        ordered: true,
        summary: "First value seen, in the order of the rows.",
        syntax: "first(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("a,b,c", ",") | mvexpand x | stats first(x) AS r"#, shows: "a" }],
        make: Pick::first,
        ..BASE
    },
    Aggregate {
        name: "last",
        ordered: true,
        summary: "Last value seen, in the order of the rows.",
        syntax: "last(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("a,b,c", ",") | mvexpand x | stats last(x) AS r"#, shows: "c" }],
        make: Pick::last,
        ..BASE
    },
];
