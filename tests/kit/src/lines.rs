//! The warnings that the library writes, kept for a test that is alone in its program, for there is one logger.

use std::sync::Mutex;
use std::time::Instant;

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::now;

/// Lines about peers that a second may have.
const RATE: usize = 10;

struct Lines(Mutex<Vec<String>>);

static LINES: Lines = Lines(Mutex::new(Vec::new()));

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            self.0.lock().expect("no test has panicked with it").push(record.args().to_string());
        }
    }

    fn flush(&self) {}
}

/// What is written from here on.
pub struct Reading {
    began: Instant,
    skipped: usize,
}

/// Has the lines kept from now on. Once in a program.
pub fn keep() {
    log::set_logger(&LINES).expect("the only logger");
    log::set_max_level(LevelFilter::Warn);
}

impl Reading {
    pub fn begin() -> Self {
        Self { began: now(), skipped: all().len() }
    }

    pub fn lines(&self) -> Vec<String> {
        all().split_off(self.skipped)
    }

    /// There were some lines, and no more than the time that has passed allows.
    #[track_caller]
    pub fn is_short(&self) {
        let lines = self.lines().len();
        // Each second that was begun may have its lines.
        let most = RATE * (usize::try_from(self.began.elapsed().as_secs()).expect("a short test") + 2);
        assert!((1..=most).contains(&lines), "{lines} lines, and {most} are allowed");
    }
}

fn all() -> Vec<String> {
    LINES.0.lock().expect("no test has panicked with it").clone()
}
