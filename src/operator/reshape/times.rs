//! gentimes: consecutive spans of time.

use super::Filling;
use crate::column::{Batch, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::reshape::Times;
use crate::time::{Format, Zone};

/// A row a span, from its first second to its last. A span of days is as long as the calendar's days are.
pub fn times(how: &Times, cx: &Context) -> Result<Batch, Diagnostic> {
    let mut out = Filling::new(["starttime", "endtime", "starthuman", "endhuman"].map(Into::into));
    let human = Format::parse("%a %b %d %H:%M:%S %Y");
    let zone = cx.env.zone;
    let (mut start, mut n) = (how.start, 0u64);
    while start < how.end {
        cx.at(n as usize)?;
        cx.memory.charge(200)?;
        n += 1;
        let next = after(how, n, &zone);
        let shown = |t: f64| {
            let mut text = String::new();
            human.write(t, &zone, &mut text).map_or(Value::Null, |()| Value::owned(text))
        };
        out.push([Value::Number(start), Value::Number(next - 1.0), shown(start), shown(next - 1.0)]);
        if next <= start {
            break;
        }
        start = next;
    }
    Ok(out.finish())
}

/// The start of the n-th span.
fn after(how: &Times, n: u64, zone: &Zone) -> f64 {
    let steps = n.saturating_mul(how.increment) as f64;
    if !how.days {
        return how.start + steps;
    }
    let local = zone.to_local((how.start * 1e6) as i64) as f64 + steps * 86_400e6;
    zone.to_utc(local.clamp(-9e17, 9e17) as i64) as f64 / 1e6
}
