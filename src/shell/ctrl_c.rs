//! Ctrl-C ends the query that runs, and not the shell. At the prompt the terminal hands it over as a key.

use crate::operator::Cancel;

/// Lets Ctrl-C cancel the queries of this token. Where another handler is there already, that one stays.
pub fn install(cancel: &Cancel) {
    let cancel = cancel.clone();
    let _ = ctrlc::try_set_handler(move || cancel.cancel());
}
