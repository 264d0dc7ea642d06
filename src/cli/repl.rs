//! `spl` alone: the shell over what `--data` loads.

use super::{Failed, Report, Shared};
use crate::input::Warnings;
use crate::{Engine, shell};
use std::sync::Arc;

pub fn run(shared: &Shared, report: &mut Report) -> Result<u8, Failed> {
    let settings = shared.settings()?;
    let knowledge = shared.knowledge(&[], None)?;
    report.plain(knowledge.warnings());
    let mut warnings = Warnings::new();
    let catalog = shared.arriving(shared.files(None)?, &settings, &mut warnings)?;
    report.plain(&warnings.diagnostics());
    let options = shell::Options { format: shared.format, header: !shared.no_header, color: shared.color(), quiet: shared.quiet };
    let flags = shared.clone();
    let beside: shell::Beside = Arc::new(move |found| flags.knowledge(&found.macros, found.content.as_deref()));
    Ok(shell::run(Engine::new(catalog, knowledge, settings), beside, options))
}
