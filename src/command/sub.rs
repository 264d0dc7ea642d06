//! What commands with subsearches share: their limits.

use crate::plan::{Limit, Node, Planner};
use crate::syntax::option::{Opt, OptCard};
use crate::syntax::{Failure, Tokens};
use serde::Serialize;

static MAXTIME: Opt<u64> = Opt::new("maxtime", "60", "Seconds after which Splunk ends the subsearch; `--timeout` does that here.").idle();
static MAXOUT: Opt<Option<u64>> = Opt::new("maxout", "50000", "How many rows to take from a subsearch.");
static TIMEOUT: Opt<u64> = Opt::new("timeout", "60", "Seconds to wait for the subsearch; `--timeout` does that here.").idle();

/// The cards of the options.
pub const CARDS: [&OptCard; 3] = [&MAXTIME.card, &MAXOUT.card, &TIMEOUT.card];

/// The limits as written.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Limits {
    pub maxout: Option<u64>,
}

impl Limits {
    /// Reads one of the options; `None` where something else stands.
    pub fn read<'a>(&mut self, i: Tokens<'a>) -> Result<Option<Tokens<'a>>, nom::Err<Failure>> {
        let mut seconds = 0;
        for option in [&MAXTIME, &TIMEOUT] {
            if let Some(rest) = option.read(i, &mut seconds)? {
                return Ok(Some(rest));
            }
        }
        MAXOUT.read(i, &mut self.maxout)
    }

    /// The rows of a subsearch, as many as asked for; Splunk's ceiling warns.
    pub fn over(&self, rows: Node, what: &'static str, planner: &Planner<'_>) -> Node {
        let limit = self.maxout.map_or(Limit::Ceiling { count: planner.limits.join as u64, what }, Limit::Count);
        Node::Limit { input: Box::new(rows), limit }
    }
}
