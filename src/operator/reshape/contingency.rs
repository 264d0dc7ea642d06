//! contingency: how often two fields' values occur together.

use super::Filling;
use crate::column::{Batch, Lexicon, Name, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Context;
use crate::plan::reshape::Contingency;
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// The values that Splunk shows of a field.
const CEILING: u64 = 1000;
/// What an empty text is shown as.
const EMPTY: &str = "EMPTY_STR";

/// Distinct texts, and how often each occurs.
#[derive(Default)]
struct Counts {
    texts: Lexicon,
    of: Vec<u64>,
}

impl Counts {
    /// Counts a text; gives its number.
    fn add(&mut self, text: &str) -> u32 {
        let number = self.texts.number(if text.is_empty() { EMPTY } else { text });
        self.of.resize(self.texts.len(), 0);
        self.of.get_mut(number as usize).into_iter().for_each(|n| *n += 1);
        number
    }

    fn bytes(&self) -> usize {
        self.texts.bytes() + self.of.capacity() * size_of::<u64>()
    }

    /// The most common texts, until there are enough or they cover enough; their numbers.
    fn chosen(&self, most: u64, cover: f64) -> Vec<u32> {
        let mut all: Vec<(u32, &str, u64)> = self.texts.iter().zip(&self.of).zip(0..).map(|((text, n), number)| (number, text, *n)).collect();
        all.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.1.cmp(b.1)));
        let whole = self.of.iter().sum::<u64>() as f64;
        let most = if most == 0 { usize::MAX } else { usize::try_from(most).unwrap_or(usize::MAX) };
        let (mut covered, mut out) = (0, Vec::new());
        for (number, _, n) in all.into_iter().take(most) {
            if covered as f64 >= cover * whole {
                break;
            }
            covered += n;
            out.push(number);
        }
        out
    }
}

/// Rows and columns from the most common value to the least, as many as asked for. Totals are of what is shown.
pub fn contingency(rows: &Batch, how: &Contingency, cx: &Context) -> Result<Batch, Diagnostic> {
    let mut pairs: HashMap<(u32, u32), u64, RandomState> = HashMap::default();
    let (mut by_row, mut by_column) = (Counts::default(), Counts::default());
    let mut charged = 0;
    for i in 0..rows.len() {
        cx.at(i)?;
        let (row, column) = (rows.value(&how.row, i), rows.value(&how.column, i));
        for a in row.each().iter().filter_map(Value::as_text) {
            for b in column.each().iter().filter_map(Value::as_text) {
                *pairs.entry((by_row.add(&a), by_column.add(&b))).or_default() += 1;
            }
        }
        let bytes = by_row.bytes() + by_column.bytes() + pairs.allocation_size();
        cx.memory.charge(bytes.saturating_sub(charged))?;
        charged = bytes.max(charged);
    }
    if [(how.most.0, &by_row), (how.most.1, &by_column)].iter().any(|(most, there)| *most == CEILING && there.of.len() as u64 > CEILING) {
        let cut = Diagnostic::warning(Code::ROWS, format!("`contingency` shows the {CEILING} most common values of a field; there were more"));
        cx.warn(cut.help("`maxrows=0 maxcols=0` shows all."));
    }
    let across = by_column.chosen(how.most.1, how.cover.1);
    let down = by_row.chosen(how.most.0, how.cover.0);
    cx.memory.charge(across.len().saturating_mul(down.len()).saturating_mul(16))?;
    let text = |counts: &Counts, number: u32| counts.texts.get(number as usize).unwrap_or_default().to_string();
    let head = std::iter::once(how.row.clone()).chain(across.iter().map(|c| Name::from(text(&by_column, *c)))).chain(how.total.as_deref().map(Name::from));
    let mut out = Filling::new(head);
    let mut totals = vec![0u64; across.len()];
    for row in &down {
        // One of them may have very many cells.
        cx.check()?;
        let cells: Vec<u64> = across.iter().map(|column| pairs.get(&(*row, *column)).copied().unwrap_or_default()).collect();
        totals.iter_mut().zip(&cells).for_each(|(total, cell)| *total += cell);
        out.push(line(&text(&by_row, *row), &cells));
    }
    if let Some(label) = &how.total {
        out.push(line(label, &totals));
    }
    Ok(out.finish())
}

/// A label, numbers, and their sum.
fn line<'v>(label: &'v str, cells: &[u64]) -> Vec<Value<'v>> {
    let numbers = cells.iter().copied().chain([cells.iter().sum()]).map(|n| Value::Number(n as f64));
    std::iter::once(Value::text(label)).chain(numbers).collect()
}
