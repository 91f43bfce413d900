use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdout, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal};

/// A process that plays a part: see [`crate::actors`]. Dropped, it is killed.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    output: BufReader<ChildStdout>,
}

impl Child {
    /// Starts the program `actor` with the name of a part and what else it is to know.
    ///
    /// # Panics
    ///
    /// When there is no such program.
    pub fn start(actor: &Path, words: &[&str]) -> Self {
        let mut process = Command::new(actor)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program of the actors");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        Self { process, output }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Waits until it tells something.
    ///
    /// # Panics
    ///
    /// When it has ended.
    #[track_caller]
    pub fn hear(&mut self) -> String {
        let mut line = String::new();
        let count = self.output.read_line(&mut line).expect("text");
        assert!(count > 0, "the actor ended without a word: {:?}", self.process.wait());
        line.trim_end().into()
    }

    /// Tells it something.
    ///
    /// # Panics
    ///
    /// When it has ended.
    pub fn say(&mut self, line: &str) {
        let input = self.process.stdin.as_mut().expect("its input");
        writeln!(input, "{line}").expect("the actor listens");
    }

    /// Sends it a signal.
    ///
    /// # Panics
    ///
    /// When it has ended.
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.id()).ok().and_then(Pid::from_raw).expect("a number");
        rustix::process::kill_process(id, signal).expect("a process of ours");
    }

    /// Has it stand still, and waits until it does.
    ///
    /// # Panics
    ///
    /// When it has ended.
    pub fn stop(&self) {
        self.signal(Signal::STOP);
        let stat = format!("/proc/{}/stat", self.id());
        crate::eventually("the process stands still", || {
            let stat = std::fs::read_to_string(&stat).expect("a process");
            stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('T'))
        });
    }

    /// Kills it as the system would, without a word.
    ///
    /// # Panics
    ///
    /// When the system refuses.
    pub fn kill(mut self) {
        self.process.kill().expect("a process of ours");
        self.process.wait().expect("an end");
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    ///
    /// When the system refuses.
    pub fn wait(mut self) -> ExitStatus {
        self.process.wait().expect("an end")
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
