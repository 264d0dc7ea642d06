//! anomalydetection: rows whose values are rarely seen together.

use super::anomalousvalue::{WORTH, Worth};
use super::{Command, Kind, Stage, one_of, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::study::{Improbable, Show};
use crate::plan::{FieldPattern, Node, Outliers, Planner, Rework, Study};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptionValue, at_option, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static METHOD: Opt<Method> =
    Opt::new("method", "histogram", "`histogram` looks at the probability of the whole row, `zscore` does as anomalousvalue, `iqr` as outlier.");
static ACTION: Opt<Option<String>> = Opt::new(
    "action",
    "filter",
    "`filter` keeps the anomalous rows, `annotate` all rows, `summary` gives numbers; with `method=iqr` it is `transform` (the default) or `remove`.",
);
static PTHRESH: Opt<Option<f64>> =
    Opt::new("pthresh", "", "A probability below this is anomalous; by default it follows from the data, with `zscore` it is 0.01.");
static CUTOFF: Opt<bool> = Opt::new("cutoff", "t", "Take the outer fence of the probabilities' quartiles, so that fewer rows are anomalous.");
static PARAM: Opt<f64> = Opt::new("param", "2.5", "With `method=iqr`: how many interquartile ranges beyond the quartiles a value may lie.");
static USELOWER: Opt<bool> = Opt::new("uselower", "f", "With `method=iqr`: look at values that are too low, too.");
static MARK: Opt<bool> = Opt::new("mark", "f", "With `method=iqr`: put 000 before a value that was cut.");

pub const COMMAND: Command = Command {
    name: "anomalydetection",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Finds rows whose values are rarely seen together, by the product of the frequencies of the values; numbers count by bins of a histogram. Bins are as wide as Freedman and Diaconis (1981) make them and `cutoff` takes the outer fence of Tukey (1977), which stand for a server's own choice: that is not published.",
    syntax: "anomalydetection [method=histogram|zscore|iqr] [action=filter|annotate|summary|transform|remove] [pthresh=<n>] [cutoff=<bool>] [<field> …]",
    options: &[&METHOD.card, &ACTION.card, &PTHRESH.card, &CUTOFF.card, &PARAM.card, &USELOWER.card, &MARK.card, WORTH[0], WORTH[1], WORTH[2], WORTH[3]],
    examples: &[
        Example {
            spl: "| makeresults count=50 | streamstats count AS n | eval user=if(n==50, \"eve\", \"bob\") | anomalydetection user",
            shows: "one row, and `user` as its cause",
        },
        Example {
            spl: "| makeresults count=50 | streamstats count AS n | eval n=if(n==50, 1000, n%5) | anomalydetection method=iqr action=remove n",
            shows: "49 rows",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    Histogram,
    Zscore,
    Iqr,
}

impl OptionValue for Method {
    fn read(text: &str) -> Result<Method, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "histogram" => Ok(Method::Histogram),
            "zscore" => Ok(Method::Zscore),
            "iqr" => Ok(Method::Iqr),
            _ => Err("`histogram`, `zscore` or `iqr`"),
        }
    }
}

#[derive(Debug, Serialize)]
struct Tree {
    fields: Vec<Field>,
    method: Method,
    show: Show,
    remove: bool,
    threshold: Option<f64>,
    cutoff: bool,
    param: f64,
    lower: bool,
    mark: bool,
    worth: Worth,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let start = i;
    let mut action = None;
    let mut tree = Tree {
        fields: Vec::new(),
        method: Method::Histogram,
        show: Show::Filter,
        remove: false,
        threshold: None,
        cutoff: true,
        param: 2.5,
        lower: false,
        mark: false,
        worth: Worth::default(),
    };
    while !i.is_empty() {
        let mut slots = [
            METHOD.to(&mut tree.method),
            ACTION.to(&mut action),
            PTHRESH.to(&mut tree.threshold),
            CUTOFF.to(&mut tree.cutoff),
            PARAM.to(&mut tree.param),
            USELOWER.to(&mut tree.lower),
            MARK.to(&mut tree.mark),
        ];
        i = if let Some(rest) = one_of(i, &mut slots)? {
            rest
        } else if let Some(rest) = tree.worth.read(i)? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else {
            let (rest, field) = field_but(&[])(i)?;
            tree.fields.push(field);
            rest
        };
        i = commas(i)?.0;
    }
    let wrong = |text: String, help: &str| start.fail(Diagnostic::error(Code::OPTION_VALUE, text).at(start.span()).help(help));
    let action = action.map(|a: String| a.to_ascii_lowercase());
    match (tree.method, action.as_deref()) {
        (Method::Iqr, None | Some("transform" | "tf")) => {}
        (Method::Iqr, Some("remove" | "rm")) => tree.remove = true,
        (Method::Iqr, Some(other)) => return wrong(format!("with `method=iqr` there is no action `{other}`"), "It is `transform` or `remove`."),
        (_, None) => {}
        (_, Some(text)) => match Show::read(text) {
            Ok(show) => tree.show = show,
            Err(_) => return wrong(format!("there is no action `{text}` for this method"), "It is `filter`, `annotate` or `summary`."),
        },
    }
    if tree.method == Method::Iqr && tree.threshold.is_some() {
        return wrong("`pthresh` does not go with `method=iqr`".into(), "The threshold of that method is `param`.");
    }
    stage(i, tree)
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let fields = || self.fields.iter().map(|f| f.name.as_str().into()).collect();
        let rework = match self.method {
            Method::Histogram => {
                let study = Improbable { fields: fields(), show: self.show, threshold: self.threshold, cutoff: self.cutoff };
                Rework::Study(Study::Improbable(study).into())
            }
            Method::Zscore => Rework::Study(self.worth.study(fields(), self.show, self.threshold.unwrap_or(0.01)).into()),
            Method::Iqr => {
                let fields = match self.fields.as_slice() {
                    [] => vec![FieldPattern::new("*")],
                    some => some.iter().map(|f| FieldPattern::new(&f.name)).collect(),
                };
                Rework::Outliers(Outliers { fields, remove: self.remove, param: self.param, lower: self.lower, mark: self.mark })
            }
        };
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework })
    }
}
