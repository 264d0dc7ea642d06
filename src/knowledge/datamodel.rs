//! Data models: those of the Common Information Model, by the tags of events, and those of apps, by their JSON files
//! (`data/models/*.json` in `default/` or `local/`).

use super::cim::{self, DEFAULTED};
use super::place::{files_below, read_text};
use crate::diagnostic::{Code, Diagnostic};
use indexmap::IndexMap;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::LazyLock;

/// A data model.
#[derive(Clone, Debug)]
pub struct Model {
    pub name: String,
    /// The first is meant where none is named.
    pub datasets: Vec<Dataset>,
    /// As `datamodel` shows it.
    pub json: Json,
}

/// A dataset of a model.
#[derive(Clone, Debug)]
pub struct Dataset {
    pub model: String,
    pub name: String,
    /// The names of the datasets above it, and its own.
    pub lineage: Vec<String>,
    /// The SPL that gives its rows, with the fields under their own names.
    pub spl: String,
    /// The search for its events, where the dataset is no more than that.
    pub search: Option<String>,
    /// With those of the datasets above it.
    pub fields: Vec<Field>,
    /// May `acceleration_search` run it: a root dataset of events or of a streaming search?
    pub root: bool,
    /// One of the Common Information Model: some of its fields are `unknown` where an event has none.
    pub common: bool,
    /// As `datamodel` shows it.
    pub json: Json,
}

/// A field of a dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: String,
    /// The lineage of the dataset that it belongs to, which stands before its name in searches.
    pub owner: String,
}

impl Field {
    /// As it is called beside fields of other datasets.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.owner, self.name)
    }
}

/// The models of the Common Information Model.
static COMMON: LazyLock<Vec<Model>> = LazyLock::new(|| {
    let mut names: Vec<&str> = cim::DATASETS.iter().map(|d| d.model).collect();
    names.dedup();
    names.into_iter().map(common).collect()
});

/// The models by name: those of apps, and those of the Common Information Model that no app has.
pub fn all(own: &IndexMap<String, Model>) -> impl Iterator<Item = &Model> {
    own.values().chain(COMMON.iter().filter(|m| !own.contains_key(&m.name)))
}

/// A dataset by the model's name and its own; the model's first where that is not given. `Authentication.Failed_Authentication`
/// and the like name it by its way down.
pub fn find<'a>(own: &'a IndexMap<String, Model>, model: &str, dataset: Option<&str>) -> Option<&'a Dataset> {
    let name = dataset.map(|d| d.rsplit('.').next().unwrap_or(d));
    all(own).find(|m| m.name == model)?.datasets.iter().find(|d| name.is_none_or(|n| d.name == n))
}

/// Fields that no dataset owns: they keep their names.
const EVERYWHERE: [&str; 4] = ["_time", "host", "source", "sourcetype"];

fn common(name: &str) -> Model {
    let listed = || cim::DATASETS.iter().filter(|d| d.model == name);
    let datasets: Vec<Dataset> = listed()
        .map(|one| {
            let parent = one.parent.and_then(|p| cim::find(name, Some(p)));
            let lineage: Vec<String> = parent.iter().map(|p| p.name.to_string()).chain([one.name.to_string()]).collect();
            let search = parent.map_or(one.search.to_string(), |p| format!("{} {}", p.search, one.search));
            let mut fields = Vec::new();
            for (of, owner) in parent.iter().map(|p| (*p, p.name.to_string())).chain([(one, lineage.join("."))]) {
                fields.extend(of.own_fields().into_iter().map(|name| Field { name, owner: owner.clone() }));
            }
            let json = json!({
                "objectName": one.name,
                "displayName": one.name.replace('_', " "),
                "parentName": one.parent.unwrap_or("BaseEvent"),
                "lineage": lineage.join("."),
                "fields": fields.iter().map(|f| json!({"fieldName": f.name, "owner": f.owner, "type": "string", "required": false, "multivalue": false, "hidden": false, "displayName": f.name})).collect::<Vec<_>>(),
                "calculations": [],
                "constraints": [{"search": one.search, "owner": lineage.join(".")}],
            });
            let spl = format!("search {search}");
            let root = one.parent.is_none();
            Dataset { model: name.into(), name: one.name.into(), lineage, spl, search: Some(search), fields, root, common: true, json }
        })
        .collect();
    let json = json!({
        "modelName": name,
        "displayName": name.replace('_', " "),
        "description": "",
        "objectSummary": {"Event-Based": datasets.len(), "Transaction-Based": 0, "Search-Based": 0},
        "objects": datasets.iter().map(|d| d.json.clone()).collect::<Vec<_>>(),
        "objectNameList": datasets.iter().map(|d| d.name.clone()).collect::<Vec<_>>(),
    });
    Model { name: name.into(), datasets, json }
}

/// The models of a directory's JSON files. What is none becomes a warning.
///
/// Errors: [`Code::DATA_FILE`] where the directory or a file cannot be read.
pub fn read_dir(dir: &Path, warnings: &mut Vec<Diagnostic>) -> Result<Vec<Model>, Diagnostic> {
    let mut all = Vec::new();
    for file in files_below(dir, &["json"])? {
        match Model::read(&read_text(&file)?) {
            Ok(model) => all.push(model),
            Err(why) => warnings.push(Diagnostic::warning(Code::DATA_FILE, format!("{}: {why}", file.display()))),
        }
    }
    Ok(all)
}

/// More datasets above another one than this are a circle.
const DEEPEST: usize = 50;

impl Model {
    /// A model by its JSON.
    ///
    /// Errors: a sentence about what is wrong with it.
    pub fn read(text: &str) -> Result<Model, String> {
        let json: Json = serde_json::from_str(text).map_err(|e| format!("no JSON: {e}"))?;
        let Some(name) = text_of(&json, "modelName").map(String::from) else { return Err("no data model: it has no `modelName`".into()) };
        let objects = list(&json, "objects");
        let mut datasets = Vec::new();
        for object in objects {
            datasets.push(dataset(&name, object, objects, DEEPEST)?);
        }
        match datasets.is_empty() {
            true => Err(format!("the data model `{name}` has no datasets")),
            false => Ok(Model { name, datasets, json }),
        }
    }
}

/// A text as SPL writes it in double quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn text_of<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    json.get(key)?.as_str()
}

fn list<'a>(json: &'a Json, key: &str) -> &'a [Json] {
    json.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn dataset(model: &str, object: &Json, objects: &[Json], deeper: usize) -> Result<Dataset, String> {
    let name = text_of(object, "objectName").ok_or_else(|| format!("the data model `{model}` has a dataset without `objectName`"))?;
    let parent = text_of(object, "parentName").unwrap_or("BaseEvent");
    if deeper == 0 {
        return Err(format!("the datasets of the data model `{model}` are above each other in a circle"));
    }
    let above = |name: &str| match objects.iter().find(|o| text_of(o, "objectName") == Some(name)) {
        Some(parent) => dataset(model, parent, objects, deeper - 1),
        None => Err(format!("the data model `{model}` has no dataset `{name}`, which is to stand above another")),
    };
    let conditions: Vec<String> =
        list(object, "constraints").iter().filter_map(|c| text_of(c, "search")).filter(|s| !s.trim().is_empty()).map(|s| format!("({s})")).collect();
    let condition = conditions.join(" ");
    let mut whole = Dataset {
        model: model.to_string(),
        name: name.to_string(),
        lineage: Vec::new(),
        spl: String::new(),
        search: None,
        fields: Vec::new(),
        root: true,
        common: false,
        json: object.clone(),
    };
    match parent {
        "BaseEvent" | "BaseImpl" => {
            let search = if condition.is_empty() { "*".to_string() } else { condition };
            whole.spl = format!("search {search}");
        }
        "BaseSearch" => {
            let search = text_of(object, "baseSearch").unwrap_or_default().trim();
            whole.spl = if search.is_empty() { "search *".to_string() } else { search.to_string() };
            // What makes other rows of events cannot be worked out in advance.
            whole.root = !search.contains('|');
        }
        "BaseTransaction" => {
            let groups = list(object, "objectsToGroup").iter().filter_map(Json::as_str).map(above).collect::<Result<Vec<_>, _>>()?;
            whole.spl = match groups.as_slice() {
                [one] => one.spl.clone(),
                several => format!("| multisearch {}", several.iter().map(|d| format!("[ {} ]", d.spl)).collect::<Vec<_>>().join(" ")),
            };
            let fields: Vec<String> = list(object, "groupByFields").iter().filter_map(Json::as_str).map(quoted).collect();
            whole.spl.push_str(&format!(" | transaction {}", fields.join(" ")));
            for (key, option) in [("transactionMaxTimeSpan", "maxspan"), ("transactionMaxPause", "maxpause")] {
                if let Some(value) = text_of(object, key).filter(|v| !v.is_empty()) {
                    whole.spl.push_str(&format!(" {option}={value}"));
                }
            }
            for group in groups {
                whole.fields.extend(group.fields);
            }
            whole.root = false;
        }
        other => {
            let parent = above(other)?;
            whole.lineage = parent.lineage;
            whole.fields = parent.fields;
            whole.spl = parent.spl;
            whole.root = false;
            if !condition.is_empty() {
                whole.spl.push_str(&format!(" | search {condition}"));
            }
        }
    }
    whole.lineage.push(name.to_string());
    let owner = whole.lineage.join(".");
    let calculations = list(object, "calculations");
    let outputs = calculations.iter().flat_map(|c| list(c, "outputFields"));
    for field in list(object, "fields").iter().chain(outputs) {
        let Some(name) = text_of(field, "fieldName").filter(|f| !EVERYWHERE.contains(f)) else { continue };
        // An inherited field is named with the dataset that has it.
        let owner = text_of(field, "owner").filter(|o| *o != "BaseEvent" && !o.is_empty()).unwrap_or(&owner);
        if name != whole.name && !whole.fields.iter().any(|f| f.name == name) {
            whole.fields.push(Field { name: name.to_string(), owner: owner.to_string() });
        }
    }
    for calculation in calculations {
        whole.spl.push_str(&step(calculation).map_err(|why| format!("the dataset `{model}.{}`: {why}", whole.name))?);
    }
    Ok(whole)
}

/// The stages that work a calculation out.
fn step(calculation: &Json) -> Result<String, String> {
    let outputs = list(calculation, "outputFields");
    let output = |key: &str| outputs.iter().filter_map(|o| text_of(o, key)).collect::<Vec<_>>();
    let expression = text_of(calculation, "expression").unwrap_or_default();
    let input = || text_of(calculation, "inputField").filter(|f| !f.is_empty()).unwrap_or("_raw");
    Ok(match text_of(calculation, "calculationType").unwrap_or_default().to_ascii_lowercase().as_str() {
        "eval" => match output("fieldName").first() {
            Some(field) => format!(" | eval '{field}'={expression}"),
            None => return Err("a calculation by eval has no field for its result".into()),
        },
        "rex" => format!(" | rex field={} {}", quoted(input()), quoted(expression)),
        "lookup" => {
            let name = text_of(calculation, "lookupName").ok_or("a calculation by lookup does not name one")?;
            let mut inputs: Vec<(&str, &str)> =
                list(calculation, "lookupInputs").iter().filter_map(|i| Some((text_of(i, "lookupField")?, text_of(i, "inputField")?))).collect();
            if inputs.is_empty() {
                inputs.push((text_of(calculation, "lookupField").unwrap_or(input()), input()));
            }
            let pair = |(column, field): &(&str, &str)| format!("{} AS {}", quoted(column), quoted(field));
            let columns = outputs.iter().filter_map(|o| Some((text_of(o, "lookupOutputFieldName")?, text_of(o, "fieldName")?)));
            let into: Vec<String> = columns.map(|p| pair(&p)).collect();
            format!(" | lookup {} {} OUTPUT {}", quoted(name), inputs.iter().map(pair).collect::<Vec<_>>().join(" "), into.join(" "))
        }
        "geoip" => {
            const PREFIX: &str = "__geoip_";
            let names = outputs.iter().filter_map(|o| Some((text_of(o, "lookupOutputFieldName")?, text_of(o, "fieldName")?)));
            let renamed: Vec<String> = names.map(|(from, to)| format!("{} AS {}", quoted(&format!("{PREFIX}{from}")), quoted(to))).collect();
            format!(" | iplocation prefix={PREFIX} {} | rename {}", quoted(input()), renamed.join(" "))
        }
        other => return Err(format!("a calculation by `{other}` is not known")),
    })
}

impl Dataset {
    /// The names that its fields may stand behind, the longest first: its own way down, and those of the datasets above it.
    pub fn prefixes(&self) -> Vec<String> {
        let mut all: Vec<String> =
            (1..=self.lineage.len()).filter_map(|n| Some(self.lineage.get(..n)?.join("."))).chain(self.lineage.iter().cloned()).collect();
        all.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        all.dedup();
        all
    }

    /// Is the field given as `unknown` where an event has none?
    pub fn defaults(&self, field: &str) -> bool {
        self.common && DEFAULTED.contains(&field)
    }

    /// The tags that its search asks for.
    pub fn tags(&self) -> Vec<String> {
        let search = self.search.as_deref().unwrap_or_default();
        search.split(' ').filter_map(|t| t.strip_prefix("tag=")).map(str::to_string).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datasets_are_found_and_have_their_parents() {
        let own = IndexMap::new();
        assert_eq!(find(&own, "Endpoint", None).unwrap().name, "Processes");
        let failed = find(&own, "Authentication", Some("Authentication.Failed_Authentication")).unwrap();
        assert_eq!(failed.search.as_deref(), Some("tag=authentication action=failure"));
        assert_eq!(failed.prefixes(), ["Authentication.Failed_Authentication", "Failed_Authentication", "Authentication"]);
        assert!(failed.fields.iter().any(|f| f.full_name() == "Authentication.user_bunit"));
        assert!(find(&own, "Endpoint", Some("Nothing")).is_none() && find(&own, "X", None).is_none());
        assert_eq!(all(&own).count(), COMMON.len());
    }

    #[test]
    fn models_of_apps_become_searches() {
        let text = r#"{"modelName":"M","objects":[
            {"objectName":"A","parentName":"BaseEvent","constraints":[{"search":"x=1 OR y=2"}],"fields":[{"fieldName":"_time","owner":"BaseEvent"},{"fieldName":"x"}],
             "calculations":[{"calculationType":"Eval","expression":"x+1","outputFields":[{"fieldName":"z"}]},{"calculationType":"Rex","inputField":"x","expression":"(?<d>\\d)","outputFields":[{"fieldName":"d"}]}]},
            {"objectName":"B","parentName":"A","constraints":[{"search":"z>3"}],"fields":[{"fieldName":"w"}],
             "calculations":[{"calculationType":"Lookup","lookupName":"l.csv","inputField":"x","outputFields":[{"fieldName":"site","lookupOutputFieldName":"place"}]}]},
            {"objectName":"S","parentName":"BaseSearch","baseSearch":"* | stats count by x"},
            {"objectName":"T","parentName":"BaseTransaction","objectsToGroup":["A"],"groupByFields":["x"],"transactionMaxPause":"5m"}]}"#;
        let model = Model::read(text).unwrap();
        let spl: Vec<&str> = model.datasets.iter().map(|d| d.spl.as_str()).collect();
        let a = r#"search (x=1 OR y=2) | eval 'z'=x+1 | rex field="x" "(?<d>\\d)""#;
        assert_eq!(spl[0], a);
        assert_eq!(spl[1], format!(r#"{a} | search (z>3) | lookup "l.csv" "x" AS "x" OUTPUT "place" AS "site""#));
        assert_eq!((spl[2], spl[3].to_string()), ("* | stats count by x", format!(r#"{a} | transaction "x" maxpause=5m"#)));
        let names: Vec<String> = model.datasets[1].fields.iter().map(Field::full_name).collect();
        assert_eq!(names, ["A.x", "A.z", "A.d", "A.B.w", "A.B.site"]);
        assert_eq!(model.datasets.iter().map(|d| d.root).collect::<Vec<_>>(), [true, false, false, false]);
        for (text, want) in [
            ("{", "no JSON"),
            ("{}", "no `modelName`"),
            (r#"{"modelName":"M"}"#, "no datasets"),
            (r#"{"modelName":"M","objects":[{"objectName":"A","parentName":"A"}]}"#, "in a circle"),
            (r#"{"modelName":"M","objects":[{"objectName":"A","parentName":"Z"}]}"#, "no dataset `Z`"),
            (r#"{"modelName":"M","objects":[{"objectName":"A","calculations":[{"calculationType":"Magic"}]}]}"#, "`magic` is not known"),
        ] {
            let got = Model::read(text).unwrap_err();
            assert!(got.contains(want), "{text}: {got}");
        }
    }
}
