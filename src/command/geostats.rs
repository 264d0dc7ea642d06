//! geostats: statistics for the cells of a map, at every zoom level.

use super::chart::with_values;
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::Name;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::text::quoted;
use crate::plan::{self, Choice, Expr, Extension, Join, Node, Pivot, Planner, Score, Series, Target, planner};
use crate::syntax::aggregation::{Aggregation, aggregation};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptionValue, at_option, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Failure, Parsed, Tokens};
use serde::Serialize;

static TRANSLATETOXY: Opt<bool> =
    Opt::new("translatetoxy", "t", "Make one row a cell, with a column for each value of the by-field; else one row for each cell and value.");
static LATFIELD: Opt<String> = Opt::new("latfield", "lat", "The field with the latitude, from -90 to 90.");
static LONGFIELD: Opt<String> = Opt::new("longfield", "lon", "The field with the longitude, from -180 to 180.");
static OUTPUTLATFIELD: Opt<String> = Opt::with_aliases("outputlatfield", &["outlatfield"], "latitude", "The name of the mean latitude of a cell's events.");
static OUTPUTLONGFIELD: Opt<String> =
    Opt::with_aliases("outputlongfield", &["outlongfield"], "longitude", "The name of the mean longitude of a cell's events.");
static GLOBALLIMIT: Opt<u64> =
    Opt::new("globallimit", "10", "How many values of the by-field have a column: those with the greatest sum; the others are OTHER. All with 0.");
static LOCALLIMIT: Opt<u64> = Opt::new("locallimit", "10", "The same; the lower of the two limits counts. None with 0.");
static BINSPANLAT: Opt<Degrees> = Opt::new("binspanlat", "22.5", "How many degrees of latitude a cell of zoom level 0 has; every further level halves them.");
static BINSPANLONG: Opt<Degrees> =
    Opt::new("binspanlong", "45.0", "How many degrees of longitude a cell of zoom level 0 has; every further level halves them.");
static MAXZOOMLEVEL: Opt<Level> = Opt::new("maxzoomlevel", "9", "The last zoom level; the first is 0.");

pub const COMMAND: Command = Command {
    name: "geostats",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Works out statistics for the cells of a map at every zoom level: `geobin` names level and cell, and `latitude` and `longitude` are the means of the cell's events.",
    syntax: "geostats [translatetoxy=<bool>] [latfield=<field>] [longfield=<field>] [outputlatfield=<field>] [outputlongfield=<field>] [globallimit=<n>] [locallimit=<n>] [binspanlat=<n>] [binspanlong=<n>] [maxzoomlevel=<n>] <function>(<field>) [AS <name>] … [BY <field>]",
    options: &[
        &TRANSLATETOXY.card,
        &LATFIELD.card,
        &LONGFIELD.card,
        &OUTPUTLATFIELD.card,
        &OUTPUTLONGFIELD.card,
        &GLOBALLIMIT.card,
        &LOCALLIMIT.card,
        &BINSPANLAT.card,
        &BINSPANLONG.card,
        &MAXZOOMLEVEL.card,
    ],
    examples: &[
        Example { spl: "| makeresults | eval lat=52.5, lon=13.4 | geostats maxzoomlevel=1 count", shows: "a row a zoom level" },
        Example {
            spl: "| makeresults count=3 | streamstats count AS n | eval y=n, x=n, app=\"a\".n | geostats latfield=y longfield=x maxzoomlevel=0 globallimit=1 count BY app",
            shows: "a column for one value, and OTHER",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// Degrees above 0.
#[derive(Clone, Copy, Debug, Serialize)]
struct Degrees(f64);

impl OptionValue for Degrees {
    fn read(text: &str) -> Result<Degrees, &'static str> {
        // Finer cells than these would have numbers that are not exact any more.
        f64::read(text).ok().filter(|n| (1e-6..=360.0).contains(n)).map(Degrees).ok_or("a number of degrees, from 0.000001 to 360")
    }
}

/// A zoom level. A cell of the last one is a few centimetres wide.
#[derive(Clone, Copy, Debug, Serialize)]
struct Level(u64);

impl OptionValue for Level {
    fn read(text: &str) -> Result<Level, &'static str> {
        u64::read(text).ok().filter(|n| *n <= 30).map(Level).ok_or("a whole number from 0 to 30")
    }
}

#[derive(Debug, Serialize)]
struct Geostats {
    aggregations: Vec<Aggregation>,
    by: Option<Field>,
    columns: bool,
    latitude: String,
    longitude: String,
    into: (String, String),
    globallimit: u64,
    locallimit: u64,
    spans: (Degrees, Degrees),
    level: Level,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let text = |option: &Opt<String>| option.card.default.to_string();
    let mut g = Geostats {
        aggregations: Vec::new(),
        by: None,
        columns: true,
        latitude: text(&LATFIELD),
        longitude: text(&LONGFIELD),
        into: (text(&OUTPUTLATFIELD), text(&OUTPUTLONGFIELD)),
        globallimit: 10,
        locallimit: 10,
        spans: (Degrees(22.5), Degrees(45.0)),
        level: Level(9),
    };
    while !i.is_empty() {
        i = if let Some(rest) = option(i, &mut g)? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else if i.at_word("BY") {
            let (rest, by) = field_but(&[])(i.skip(1))?;
            g.by = Some(by);
            rest
        } else if g.by.is_none() {
            let (rest, one) = aggregation(i)?;
            g.aggregations.push(one);
            rest
        } else {
            let error = Diagnostic::error(Code::ARGUMENTS, "`geostats` takes one field after BY").at(i.span());
            return i.fail(error.help("Put two into one first: `eval both=a.\" \".b`."));
        };
        i = commas(i)?.0;
    }
    if g.aggregations.is_empty() {
        return i.miss(Want::Aggregate);
    }
    stage(i, g)
}

fn option<'a>(i: Tokens<'a>, g: &mut Geostats) -> Result<Option<Tokens<'a>>, nom::Err<Failure>> {
    let texts = [(&LATFIELD, &mut g.latitude), (&LONGFIELD, &mut g.longitude), (&OUTPUTLATFIELD, &mut g.into.0), (&OUTPUTLONGFIELD, &mut g.into.1)];
    for (option, into) in texts {
        if let Some(rest) = option.read(i, into)? {
            return Ok(Some(rest));
        }
    }
    for (option, into) in [(&GLOBALLIMIT, &mut g.globallimit), (&LOCALLIMIT, &mut g.locallimit)] {
        if let Some(rest) = option.read(i, into)? {
            return Ok(Some(rest));
        }
    }
    for (option, into) in [(&BINSPANLAT, &mut g.spans.0), (&BINSPANLONG, &mut g.spans.1)] {
        if let Some(rest) = option.read(i, into)? {
            return Ok(Some(rest));
        }
    }
    match TRANSLATETOXY.read(i, &mut g.columns)? {
        Some(rest) => Ok(Some(rest)),
        None => MAXZOOMLEVEL.read(i, &mut g.level),
    }
}

/// The fields that the command works with.
const BIN: &str = "geobin";
const LAT: &str = "__geostats_lat";
const LON: &str = "__geostats_lon";
const ZOOM: &str = "__geostats_zoom";

impl Geostats {
    /// The events that have a place, each once for every zoom level, with the name of its cell.
    fn placed(&self, input: Node, planner: &Planner<'_>) -> Result<Node, Diagnostic> {
        let expression = |text: &str| planner::expression(text, planner.knowledge, &planner.env);
        let assign = |name: &str, expr: Expr| Extension::Assign { target: Target::Field(name.into()), expr };
        let mut steps = Vec::new();
        for (field, into) in [(&self.latitude, LAT), (&self.longitude, LON)] {
            steps.push(assign(into, Expr::Field(field.as_str().into())));
            steps.push(assign(into, expression(&format!("tonumber({into})"))?));
        }
        steps.push(assign(ZOOM, expression(&format!("mvrange(0, {})", self.level.0 + 1))?));
        let rows = Node::Extend { input: Box::new(input), steps };
        let within = expression(&format!("{LAT}>=-90 AND {LAT}<=90 AND {LON}>=-180 AND {LON}<=180"))?;
        let rows = Node::Filter { input: Box::new(rows), predicate: plan::Predicate::Expr(within) };
        let rows = Node::Unnest { input: Box::new(rows), field: ZOOM.into(), limit: None };
        // What lies on the last edge belongs to the last cell.
        let cell = |field: &str, half: u32, span: f64| {
            let cells = format!("pow(2, {ZOOM})/{span}");
            format!("min(floor(({field}+{half})*{cells}), ceiling({}*{cells})-1)", 2 * half)
        };
        let (y, x) = (cell(LAT, 90, self.spans.0.0), cell(LON, 180, self.spans.1.0));
        let name = expression(&format!("\"bin_id_zl_\".{ZOOM}.\"_y_\".{y}.\"_x_\".{x}"))?;
        Ok(Node::Extend { input: Box::new(rows), steps: vec![assign(BIN, name)] })
    }

    /// The middle of each cell's events.
    fn middles(&self, rows: Node, planner: &mut Planner<'_>) -> Result<Node, Diagnostic> {
        let text = format!("| stats avg({LAT}) AS {} avg({LON}) AS {} BY {BIN}", quoted(&self.into.0), quoted(&self.into.1));
        planner.text(&text, "geostats", rows)
    }

    /// Five decimals are about a metre.
    fn rounded(&self, input: Node, planner: &Planner<'_>) -> Result<Node, Diagnostic> {
        let mut steps = Vec::new();
        for name in [&self.into.0, &self.into.1] {
            for expr in [Expr::Field(name.as_str().into()), planner::expression(&format!("round({LAT}, 5)"), planner.knowledge, &planner.env)?] {
                steps.push(Extension::Assign { target: Target::Field(LAT.into()), expr });
            }
            steps.push(Extension::Assign { target: Target::Field(name.as_str().into()), expr: Expr::Field(LAT.into()) });
        }
        let rows = Node::Extend { input: Box::new(input), steps };
        Ok(Node::Project { input: Box::new(rows), projection: plan::Projection::Remove(vec![plan::FieldPattern::new(LAT)]) })
    }

    /// The most columns; all with 0.
    fn limit(&self) -> u64 {
        match (self.globallimit, self.locallimit) {
            (0, n) | (n, 0) => n,
            (a, b) => a.min(b),
        }
    }
}

impl Stage for Geostats {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut outputs = planner.outputs(&self.aggregations)?;
        let input = planner.started(input);
        let input = match &self.by {
            Some(by) => with_values(input, &by.name),
            None => input,
        };
        let rows = self.placed(input, planner)?;
        let bin: Name = BIN.into();
        let aggregate = |rows: Node, by: Vec<Name>, outputs| {
            let aggregation = plan::Aggregation { by, outputs, keep_null: false, sorted: true, ..Default::default() };
            Node::Aggregate { input: Box::new(rows), aggregation }
        };
        let Some(by) = self.by.as_ref().map(|by| Name::from(by.name.as_str())) else {
            return match self.middles(rows, planner)? {
                Node::Aggregate { input, mut aggregation } => {
                    aggregation.outputs.append(&mut outputs);
                    self.rounded(Node::Aggregate { input, aggregation }, planner)
                }
                other => Ok(other),
            };
        };
        let middles = self.middles(rows.clone(), planner)?;
        let middles = self.rounded(middles, planner)?;
        let cells = aggregate(rows, vec![bin.clone(), by.clone()], outputs);
        let cells = match self.columns {
            true => {
                let choice = match self.limit() {
                    0 => Choice::All,
                    count => Choice::Top { count, kept: true },
                };
                let pivot = Pivot {
                    row: bin.clone(),
                    column: Some(by),
                    series: Series { score: Score::sum(), choice },
                    other: Some("OTHER".into()),
                    null: "NULL".into(),
                    format: "$AGG$: $VAL$".into(),
                    time: None,
                    parts: Default::default(),
                };
                Node::Pivot { input: Box::new(cells), pivot }
            }
            false => cells,
        };
        let join = Join { fields: vec![bin], outer: false, overwrite: true, max: u64::from(self.columns), earlier: None };
        Ok(Node::Join { input: Box::new(middles), other: Box::new(cells), join })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    const ROWS: &str = r#"[{"lat":"1","lon":"1","t":"a","n":"2"},{"lat":"3","lon":"3","t":"b","n":"4"},{"lat":"-80","lon":"-170","t":"a","n":"6"},{"lat":"90","lon":"180","t":"c","n":"1"},{"lat":"91","lon":"1","t":"a"},{"lat":"x","lon":"1","t":"a"},{"lon":"5"}]"#;

    #[test]
    fn cells_of_a_map() {
        for (query, want) in [
            (
                "maxzoomlevel=0 count",
                r#"[{"geobin":"bin_id_zl_0_y_0_x_0","latitude":-80,"longitude":-170,"count":1},{"geobin":"bin_id_zl_0_y_4_x_4","latitude":2,"longitude":2,"count":2},{"geobin":"bin_id_zl_0_y_7_x_7","latitude":90,"longitude":180,"count":1}]"#,
            ),
            (
                "maxzoomlevel=0 sum(n) AS s by t globallimit=1",
                r#"[{"geobin":"bin_id_zl_0_y_0_x_0","latitude":-80,"longitude":-170,"a":6},{"geobin":"bin_id_zl_0_y_4_x_4","latitude":2,"longitude":2,"a":2,"OTHER":4},{"geobin":"bin_id_zl_0_y_7_x_7","latitude":90,"longitude":180,"OTHER":1}]"#,
            ),
            (
                "maxzoomlevel=0 translatetoxy=f outputlatfield=y outputlongfield=\"the x\" avg(n) by t | search y=2",
                r#"[{"geobin":"bin_id_zl_0_y_4_x_4","y":2,"the x":2,"t":"a","avg(n)":2},{"geobin":"bin_id_zl_0_y_4_x_4","y":2,"the x":2,"t":"b","avg(n)":4}]"#,
            ),
            ("count | stats count dc(geobin)", r#"[{"count":37,"dc(geobin)":37}]"#),
            (
                "binspanlat=180 binspanlong=360 maxzoomlevel=1 count | table geobin count",
                r#"[{"geobin":"bin_id_zl_0_y_0_x_0","count":4},{"geobin":"bin_id_zl_1_y_0_x_0","count":1},{"geobin":"bin_id_zl_1_y_1_x_1","count":3}]"#,
            ),
            ("latfield=none count", "[]"),
        ] {
            assert_eq!(run(ROWS, &format!("* | geostats {query}")), want, "{query}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (query, want) in [
            ("geostats", "expected a stats function"),
            ("geostats maxzoomlevel=99 count", "from 0 to 30"),
            ("geostats binspanlat=0 count", "degrees"),
            ("geostats count by a b", "one field after BY"),
            ("geostats limit=3 count", "no option `limit`"),
        ] {
            let got = run(ROWS, &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
