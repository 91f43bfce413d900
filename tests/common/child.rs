//! Child processes: a test starts its own binary once more, with one function to run.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitStatus, Stdio};

use super::Site;

/// The test that is the child process of others, where a file has one for all of them.
pub(crate) const CHILD: &str = "this_is_the_child_process_of_the_tests_here";

/// Runs a task in a process of its own, over the transport of `site`.
pub(crate) fn in_own_process(site: &Site, what: &str) {
    let mut process = Child::start(CHILD, &[what, site.transport]);
    assert_eq!(process.hear(), "done");
    assert!(process.wait().success());
}

/// The variable by which a process knows that it is a child, and what it is to do.
const TASK: &str = "HUBLESS_TEST_TASK";
const MARK: &str = "@@ ";

/// What this process is to do, if it is a child: the words that were given to `start`. It ends with its parent.
pub(crate) fn task() -> Option<Vec<String>> {
    let words = std::env::var(TASK).ok()?;
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL)).expect("a signal");
    Some(words.split('\u{1f}').map(Into::into).collect())
}

/// Tells the parent something.
pub(crate) fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{MARK}{line}").expect("the parent listens");
    out.flush().expect("the parent listens");
}

/// Waits until the parent says something, or has gone.
pub(crate) fn wait_for_parent() -> String {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).expect("the parent speaks");
    line.trim_end().into()
}

/// A process that runs the test `entry` of this binary. Dropped, it is killed.
pub(crate) struct Child {
    process: std::process::Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Child {
    pub(crate) fn start(entry: &str, words: &[&str]) -> Self {
        Self::start_with(entry, words, &[])
    }

    /// The same, with these variables set.
    pub(crate) fn start_with(entry: &str, words: &[&str], variables: &[(&str, &str)]) -> Self {
        let command = Command::new(std::env::current_exe().expect("a path"));
        Self::start_by(command, entry, words, variables)
    }

    /// The same, by a program that is to become this one, which is the last of its arguments.
    pub(crate) fn start_within(mut program: Command, entry: &str, words: &[&str]) -> Self {
        program.arg(std::env::current_exe().expect("a path"));
        Self::start_by(program, entry, words, &[])
    }

    fn start_by(mut command: Command, entry: &str, words: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut process = command
            .args(["--exact", entry, "--nocapture", "--include-ignored"])
            .env(TASK, words.join("\u{1f}"))
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        Self { process, output }
    }

    /// Waits until the child tells something.
    pub(crate) fn hear(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            let count = self.output.read_line(&mut line).expect("text");
            assert!(count > 0, "the child ended without a word: {:?}", self.process.wait());
            if let Some(told) = line.strip_prefix(MARK) {
                return told.trim_end().into();
            }
        }
    }

    pub(crate) fn say(&mut self, line: &str) {
        let input = self.process.stdin.as_mut().expect("its input");
        writeln!(input, "{line}").expect("the child listens");
    }

    pub(crate) fn kill(mut self) {
        self.process.kill().expect("a process of ours");
        self.process.wait().expect("an end");
    }

    /// Waits until it has ended by itself.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.process.wait().expect("an end")
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
