//! A stage with subsearches where its command has no use for them: `where x > [ … | return $x ]`. What they find stands in their
//! place, as text, before the stage is read.

use super::Stage;
use crate::diagnostic::{Diagnostic, Span};
use crate::plan::{Node, Planner, Repeat};
use crate::syntax::Pipeline;
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Serialize)]
pub struct Filled {
    /// The stage's text around its subsearches, one piece more than there are of them.
    pub pieces: Vec<String>,
    pub subsearches: Vec<Pipeline>,
    #[serde(skip)]
    pub span: Span,
}

impl Stage for Filled {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let template = planner.template(self.pieces.join("[…]"), self.span);
        let subsearches = self.subsearches.iter().map(|p| planner.subsearch(p)).collect::<Result<_, _>>()?;
        let repeat = Arc::new(Repeat::Filled { template, pieces: self.pieces.clone(), subsearches });
        Ok(Node::Repeat { input: Box::new(planner.started(input)), repeat })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    const ROWS: &str = r#"[{"k":"a","n":"1"},{"k":"b","n":"2"},{"k":"c","n":"3"}]"#;

    #[test]
    fn what_subsearches_find_stands_in_their_place() {
        for (query, want) in [
            ("* | where n > [search k=b | return $n] | table k", r#"[{"k":"c"}]"#),
            ("* | where [search k=a OR k=c | fields k] | table n", r#"[{"n":"1"},{"n":"3"}]"#),
            (
                "* | eval all=[search * | stats sum(n) AS s | return $s], part=n/all | table n all part | head 1",
                r#"[{"n":"1","all":6,"part":0.16666666666666666}]"#,
            ),
            ("* | head [| makeresults | eval m=2 | return $m] | table k", r#"[{"k":"a"},{"k":"b"}]"#),
            ("* | table [| makeresults | eval f=\"n k\" | return $f] | head 1", r#"[{"n":"1","k":"a"}]"#),
            ("* | eval x=[| makeresults | eval y=[| makeresults | eval z=4 | return $z] | return $y] | table x | head 1", r#"[{"x":4}]"#),
        ] {
            assert_eq!(run(ROWS, query), want, "{query}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (query, want) in [
            ("* | where n > [search k=none | return $n]", "found nothing"),
            ("* | where n > [nosuch]", "expected"),
            ("* | where n > [search k=a", "never closed"),
            ("* | eval x=n[0]", "expected"),
            ("* | where n > [| stat count]", "unknown command `stat`"),
        ] {
            let got = run(ROWS, query);
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
