//! Whole results turned into others, one shape a file.

mod cluster;
mod contingency;
mod correlate;
mod diff;
mod fieldsummary;
mod format;
mod kmeans;
mod selfjoin;
mod times;
mod transpose;
mod untable;
mod xyseries;

use super::{Context, Stream, Whole};
use crate::column::{Batch, Builder, Name};
use crate::diagnostic::Diagnostic;
use crate::plan::Shape;
use std::sync::Arc;

/// A table that is filled row by row: columns in the order given, cells of rows that end early are null.
struct Filling {
    names: Vec<Name>,
    columns: Vec<Builder>,
    len: usize,
}

impl Filling {
    fn new(names: impl IntoIterator<Item = Name>) -> Filling {
        let names: Vec<Name> = names.into_iter().collect();
        Filling { columns: names.iter().map(|_| Builder::new()).collect(), names, len: 0 }
    }

    fn push<'v>(&mut self, row: impl IntoIterator<Item = crate::column::Value<'v>>) {
        self.columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        self.len += 1;
        let len = self.len;
        self.columns.iter_mut().for_each(|c| c.pad(len));
    }

    fn finish(self) -> Batch {
        let mut out = Batch::new(self.len);
        self.names.into_iter().zip(self.columns).for_each(|(name, column)| out.set(name, column.finish()));
        out
    }
}

/// Runs a shape over all rows.
pub fn reshape(input: Stream, shape: Shape, cx: &Arc<Context>) -> Stream {
    Whole::stream(input, cx, move |rows, cx| match &shape {
        Shape::Transpose(t) => transpose::transpose(&rows, t, cx),
        Shape::Xyseries(x) => xyseries::xyseries(&rows, x, cx),
        Shape::Untable(u) => untable::untable(&rows, u, cx),
        Shape::Format(f) => format::format(&rows, f, cx),
        Shape::Return(r) => format::returned(&rows, r, cx),
        Shape::Selfjoin(s) => selfjoin::selfjoin(&rows, s, cx),
        Shape::Diff(d) => diff::diff(&rows, d, cx),
        Shape::Times(t) => times::times(t, cx),
        Shape::Fieldsummary(f) => fieldsummary::fieldsummary(&rows, f, cx),
        Shape::Contingency(c) => contingency::contingency(&rows, c, cx),
        Shape::Correlate => correlate::correlate(&rows, cx),
        Shape::Kmeans(k) => kmeans::kmeans(rows, k, cx),
        Shape::Cluster(c) => cluster::cluster(rows, c, cx),
    })
}

/// Rows as one search expression, as `format` has it; no row where there is none.
pub fn as_search(rows: &Batch, cx: &Context) -> Result<Batch, Diagnostic> {
    let pieces = ["(", "(", "AND", ")", "OR", ")"].map(String::from);
    format::format(rows, &crate::plan::reshape::Format { pieces, mvsep: "OR".into(), max: 0, empty: String::new() }, cx)
}
