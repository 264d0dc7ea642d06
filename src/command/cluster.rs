//! cluster: events whose texts are much alike.

use super::{Command, Kind, Stage, options, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::reshape::Terms;
use crate::plan::{self, Node, Planner, Shape};
use crate::syntax::option::{Opt, OptionValue};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static T: Opt<f64> = Opt::new("t", "0.8", "How much alike texts of one cluster are, from above 0 to below 1.");
static DELIMS: Opt<Option<String>> = Opt::new("delims", "", "Characters that part terms; without them all that are no letters, digits or underscores.");
static SHOWCOUNT: Opt<bool> = Opt::new("showcount", "f", "Add the size of the cluster.");
static COUNTFIELD: Opt<String> = Opt::new("countfield", "cluster_count", "The field for the size.");
static LABELFIELD: Opt<String> = Opt::new("labelfield", "cluster_label", "The field for the number of the cluster.");
static FIELD: Opt<String> = Opt::new("field", "_raw", "The field whose texts are compared.");
static LABELONLY: Opt<bool> = Opt::new("labelonly", "f", "Keep all events, with the number of their cluster.");
static MATCH: Opt<Terms> =
    Opt::new("match", "termlist", "What is compared: `termlist` (terms in order), `termset` (in any order) or `ngramset` (runs of three characters).");

pub const COMMAND: Command = Command {
    name: "cluster",
    aliases: &["slc"],
    kind: Kind::Streaming,
    summary: "Groups events whose texts are much alike and keeps the first of each group: an event joins the first group whose first event it is like. Likeness is the share of places with the same term or, for sets, the cosine of the counts of terms (Salton, 1975), which stand for a server's own measure: that is not published.",
    syntax: "cluster [t=<n>] [delims=<text>] [showcount=<bool>] [countfield=<field>] [labelfield=<field>] [field=<field>] [labelonly=<bool>] [match=termlist|termset|ngramset]",
    options: &[&T.card, &DELIMS.card, &SHOWCOUNT.card, &COUNTFIELD.card, &LABELFIELD.card, &FIELD.card, &LABELONLY.card, &MATCH.card],
    examples: &[Example { spl: "| makeresults count=3 | eval _raw=\"login of user ann failed\" | cluster showcount=t", shows: "one event for three" }],
    support: Support::Full,
    parse,
    file: file!(),
};

impl OptionValue for Terms {
    fn read(text: &str) -> Result<Terms, &'static str> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "termlist" => Terms::List,
            "termset" => Terms::Set,
            "ngramset" => Terms::Trigrams,
            _ => return Err("`termlist`, `termset` or `ngramset`"),
        })
    }
}

#[derive(Debug, Serialize)]
struct Cluster {
    t: f64,
    delims: Option<String>,
    showcount: bool,
    count: String,
    label: String,
    field: String,
    labelonly: bool,
    terms: Terms,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Cluster {
        t: 0.8,
        delims: None,
        showcount: false,
        count: COUNTFIELD.card.default.into(),
        label: LABELFIELD.card.default.into(),
        field: FIELD.card.default.into(),
        labelonly: false,
        terms: Terms::List,
    };
    i = options(
        i,
        &COMMAND,
        [
            T.to(&mut tree.t),
            DELIMS.to(&mut tree.delims),
            SHOWCOUNT.to(&mut tree.showcount),
            COUNTFIELD.to(&mut tree.count),
            LABELFIELD.to(&mut tree.label),
            FIELD.to(&mut tree.field),
            LABELONLY.to(&mut tree.labelonly),
            MATCH.to(&mut tree.terms),
        ],
    )?;
    stage(i, tree)
}

impl Stage for Cluster {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        if !(self.t > 0.0 && self.t < 1.0) {
            return Err(Diagnostic::error(Code::OPTION_VALUE, "`t` takes a number above 0 and below 1").help("Higher numbers make more and smaller clusters."));
        }
        let shape = plan::reshape::Cluster {
            field: self.field.as_str().into(),
            threshold: self.t,
            delims: self.delims.clone(),
            terms: self.terms,
            label: self.label.as_str().into(),
            count: self.showcount.then(|| self.count.as_str().into()),
            all: self.labelonly,
        };
        Ok(Node::Reshape { input: Box::new(planner.started(input)), shape: Shape::Cluster(shape) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn texts_that_are_alike() {
        let rows = r#"[{"_raw":"user ann logged in from web"},{"_raw":"user bob logged in from web"},{"_raw":"disk full"},{"_raw":"in from web logged user ann"},{"x":"1"},{"_raw":"disk full","x":["p,q","r"]}]"#;
        for (query, want) in [
            (
                "cluster showcount=t | table cluster_label cluster_count",
                r#"[{"cluster_label":1,"cluster_count":2},{"cluster_label":2,"cluster_count":2},{"cluster_label":3,"cluster_count":1}]"#,
            ),
            ("cluster t=0.9 | stats count", r#"[{"count":4}]"#),
            ("cluster match=termset labelonly=t labelfield=l | table l", r#"[{"l":1},{"l":1},{"l":2},{"l":1},{"l":2}]"#),
            ("cluster match=ngramset t=0.3 showcount=t countfield=n | table n", r#"[{"n":3},{"n":2}]"#),
            ("cluster field=x delims=\",\" | table x", r#"[{"x":"1"},{"x":["p,q","r"]}]"#),
            ("cluster field=none", "[]"),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        for (query, want) in
            [("cluster t=1", "above 0 and below 1"), ("cluster match=words", "`match` takes"), ("cluster th=1", "no option"), ("cluster x", "expected")]
        {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
