//! kmeans: rows in groups by their numbers.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::reshape::Distance;
use crate::plan::{self, FieldPattern, Node, Planner, Shape};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptionValue};
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static K: Opt<Count> = Opt::new("k", "2", "How many groups; `2-5` gives a table of how good each number of groups is.");
static REPS: Opt<u64> = Opt::new("reps", "10", "How often to begin anew; the best grouping stands.");
static MAXITERS: Opt<u64> = Opt::new("maxiters", "10000", "How many steps at most.");
static T: Opt<f64> = Opt::new("t", "0", "How far the means may still move in the last step.");
static DT: Opt<Distance> = Opt::new("dt", "sqeuclidean", "How distance is measured: `l1`, `cityblock`, `l2`, `sqeuclidean`, `cosine` and their other names.");
static CFIELD: Opt<String> = Opt::with_aliases("cfield", &["cnumfield"], "CLUSTERNUM", "The field that gets the number of the group.");
static SHOWCENTROID: Opt<bool> = Opt::new("showcentroid", "t", "Show the mean of the row's group, in fields named `centroid_…`.");

pub const COMMAND: Command = Command {
    name: "kmeans",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Puts rows into k groups by numeric fields, by Lloyd's method (1957) from means that k-means++ (Arthur and Vassilvitskii, 2007) chooses; rows of a group stand together. The same rows always give the same groups, where a server begins with random ones.",
    syntax: "kmeans [k=<n>[-<n>]] [reps=<n>] [maxiters=<n>] [t=<n>] [dt=<distance>] [cfield=<field>] [showcentroid=<bool>] [<field> …]",
    options: &[&K.card, &REPS.card, &MAXITERS.card, &T.card, &DT.card, &CFIELD.card, &SHOWCENTROID.card],
    examples: &[Example { spl: "| makeresults | eval n=split(\"1,2,90,91\", \",\") | mvexpand n | kmeans k=2 n", shows: "two groups of two" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Clone, Copy, Debug, Serialize)]
struct Count(u64, u64);

impl OptionValue for Count {
    fn read(text: &str) -> Result<Count, &'static str> {
        let wanted = "a whole number from 2 up, or two with `-` between";
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let number = |t: &str| t.trim().parse::<u64>().ok().filter(|n| *n > 1).ok_or(wanted);
        let (from, to) = (number(from)?, number(to)?);
        if from <= to { Ok(Count(from, to)) } else { Err(wanted) }
    }
}

impl OptionValue for Distance {
    fn read(text: &str) -> Result<Distance, &'static str> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "l1" | "l1norm" | "cityblock" | "cb" => Distance::Cityblock,
            "l2" | "l2norm" | "euclidean" => Distance::Euclidean,
            "sq" | "sqeuclidean" => Distance::SquaredEuclidean,
            "cos" | "cosine" => Distance::Cosine,
            _ => return Err("`l1`, `cityblock`, `l2`, `sqeuclidean` or `cosine`"),
        })
    }
}

#[derive(Debug, Serialize)]
struct Kmeans {
    k: Count,
    reps: u64,
    maxiters: u64,
    t: f64,
    distance: Distance,
    cfield: String,
    showcentroid: bool,
    fields: Vec<Field>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Kmeans {
        k: Count(2, 2),
        reps: 10,
        maxiters: 10_000,
        t: 0.0,
        distance: Distance::SquaredEuclidean,
        cfield: CFIELD.card.default.into(),
        showcentroid: true,
        fields: Vec::new(),
    };
    while !i.is_empty() {
        let slots = [
            K.to(&mut tree.k),
            REPS.to(&mut tree.reps),
            MAXITERS.to(&mut tree.maxiters),
            T.to(&mut tree.t),
            DT.to(&mut tree.distance),
            CFIELD.to(&mut tree.cfield),
            SHOWCENTROID.to(&mut tree.showcentroid),
        ];
        i = if let Some(rest) = option(i, &COMMAND, slots)? {
            rest
        } else {
            let (rest, name) = field_but(&[])(i)?;
            tree.fields.push(name);
            rest
        };
        i = commas(i)?.0;
    }
    stage(i, tree)
}

impl Stage for Kmeans {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        if self.k.1 > 1_000 {
            return Err(Diagnostic::error(Code::OPTION_VALUE, "`k` takes at most 1000 groups"));
        }
        let shape = plan::reshape::Kmeans {
            fields: self.fields.iter().map(|f| FieldPattern::new(&f.name)).collect(),
            k: (self.k.0, self.k.1),
            reps: self.reps,
            iterations: self.maxiters,
            tolerance: self.t,
            distance: self.distance,
            number: self.cfield.as_str().into(),
            centroids: self.showcentroid,
        };
        Ok(Node::Reshape { input: Box::new(planner.started(input)), shape: Shape::Kmeans(shape) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn groups_around_means() {
        let rows = r#"[{"x":"1","y":"1","t":"a"},{"x":"90","y":"92"},{"x":"2","y":"1"},{"y":"5"},{"x":"91","y":"90"},{"x":"3","y":"1"}]"#;
        for (query, want) in [
            (
                "kmeans k=2 x y | table CLUSTERNUM centroid_x centroid_y",
                r#"[{"CLUSTERNUM":1,"centroid_x":2,"centroid_y":1},{"CLUSTERNUM":1,"centroid_x":2,"centroid_y":1},{"CLUSTERNUM":1,"centroid_x":2,"centroid_y":1},{"CLUSTERNUM":2,"centroid_x":90.5,"centroid_y":91},{"CLUSTERNUM":2,"centroid_x":90.5,"centroid_y":91},{}]"#,
            ),
            ("kmeans cfield=g showcentroid=f reps=3 maxiters=5 t=0.1 dt=cityblock x | table g centroid_x", r#"[{"g":1},{"g":1},{"g":1},{"g":2},{"g":2},{}]"#),
            ("kmeans k=2-3 x", r#"[{"k":2,"distortion":2.5},{"k":3,"distortion":1}]"#),
            ("kmeans k=50 dt=l2 x | stats dc(CLUSTERNUM) AS n", r#"[{"n":5}]"#),
            ("kmeans dt=cos none | stats count", r#"[{"count":6}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        for (query, want) in [
            ("kmeans k=1", "`k` takes"),
            ("kmeans k=3-2", "`k` takes"),
            ("kmeans k=2000", "1000"),
            ("kmeans dt=far", "`dt` takes"),
            ("kmeans n=1", "no option"),
        ] {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
