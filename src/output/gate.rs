//! A way out that can be shut from another thread.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Bytes that are written in one go: a terminal may be slow, and who shuts the gate waits for no more than these.
const PIECE: usize = 4 << 10;

/// Shut, it lets nothing more through. Clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    shut: Arc<AtomicBool>,
    /// Held by who writes.
    passing: Arc<Mutex<()>>,
}

impl Gate {
    /// Shuts the gate. A write that is under way ends before this does.
    pub fn shut(&self) {
        // First of all: a writer that goes on and on may never let anyone else have the lock.
        self.shut.store(true, Ordering::SeqCst);
        drop(self.passing.lock());
    }

    /// The way out behind the gate.
    pub fn before(&self, out: Box<dyn Write + Send>) -> Box<dyn Write + Send> {
        Box::new(Gated { gate: self.clone(), out })
    }
}

struct Gated {
    gate: Gate,
    out: Box<dyn Write + Send>,
}

impl Gated {
    fn open(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<usize>) -> io::Result<usize> {
        let _passing = self.gate.passing.lock();
        if self.gate.shut.load(Ordering::SeqCst) {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "nobody waits for the rows any more"));
        }
        let written = write(self.out.as_mut())?;
        // Nothing stays in a buffer of the stream's own, to come out with what others write.
        self.out.flush()?;
        Ok(written)
    }
}

impl Write for Gated {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open(|out| out.write(bytes.get(..PIECE).unwrap_or(bytes)))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open(|_| Ok(0)).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sink;
    use super::super::testing::Shared;
    use super::*;

    #[test]
    fn nothing_gets_through_once_it_is_shut() {
        let (shared, gate) = (Shared::default(), Gate::default());
        let mut sink = Sink::new(Box::new(shared.clone()), false).behind(&gate);
        sink.text("before").and_then(|()| sink.flush()).unwrap();
        sink.text("buffered").unwrap();
        gate.shut();
        assert!(sink.flush().is_err());
        drop(sink);
        assert_eq!(shared.text(), "before");
    }
}
