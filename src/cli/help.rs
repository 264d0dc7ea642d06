//! `spl help`: the manual, from the cards.

use super::{Cli, DONE, Failed, Shared};
use crate::manual;
use clap::CommandFactory;

#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// A command, function or diagnostic code; or commands, functions, codes, knowledge
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// How much of Splunk's language there is
    #[arg(long)]
    coverage: bool,
}

pub fn run(shared: &Shared, args: &Args) -> Result<u8, Failed> {
    let mut sink = shared.sink()?;
    let text = match &args.name {
        _ if args.coverage => manual::coverage(),
        None => format!("{}\n{}", Cli::command().max_term_width(110).render_long_help(), manual::TOPICS),
        Some(name) => match manual::page(name) {
            Some(page) => page,
            None => {
                let unknown = Failed::usage(format!("there is no command, function or code `{name}`"));
                let help = manual::did_you_mean(name).unwrap_or_else(|| "`spl help commands` and `spl help functions` list them.".to_string());
                return Err(unknown.help(help).into());
            }
        },
    };
    sink.text(&text)?;
    sink.finish()?;
    Ok(DONE)
}
