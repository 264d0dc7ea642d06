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

/// The flags that a subcommand takes like all others, and has no use for: they are accepted, and its help leaves them out.
const UNUSED: [(&str, &[&str]); 2] = [
    ("check", &["data", "earliest", "latest", "now", "threads", "memory", "timeout", "ceiling", "no_header", "xml_entities"]),
    (
        "help",
        &[
            "data",
            "app",
            "macros",
            "earliest",
            "latest",
            "now",
            "tz",
            "threads",
            "memory",
            "timeout",
            "ceiling",
            "format",
            "no_header",
            "quiet",
            "no_color",
            "xml_entities",
        ],
    ),
];

/// The command line, with help that fits each subcommand.
pub fn command() -> clap::Command {
    UNUSED.iter().fold(Cli::command(), |whole, (name, unused)| {
        let shared = whole.get_arguments().filter(|a| unused.contains(&a.get_id().as_str()));
        let hidden: Vec<clap::Arg> = shared.map(|a| a.clone().hide(true)).collect();
        whole.mut_subcommand(name, |sub| sub.args(hidden))
    })
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
