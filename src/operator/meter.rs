//! What each operator of a query took, for `spl explain --analyze`.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The operators of a query, in the order of `spl explain`: each before its inputs.
#[derive(Debug, Default)]
pub struct Meters {
    all: Mutex<Vec<Arc<Meter>>>,
    depth: AtomicUsize,
}

/// One operator.
#[derive(Debug)]
pub struct Meter {
    pub name: &'static str,
    pub depth: usize,
    rows: AtomicU64,
    nanos: AtomicU64,
}

impl Meter {
    /// Rows that it gave.
    pub fn rows(&self) -> u64 {
        self.rows.load(Relaxed)
    }

    /// Its time. Work that runs on every core counts the time of each; an operator over a stream counts waiting for its input.
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.nanos.load(Relaxed))
    }

    /// Adds a piece of work and the rows that it gave.
    pub fn add(&self, start: Instant, rows: usize) {
        self.nanos.fetch_add(start.elapsed().as_nanos() as u64, Relaxed);
        self.rows.fetch_add(rows as u64, Relaxed);
    }
}

impl Meters {
    /// A meter for an operator whose inputs are met next.
    pub fn enter(&self, name: &'static str) -> Arc<Meter> {
        let meter = Arc::new(Meter { name, depth: self.depth.fetch_add(1, Relaxed), rows: AtomicU64::new(0), nanos: AtomicU64::new(0) });
        if let Ok(mut all) = self.all.lock() {
            all.push(meter.clone());
        }
        meter
    }

    /// The inputs were met.
    pub fn leave(&self) {
        self.depth.fetch_sub(1, Relaxed);
    }

    /// All of them so far.
    pub fn all(&self) -> Vec<Arc<Meter>> {
        self.all.lock().map(|all| all.clone()).unwrap_or_default()
    }
}
