//! outputlookup: writes the rows to a lookup table.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::write::{Layout, Write};
use crate::plan::{Node, Planner};
use crate::syntax::option::{Opt, OptionValue, raw_value};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

pub(super) static APPEND: Opt<bool> = Opt::new("append", "f", "Write behind the rows that the file has; fields that it lacks stay out.");
static CREATE_EMPTY: Opt<bool> = Opt::new("create_empty", "t", "Write a file also where there are no rows; else one that is there is removed.");
pub(super) static OVERRIDE: Opt<bool> = Opt::new("override_if_empty", "t", "Empty the file where there are no rows; else it stays as it is.");
static MAX: Opt<Option<u64>> = Opt::new("max", "", "The most rows to write.");
static KEY_FIELD: Opt<Option<String>> = Opt::new("key_field", "", "Rows of the table with the same value in this field are replaced, the others stay.");
static ALLOW_UPDATES: Opt<bool> = Opt::new("allow_updates", "t", "Let rows with a known key replace the old ones; without `key_field` it does nothing.");
static CREATEINAPP: Opt<bool> = Opt::new("createinapp", "t", "Make the file in the app, which is always so here.").idle();
static CREATE_CONTEXT: Opt<Option<String>> =
    Opt::new("create_context", "", "Where to make the file: `app`, `user` or `system`; it is always the app here.").idle();
static OUTPUT_FORMAT: Opt<Format> = Opt::new("output_format", "splunk_sv_csv", "`splunk_mv_csv` adds `__mv_` columns, so that multivalues stay what they are.");

pub const COMMAND: Command = Command {
    name: "outputlookup",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Writes the rows to a lookup table, whole or not at all; `<collection>.csv` stands for a collection of a KV store; needs `--allow-write`.",
    syntax: "outputlookup [append=<bool>] [create_empty=<bool>] [override_if_empty=<bool>] [max=<n>] [key_field=<field>] [allow_updates=<bool>] [createinapp=<bool>] [create_context=app|user|system] [output_format=splunk_sv_csv|splunk_mv_csv] <table>",
    options: &[
        &APPEND.card,
        &CREATE_EMPTY.card,
        &OVERRIDE.card,
        &MAX.card,
        &KEY_FIELD.card,
        &ALLOW_UPDATES.card,
        &CREATEINAPP.card,
        &CREATE_CONTEXT.card,
        &OUTPUT_FORMAT.card,
    ],
    examples: &[Example {
        spl: "| makeresults | eval host=\"web1\", seen=_time | table host, seen | outputlookup append=t key_field=host seen.csv",
        shows: "a table that keeps one row a host",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

/// How multivalues are written.
#[derive(Clone, Copy, Debug, Serialize)]
struct Format {
    multivalues: bool,
}

impl OptionValue for Format {
    fn read(text: &str) -> Result<Format, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "splunk_sv_csv" => Ok(Format { multivalues: false }),
            "splunk_mv_csv" => Ok(Format { multivalues: true }),
            _ => Err("`splunk_sv_csv` or `splunk_mv_csv`"),
        }
    }
}

#[derive(Debug, Serialize)]
struct OutputLookup {
    table: String,
    #[serde(skip)]
    span: Span,
    append: bool,
    create_empty: bool,
    override_if_empty: bool,
    max: Option<u64>,
    key_field: Option<String>,
    allow_updates: bool,
    format: Format,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut o = OutputLookup {
        table: String::new(),
        span: Span::default(),
        append: false,
        create_empty: true,
        override_if_empty: true,
        max: None,
        key_field: None,
        allow_updates: true,
        format: Format { multivalues: false },
    };
    let (mut flag, mut context) = (false, None);
    while !i.is_empty() {
        let slots = [
            APPEND.to(&mut o.append),
            CREATE_EMPTY.to(&mut o.create_empty),
            OVERRIDE.to(&mut o.override_if_empty),
            MAX.to(&mut o.max),
            KEY_FIELD.to(&mut o.key_field),
            ALLOW_UPDATES.to(&mut o.allow_updates),
            CREATEINAPP.to(&mut flag),
            CREATE_CONTEXT.to(&mut context),
            OUTPUT_FORMAT.to(&mut o.format),
        ];
        i = if let Some(rest) = option(i, &COMMAND, slots)? {
            rest
        } else if o.table.is_empty() {
            let Ok((rest, name)) = raw_value(i) else { return i.miss(Want::Lookup) };
            (o.table, o.span) = (name.text, name.span);
            rest
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    if o.table.is_empty() { i.miss(Want::Lookup) } else { stage(i, o) }
}

/// An error unless the user lets queries write.
pub(super) fn allowed(planner: &Planner<'_>, what: &str) -> Result<std::path::PathBuf, Diagnostic> {
    planner.writes.clone().ok_or_else(|| {
        Diagnostic::error(Code::NOT_ALLOWED, format!("`{what}` writes a file, and that is not allowed"))
            .help("Run it with `--allow-write` if you trust the query.")
    })
}

impl Stage for OutputLookup {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        allowed(planner, COMMAND.name)?;
        let file = planner.knowledge.lookups().target(&self.table).map_err(|d| d.at(self.span))?;
        let write = Write {
            file,
            layout: Layout::Csv { multivalues: self.format.multivalues },
            append: self.append,
            create_empty: self.create_empty,
            override_if_empty: self.override_if_empty,
            max: self.max,
            key: self.key_field.as_deref().filter(|_| self.allow_updates).map(Into::into),
        };
        Ok(Node::Write { input: Box::new(planner.started(input)), write: Arc::new(write) })
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::{Engine, Settings};
    use std::fs;

    #[test]
    fn tables_are_written_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let lookups = dir.path().join("lookups");
        fs::create_dir_all(dir.path().join("default")).unwrap();
        fs::create_dir(&lookups).unwrap();
        fs::write(
            dir.path().join("default/transforms.conf"),
            "[known]\nfilename = k.csv\n[kv]\nexternal_type = kvstore\ncollection = c\n[script]\nexternal_cmd = x.py\n",
        )
        .unwrap();
        let mut knowledge = Knowledge::builtin();
        knowledge.add_app(dir.path()).unwrap();
        let engine = Engine::new(Default::default(), knowledge, Settings { writes: Some(dir.path().into()), ..Settings::default() });
        let k = |text: &str| format!("| makeresults format=csv data=\"{text}\"");
        let read = |name: &str| fs::read_to_string(lookups.join(name)).unwrap_or_else(|_| "-".into());
        for (spl, want) in [
            (format!("{} | outputlookup known", k("a,b\n1,x\n2,\n")), "a,b\n1,x\n2,\n"),
            (format!("{} | outputlookup append=t known", k("a,c\n3,z\n")), "a,b\n1,x\n2,\n3,\n"),
            (format!("{} | outputlookup append=t key_field=a k.csv", k("a,b\n2,y\n4,w\n")), "a,b\n1,x\n2,y\n3,\n4,w\n"),
            ("| inputlookup known | head 0 | outputlookup override_if_empty=f known".into(), "a,b\n1,x\n2,y\n3,\n4,w\n"),
            ("| inputlookup known | outputlookup max=1 createinapp=t create_context=app known".into(), "a,b\n1,x\n"),
            (
                "| makeresults | eval m=split(\"p,q$\",\",\") | table m | outputlookup output_format=splunk_mv_csv k.csv".into(),
                "m,__mv_m\n\"p\nq$\",$p$;$q$$$\n",
            ),
            ("| inputlookup known | head 0 | outputlookup k.csv".into(), ""),
            ("| makeresults | head 0 | outputlookup create_empty=f k.csv".into(), "-"),
        ] {
            engine.run(&spl).unwrap();
            assert_eq!(read("k.csv"), want, "{spl}");
        }
        // A file stands for a collection.
        assert_eq!(engine.run("| inputlookup kv").unwrap_err().diagnostics[0].code.id, "SPL031");
        engine.run(&format!("{} | outputlookup kv", k("_key,n\n1,x\n2,y\n"))).unwrap();
        engine.run(&format!("{} | outputlookup append=t key_field=_key kv", k("_key,n\n2,z\n"))).unwrap();
        assert_eq!((read("c.csv").as_str(), engine.run("| inputlookup kv where n=z").unwrap().rows.len()), ("_key,n\n1,x\n2,z\n", 1));
        // What was written is what the next query reads, and rows go on.
        engine.run("| makeresults | eval a=7 | table a | outputlookup new.csv").unwrap();
        assert_eq!(engine.run("| inputlookup new.csv | outputlookup new.csv").unwrap().rows.len(), 1);
        for (spl, code) in [
            ("| makeresults | outputlookup ../x.csv", "SPL026"),
            ("| makeresults | outputlookup script", "SPL031"),
            ("| makeresults | outputlookup nowhere", "SPL026"),
            ("| makeresults | outputlookup", "SPL001"),
            ("| makeresults | outputlookup apend=t x.csv", "SPL006"),
            ("| makeresults | outputlookup output_format=x x.csv", "SPL007"),
        ] {
            assert_eq!(engine.run(spl).unwrap_err().diagnostics[0].code.id, code, "{spl}");
        }
        assert!(!dir.path().join("x.csv").exists());
        let careful = Engine { settings: Settings::default(), ..engine };
        assert_eq!(careful.run("| makeresults | outputlookup k.csv").unwrap_err().diagnostics[0].code.id, "SPL032");
    }
}
