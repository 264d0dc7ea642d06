//! `spl` and `spl repl`: the shell. Only the way in is here.

use super::{Failed, Shared};

/// Starts the shell over what the flags name.
pub fn run(_options: &Shared) -> Result<u8, Failed> {
    Err(Failed::usage("the shell is not built yet").help("Use `spl query 'SPL' --data PATH`; `spl --help` lists the subcommands.").into())
}
