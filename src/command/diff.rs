//! diff: the difference of two rows.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{self, Node, Planner, Shape};
use crate::syntax::option::Opt;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static POSITION1: Opt<u64> = Opt::new("position1", "1", "The place of the first row, from 1.");
static POSITION2: Opt<u64> = Opt::new("position2", "2", "The place of the second row, from 1.");
static ATTRIBUTE: Opt<String> = Opt::new("attribute", "_raw", "The field whose texts are compared.");
static DIFFHEADER: Opt<bool> = Opt::new("diffheader", "f", "Begin with lines that name what is compared, as programs that apply differences want them.");
static CONTEXT: Opt<bool> = Opt::new("context", "f", "Use the context format in place of the unified one.");
static MAXLEN: Opt<u64> = Opt::new("maxlen", "100000", "How many bytes of each text are compared; 0 for all.");

pub const COMMAND: Command = Command {
    name: "diff",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Compares a field of two rows line by line; the one row that it gives holds the difference in `_raw`.",
    syntax: "diff [position1=<n>] [position2=<n>] [attribute=<field>] [diffheader=<bool>] [context=<bool>] [maxlen=<n>]",
    options: &[&POSITION1.card, &POSITION2.card, &ATTRIBUTE.card, &DIFFHEADER.card, &CONTEXT.card, &MAXLEN.card],
    examples: &[Example { spl: "| makeresults | eval t=\"a\" | append [| makeresults | eval t=\"b\"] | diff attribute=t", shows: "the lines -a and +b" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Diff {
    positions: [u64; 2],
    attribute: String,
    header: bool,
    context: bool,
    most: u64,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Diff { positions: [1, 2], attribute: ATTRIBUTE.card.default.into(), header: false, context: false, most: 100_000 };
    while !i.is_empty() {
        let [first, second] = &mut tree.positions;
        i = if let Some(rest) = POSITION1.read(i, first)? {
            rest
        } else if let Some(rest) = POSITION2.read(i, second)? {
            rest
        } else if let Some(rest) =
            option(i, &COMMAND, [ATTRIBUTE.to(&mut tree.attribute), DIFFHEADER.to(&mut tree.header), CONTEXT.to(&mut tree.context), MAXLEN.to(&mut tree.most)])?
        {
            rest
        } else {
            break;
        };
    }
    stage(i, tree)
}

impl Stage for Diff {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        if self.positions.contains(&0) {
            return Err(Diagnostic::error(Code::OPTION_VALUE, "places of rows are counted from 1").help("`position1=1 position2=2` are the first two."));
        }
        let [first, second] = self.positions;
        let attribute = self.attribute.as_str().into();
        let shape = plan::reshape::Diff { first, second, attribute, header: self.header, context: self.context, most: self.most };
        Ok(Node::Reshape { input: Box::new(planner.started(input)), shape: Shape::Diff(shape) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn lines_that_differ() {
        let rows = r#"[{"_raw":"1\n2\n3\n4\n5\n6\n7\n8\n9","t":"a\nb"},{"_raw":"1\n2\n3\n4\nx\n6\n7\n8\n9\n10","t":["a","c"]},{"t":"a\nb"}]"#;
        let text = |query: &str| {
            let rows: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&run(rows, &format!("* | {query}"))).unwrap();
            rows[0]["_raw"].as_str().unwrap().to_string()
        };
        for (query, want) in [
            ("diff", "@@ -2,8 +2,9 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n 9\n+10"),
            ("diff attribute=t", "@@ -1,2 +1,2 @@\n a\n-b\n+c"),
            ("diff attribute=t diffheader=t position1=2 position2=3", "--- 2\n+++ 3\n@@ -1,2 +1,2 @@\n a\n-c\n+b"),
            ("diff attribute=t context=t", "***************\n*** 1,2 ****\n  a\n! b\n--- 1,2 ----\n  a\n! c"),
            ("diff attribute=t position2=3", "Results are the Same"),
            ("diff attribute=t position2=9", "@@ -1,2 +0,0 @@\n-a\n-b"),
            ("diff attribute=t maxlen=1", "Results are the Same"),
            ("diff attribute=none", "Results are the Same"),
        ] {
            assert_eq!(text(query), want, "{query}");
        }
        for (query, want) in [("diff position1=0", "counted from 1"), ("diff pos=1", "no option"), ("diff x", "expected")] {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
