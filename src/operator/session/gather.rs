//! Which events form a transaction. Events come newest first, as Splunk reads them: the end of a transaction opens it, and its
//! start closes it.

use super::open::{Key, OpenTxns, Txn};
use super::{Gathered, Kind};
use crate::column::compare::Collation;
use crate::column::{Batch, Lexicon, Mask};
use crate::diagnostic::Diagnostic;
use crate::operator::{Context, sort};
use crate::plan::{Session, SortKey};

/// The transactions, in the order in which their newest events came, and the orphans.
pub(super) fn gather(batch: &Batch, session: &Session, cx: &Context) -> Result<Vec<Gathered>, Diagnostic> {
    let newest = SortKey { field: "_time".into(), descending: true, collation: Collation::Number };
    let order = sort::order(batch, &[newest], cx)?;
    let times = batch.column("_time");
    let keys = Keys::of(batch, session, cx)?;
    cx.memory.fits(keys.bytes())?;
    let mask = |c: &Option<_>| c.as_ref().map(|c: &crate::plan::Condition| c.rows(batch, cx));
    let mut gather = Gather { session, open: OpenTxns::default(), done: Vec::new(), starts: mask(&session.starts), ends: mask(&session.ends) };
    for (n, &row) in order.iter().enumerate() {
        if n % 64 == 0 {
            cx.check()?;
        }
        gather.event(row, times.number(row as usize), keys.row(row as usize));
    }
    let last = order.last().and_then(|&row| times.number(row as usize));
    Ok(gather.finish(last))
}

/// The values of the fields of every row, as numbers.
struct Keys {
    all: Vec<Key>,
    /// Where those of each row end.
    ends: Vec<usize>,
}

impl Keys {
    fn of(batch: &Batch, session: &Session, cx: &Context) -> Result<Keys, Diagnostic> {
        let columns: Vec<_> = session.fields.iter().map(|name| batch.column(name)).collect();
        let mut numbers = vec![Lexicon::default(); columns.len()];
        let mut keys = Keys { all: Vec::new(), ends: Vec::with_capacity(batch.len()) };
        for row in 0..batch.len() {
            cx.grows(row, |rows| keys.bytes() + numbers.iter().map(|n| n.bytes() + n.growth(rows)).sum::<usize>())?;
            for (field, (column, numbers)) in columns.iter().zip(&mut numbers).enumerate() {
                keys.all.extend(column.get(row).each().iter().filter_map(|v| v.as_text()).map(|text| (field, numbers.number(&text))));
            }
            keys.ends.push(keys.all.len());
        }
        Ok(keys)
    }

    fn row(&self, row: usize) -> &[Key] {
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        self.ends.get(row).and_then(|end| self.all.get(start..*end)).unwrap_or_default()
    }

    fn bytes(&self) -> usize {
        self.all.capacity() * size_of::<Key>() + self.ends.capacity() * size_of::<usize>()
    }
}

struct Gather<'a> {
    session: &'a Session,
    open: OpenTxns,
    done: Vec<Gathered>,
    starts: Option<Mask>,
    ends: Option<Mask>,
}

impl Gather<'_> {
    fn event(&mut self, row: u32, time: Option<f64>, keys: &[Key]) {
        let at = |mask: &Option<Mask>| mask.as_ref().is_some_and(|m| m.get(row as usize));
        let (starts, ends) = (at(&self.starts), at(&self.ends));
        let session = self.session;
        let alone = keys.is_empty() && !session.fields.is_empty();
        if alone && (session.unify_ends || !(starts || ends)) {
            return self.orphan(row);
        }
        let mut target = match () {
            () if alone && ends => None,
            () if alone || session.fields.is_empty() => self.open.last(),
            () => self.open.find(keys, session.connected),
        };
        if let Some(id) = target.filter(|id| self.open.get(*id).is_some_and(|t| self.past(t, time))) {
            self.close(id, Kind::Closed);
            target = None;
        }
        if ends && let Some(id) = target.take() {
            // Its start never came, unless none is asked for.
            self.close(id, if self.starts.is_some() { Kind::Evicted } else { Kind::Closed });
        }
        if target.is_none() && self.ends.is_some() && !ends {
            return self.orphan(row);
        }
        let id = target.unwrap_or_else(|| self.open.open());
        let events = self.open.add(id, row, time, keys);
        if starts || session.events.is_some_and(|most| events >= most) {
            self.close(id, Kind::Closed);
        }
        let full = |open: &OpenTxns| session.open.is_some_and(|most| open.len() > most) || session.open_events.is_some_and(|most| open.events > most);
        while full(&self.open)
            && let Some(id) = self.open.oldest()
        {
            self.close(id, Kind::Evicted);
        }
    }

    /// Is an event of this time too far from a transaction to be in it?
    fn past(&self, txn: &Txn, time: Option<f64>) -> bool {
        let over = |from: Option<f64>, most: Option<f64>| matches!((from, time, most), (Some(from), Some(time), Some(most)) if from - time > most);
        over(txn.newest, self.session.span) || over(txn.oldest, self.session.pause)
    }

    fn close(&mut self, id: u64, kind: Kind) {
        if let Some(txn) = self.open.take(id)
            && (kind != Kind::Evicted || self.session.keep_evicted)
        {
            self.done.push(Gathered { rows: txn.rows, kind });
        }
    }

    fn orphan(&mut self, row: u32) {
        if self.session.keep_orphans {
            self.done.push(Gathered { rows: vec![row], kind: Kind::Orphan });
        }
    }

    /// What is open when the input ends, `last` being the time of its last event.
    fn finish(mut self, last: Option<f64>) -> Vec<Gathered> {
        while let Some(id) = self.open.oldest() {
            let past = self.open.get(id).is_some_and(|t| self.past(t, last));
            let kind = match (past, self.starts.is_some(), self.ends.is_some()) {
                (true, ..) | (_, false, true) => Kind::Closed,
                (false, true, _) => Kind::Evicted,
                (false, false, false) => Kind::Open,
            };
            self.close(id, kind);
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn ends_open_and_starts_close() {
        let rows = r#"[{"_time":9,"w":"e"},{"_time":8,"w":"e"},{"_time":7,"w":"s"},{"_time":6,"w":"x"},{"_time":5,"w":"s"},{"_time":4,"w":"se"}]"#;
        for (options, want) in [
            ("startswith=w=s* endswith=w=*e", "7:2:1 4:1:1"),
            ("startswith=w=s* endswith=w=*e keepevicted=t", "9:1:0 7:2:1 4:1:1"),
            ("startswith=w=s*", "7:3:1 5:2:1 4:1:1"),
            ("endswith=w=*e", "9:1:1 5:4:1 4:1:1"),
            ("maxevents=4", "6:4:1 4:2:0"),
            ("maxspan=2s", "7:3:1 4:3:0"),
            ("maxpause=0", "9:1:1 8:1:1 7:1:1 6:1:1 5:1:1 4:1:0"),
            ("missing", ""),
            ("missing keeporphans=t | head 1 | eval eventcount=0, closed_txn=_txn_orphan", "9:0:1"),
        ] {
            let show = r#"eval s=_time.":".eventcount.":".closed_txn | stats list(s) AS s | eval s=mvjoin(s, " ")"#;
            let got = run(rows, &format!("* | transaction {options} | {show}"));
            assert_eq!(got, if want.is_empty() { "[{}]".to_string() } else { format!(r#"[{{"s":"{want}"}}]"#) }, "{options}");
        }
    }
}
