//! Commands: each a text and what it makes of rows. Families of them are files, a command is one line of their lists.

mod chart;
mod combine;
mod document;
mod fields;
mod fill;
mod join;
mod multivalue;
mod order;
mod results;
mod running;
mod shape;
mod statistics;
mod tables;
mod text;
mod transaction;

pub use combine::csv as lookup_table;
pub use join::{TRANSFORMS, tables};

use crate::against::{alike, config, engine, same};
use crate::data;
use crate::value::Row;
use proptest::prelude::*;
use proptest::strategy::Union;
use std::fmt::{Debug, Formatter};
use std::sync::Arc;

/// What a command makes of the rows before it; the second are those that its subsearch begins with, all events.
type Run = dyn Fn(Vec<Row>, &[Row]) -> Vec<Row> + Send + Sync;

/// A command with its arguments.
#[derive(Clone)]
pub struct Stage {
    pub spl: String,
    run: Arc<Run>,
}

impl Debug for Stage {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.spl)
    }
}

impl Stage {
    /// A command that works on all rows.
    pub fn new(spl: impl Into<String>, run: impl Fn(Vec<Row>, &[Row]) -> Vec<Row> + Send + Sync + 'static) -> Stage {
        Stage { spl: spl.into(), run: Arc::new(run) }
    }

    /// A command that changes each row by itself.
    pub fn each(spl: impl Into<String>, change: impl Fn(&mut Row) + Send + Sync + 'static) -> Stage {
        Stage::new(spl, move |mut rows, _| {
            rows.iter_mut().for_each(&change);
            rows
        })
    }

    /// Its rows.
    pub fn run(&self, rows: Vec<Row>, all: &[Row]) -> Vec<Row> {
        (self.run)(rows, all)
    }
}

/// A command by its name, with random arguments.
pub type Named = (&'static str, fn() -> BoxedStrategy<Stage>);

/// All commands.
pub fn list() -> impl Iterator<Item = &'static Named> {
    let lists: [&[Named]; 15] = [
        chart::LIST,
        combine::LIST,
        document::LIST,
        fields::LIST,
        fill::LIST,
        join::LIST,
        multivalue::LIST,
        order::LIST,
        results::LIST,
        running::LIST,
        shape::LIST,
        statistics::LIST,
        tables::LIST,
        text::LIST,
        transaction::LIST,
    ];
    lists.into_iter().flatten()
}

/// Does a run look at this command? `REFERENCE_COMMAND=head` looks at one alone.
pub fn wanted(name: &str) -> bool {
    std::env::var("REFERENCE_COMMAND").map_or(true, |only| only == name)
}

/// Any command.
pub fn stage() -> Union<BoxedStrategy<Stage>> {
    let all: Vec<_> = list().filter(|(name, _)| wanted(name)).map(|(_, make)| make()).collect();
    Union::new(if all.is_empty() { vec![Just(Stage::each("noop", |_| {})).boxed()] } else { all })
}

fn check(rows: Vec<Row>, stages: &[Stage]) -> Result<(), TestCaseError> {
    let engine = engine(&rows);
    let all = data::newest_first(rows);
    let spl: String = stages.iter().map(|s| format!(" | {}", s.spl)).collect();
    let wanted = stages.iter().fold(all.clone(), |rows, stage| stage.run(rows, &all));
    let spl = format!("search *{spl}");
    if stages.len() > 1 { alike(&engine, &spl, &wanted) } else { same(&engine, &spl, &wanted) }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn commands_make_the_same_rows(rows in data::timed(8), stage in stage()) {
        check(rows, &[stage])?;
    }

    #[test]
    fn pipelines_make_the_same_rows(rows in data::timed(8), stages in prop::collection::vec(stage(), 2..4)) {
        check(rows, &stages)?;
    }
}
