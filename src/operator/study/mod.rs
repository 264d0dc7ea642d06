//! Statistics over a whole result: each file one command's method, with the place where it was published.

mod bivariate;
mod coded;
mod improbable;
mod kalman;
mod keywords;
mod localize;
mod predict;
mod relevancy;
mod rules;
mod season;
mod shared;
mod together;
mod types;
mod unexpected;
mod unusual;
mod x11;

use super::Context;
use crate::column::Batch;
use crate::diagnostic::Diagnostic;
use crate::plan::Study;

/// The rows that a study gives for all rows.
pub fn study(batch: Batch, study: &Study, cx: &Context) -> Result<Batch, Diagnostic> {
    match study {
        Study::Predict(how) => predict::predict(batch, how, cx),
        Study::Improbable(how) => improbable::improbable(batch, how, cx),
        Study::Unusual(how) => unusual::unusual(batch, how, cx),
        Study::Unexpected(how) => unexpected::unexpected(batch, how, cx),
        Study::Associations(how) => together::associate(&batch, how, cx),
        Study::Rules(how) => rules::rules(&batch, how, cx),
        Study::Classes(class) => together::analyze(&batch, class, cx),
        Study::Localize(how) => localize::localize(&batch, how, cx),
        Study::Adjust(how) => x11::adjust(batch, how, cx),
        Study::Relevancy(terms) => relevancy::relevancy(batch, terms, cx),
        Study::Keywords { label, dedup } => keywords::keywords(&batch, label, *dedup, cx),
        Study::Shared { user, item } => shared::shared(&batch, user, item, cx),
        Study::Types(how) => types::types(&batch, how, cx),
    }
}
