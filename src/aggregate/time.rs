//! Time functions: by the `_time` of the events.

use super::pick::Pick;
use super::rate::{Per, Rate, Rates};
use super::sparkline::Sparkline;
use super::{Aggregate, Family, Grouped};
use crate::card::Example;

const BASE: Aggregate = Aggregate::base(Family::Time, Pick::latest, file!());

/// The family.
pub const LIST: &[Aggregate] = &[
    Aggregate {
        name: "earliest",
        summary: "Value of the oldest event that has one.",
        syntax: "earliest(<field>)",
        examples: &[Example { spl: "| makeresults | eval n=mvrange(1, 4) | mvexpand n | eval _time=100*n, x=n*n | stats earliest(x) AS r", shows: "1" }],
        make: Pick::earliest,
        ..BASE
    },
    Aggregate {
        name: "earliest_time",
        summary: "Time of the oldest event that has a value.",
        syntax: "earliest_time(<field>)",
        examples: &[Example { spl: "| makeresults | eval n=mvrange(1, 4) | mvexpand n | eval _time=100*n, x=n*n | stats earliest_time(x) AS r", shows: "100" }],
        make: Pick::earliest_time,
        ..BASE
    },
    Aggregate {
        name: "latest",
        summary: "Value of the newest event that has one.",
        syntax: "latest(<field>)",
        examples: &[Example { spl: "| makeresults | eval n=mvrange(1, 4) | mvexpand n | eval _time=100*n, x=n*n | stats latest(x) AS r", shows: "9" }],
        make: Pick::latest,
        ..BASE
    },
    Aggregate {
        name: "latest_time",
        summary: "Time of the newest event that has a value.",
        syntax: "latest_time(<field>)",
        examples: &[Example { spl: "| makeresults | eval n=mvrange(1, 4) | mvexpand n | eval _time=100*n, x=n*n | stats latest_time(x) AS r", shows: "300" }],
        make: Pick::latest_time,
        ..BASE
    },
    Aggregate {
        name: "per_day",
        summary: "Sum of the numbers for each day that a row of timechart lasts; elsewhere, where Splunk has it not, for each day between the first and the last event.",
        syntax: "per_day(<field>)",
        examples: &[Example { spl: "| makeresults | eval n=mvrange(1, 4) | mvexpand n | eval _time=100*n, x=n*n | stats per_day(x) AS r", shows: "6048" }],
        make: Grouped::<Per<86400>>::make,
        ..BASE
    },
    Aggregate {
        name: "per_hour",
        summary: "Sum of the numbers for each hour that a row of timechart lasts; elsewhere, where Splunk has it not, for each hour between the first and the last event.",
        syntax: "per_hour(<field>)",
        examples: &[Example { spl: "| makeresults | eval n=mvrange(1, 4) | mvexpand n | eval _time=100*n, x=n*n | stats per_hour(x) AS r", shows: "252" }],
        make: Grouped::<Per<3600>>::make,
        ..BASE
    },
    Aggregate {
        name: "per_minute",
        summary: "Sum of the numbers for each minute that a row of timechart lasts; elsewhere, where Splunk has it not, for each minute between the first and the last event.",
        syntax: "per_minute(<field>)",
        examples: &[Example { spl: "| makeresults | eval n=mvrange(1, 4) | mvexpand n | eval _time=100*n, x=n*n | stats per_minute(x) AS r", shows: "4.2" }],
        make: Grouped::<Per<60>>::make,
        ..BASE
    },
    Aggregate {
        name: "per_second",
        summary: "Sum of the numbers for each second that a row of timechart lasts; elsewhere, where Splunk has it not, for each second between the first and the last event.",
        syntax: "per_second(<field>)",
        examples: &[Example { spl: "| makeresults | eval n=mvrange(1, 4) | mvexpand n | eval _time=100*n, x=n*n | stats per_second(x) AS r", shows: "0.07" }],
        make: Grouped::<Per<1>>::make,
        ..BASE
    },
    Aggregate {
        name: "rate",
        summary: "Change a second: newest minus oldest number, over the time between them; a counter that was reset has what it had before the largest reset as well.",
        syntax: "rate(<field>)",
        examples: &[Example { spl: "| makeresults | eval n=mvrange(1, 4) | mvexpand n | eval _time=100*n, x=n*n | stats rate(x) AS r", shows: "0.04" }],
        make: Grouped::<Rate>::make,
        ..BASE
    },
    Aggregate {
        name: "rate_avg",
        summary: "Average rate of the time series of an accumulating metric, in mstats; elsewhere, where Splunk has it not, all values are of one series.",
        syntax: "rate_avg(<metric>)",
        examples: &[Example { spl: "| makeresults | eval n=mvrange(1, 4) | mvexpand n | eval _time=100*n, x=n*n | stats rate_avg(x) AS r", shows: "0.04" }],
        make: Grouped::<Rates<false>>::make,
        ..BASE
    },
    Aggregate {
        name: "rate_sum",
        summary: "Summed rate of the time series of an accumulating metric, in mstats; elsewhere, where Splunk has it not, all values are of one series.",
        syntax: "rate_sum(<metric>)",
        examples: &[Example { spl: "| makeresults | eval n=mvrange(1, 4) | mvexpand n | eval _time=100*n, x=n*n | stats rate_sum(x) AS r", shows: "0.04" }],
        make: Grouped::<Rates<true>>::make,
        ..BASE
    },
    Aggregate {
        name: "sparkline",
        bare: true,
        summary: "A small chart of a count or another function over time: a mark, and a number for each step of at most a hundred.",
        syntax: "sparkline([<function>(<field>)][, <span>])",
        examples: &[Example {
            spl: "| makeresults | eval n=mvrange(1, 4) | mvexpand n | eval _time=60*n | stats sparkline(count, 1m) AS r",
            shows: "##__SPARKLINE__##, 1, 1, 1",
        }],
        make: Sparkline::make,
        ..BASE
    },
];
