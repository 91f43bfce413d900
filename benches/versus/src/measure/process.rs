//! An end in a process of its own, seen from outside.

use std::env;
use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use serde::Serialize;

use super::Sample;
use crate::Outcome;
use crate::end::{Order, READY};

/// Lines that an end says before anybody listens.
const LINES: usize = 64;

/// Why a run has no figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// It did not end in time.
    Hung,
    /// It said why.
    Failed(String),
}

/// A process that is killed when it is dropped.
#[derive(Debug)]
pub struct End {
    child: Child,
    lines: Receiver<String>,
    complaints: Option<JoinHandle<String>>,
}

impl End {
    pub fn start(order: &Order) -> Result<Self, Trouble> {
        Self::spawn(order).map_err(|error| Trouble::Failed(error.to_string()))
    }

    fn spawn(order: &Order) -> Outcome<Self> {
        let mut child = Command::new(env::current_exe()?)
            .arg("end")
            .arg(serde_json::to_string(order)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (say, lines) = sync_channel(LINES);
        let said = BufReader::new(child.stdout.take().ok_or("no stdout")?);
        thread::spawn(move || said.lines().map_while(Result::ok).try_for_each(|line| say.send(line)));
        let mut complaints = child.stderr.take().ok_or("no stderr")?;
        let complaints = thread::spawn(move || {
            let mut text = Vec::new();
            drop(complaints.read_to_end(&mut text));
            String::from_utf8_lossy(&text).into_owned()
        });
        Ok(Self { child, lines, complaints: Some(complaints) })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until others can connect to it.
    pub fn ready(&mut self, until: Instant) -> Result<(), Trouble> {
        self.expect(READY, until)
    }

    /// Waits until it says this.
    pub fn expect(&mut self, word: &str, until: Instant) -> Result<(), Trouble> {
        let line = self.line(until)?;
        if line == word { Ok(()) } else { Err(Trouble::Failed(format!("it said {line:?}"))) }
    }

    /// Waits for what it has measured.
    pub fn figures(&mut self, until: Instant) -> Result<Sample, Trouble> {
        let line = self.line(until)?;
        serde_json::from_str(&line).map_err(|_| Trouble::Failed(format!("it said {line:?}")))
    }

    /// Waits for the next line.
    pub fn line(&mut self, until: Instant) -> Result<String, Trouble> {
        match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => Err(Trouble::Hung),
            Err(RecvTimeoutError::Disconnected) => Err(self.complaint()),
        }
    }

    /// Lets it go on where it holds.
    pub fn release(&mut self) {
        self.tell("");
    }

    pub fn tell(&mut self, line: &str) {
        if let Some(stdin) = &mut self.child.stdin {
            // One that has gone is noticed by what it does not say.
            drop(writeln!(stdin, "{line}"));
        }
    }

    /// What it said when it failed, if it did.
    pub fn failure(&mut self) -> Option<Trouble> {
        let gone = self.child.try_wait().is_ok_and(|status| status.is_some());
        gone.then(|| self.complaint())
    }

    /// The trouble of the other end, with what this one said if it failed too: either may be the cause.
    pub fn blamed(&mut self, other: Trouble) -> Trouble {
        match (other, self.failure()) {
            (Trouble::Failed(other), Some(Trouble::Failed(own))) => {
                Trouble::Failed(format!("{other}; and {own}"))
            }
            (other, own) => own.unwrap_or(other),
        }
    }

    fn complaint(&mut self) -> Trouble {
        drop(self.child.kill());
        let said = self.complaints.take().and_then(|complaints| complaints.join().ok()).unwrap_or_default();
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it ended without a word");
        Trouble::Failed(last.into())
    }
}

impl Drop for End {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Trouble {
    /// In one word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Hung => "hung",
            Self::Failed(_) => "failed",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hung => f.pad(self.word()),
            Self::Failed(why) => write!(f, "{}: {why}", self.word()),
        }
    }
}
