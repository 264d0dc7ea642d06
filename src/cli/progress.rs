//! A line on the terminal while a query takes its time.

use super::Report;
use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Before this nobody wonders.
const PATIENCE: Duration = Duration::from_millis(500);

/// Shows the time that has gone by, until it is dropped. Only our own words and digits are written.
pub struct Progress {
    stop: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins to wait, where a person watches.
    pub fn start(report: &Report) -> Progress {
        if report.is_quiet() || !report.is_terminal() {
            return Progress { stop: None };
        }
        let (stop, stopped) = channel::<()>();
        let since = Instant::now();
        let thread = std::thread::spawn(move || {
            let mut said = false;
            while stopped.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                said = true;
                let _ = write!(std::io::stderr(), "\r{:.1} s … Ctrl-C stops ", since.elapsed().as_secs_f64());
            }
            if said {
                let _ = write!(std::io::stderr(), "\r{:30}\r", "");
            }
        });
        Progress { stop: Some((stop, thread)) }
    }

    /// Clears the line.
    pub fn stop(&mut self) {
        if let Some((stop, thread)) = self.stop.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.stop();
    }
}
