//! Aggregate functions: how many, how much, how spread.

use super::count::Count;
use super::extreme::Extreme;
use super::moments::{Moments, POPULATION, Range, SAMPLE};
use super::percentile::{Exact, Median, Percentile};
use super::sum::Sum;
use super::tally::Tally;
use super::{Aggregate, Call, Family, Grouped, State};
use crate::card::Example;
use crate::column::Value;

const BASE: Aggregate = Aggregate::base(Family::Aggregate, Count::make, file!());

/// The family.
pub const LIST: &[Aggregate] = &[
    Aggregate {
        name: "avg",
        aliases: &["mean"],
        summary: "Average of the numbers among the values.",
        syntax: "avg(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("1,2,6", ",") | stats avg(x) AS r | table r"#, shows: "3" }],
        make: Sum::avg,
        ..BASE
    },
    Aggregate {
        name: "count",
        aliases: &["c"],
        bare: true,
        summary: "Number of rows, or of the values of a field.",
        syntax: "count(<field>)",
        examples: &[
            Example { spl: r#"| makeresults | eval x=split("a,b,a", ",") | stats count(x) AS r | table r"#, shows: "3" },
            Example { spl: "| makeresults count=4 | stats count AS r", shows: "4" },
        ],
        make: Count::make,
        ..BASE
    },
    Aggregate {
        name: "dc",
        aliases: &["distinct_count"],
        summary: "Number of distinct values, compared as texts.",
        syntax: "dc(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("1,1.0,1", ",") | stats dc(x) AS r | table r"#, shows: "2" }],
        make: Tally::dc,
        ..BASE
    },
    Aggregate {
        name: "estdc",
        summary: "Estimated number of distinct values; here the exact number.",
        syntax: "estdc(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("a,b,a", ",") | stats estdc(x) AS r | table r"#, shows: "2" }],
        make: Tally::dc,
        ..BASE
    },
    Aggregate {
        name: "estdc_error",
        summary: "Theoretical error of the estimated number of distinct values; 0, as here the number is exact.",
        syntax: "estdc_error(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("a,b,a", ",") | stats estdc_error(x) AS r | table r"#, shows: "0" }],
        make: Grouped::<NoError>::make,
        ..BASE
    },
    Aggregate {
        name: "exactperc",
        numbered: true,
        summary: "Exact percentile; where it falls between two values, the middle of both.",
        syntax: "exactperc<N>(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("15,20,35,40,50", ",") | stats exactperc40(x) AS r | table r"#, shows: "27.5" }],
        make: Grouped::<Exact>::make,
        ..BASE
    },
    Aggregate {
        name: "max",
        summary: "Greatest value: by number where all values are numbers, else by text.",
        syntax: "max(<field>)",
        examples: &[
            Example { spl: r#"| makeresults | eval x=split("9,10", ",") | stats max(x) AS r | table r"#, shows: "10" },
            Example { spl: r#"| makeresults | eval x=split("9,10,a", ",") | stats max(x) AS r | table r"#, shows: "a" },
        ],
        make: Extreme::<true>::make,
        ..BASE
    },
    Aggregate {
        name: "median",
        summary: "Middle number; the higher of the two middle ones where their count is even.",
        syntax: "median(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("8,2,6,4", ",") | stats median(x) AS r | table r"#, shows: "6" }],
        make: Grouped::<Median>::make,
        ..BASE
    },
    Aggregate {
        name: "min",
        summary: "Least value: by number where all values are numbers, else by text.",
        syntax: "min(<field>)",
        examples: &[
            Example { spl: r#"| makeresults | eval x=split("9,10", ",") | stats min(x) AS r | table r"#, shows: "9" },
            Example { spl: r#"| makeresults | eval x=split("9,10,a", ",") | stats min(x) AS r | table r"#, shows: "10" },
        ],
        make: Extreme::<false>::make,
        ..BASE
    },
    Aggregate {
        name: "mode",
        summary: "Most frequent value; of equally frequent ones the first in the order of texts.",
        syntax: "mode(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("b,a,b", ",") | stats mode(x) AS r | table r"#, shows: "b" }],
        make: Tally::mode,
        ..BASE
    },
    Aggregate {
        name: "perc",
        aliases: &["p"],
        numbered: true,
        summary: "Percentile by nearest rank; exact here also above 1,000 distinct values, where Splunk estimates.",
        syntax: "perc<N>(<field>)",
        examples: &[
            Example { spl: r#"| makeresults | eval x=split("15,20,35,40,50", ",") | stats perc95(x) AS r | table r"#, shows: "50" },
            Example { spl: r#"| makeresults | eval x=split("15,20,35,40,50", ",") | stats p50(x) AS r | table r"#, shows: "35" },
        ],
        make: Grouped::<Percentile>::make,
        ..BASE
    },
    Aggregate {
        name: "range",
        summary: "Difference of the greatest and the least number.",
        syntax: "range(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("3,10,7", ",") | stats range(x) AS r | table r"#, shows: "7" }],
        make: Grouped::<Range>::make,
        ..BASE
    },
    Aggregate {
        name: "stdev",
        summary: "Standard deviation of a sample; 0 for a single value.",
        syntax: "stdev(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("1,2,3", ",") | stats stdev(x) AS r | table r"#, shows: "1" }],
        make: Grouped::<Moments<SAMPLE, true>>::make,
        ..BASE
    },
    Aggregate {
        name: "stdevp",
        summary: "Standard deviation of a population.",
        syntax: "stdevp(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("2,4,4,4,5,5,7,9", ",") | stats stdevp(x) AS r | table r"#, shows: "2" }],
        make: Grouped::<Moments<POPULATION, true>>::make,
        ..BASE
    },
    Aggregate {
        name: "sum",
        summary: "Sum of the numbers among the values.",
        syntax: "sum(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("1,x,3", ",") | stats sum(x) AS r | table r"#, shows: "4" }],
        make: Sum::sum,
        ..BASE
    },
    Aggregate {
        name: "sumsq",
        summary: "Sum of the squares of the numbers among the values.",
        syntax: "sumsq(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("1,2,3", ",") | stats sumsq(x) AS r | table r"#, shows: "14" }],
        make: Sum::sumsq,
        ..BASE
    },
    Aggregate {
        name: "upperperc",
        numbered: true,
        summary: "Upper bound of a percentile; here the exact percentile itself.",
        syntax: "upperperc<N>(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("15,20,35,40,50", ",") | stats upperperc95(x) AS r | table r"#, shows: "50" }],
        make: Grouped::<Percentile>::make,
        ..BASE
    },
    Aggregate {
        name: "var",
        summary: "Variance of a sample; 0 for a single value.",
        syntax: "var(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("1,3", ",") | stats var(x) AS r | table r"#, shows: "2" }],
        make: Grouped::<Moments<SAMPLE, false>>::make,
        ..BASE
    },
    Aggregate {
        name: "varp",
        summary: "Variance of a population.",
        syntax: "varp(<field>)",
        examples: &[Example { spl: r#"| makeresults | eval x=split("1,3", ",") | stats varp(x) AS r | table r"#, shows: "1" }],
        make: Grouped::<Moments<POPULATION, false>>::make,
        ..BASE
    },
];

/// The error of an exact count.
struct NoError;

impl State for NoError {
    fn new(_: &Call) -> Self {
        NoError
    }

    fn add(&mut self, _: Value<'_>, _: Option<f64>) {}

    fn merge(&mut self, _: Self) {}

    fn finish(self, _: &Call) -> Value<'static> {
        Value::Number(0.0)
    }
}
