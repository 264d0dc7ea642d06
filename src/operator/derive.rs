//! Search-time fields: the rules of props.conf, each computed only where the query needs it.

use super::transform::Transformation;
use super::{Context, Step, automatic, evaluate, extract, lookup};
use crate::column::{Batch, Column, Mask, Name, choose};
use crate::diagnostic::{Code, Diagnostic};
use crate::knowledge::multikv::TableLayout;
use crate::knowledge::props::{self, Kv, Rules};
use crate::knowledge::{FieldRules, Knowledge};
use crate::plan::{Expr, LookupUse, Needs, lookup_use, planner};
use hashbrown::HashMap;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// The rules that a query may need, compiled for each kind of event as it is met.
pub struct Derivation {
    knowledge: Arc<Knowledge>,
    /// Fields to make; `None` for all.
    wanted: Option<BTreeSet<Name>>,
    /// Fields that the rules themselves read.
    inputs: BTreeSet<Name>,
    /// Fields that the text of events may be read again for.
    found: Needs,
    by_host: bool,
    compiled: Mutex<HashMap<(String, String, String), Arc<Compiled>>>,
    empty: bool,
}

/// The rules of one kind of event, ready to run.
struct Compiled {
    /// How the text is to be read again, and a stanza for the tables in it.
    kv: Option<(Kv, Option<Arc<TableLayout>>)>,
    extracts: Vec<crate::plan::Extract>,
    reports: Vec<Transformation>,
    aliases: Vec<(Name, Name, bool)>,
    evals: Vec<(Name, Expr)>,
    lookups: Vec<LookupUse>,
}

impl Derivation {
    /// What is needed to make these fields.
    pub fn new(knowledge: &Arc<Knowledge>, needs: &Needs, cx: &Context) -> Result<Derivation, Diagnostic> {
        let rules = knowledge.rules();
        let reads_again = rules.iter().any(|r| r.rules.kv().is_some());
        let (wanted, inputs) = match needs {
            Needs::All => (None, BTreeSet::new()),
            Needs::Only(set) => {
                let (wanted, mut inputs) = closure(rules, set, knowledge, cx);
                inputs.extend(reads_again.then(|| Name::from("_raw")));
                (Some(wanted), inputs)
            }
        };
        let empty = rules.is_empty() || !reads_again && wanted.as_ref().is_some_and(BTreeSet::is_empty);
        let by_host = rules.iter().any(|r| r.matcher.by_host());
        let found = needs.clone().and(inputs.iter().cloned());
        Ok(Derivation { knowledge: knowledge.clone(), wanted, inputs, found, by_host, compiled: Mutex::default(), empty })
    }

    /// Nothing to make?
    pub fn is_empty(&self) -> bool {
        self.empty
    }

    /// Are the texts of events read again, so that one may become several?
    pub fn reads_again(&self) -> bool {
        self.knowledge.rules().iter().any(|r| r.rules.kv().is_some())
    }

    /// The fields that the rules read.
    pub fn inputs(&self) -> &BTreeSet<Name> {
        &self.inputs
    }

    /// The fields to take from raw events: those needed and those that the rules read.
    pub fn raw_needs(&self, needs: &Needs) -> Needs {
        if self.empty {
            return needs.clone();
        }
        let kinds = ["source", "sourcetype"].into_iter().chain(self.by_host.then_some("host")).map(Name::from);
        needs.clone().and(self.inputs.iter().cloned()).and(kinds)
    }

    fn rules_for(&self, source: &str, host: &str, sourcetype: &str, cx: &Context) -> Result<Arc<Compiled>, Diagnostic> {
        let key = (source.to_string(), host.to_string(), sourcetype.to_string());
        let mut known = self.compiled.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(found) = known.get(&key) {
            return Ok(found.clone());
        }
        let rules = props::effective(self.knowledge.rules(), source, host, sourcetype);
        let compiled = Arc::new(self.compile(&rules, cx)?);
        known.insert(key, compiled.clone());
        Ok(compiled)
    }

    fn compile(&self, rules: &Rules, cx: &Context) -> Result<Compiled, Diagnostic> {
        let wants = |field: &str| self.wanted.as_ref().is_none_or(|w| w.contains(field));
        let mut out = Compiled { kv: None, extracts: Vec::new(), reports: Vec::new(), aliases: Vec::new(), evals: Vec::new(), lookups: Vec::new() };
        if let Some(kv) = rules.kv() {
            let layout = kv.table.as_ref().and_then(Option::as_ref).map(|stanza| self.layout(stanza)).transpose()?;
            out.kv = Some((kv, layout));
        }
        for rule in rules.extracts.iter().filter(|r| r.fields.iter().any(|f| wants(f))) {
            // As Splunk does: `.` is also a line feed, `^` and `$` are the ends of lines.
            let regex = crate::regex::Regex::new(&format!("(?ms){}", rule.regex)).map_err(|why| rule.place.error(format!("EXTRACT-{}: {why}", rule.name)))?;
            out.extracts.push(crate::plan::Extract { field: rule.source_key.as_str().into(), regex, max_match: 1, offset_field: None });
        }
        for transform in rules.reports.iter().flat_map(|r| &r.transforms) {
            let fixed: Vec<&str> = transform.made_fields().map(|(f, _)| f).collect();
            if fixed.is_empty() || fixed.iter().any(|f| wants(f)) {
                out.reports.push(Transformation::new(transform.clone())?);
            }
        }
        for pair in rules.aliases.iter().flat_map(|a| &a.pairs).filter(|p| wants(&p.to)) {
            out.aliases.push((pair.from.as_str().into(), pair.to.as_str().into(), pair.keep_existing));
        }
        for rule in rules.evals.iter().filter(|r| wants(&r.field)) {
            let expr = planner::expression(&rule.expression, &self.knowledge, &cx.env).map_err(|d| rule.place.error(format!("EVAL-{}: {d}", rule.field)))?;
            out.evals.push((rule.field.as_str().into(), expr));
        }
        for rule in rules.lookups.iter().filter(|r| r.outputs.is_empty() || r.outputs.iter().any(|(_, f)| wants(f))) {
            out.lookups.push(lookup_use::bind(&self.knowledge, &cx.env, &rule.table, &rule.inputs, &rule.outputs, !rule.keep_existing)?);
        }
        Ok(out)
    }
}

impl Derivation {
    /// The stanza of multikv.conf that a `KV_MODE` names.
    fn layout(&self, stanza: &str) -> Result<Arc<TableLayout>, Diagnostic> {
        let wrong = |why: String| Diagnostic::error(Code::DATA_FILE, format!("KV_MODE: the stanza `{stanza}` of multikv.conf {why}"));
        match self.knowledge.table_layout(stanza) {
            Some(Ok(layout)) => Ok(Arc::new(layout)),
            Some(Err(why)) => Err(wrong(format!("is wrong: {why}"))),
            None => Err(wrong("is not there".into())),
        }
    }

    /// The rows with the fields that `KV_MODE` finds in their text. Tables become rows of their own.
    fn read_again(&self, mut batch: Batch, cx: &Context) -> Result<Batch, Diagnostic> {
        let mut tables = Vec::new();
        for (mask, rules) in self.kinds(&batch, cx)? {
            if let Some((kv, layout)) = &rules.kv {
                automatic::find(&mut batch, &mask, kv, &self.found, cx)?;
                if kv.table.is_some() {
                    tables.push((mask, layout.clone()));
                }
            }
        }
        // Several kinds of tables: the rows of one move those of the others, which are found by their numbers.
        let at = "_kv_row";
        if tables.len() > 1 {
            batch.set(at, Column::numbers((0..batch.len()).map(|row| row as f64).collect()));
        }
        for (mask, layout) in tables {
            let rows = match batch.get(at) {
                Some(numbers) => Mask::from_fn(batch.len(), |row| numbers.number(row).is_some_and(|n| mask.get(n as usize))),
                None => mask,
            };
            batch = automatic::expand(batch, &rows, layout, cx)?;
        }
        batch.remove(at);
        Ok(batch)
    }
}

/// The fields to make, and the fields that making them reads.
fn closure(rules: &[FieldRules], needed: &BTreeSet<Name>, knowledge: &Knowledge, cx: &Context) -> (BTreeSet<Name>, BTreeSet<Name>) {
    let (mut wanted, mut inputs) = (BTreeSet::new(), BTreeSet::new());
    let mut open: Vec<Name> = needed.iter().cloned().collect();
    while let Some(field) = open.pop() {
        let mut read = Vec::new();
        let mut made = false;
        for r in rules.iter().map(|r| &r.rules) {
            for e in r.extracts.iter().filter(|e| e.fields.iter().any(|f| **f == *field)) {
                made = true;
                read.push(Name::from(e.source_key.as_str()));
            }
            for t in r.reports.iter().flat_map(|r| &r.transforms) {
                let fixed: Vec<&str> = t.made_fields().map(|(f, _)| f).collect();
                if fixed.is_empty() || fixed.contains(&&*field) {
                    made |= !fixed.is_empty();
                    read.push(Name::from(t.source_key.as_str()));
                }
            }
            for p in r.aliases.iter().flat_map(|a| &a.pairs).filter(|p| *p.to == *field) {
                made = true;
                read.push(Name::from(p.from.as_str()));
            }
            for e in r.evals.iter().filter(|e| *e.field == *field) {
                made = true;
                read.extend(planner::reads(&e.expression, knowledge, &cx.env).iter().flat_map(|names| names.iter().cloned()));
            }
            for l in r.lookups.iter().filter(|l| l.outputs.is_empty() || l.outputs.iter().any(|(_, f)| **f == *field)) {
                made = true;
                read.extend(l.inputs.iter().map(|(_, f)| Name::from(f.as_str())));
                read.extend(knowledge.lookups().def(&l.table).and_then(|d| d.time.is_some().then(|| Name::from("_time"))));
            }
        }
        if made {
            wanted.insert(field.clone());
        }
        for name in read {
            if inputs.insert(name.clone()) && !needed.contains(&name) {
                open.push(name);
            }
        }
    }
    (wanted, inputs)
}

impl Step for Derivation {
    fn apply(&self, mut batch: Batch, cx: &Context) -> Result<Batch, Diagnostic> {
        if self.reads_again() {
            batch = self.read_again(batch, cx)?;
        }
        for (mask, rules) in self.kinds(&batch, cx)? {
            batch = rules.run(batch, &mask, cx)?;
        }
        Ok(batch)
    }
}

impl Derivation {
    /// The kinds of events in a batch: the rows of each, with its rules.
    fn kinds(&self, batch: &Batch, cx: &Context) -> Result<Vec<(Mask, Arc<Compiled>)>, Diagnostic> {
        let fields: Vec<_> = ["source", "host", "sourcetype"]
            .iter()
            .map(|f| if *f != "host" || self.by_host { batch.column(f) } else { Arc::new(Column::null(batch.len())) })
            .collect();
        let mut groups = super::groups::Groups::new(3);
        let mut kinds = Batch::new(batch.len());
        let names: Vec<Name> = vec!["source".into(), "host".into(), "sourcetype".into()];
        names.iter().zip(&fields).for_each(|(n, c)| kinds.set(n.clone(), c.clone()));
        let assigned = groups.assign(&kinds, &names, true);
        let columns: Vec<Column> = (0..3).map(|i| groups.column(i)).collect();
        let text = |i: usize, g: usize| columns[i].get(g).as_text().unwrap_or_default().into_owned();
        let mut out = Vec::new();
        for g in 0..groups.len() {
            let rules = self.rules_for(&text(0, g), &text(1, g), &text(2, g), cx)?;
            if !rules.is_empty() {
                let rows = if groups.len() == 1 { Mask::new(batch.len(), true) } else { Mask::of(&assigned, |group| group == g as u32) };
                out.push((rows, rules));
            }
        }
        Ok(out)
    }
}

impl Compiled {
    fn is_empty(&self) -> bool {
        self.kv.is_none() && self.extracts.is_empty() && self.reports.is_empty() && self.aliases.is_empty() && self.evals.is_empty() && self.lookups.is_empty()
    }

    fn run(&self, mut batch: Batch, mask: &Mask, cx: &Context) -> Result<Batch, Diagnostic> {
        let before = batch.clone();
        for e in &self.extracts {
            extract::extract(&mut batch, e, cx)?;
        }
        for t in &self.reports {
            t.run(&mut batch, cx)?;
        }
        let extracted = batch.clone();
        for (from, to, keep) in &self.aliases {
            let value = extracted.column(from);
            let old = extracted.column(to);
            batch.set(to.clone(), if *keep { choose::or(&old, &value) } else { value });
        }
        // Evals see the values from before any of them. One that gives nothing leaves what was extracted.
        let aliased = batch.clone();
        for (field, expr) in &self.evals {
            let value = evaluate::evaluate(expr, &aliased, cx);
            let column = match aliased.get(field) {
                Some(old) => choose::or(&value, old),
                None => value,
            };
            batch.set(field.clone(), column);
        }
        for l in &self.lookups {
            lookup::apply(&mut batch, l, cx)?;
        }
        if mask.all() {
            return Ok(batch);
        }
        // Rows of another kind keep what they had.
        let columns: Vec<_> = batch
            .columns()
            .map(|(n, c)| (n.clone(), if before.get(n).is_some_and(|b| Arc::ptr_eq(b, c)) { c.clone() } else { choose::choose(c, &before.column(n), mask) }))
            .collect();
        Ok(batch.with_columns(columns))
    }
}
