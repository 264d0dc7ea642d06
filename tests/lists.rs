//! Sweeps over the lists of commands, functions and stats functions: what a card says must hold.

use spl_engine::card::Support;
use spl_engine::column::cast;
use spl_engine::knowledge::Knowledge;
use spl_engine::store::Catalog;
use spl_engine::{Engine, Settings, aggregate, command, diagnostic, function};
use std::collections::HashSet;
use std::fs;
use std::path::Path;

fn engine() -> Engine {
    Engine::new(Catalog::default(), Knowledge::builtin(), Settings { now: Some(1_700_000_000.25), ..Settings::default() })
}

/// What the examples of lookups, files and saved searches need: an app, and a folder to write to.
fn with_files(dir: &Path) -> Engine {
    for (path, text) in [
        ("lookups/hosts.csv", "ip,owner,site\n10.0.0.1,ann,lab\n"),
        ("lookups/seen.csv", "host,seen\nweb1,0\n"),
        ("lookups/result.csv", "a\n1\n"),
        ("lookups/rooms.geojson", "{\"features\":[{\"id\":\"Lab\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[9,0],[9,9]]]}}]}"),
        ("default/transactiontypes.conf", "[mail]\nfields = qid\n"),
        ("default/savedsearches.conf", "[Logons]\nsearch = | makeresults\n[Logons of a user]\nsearch = | makeresults | eval user=\"$user$\"\n"),
    ] {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        fs::write(path, text).expect("the file is written");
    }
    let mut knowledge = Knowledge::builtin();
    knowledge.add_app(dir).expect("the app is read");
    Engine::new(Catalog::default(), knowledge, Settings { writes: Some(dir.to_path_buf()), ..engine().settings })
}

#[test]
fn every_example_of_a_command_runs() {
    let dir = tempfile::tempdir().expect("a folder");
    let engine = with_files(dir.path());
    for c in command::all() {
        for e in c.examples {
            if let Err(f) = engine.run(e.spl) {
                let text: Vec<String> = f.diagnostics.iter().map(|d| diagnostic::render(d, &f.sources, false)).collect();
                panic!("{}: the example `{}` fails:\n{}", c.name, e.spl, text.join("\n"));
            }
        }
    }
}

#[test]
fn every_example_of_a_function_gives_what_it_says() {
    let engine = engine();
    for f in function::all() {
        for e in f.examples {
            let spl = format!("| makeresults | eval r=if(isnull(coalesce({0}, null())), \"null\", {0})", e.spl);
            let spl = if spl.contains("is") || f.name == "true" || f.name == "false" { format!("| makeresults | eval r={}", e.spl) } else { spl };
            // A Boolean is shown through tostring, as a query would have to.
            let answer = engine.run(&spl).or_else(|_| engine.run(&format!("| makeresults | eval r=tostring({})", e.spl)));
            match answer {
                Ok(a) => {
                    let value = a.rows.value("r", 0);
                    let shown = if value.is_null() { "null".to_string() } else { cast::join(value.each(), ", ") };
                    assert_eq!(shown, e.shows, "{}: {}", f.name, e.spl);
                }
                Err(f) => panic!("{}: {}", e.spl, f.diagnostics.iter().map(|d| d.to_string()).collect::<Vec<_>>().join("; ")),
            }
        }
    }
}

#[test]
fn every_example_of_a_stats_function_gives_what_it_says() {
    let engine = engine();
    for a in aggregate::all().filter(|a| a.support != Support::Planned) {
        for e in a.examples {
            let answer = engine.run(e.spl).unwrap_or_else(|f| panic!("{}: {}", e.spl, f.diagnostics[0]));
            let value = answer.rows.value("r", 0);
            let shown = if value.is_null() { "null".to_string() } else { cast::join(value.each(), ", ") };
            assert_eq!(shown, e.shows, "{}: {}", a.name, e.spl);
        }
    }
}

#[test]
fn cards_are_whole() {
    let mut names = HashSet::new();
    for c in command::all() {
        for name in std::iter::once(&c.name).chain(c.aliases) {
            assert!(names.insert(*name), "the command `{name}` is listed twice");
            assert_eq!(*name, name.to_lowercase(), "names are lower case");
        }
        assert!(c.summary.ends_with('.'), "{}: the summary is a sentence", c.name);
        assert!(c.syntax.starts_with(c.name), "{}: the syntax begins with the name", c.name);
        assert!(c.file.starts_with("src/command/"), "{}: {}", c.name, c.file);
        let built = !matches!(c.support, Support::Planned | Support::Outside(_));
        assert!(!built || !c.examples.is_empty(), "{}: a command that is built has an example", c.name);
        for o in c.options {
            assert!(o.summary.ends_with('.'), "{}: {}: the summary is a sentence", c.name, o.name);
        }
    }
    for a in aggregate::all() {
        assert!(a.summary.ends_with('.') && a.syntax.starts_with(a.name), "{}", a.name);
    }
}

#[test]
fn every_listed_option_is_accepted() {
    let engine = engine();
    for c in command::all().filter(|c| !matches!(c.support, Support::Planned | Support::Outside(_))) {
        for o in c.options {
            // An option that is not read ends in "has no option" or "expected …, but found".
            let parsed = engine.parse(&format!("| {} {}=🦀", c.name, o.name), None);
            let refused = parsed.diagnostics.iter().any(|d| d.code.id == "SPL006");
            assert!(!refused, "`{}` lists the option `{}` and does not read it", c.name, o.name);
        }
    }
}

#[test]
fn the_lists_hold_what_splunk_documents() {
    assert!(command::all().count() >= 146, "{} commands", command::all().count());
    assert!(function::all().count() >= 122, "{} eval functions", function::all().count());
    assert!(aggregate::all().count() >= 35, "{} stats functions", aggregate::all().count());
}
