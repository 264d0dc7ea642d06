//! A sweep over the cases of `tests/spec`: what the cards of commands, functions and stats functions list is used there.

use spl_engine::card::Support;
use spl_engine::syntax::option::Effect;
use spl_engine::{aggregate, command, function};
use std::path::Path;

/// The queries of the cases and of the examples of commands, in lower case.
fn queries() -> Vec<String> {
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec"), &mut found);
    found.extend(command::all().flat_map(|c| c.examples).map(|e| e.spl.to_lowercase()));
    found
}

fn collect(dir: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a case file").to_lowercase();
        let mut fence: Option<(&str, bool)> = None;
        for line in text.lines() {
            match fence {
                Some((end, _)) if line == end => fence = None,
                Some((_, true)) => found.last_mut().expect("a query was begun").extend([line, "\n"]),
                Some(_) => {}
                None if line.starts_with("```") || line.starts_with("~~~") => {
                    let is_query = line[3..].split(' ').next() == Some("spl");
                    fence = Some((&line[..3], is_query));
                    if is_query {
                        found.push(String::new());
                    }
                }
                None => {}
            }
        }
    }
}

/// Does a stage of the command stand in the query, and the option in it?
fn uses_option(query: &str, command: &command::Command, option: &str) -> bool {
    let mut quoted = false;
    let cut = |c: char| {
        quoted ^= c == '"';
        !quoted && (c == '|' || c == '[')
    };
    query.split(cut).any(|stage| {
        let mut words = stage.trim_start().splitn(2, |c: char| !c.is_alphanumeric() && c != '_');
        let name = words.next().unwrap_or_default();
        (name == command.name || command.aliases.contains(&name)) && followed_by(words.next().unwrap_or_default(), option, '=')
    })
}

/// Does the word stand in the text, with this character behind it?
fn followed_by(text: &str, word: &str, next: char) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let begins = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        begins && text[at + word.len()..].trim_start().starts_with(next)
    })
}

/// Does the stats function stand in the query, with or without its number?
fn uses_aggregate(query: &str, function: &aggregate::Aggregate) -> bool {
    std::iter::once(&function.name).chain(function.aliases).any(|name| {
        query.match_indices(name).any(|(at, _)| {
            let begins = !query[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let rest = &query[at + name.len()..];
            let rest = if function.numbered { rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.') } else { rest };
            begins && (rest.starts_with('(') || function.bare && rest.starts_with([' ', ',', '\n']))
        })
    })
}

#[test]
fn every_option_has_a_case() {
    let queries = queries();
    let mut lacking = Vec::new();
    for c in command::all().filter(|c| matches!(c.support, Support::Full | Support::Partial(_))) {
        for o in c.options.iter().filter(|o| o.effect == Effect::Applied) {
            if !queries.iter().any(|q| uses_option(q, c, &o.name.to_lowercase()) || o.aliases.iter().any(|a| uses_option(q, c, a))) {
                lacking.push(format!("`{}` has no case with `{}=`: add one to tests/spec/command/{}.md", c.name, o.name, c.name));
            }
        }
    }
    assert!(lacking.is_empty(), "{} options:\n{}", lacking.len(), lacking.join("\n"));
}

#[test]
fn every_eval_function_has_a_case() {
    let queries = queries();
    let lacking: Vec<String> = function::all()
        .filter(|f| f.support != Support::Planned && !queries.iter().any(|q| followed_by(q, f.name, '(')))
        .map(|f| {
            // A chapter of several files is a folder.
            let file = Path::new(f.file.trim_end_matches("/mod.rs"));
            let chapter = file.file_stem().unwrap_or_default().to_string_lossy();
            format!("`{}` has no case: add one to tests/spec/function/{chapter}.md", f.name)
        })
        .collect();
    assert!(lacking.is_empty(), "{} functions:\n{}", lacking.len(), lacking.join("\n"));
}

#[test]
fn every_stats_function_has_a_case() {
    let queries = queries();
    let lacking: Vec<String> = aggregate::all()
        .filter(|a| a.support != Support::Planned && !queries.iter().any(|q| uses_aggregate(q, a)))
        .map(|a| format!("`{}` has no case: add one to tests/spec/command/stats.md", a.name))
        .collect();
    assert!(lacking.is_empty(), "{} stats functions:\n{}", lacking.len(), lacking.join("\n"));
}
