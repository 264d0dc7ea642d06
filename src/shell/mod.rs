//! The shell: queries and dot commands, one after another, over loaded events.
//!
//! Everything that is about the language comes from [`crate::editor`]; rustyline is known in this folder only.

mod attended;
mod ctrl_c;
mod detections;
mod dot;
mod helper;
mod history;
mod prompt;
mod session;
mod show;

pub use session::{Beside, Options};

use crate::Engine;
use session::{Next, Session};
use std::io::{self, BufRead, IsTerminal};

/// Bytes of a query that is read from a pipe: more is no query.
const QUERY_BYTES: usize = 4 << 20;

/// Runs the shell until `.quit`, Ctrl-D or the end of standard input. Gives the exit code: 0, or at the end of a pipe 2 where a
/// query in it was wrong.
pub fn run(engine: Engine, beside: Beside, options: Options) -> u8 {
    let mut session = Session::new(engine, beside, options);
    ctrl_c::install(&session.interrupt);
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        let _kept = ctrl_c::Kept::new();
        prompt::run(&mut session);
        return 0;
    }
    script(&mut session, io::stdin().lock())
}

/// Runs what a pipe gives: a query or dot command a line; a query that is not whole goes on in the next line.
fn script(session: &mut Session, mut input: impl BufRead) -> u8 {
    let (mut text, mut failed) = (String::new(), false);
    loop {
        let mut line = Vec::new();
        let end = !matches!(io::Read::take(&mut input, QUERY_BYTES as u64).read_until(b'\n', &mut line), Ok(n) if n > 0);
        text.push_str(&String::from_utf8_lossy(&line));
        if !end && !whole(&text) && text.len() < QUERY_BYTES {
            continue;
        }
        match session.enter(std::mem::take(&mut text).trim()) {
            Next::Go(ok) => failed |= !ok,
            Next::Quit => break,
        }
        if end {
            break;
        }
    }
    if failed { 2 } else { 0 }
}

/// Is the text a dot command or a whole query? An empty line ends any query, so that no slip holds the shell.
fn whole(text: &str) -> bool {
    use crate::editor::finished::{Finished, finished};
    text.trim_start().starts_with('.') || text.ends_with("\n\n") || text.ends_with("\n\r\n") || finished(text) == Finished::Yes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::knowledge::Knowledge;
    use crate::store::Catalog;

    #[test]
    fn a_pipe_is_read_to_its_end() {
        let run = |text: &str| {
            let engine = Engine::new(Catalog::default(), Knowledge::builtin(), Settings::default());
            script(&mut Session::silent(engine), text.as_bytes())
        };
        for (text, code) in [
            ("", 0),
            ("| makeresults\n", 0),
            ("| makeresults |\n head 1", 0),
            ("| makeresults | nosuch\n| makeresults", 2),
            ("| makeresults | eval x=if(\n\n| makeresults", 2),
            (".nosuch", 2),
            (".quit\n| nosuch", 0),
            ("\u{0}\u{1b}\n", 2),
        ] {
            assert_eq!(run(text), code, "{text:?}");
        }
    }
}
