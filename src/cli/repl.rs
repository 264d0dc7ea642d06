//! `spl` alone: the shell over what `--data` loads.

use super::{Failed, Report, Shared};
use crate::input::Warnings;
use crate::{Engine, shell};

pub fn run(shared: &Shared, report: &mut Report) -> Result<u8, Failed> {
    let settings = shared.settings()?;
    let knowledge = shared.knowledge(&[], None)?;
    report.plain(knowledge.warnings());
    let mut warnings = Warnings::new();
    let catalog = shared.arriving(shared.files(None)?, &settings, &mut warnings)?;
    report.plain(&warnings.diagnostics());
    let options = shell::Options { format: shared.format, header: !shared.no_header, color: shared.color(), quiet: shared.quiet };
    Ok(shell::run(Engine::new(catalog, knowledge, settings), options))
}
