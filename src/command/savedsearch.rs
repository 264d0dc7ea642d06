//! savedsearch: runs a saved search by its name.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::option::{Opt, at_option, raw_value};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static NOSUBSTITUTION: Opt<bool> = Opt::new("nosubstitution", "f", "Leave `$name$` in the search as it is.");

pub const COMMAND: Command = Command {
    name: "savedsearch",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Runs a search of savedsearches.conf, within its own range of time; `name=value` stands for `$name$` in it.",
    syntax: "savedsearch <name> [<name>=<value> …] [nosubstitution=<bool>]",
    options: &[&NOSUBSTITUTION.card],
    examples: &[Example { spl: "| savedsearch \"Logons of a user\" user=ann", shows: "a saved search with `$user$` in it" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct SavedSearch {
    name: String,
    replace: Vec<(String, String)>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut name, mut replace, mut plain) = (None, Vec::new(), false);
    while !i.is_empty() {
        i = if let Some(rest) = NOSUBSTITUTION.read(i, &mut plain)? {
            rest
        } else if at_option(i) {
            let (rest, value) = raw_value(i.skip(2))?;
            replace.push((i.text_to(&i.skip(1)), value.text));
            rest
        } else if name.is_none() {
            let (rest, value) = raw_value(i)?;
            name = Some(value.text);
            rest
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    if plain {
        replace.clear();
    }
    match name {
        Some(name) => stage(i, SavedSearch { name, replace }),
        None => i.miss(Want::Value),
    }
}

impl Stage for SavedSearch {
    fn plan(&self, planner: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        planner.saved_search(&self.name, &self.replace)
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::operator::testing::{rows, shown};
    use crate::store::Catalog;
    use crate::{Engine, Settings};

    #[test]
    fn saved_searches_run() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("default")).unwrap();
        let conf = "[All of it]\nsearch = * | table a\ndispatch.earliest_time = -1h\ndispatch.latest_time = now\n[one]\nsearch = a=$x$ | `cols(a)`\n[bad]\nsearch = * | stat count\n[loop]\nsearch = | savedsearch loop\n";
        std::fs::write(dir.path().join("default/savedsearches.conf"), conf).unwrap();
        std::fs::write(dir.path().join("default/macros.conf"), "[cols(1)]\nargs = f\ndefinition = table $f$\n").unwrap();
        let mut knowledge = Knowledge::builtin();
        knowledge.add_app(dir.path()).unwrap();
        let data = rows(r#"[{"_time":9900,"a":"1"},{"_time":9000,"a":"2"},{"_time":1,"a":"3"}]"#);
        let engine = Engine::new(Catalog::of_rows(data), knowledge, Settings { now: Some(10_000.0), ..Settings::default() });
        for (query, want) in [
            ("| savedsearch \"All of it\"", r#"[{"a":"1"},{"a":"2"}]"#),
            ("| savedsearch one x=2", r#"[{"a":"2"}]"#),
            ("| savedsearch one x=2 nosubstitution=t", "[]"),
            ("| from savedsearch:\"All of it\" | head 1", r#"[{"a":"1"}]"#),
            ("| loadjob savedsearch=\"admin:search:All of it\" events=f job_delegate=x artifact_offset=0 ignore_running=t | tail 1", r#"[{"a":"2"}]"#),
            ("* | append [| savedsearch one x=3] | where isnull(_time)", r#"[{"a":"3"}]"#),
        ] {
            assert_eq!(shown(&engine.run(query).unwrap().rows), want, "{query}");
        }
        for (query, want) in [
            ("| savedsearch bad", "the saved search `bad`: "),
            ("| savedsearch loop", "nest deeper"),
            ("| savedsearch on", "`one`"),
            ("| savedsearch", "expected"),
            ("| loadjob 1233886270.2", "are not there"),
            ("| loadjob savedsearch=x", "user:app:name"),
            ("| loadjob", "expected"),
        ] {
            let got = engine.run(query).unwrap_err().diagnostics[0].to_string();
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
