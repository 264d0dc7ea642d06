//! The flags that all subcommands share, and what they mean.

use super::Failed;
use crate::column::{Batch, Column};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::Settings;
use crate::input::{self, Chunks, DataSpec, Entities, InputFile, ParseOptions, ReadOptions, Wanted, Warnings};
use crate::knowledge::{Knowledge, LookupTable};
use crate::output::{Format, Options, Output, Sink, table};
use crate::plan::{Limits, TimeRange};
use crate::store::{self, Arriving, Catalog, Dataset};
use crate::time::{FORMS, Zone, clock, modifier::relative_time};
use clap::{ArgAction, ValueEnum};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Clone, Debug, clap::Args)]
pub struct Shared {
    /// Events: a file, directory, glob or `-`, then `,index=`, `,source=`, `,sourcetype=`, `,host=`, `,time=FIELD`, `,format=` as needed
    #[arg(long, global = true, value_name = "PATH[,OPTION=…]", value_parser = data_spec, allow_hyphen_values = true, action = ArgAction::Append)]
    pub data: Vec<DataSpec>,
    /// Splunk app with props, transforms, macros, lookups…
    #[arg(long, global = true, value_name = "DIR", action = ArgAction::Append)]
    pub app: Vec<PathBuf>,
    /// macros.conf, contentctl macro file, or directory of them
    #[arg(long, global = true, value_name = "PATH", action = ArgAction::Append)]
    pub macros: Vec<PathBuf>,
    /// Address database in MaxMind's format (.mmdb), for `iplocation`
    #[arg(long, global = true, value_name = "FILE")]
    pub geoip: Option<PathBuf>,
    /// Let outputlookup, outputcsv and collect write files: tables in the lookups folders, others in the current directory
    #[arg(long, global = true)]
    pub allow_write: bool,
    /// Only events from this time on: -24h@h, 2024-03-01, epoch seconds…
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true)]
    pub earliest: Option<String>,
    /// Only events before this time
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true)]
    pub latest: Option<String>,
    /// What `now` means: epoch seconds or a date
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true)]
    pub now: Option<String>,
    /// Time zone: UTC, Europe/Berlin, +02:00, local
    #[arg(long, global = true, value_name = "ZONE", default_value = "UTC", value_parser = zone, allow_hyphen_values = true)]
    pub tz: Zone,
    /// Threads; all cores by default
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Memory that one query may take: 256M, 2G
    #[arg(long, global = true, value_name = "SIZE", default_value = "4G", value_parser = size)]
    pub memory: usize,
    /// Time that one query may take: 500ms, 10s, 5m
    #[arg(long, global = true, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Splunk's ceilings, 0 for none: list=100 values, subsearch=10000 rows, join=50000 rows (append, too), sort=10000 rows,
    /// window=10000 rows (of streamstats)
    #[arg(long, global = true, value_name = "NAME=N", value_parser = ceiling, action = ArgAction::Append)]
    pub ceiling: Vec<Ceiling>,
    /// How results are written
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// No header line in table, csv and tsv
    #[arg(long, global = true)]
    pub no_header: bool,
    /// Write results to a file, put into its place when it is whole; without --format its ending says how
    #[arg(long, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Errors only: no warnings, progress or summary
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// No colours (also with NO_COLOR set)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// `&amp;` and its like in values of event XML: kept as Splunk does, or decoded
    #[arg(long, global = true, value_enum, value_name = "WHAT", default_value = "keep")]
    pub xml_entities: XmlEntities,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum XmlEntities {
    Keep,
    Decode,
}

impl Shared {
    /// May the terminal show colours?
    pub fn color(&self) -> bool {
        !self.no_color && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
    }

    /// How queries run. `now` is that of the flag, else the clock's at each query.
    pub fn settings(&self) -> Result<Settings, Diagnostic> {
        let clock = clock();
        let time = |flag: &str, text: &Option<String>, now: f64| {
            let read = |text: &String| {
                relative_time(now, text, &self.tz)
                    .map_err(|e| Diagnostic::error(Code::TIME, format!("--{flag}: `{text}` is no time")).help(e.to_string()).help(FORMS))
            };
            text.as_ref().map(read).transpose()
        };
        let now = time("now", &self.now, clock)?;
        let present = now.unwrap_or(clock);
        let range = TimeRange { earliest: time("earliest", &self.earliest, present)?, latest: time("latest", &self.latest, present)? };
        if let (Some(earliest), Some(latest)) = (range.earliest, range.latest)
            && earliest > latest
        {
            return Err(Diagnostic::error(Code::TIME, "--earliest is after --latest, so no event can be found").help("Swap the two, or leave one out."));
        }
        let defaults = Settings::default();
        let mut limits = defaults.limits.clone();
        self.ceiling.iter().for_each(|c| c.set(&mut limits));
        Ok(Settings {
            limits,
            threads: self.threads.map_or(defaults.threads, usize::from),
            memory: self.memory,
            timeout: self.timeout,
            zone: self.tz,
            now,
            range,
            writes: self.allow_write.then(|| PathBuf::from(".")),
            ..defaults
        })
    }

    /// The built-in knowledge, then a contentctl checkout, then macros found beside queries, then what `--app` and `--macros` name.
    pub fn knowledge(&self, found: &[PathBuf], content: Option<&Path>) -> Result<Knowledge, Diagnostic> {
        let mut knowledge = Knowledge::builtin();
        content.map_or(Ok(()), |root| knowledge.add_content(root))?;
        found.iter().try_for_each(|path| knowledge.add_macros(path))?;
        self.app.iter().try_for_each(|path| knowledge.add_app(path))?;
        self.macros.iter().try_for_each(|path| knowledge.add_macros(path))?;
        self.geoip.as_deref().map_or(Ok(()), |file| knowledge.set_places(file))?;
        for spec in &self.data {
            if let (Some(index), Ok(files)) = (&spec.index, input::expand(spec)) {
                knowledge.add_loaded_table(index, Box::new(move || lookup_table(&files)));
            }
        }
        Ok(knowledge)
    }

    /// The files of `--data`, or of a default path where there is no such flag.
    pub fn files(&self, default: Option<&Path>) -> Result<Vec<InputFile>, Diagnostic> {
        let mut files = Vec::new();
        for spec in &self.data {
            files.extend(input::expand(spec)?);
        }
        if let (true, Some(path)) = (self.data.is_empty(), default) {
            files = input::expand(&DataSpec { path: path.to_string_lossy().into_owned(), ..DataSpec::default() })?;
        }
        Ok(files)
    }

    /// Standard input cannot be both the events and something else.
    pub fn stdin_is_free(&self, wanted: &str) -> Result<(), Diagnostic> {
        match self.data.iter().any(|d| d.path == "-") {
            true => Err(Failed::usage(format!("standard input cannot be both {wanted} and `--data -`")).help("Give one of them as a file.")),
            false => Ok(()),
        }
    }

    /// How files are read.
    pub fn parse_options(&self, settings: &Settings) -> ParseOptions {
        let xml_entities = match self.xml_entities {
            XmlEntities::Keep => Entities::Keep,
            XmlEntities::Decode => Entities::Decode,
        };
        ParseOptions { xml_entities, zone: self.tz, now: settings.now.unwrap_or_else(clock), ..ParseOptions::default() }
    }

    /// A catalog of files that each query reads anew.
    pub fn streamed(&self, files: Vec<InputFile>, settings: &Settings) -> Catalog {
        let mut catalog = Catalog::new(self.parse_options(settings));
        files.into_iter().for_each(|file| catalog.add(Dataset::File(file)));
        catalog
    }

    /// A catalog of files read into memory.
    ///
    /// Errors: a file that cannot be read.
    pub fn loaded(&self, files: &[InputFile], settings: &Settings, warnings: &mut Warnings) -> Result<Catalog, Diagnostic> {
        let options = self.parse_options(settings);
        let mut catalog = Catalog::new(options.clone());
        for file in files {
            catalog.add(store::load(file, &ReadOptions::of_tables(), &options, settings.threads, &|| Ok(()), warnings)?);
        }
        Ok(catalog)
    }

    /// A catalog for a session: as [`Shared::loaded`], but what is large is loaded while the session goes on.
    pub fn arriving(&self, files: Vec<InputFile>, settings: &Settings, warnings: &mut Warnings) -> Result<Catalog, Diagnostic> {
        let options = self.parse_options(settings);
        let mut catalog = Catalog::new(options.clone());
        for file in files {
            catalog.add(match Arriving::worth_it(&file) {
                true => Dataset::Arriving(Arriving::start(file, &options, settings.threads)?),
                false => store::load(&file, &ReadOptions::of_tables(), &options, settings.threads, &|| Ok(()), warnings)?.into(),
            });
        }
        Ok(catalog)
    }

    /// The format that was asked for: by `--format`, else by the ending of `--output`.
    pub fn wanted_format(&self) -> Option<Format> {
        let by_ending = || match self.output.as_ref()?.extension()?.to_str()? {
            "json" => Some(Format::Json),
            "ndjson" | "jsonl" => Some(Format::Ndjson),
            "csv" => Some(Format::Csv),
            "tsv" => Some(Format::Tsv),
            "md" => Some(Format::Markdown),
            _ => None,
        };
        self.format.or_else(by_ending)
    }

    /// Where results go.
    pub fn sink(&self) -> Result<Sink, Diagnostic> {
        match &self.output {
            Some(path) => Sink::file(path).map_err(|e| {
                Diagnostic::error(Code::DATA_FILE, format!("cannot write {}: {e}", path.display()))
                    .help("Give --output a file in a directory that exists and may be written.")
            }),
            None => Ok(Sink::stdout(self.color())),
        }
    }

    /// How results look.
    pub fn options(&self, sink: &Sink) -> Options {
        let width = if sink.is_terminal() { table::terminal_width() } else { None };
        Options { zone: self.tz, header: !self.no_header, width, auto_vertical: self.wanted_format().is_none(), cap: None }
    }

    /// Results in the format of the flag, else as a table.
    pub fn output(&self, sink: Sink) -> Output {
        let options = self.options(&sink);
        Output::new(self.wanted_format().unwrap_or_default(), &options, sink)
    }
}

fn data_spec(text: &str) -> Result<DataSpec, String> {
    if text.starts_with('-') && text != "-" && !text.starts_with("-,") {
        return Err(format!("name a file, a directory, a glob or `-`; `./{text}` for a file of this name"));
    }
    DataSpec::parse(text).map_err(|d| d.to_string())
}

fn zone(text: &str) -> Result<Zone, String> {
    Zone::parse(text).ok_or_else(|| "write an IANA name such as Europe/Berlin, UTC, an offset such as +02:00, or local".to_string())
}

/// One of [`Limits`] as the flag names it, and its new value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ceiling {
    name: CeilingName,
    value: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum CeilingName {
    List,
    Subsearch,
    Join,
    Sort,
    Window,
}

impl Ceiling {
    fn set(self, limits: &mut Limits) {
        match self.name {
            CeilingName::List => limits.list = self.value,
            CeilingName::Subsearch => limits.subsearch = self.value,
            CeilingName::Join => limits.join = self.value,
            CeilingName::Sort => limits.sort = self.value as u64,
            CeilingName::Window => limits.window = self.value,
        }
    }
}

fn ceiling(text: &str) -> Result<Ceiling, String> {
    let (name, value) = text.split_once('=').ok_or("write a name and a number, as in subsearch=20000")?;
    let name = CeilingName::from_str(name, true).map_err(|_| "the names are list, subsearch, join, sort and window")?;
    let value = value.parse::<usize>().map_err(|_| "write a whole number; 0 for no ceiling")?;
    Ok(Ceiling { name, value: if value == 0 { usize::MAX } else { value } })
}

/// Bytes: a number with K, M, G or T behind it.
fn size(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.get(digits.len()..).unwrap_or_default().to_ascii_uppercase();
    let shift = match unit.trim_end_matches('B').trim_end_matches('I') {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("write a size such as 256M or 2G".to_string()),
    };
    let number: f64 = digits.parse().map_err(|_| "write a size such as 256M or 2G".to_string())?;
    let bytes = number * f64::from(2_u32).powi(shift);
    if (1.0..9e15).contains(&bytes) { Ok(bytes as usize) } else { Err("this size is out of range".to_string()) }
}

/// A time span: a number with ms, s, m or h behind it; plain numbers are seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match text.get(digits.len()..).unwrap_or_default() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err("write a time such as 500ms, 10s or 5m".to_string()),
    };
    let number: f64 = digits.parse().map_err(|_| "write a time such as 500ms, 10s or 5m".to_string())?;
    Duration::try_from_secs_f64(number * factor).map_err(|_| "this time is out of range".to_string())
}

/// The records of files as a lookup's table: without the fields that only events have.
fn lookup_table(files: &[InputFile]) -> Result<LookupTable, Diagnostic> {
    let (mut parts, mut warnings) = (Vec::new(), Warnings::new());
    for file in files {
        let mut chunks = Chunks::open(file, &ReadOptions::default())?;
        while let Some(chunk) = chunks.next()? {
            parts.extend(input::parse(&chunk, &Wanted::All, &ParseOptions::default(), &mut warnings));
        }
    }
    let rows = Batch::concat(parts);
    // What every event has is no column, unless the records have it themselves: then it is not the same in all of them.
    let added = |name: &str, column: &Column| match name {
        "_time" | "_raw" => true,
        "index" | "host" | "source" | "sourcetype" => matches!(column, Column::Const(..)),
        _ => false,
    };
    let rows = rows.with_columns(rows.columns().filter(|(n, c)| !added(n, c)).map(|(n, c)| (n.clone(), c.clone())));
    Ok(LookupTable { fields: rows.names().cloned().collect(), rows, warnings: warnings.diagnostics() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ceilings() {
        for (text, want) in [
            ("list=5", Some((CeilingName::List, 5))),
            ("Subsearch=0", Some((CeilingName::Subsearch, usize::MAX))),
            ("list", None),
            ("rows=5", None),
            ("sort=-1", None),
            ("join=", None),
        ] {
            assert_eq!(ceiling(text).ok().map(|c| (c.name, c.value)), want, "{text}");
        }
        let mut limits = Limits::default();
        ["sort=7", "join=8"].iter().for_each(|t| ceiling(t).unwrap().set(&mut limits));
        assert_eq!((limits.sort, limits.join, limits.list), (7, 8, 100));
    }

    #[test]
    fn sizes_and_durations() {
        for (text, want) in [
            ("256M", Some(256 << 20)),
            ("2g", Some(2 << 30)),
            ("1.5KiB", Some(1536)),
            ("10", Some(10)),
            ("", None),
            ("M", None),
            ("-1M", None),
            ("1X", None),
            ("1e99G", None),
        ] {
            assert_eq!(size(text).ok(), want, "{text}");
        }
        for (text, want) in
            [("500ms", Some(500)), ("10s", Some(10_000)), ("5m", Some(300_000)), ("2", Some(2000)), ("", None), ("-1s", None), ("5y", None), ("nan", None)]
        {
            assert_eq!(duration(text).ok().map(|d| d.as_millis()), want, "{text}");
        }
    }
}
