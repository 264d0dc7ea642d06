//! Finding a lookup's rows for an event's values.

use super::lookup::{Lookup, LookupDef, MatchType, TimeBound};
use super::lookup_table::LookupTable;
use crate::column::{Value, address};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::time::Zone;
use crate::time::strptime::Pattern;
use crate::wildcard;
use ipnet::IpNet;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

/// An index over a table for some of its columns: exact columns through a hash table, one network column through the
/// prefix lengths that occur, one of wildcards through what they have in common, the rest by looking at the rows that are left.
#[derive(Debug)]
pub struct LookupIndex {
    case_sensitive: bool,
    max_matches: usize,
    kinds: Vec<MatchType>,
    /// What the buckets do not decide, row by row and column by column; nothing where they decide all.
    rest: Vec<Vec<Rest>>,
    /// Rows by their exact keys, and by network where one column is a CIDR one.
    buckets: HashMap<Bucket, Vec<u32>, foldhash::fast::RandomState>,
    /// The prefix lengths of the networks, longest first.
    prefixes: BTreeSet<std::cmp::Reverse<u8>>,
    /// The column that `prefixes` is about.
    network: Option<usize>,
    /// A column of wildcards, and which rows those of a value may be.
    wildcards: Option<(usize, wildcard::Set)>,
    times: Option<Times>,
}

/// The exact values of a row as one text, and its network.
type Bucket = (String, Option<IpNet>);

/// So many rows are looked at one by one.
const FEW: usize = 16;

/// The times of the rows, in whole seconds as those of events, and which of them are in time for an event.
#[derive(Debug)]
struct Times {
    rows: Vec<Option<f64>>,
    bound: TimeBound,
}

/// A cell that is compared row by row.
#[derive(Debug)]
enum Rest {
    /// Decided by the bucket.
    Done,
    Wildcard(wildcard::Pattern),
    Network(IpNet),
    /// Fits nothing.
    Never,
}

impl Lookup {
    /// An index for looking up by these columns, in this order.
    ///
    /// Errors: [`Code::LOOKUP`] where the table lacks one.
    pub fn index(&self, columns: &[&str]) -> Result<LookupIndex, Diagnostic> {
        self.check(columns)?;
        Ok(LookupIndex::new(&self.def, &self.table, columns))
    }

    /// The same for events that have a time, of which rows are in time or not where the lookup is bound to times. Times that say no
    /// zone are in this one.
    ///
    /// Errors: as for [`Lookup::index`], also where the column of the time is missing.
    pub fn index_with_times(&self, columns: &[&str], zone: &Zone, now: f64) -> Result<LookupIndex, Diagnostic> {
        let mut index = self.index(columns)?;
        if let Some(bound) = &self.def.time {
            self.check(&[&bound.field])?;
            let cells = self.table.rows.column(&bound.field);
            let format = bound.format.as_deref().map(Pattern::parse);
            let time = |cell: Value<'_>| match &format {
                Some(format) => format.read(&cell.as_text()?, zone, now),
                None => cell.as_number(),
            };
            // Fractions of a second do not count.
            let rows = (0..cells.len()).map(|row| time(cells.get(row)).map(f64::floor)).collect();
            index.times = Some(Times { rows, bound: bound.clone() });
        }
        Ok(index)
    }

    /// Has the table these columns?
    ///
    /// Errors: [`Code::LOOKUP`] where it lacks one.
    pub fn check(&self, columns: &[&str]) -> Result<(), Diagnostic> {
        for column in columns {
            if !self.table.fields.iter().any(|f| f.as_ref() == *column) {
                let error = Diagnostic::error(Code::LOOKUP, format!("the lookup `{}` has no column `{column}`", self.def.name));
                let fields: Vec<&str> = self.table.fields.iter().map(AsRef::as_ref).collect();
                return Err(error.help(did_you_mean(column, fields.iter().copied()).unwrap_or_else(|| format!("It has {}.", fields.join(", ")))));
            }
        }
        Ok(())
    }
}

impl LookupIndex {
    fn new(def: &LookupDef, table: &LookupTable, columns: &[&str]) -> LookupIndex {
        let kinds: Vec<MatchType> = columns.iter().map(|c| def.match_type(c)).collect();
        let cells: Vec<_> = columns.iter().map(|c| table.rows.column(c)).collect();
        let mut index = LookupIndex {
            case_sensitive: def.case_sensitive,
            max_matches: def.max_matches,
            times: None,
            network: kinds.iter().position(|k| *k == MatchType::Cidr),
            wildcards: None,
            kinds,
            rest: Vec::new(),
            buckets: HashMap::default(),
            prefixes: BTreeSet::new(),
        };
        let decided = index.kinds.iter().enumerate().all(|(i, kind)| *kind == MatchType::Exact || index.network == Some(i));
        for row in 0..table.rows.len() {
            let values: Vec<Value<'_>> = cells.iter().map(|c| c.get(row)).collect();
            let key: Option<Vec<Cow<'_, str>>> = values.iter().map(Value::as_text).collect();
            let key = key.unwrap_or_default();
            if !decided {
                index.rest.push(key.iter().enumerate().map(|(i, cell)| index.rest(i, cell)).collect());
            }
            if let Some(bucket) = index.bucket_of_row(&key).filter(|_| key.len() == columns.len()) {
                if let Some(net) = bucket.1 {
                    index.prefixes.insert(std::cmp::Reverse(net.prefix_len()));
                }
                index.buckets.entry(bucket).or_default().push(row as u32);
            }
        }
        let column = index.kinds.iter().position(|k| *k == MatchType::Wildcard).filter(|_| index.buckets.values().any(|rows| rows.len() > FEW));
        index.wildcards = column.map(|column| {
            let patterns = (0..).zip(&index.rest).filter_map(|(row, cells)| match cells.get(column) {
                Some(Rest::Wildcard(pattern)) => Some((row, pattern)),
                _ => None,
            });
            (column, wildcard::Set::new(patterns, !index.case_sensitive))
        });
        index
    }

    /// Does it matter when an event was?
    pub fn timed(&self) -> bool {
        self.times.is_some()
    }

    /// The rows that fit these values, one value a column: in the order of the table, but the narrowest network first, and
    /// at most `max_matches` of them. A missing value fits nothing.
    pub fn find(&self, values: &[Option<&str>]) -> Vec<u32> {
        self.fitting(values, self.max_matches)
    }

    /// The rows that fit an event of this time: where the lookup is bound to times, those nearest before it, the nearest first.
    pub fn find_at(&self, values: &[Option<&str>], at: Option<f64>) -> Vec<u32> {
        let Some(times) = &self.times else { return self.find(values) };
        let time = |row: &u32| times.rows.get(*row as usize).copied().flatten();
        let in_time = |row: &u32| time(row).zip(at).is_some_and(|(row, at)| (times.bound.least..=times.bound.most).contains(&(at.floor() - row)));
        let mut rows = self.fitting(values, usize::MAX);
        rows.retain(in_time);
        rows.sort_by(|a, b| time(b).unwrap_or_default().total_cmp(&time(a).unwrap_or_default()));
        rows.truncate(self.max_matches);
        rows
    }

    fn fitting(&self, values: &[Option<&str>], most: usize) -> Vec<u32> {
        let mut found = Vec::new();
        let Some(values) = values.iter().copied().collect::<Option<Vec<&str>>>() else { return found };
        let exact = self.exact(&values);
        match self.network.and_then(|c| values.get(c)) {
            None => self.collect(&(exact, None), &values, most, &mut found),
            Some(value) => {
                // A table may hold networks, and the event may too: only an address is in a network.
                let Some(ip) = address::parse(value.trim()) else { return found };
                for prefix in &self.prefixes {
                    if let Ok(net) = IpNet::new(ip, prefix.0) {
                        self.collect(&(exact.clone(), Some(net.trunc())), &values, most, &mut found);
                    }
                }
            }
        }
        found
    }

    fn collect(&self, bucket: &Bucket, values: &[&str], most: usize, found: &mut Vec<u32>) {
        let left = most.saturating_sub(found.len());
        let rows = self.buckets.get(bucket).map_or(&[][..], Vec::as_slice);
        match self.wildcards.as_ref().filter(|_| rows.len() > FEW).and_then(|(column, set)| Some((set, values.get(*column)?))) {
            Some((set, value)) => {
                let mut some = Vec::new();
                set.may_match(value, |row| some.push(row));
                some.sort_unstable();
                some.dedup();
                found.extend(some.into_iter().filter(|row| rows.binary_search(row).is_ok() && self.fits(*row, values)).take(left));
            }
            None => found.extend(rows.iter().copied().filter(|row| self.fits(*row, values)).take(left)),
        }
    }

    /// Do the columns fit that the buckets do not decide?
    fn fits(&self, row: u32, values: &[&str]) -> bool {
        let mut cells = self.rest.get(row as usize).into_iter().flatten().zip(values);
        cells.all(|(rest, value)| match rest {
            Rest::Done => true,
            Rest::Wildcard(pattern) => pattern.matches(value),
            Rest::Network(net) => address::parse(value.trim()).is_some_and(|ip| net.contains(&ip)),
            Rest::Never => false,
        })
    }

    fn rest(&self, column: usize, cell: &str) -> Rest {
        match self.kinds.get(column) {
            Some(MatchType::Wildcard) if self.case_sensitive => Rest::Wildcard(wildcard::Pattern::case_sensitive(cell)),
            Some(MatchType::Wildcard) => Rest::Wildcard(wildcard::Pattern::new(cell)),
            Some(MatchType::Cidr) if self.network != Some(column) => network(cell).map_or(Rest::Never, Rest::Network),
            _ => Rest::Done,
        }
    }

    /// Where a row belongs; `None` where its network is none, so that it never fits.
    fn bucket_of_row(&self, key: &[Cow<'_, str>]) -> Option<Bucket> {
        let exact = self.exact(key);
        match self.network {
            None => Some((exact, None)),
            Some(c) => Some((exact, Some(network(key.get(c)?)?))),
        }
    }

    /// The exact columns' values, folded where case does not count. Each of several stands behind its length, so that it has one end.
    fn exact<T: AsRef<str>>(&self, values: &[T]) -> String {
        let exact = || values.iter().zip(&self.kinds).filter(|(_, kind)| **kind == MatchType::Exact).map(|(value, _)| self.fold(value.as_ref()));
        match exact().nth(1) {
            None => exact().next().unwrap_or_default().into_owned(),
            Some(_) => exact().map(|value| format!("{} {value}", value.len())).collect(),
        }
    }

    fn fold<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.case_sensitive { Cow::Borrowed(text) } else { wildcard::folded(text) }
    }
}

/// A network, or an address as the network of itself alone.
fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>().map(|n| n.trunc()).or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn lookup(csv: &str, change: impl FnOnce(&mut LookupDef)) -> Lookup {
        let mut def = LookupDef::of_file("t.csv");
        change(&mut def);
        Lookup { def: Arc::new(def), table: Arc::new(LookupTable::from_csv(csv.as_bytes()).unwrap()) }
    }

    #[test]
    fn exact_columns_and_case() {
        let csv = "a,b\nx,1\nX,2\nx,1\n,1\n";
        let l = lookup(csv, |_| {});
        let i = l.index(&["a"]).unwrap();
        assert_eq!((i.find(&[Some("x")]), i.find(&[Some("")]), i.find(&[None])), (vec![0, 2], vec![], vec![]));
        assert_eq!(l.index(&["a", "b"]).unwrap().find(&[Some("X"), Some("2")]), [1]);
        let l = lookup(csv, |d| (d.case_sensitive, d.max_matches) = (false, 2));
        assert_eq!(l.index(&["a"]).unwrap().find(&[Some("x")]), [0, 1]);
        assert!(l.index(&["other"]).unwrap_err().to_string().contains("It has a, b."));
        assert_eq!(l.index(&[]).unwrap().find(&[]).len(), 2);
    }

    #[test]
    fn wildcards_in_the_order_of_the_table() {
        let l = lookup("p,k\n*\\reg*.exe,1\n*,1\n*\\REGASM.EXE,1\n*,2\n", |d| {
            d.match_types = vec![("p".into(), MatchType::Wildcard)];
            d.case_sensitive = false;
        });
        let i = l.index(&["p", "k"]).unwrap();
        assert_eq!(i.find(&[Some("C:\\RegAsm.exe"), Some("1")]), [0, 1, 2]);
        assert_eq!(i.find(&[Some("C:\\RegAsm.exe"), Some("2")]), [3]);
    }

    #[test]
    fn many_wildcards_are_found_as_few_are() {
        let patterns = (0..40).flat_map(|n| [format!("*tool{n}*"), format!("a{n}*"), "*".into(), format!("*{n}"), format!("x{n}")]);
        let csv: String = std::iter::once("p,k".to_string()).chain(patterns.enumerate().map(|(i, p)| format!("{p},{}", i % 2))).collect::<Vec<_>>().join("\n");
        for case_sensitive in [true, false] {
            let l = lookup(&csv, |d| (d.match_types, d.case_sensitive, d.max_matches) = (vec![("p".into(), MatchType::Wildcard)], case_sensitive, 30));
            let mut one_by_one = l.index(&["p", "k"]).unwrap();
            let index = l.index(&["p", "k"]).unwrap();
            assert!(index.wildcards.is_some());
            one_by_one.wildcards = None;
            for value in ["", "x7", "X7", "a tool12", "a1 TOOL3", "a39tool39", "nothing"] {
                for k in ["0", "1", "2"] {
                    assert_eq!(index.find(&[Some(value), Some(k)]), one_by_one.find(&[Some(value), Some(k)]), "{value} {k}");
                }
            }
        }
    }

    #[test]
    fn the_narrowest_network_comes_first() {
        let l = lookup("n\n10.0.0.0/8\n0.0.0.0/0\n10.1.2.3\nnothing\n10.1.9.9/16\n2001:db8::/32\n", |d| d.match_types = vec![("n".into(), MatchType::Cidr)]);
        let i = l.index(&["n"]).unwrap();
        assert_eq!(i.find(&[Some("10.1.2.3")]), [2, 4, 0, 1]);
        assert_eq!(i.find(&[Some("2001:DB8::1")]), [5]);
        assert_eq!((i.find(&[Some("nothing")]), i.find(&[Some("10.0.0.0/8")]), i.find(&[Some("::1")])), (vec![], vec![], vec![]));
    }

    #[test]
    fn columns_of_every_kind_together() {
        let l = lookup("site,net,p,other\na,10.0.0.0/8,*.exe,10.1.0.0/16\na,10.0.0.0/8,x*,10.2.0.0/16\nb,10.0.0.0/8,*,0.0.0.0/0\na,10.0.0.0/8,*,bad\n", |d| {
            let kinds = [("net", MatchType::Cidr), ("p", MatchType::Wildcard), ("other", MatchType::Cidr)];
            d.match_types = kinds.map(|(c, k)| (c.to_string(), k)).to_vec();
        });
        let i = l.index(&["site", "net", "p", "other"]).unwrap();
        let find = |site, p, other| i.find(&[Some(site), Some("10.9.9.9"), Some(p), Some(other)]);
        assert_eq!((find("a", "x.exe", "10.1.0.1"), find("a", "x.exe", "10.2.0.1"), find("b", "", "1.1.1.1")), (vec![0], vec![1], vec![2]));
        assert_eq!((find("a", "x.EXE", "10.1.0.1"), find("a", "x.exe", "none"), i.find(&[])), (vec![], vec![], vec![]));
    }
}
