//! Advice on queries that parse: one rule a file, and the list.

mod double_equals;
mod entity;
mod lost_field;
mod private_range;

use crate::diagnostic::{Diagnostic, Sources};
use crate::engine::Engine;
use crate::syntax::{Pipeline, Token};

/// What a rule may look at.
pub struct Query<'a> {
    pub engine: &'a Engine,
    pub sources: &'a Sources,
    /// After macro expansion.
    pub tokens: &'a [Token],
    pub pipeline: &'a Pipeline,
}

/// One rule.
pub struct Rule {
    pub name: &'static str,
    pub check: fn(&Query<'_>, &mut Vec<Diagnostic>),
}

/// Every rule.
pub const RULES: &[Rule] = &[
    Rule { name: "private-range", check: private_range::check },
    Rule { name: "double-equals", check: double_equals::check },
    Rule { name: "entity", check: entity::check },
    Rule { name: "lost-field", check: lost_field::check },
];

/// The advice of every rule, in the order of the text.
pub fn lint(query: &Query<'_>) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    RULES.iter().for_each(|r| (r.check)(query, &mut all));
    all.sort_by_key(|d| d.span.map(|s| (s.source.0, s.start)));
    all
}

/// Every search expression of a pipeline, subsearches included.
fn searches<'a>(pipeline: &'a Pipeline, visit: &mut dyn FnMut(&'a crate::syntax::ast::Search)) {
    for step in &pipeline.stages {
        if let Some(search) = step.stage.search() {
            each(search, visit);
        }
    }
}

fn each<'a>(search: &'a crate::syntax::ast::Search, visit: &mut dyn FnMut(&'a crate::syntax::ast::Search)) {
    use crate::syntax::ast::Search;
    visit(search);
    match search {
        Search::And(all) | Search::Or(all) => all.iter().for_each(|s| each(s, visit)),
        Search::Not(inner) => each(inner, visit),
        Search::Subsearch(p) | Search::CompareSubsearch { subsearch: p, .. } => searches(p, visit),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::store::Catalog;

    fn codes(text: &str) -> Vec<&'static str> {
        let engine = Engine::new(Catalog::default(), Knowledge::builtin(), Default::default());
        let parsed = engine.parse(text, None);
        assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
        lint(&Query { engine: &engine, sources: &parsed.sources, tokens: &parsed.expanded, pipeline: &parsed.pipeline }).iter().map(|d| d.code.id).collect()
    }

    #[test]
    fn each_rule_speaks_where_it_should_and_only_there() {
        for (text, want) in [
            ("ip!=10.0.0.0/12 ip!=172.16.0.0/12", &["SPL100"][..]),
            ("ip!=10.0.0.0/8 ip!=172.16.0.0/16", &["SPL100"]),
            ("ip!=10.0.0.0/8 ip!=172.16.0.0/12 ip!=192.168.0.0/16", &[]),
            ("ip=10.0.0.0/24", &[]),
            ("a==1", &["SPL101"]),
            ("process=\"*a>b*\" source=XmlWinEventLog:Security", &["SPL102"]),
            ("a=1 | stats count by b | where c > 1", &["SPL103"]),
            ("a=1 | stats count as c by b | where c > 1 | eval d=c+1 | table d, b", &[]),
            ("a=1 | table x y | rename x as z | search z=1 w=2", &["SPL103"]),
            ("a=1 | stats values(*) as * by b | where c > 1", &[]),
        ] {
            assert_eq!(codes(text), want, "{text}");
        }
    }
}
