//! A way out that can be shut from another thread.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// Shut, it lets nothing more through. Clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    shut: Arc<Mutex<bool>>,
}

impl Gate {
    /// Shuts the gate. A write that is under way ends before this does.
    pub fn shut(&self) {
        *self.shut.lock().unwrap_or_else(|e| e.into_inner()) = true;
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
        let shut = self.gate.shut.lock().unwrap_or_else(|e| e.into_inner());
        if *shut {
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
        self.open(|out| out.write(bytes))
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
