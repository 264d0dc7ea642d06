//! iplocation: the place of an address.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Form, Node, Planner, Reading};
use crate::syntax::field::{Field, field};
use crate::syntax::option::Opt;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static PREFIX: Opt<String> = Opt::new("prefix", "", "Stands before the names of the fields that are made.");
static ALLFIELDS: Opt<bool> = Opt::new("allfields", "f", "Add Continent, MetroCode and Timezone to City, Country, Region, lat and lon.");
static LANG: Opt<String> = Opt::new("lang", "en", "The language of names, as in `de`; English where the database lacks it.");

pub const COMMAND: Command = Command {
    name: "iplocation",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Adds city, country, region and position of an address, from the database that `--geoip` names; private addresses have none.",
    syntax: "iplocation [prefix=<text>] [allfields=<bool>] [lang=<code>] <field>",
    options: &[&PREFIX.card, &ALLFIELDS.card, &LANG.card],
    examples: &[Example {
        spl: "| makeresults | eval src=\"10.0.0.1\" | iplocation prefix=src_ src",
        shows: "src_City, src_Country, …; none here, the address is private",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct IpLocation {
    prefix: String,
    all: bool,
    language: String,
    field: Option<Field>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut read = IpLocation { prefix: String::new(), all: false, language: LANG.card.default.into(), field: None };
    while !i.is_empty() {
        i = if let Some(rest) = option(i, &COMMAND, [PREFIX.to(&mut read.prefix), ALLFIELDS.to(&mut read.all), LANG.to(&mut read.language)])? {
            rest
        } else if read.field.is_none() {
            let (rest, name) = field(i)?;
            read.field = Some(name);
            rest
        } else {
            break;
        };
    }
    if read.field.is_none() { i.miss(Want::Field) } else { stage(i, read) }
}

impl Stage for IpLocation {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let Some(field) = &self.field else { return Ok(input) };
        let places = planner.knowledge.places().cloned();
        let form = Form::Location { places, prefix: self.prefix.clone(), all: self.all, language: self.language.clone() };
        let step = Reading::step(field.name.as_str(), form);
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![step] })
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::{Knowledge, geoip};
    use crate::operator::testing::{rows, run, shown};
    use crate::store::Catalog;
    use crate::{Engine, Settings};

    #[test]
    fn places_are_looked_up() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x.mmdb"), geoip::tests::sample()).unwrap();
        let mut knowledge = Knowledge::builtin();
        knowledge.set_places(&dir.path().join("x.mmdb")).unwrap();
        let data = r#"[{"ip":"81.1.2.3"},{"ip":"10.0.0.1","City":"old"},{"ip":["81.0.0.1","x"]},{"x":"1"}]"#;
        let engine = Engine::new(Catalog::of_rows(rows(data)), knowledge, Settings::default());
        for (query, want) in [
            (
                "iplocation ip | table City, Country, Region, lat",
                r#"[{"City":"Munich","Country":"Germany","Region":"Bavaria","lat":48.1},{"City":"old"},{"City":"Munich","Country":"Germany","Region":"Bavaria","lat":48.1},{}]"#,
            ),
            (
                "head 1 | iplocation prefix=p_ allfields=t lang=de ip | fields p_*",
                r#"[{"p_City":"München","p_Country":"Deutschland","p_Region":"Bayern","p_lat":48.1,"p_lon":11.5,"p_Continent":"Europa","p_MetroCode":5,"p_Timezone":"Europe/Berlin"}]"#,
            ),
        ] {
            assert_eq!(shown(&engine.run(&format!("* | {query}")).unwrap().rows), want, "{query}");
        }
        assert!(engine.run("* | iplocation ip").unwrap().warnings.is_empty());
    }

    #[test]
    fn without_a_database_there_is_a_warning_and_no_place() {
        let engine = |data: &str| Engine::new(Catalog::of_rows(rows(data)), Knowledge::builtin(), Settings::default());
        let public = engine(r#"[{"ip":"8.8.8.8"}]"#).run("* | iplocation ip").unwrap();
        assert!(public.rows.get("City").is_some() && public.warnings[0].to_string().contains("--geoip"));
        assert!(engine(r#"[{"ip":"10.1.1.1"}]"#).run("* | iplocation ip").unwrap().warnings.is_empty());
        for (query, want) in [("iplocation", "expected a field"), ("iplocation prefx=a ip", "`prefix`"), ("iplocation allfields=x ip", "`true` or `false`")] {
            let got = run("[]", &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
