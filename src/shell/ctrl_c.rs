//! Ctrl-C ends the query that runs, and not the shell. At the prompt the terminal hands it over as a key.

use crate::operator::Cancel;

/// Lets Ctrl-C cancel the queries of this token. Where another handler is there already, that one stays.
pub fn install(cancel: &Cancel) {
    let cancel = cancel.clone();
    let _ = ctrlc::try_set_handler(move || cancel.cancel());
}

/// As long as this lives, Ctrl-C throws away nothing that was written to the terminal.
///
/// By default it does (POSIX termios, `NOFLSH`), and Linux does not tell a writer that waits for room that there is some now: with
/// nothing left to show, the query's thread would write, and the prompt wait for it, for ever.
pub struct Kept {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

#[cfg(unix)]
impl Kept {
    pub fn new() -> Kept {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        // Where it is no terminal there is nothing to keep.
        let before = tcgetattr(std::io::stdin()).ok();
        if let Some(mut modes) = before.clone() {
            modes.local_modes |= LocalModes::NOFLSH;
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &modes);
        }
        Kept { before }
    }
}

#[cfg(unix)]
impl Drop for Kept {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(modes) = &self.before {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, modes);
        }
    }
}

#[cfg(not(unix))]
impl Kept {
    pub fn new() -> Kept {
        Kept {}
    }
}
