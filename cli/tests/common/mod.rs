//! Runs the program and watches it.

#![allow(dead_code, reason = "each test file uses some of it")]
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use tempfile::TempDir;

/// When a test hangs, it fails after this.
pub(crate) const WATCHDOG: Duration = Duration::from_secs(60);

/// A running program. Killed at the end of the test, or by the watchdog.
pub(crate) struct Program {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Vec<u8>>,
    diagnostics: Receiver<Vec<u8>>,
    /// Diagnostics that were read already.
    told: String,
    _watchdog: SyncSender<()>,
}

/// What is left of a program.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: Option<i32>,
    pub(crate) output: Vec<u8>,
    pub(crate) diagnostics: String,
}

/// The program, not yet started.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubless"));
    command.args(arguments).env_remove("RUST_LOG");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts the program with `-v`, so that it tells its address.
pub(crate) fn start(arguments: &[&str]) -> Program {
    Program::watch(command(&[&["-v"], arguments].concat()).spawn().unwrap())
}

/// Runs the program to its end, with this standard input.
pub(crate) fn run(arguments: &[&str], input: &[u8]) -> Finished {
    let mut program = start(arguments);
    program.write(input);
    program.close_input();
    program.finish()
}

/// So many different lines.
pub(crate) fn numbers(count: u32) -> String {
    (0..count).flat_map(|number| [number.to_string(), "\n".to_owned()]).collect()
}

/// Words on a command line.
pub(crate) fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// Places to listen, one for each transport that reaches another process.
pub(crate) fn places() -> (TempDir, [String; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let ipc = format!("ipc://{}", folder.path().join("socket").display());
    (folder, ["tcp://127.0.0.1:0".to_owned(), ipc])
}

/// Starts the program as a listener of any port of tcp; it and where it listens.
pub(crate) fn listener(role_and_options: &str) -> (Program, String) {
    let mut program = start(&[words(role_and_options), words("--listen tcp://127.0.0.1:0")].concat());
    let address = program.address();
    (program, address)
}

/// Starts the program as a dialer.
pub(crate) fn dialer(role_and_options: &str, address: &str) -> Program {
    start(&[words(role_and_options), vec!["--dial", address]].concat())
}

impl Program {
    pub(crate) fn watch(mut child: Child) -> Self {
        let pid = Pid::from_child(&child);
        let (watchdog, over) = sync_channel::<()>(0);
        thread::spawn(move || {
            if over.recv_timeout(WATCHDOG) == Err(RecvTimeoutError::Timeout) {
                let _ = kill_process(pid, Signal::KILL);
            }
        });
        let output = child.stdout.take().map_or_else(|| sync_channel(1).1, lines);
        let diagnostics = lines(child.stderr.take().unwrap());
        let input = child.stdin.take();
        Self { child, input, output, diagnostics, told: String::new(), _watchdog: watchdog }
    }

    /// The address that it listens on.
    pub(crate) fn address(&mut self) -> String {
        let line = self.told("listening on ");
        line.rsplit(' ').next().unwrap().trim().to_owned()
    }

    /// Waits for a line of diagnostics with `words`; that line.
    pub(crate) fn told(&mut self, words: &str) -> String {
        for line in &self.diagnostics {
            let line = String::from_utf8_lossy(&line).into_owned();
            self.told.push_str(&line);
            if line.contains(words) {
                return line;
            }
        }
        panic!("it ended and never said `{words}`, but\n{}", self.told);
    }

    pub(crate) fn write(&mut self, input: &[u8]) {
        let pipe = self.input.as_mut().unwrap();
        pipe.write_all(input).and_then(|()| pipe.flush()).unwrap();
    }

    /// Whether it still reads its standard input.
    pub(crate) fn try_write(&mut self, input: &[u8]) -> bool {
        self.input.as_mut().unwrap().write_all(input).is_ok()
    }

    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    /// Waits for the next line of output.
    pub(crate) fn line(&mut self) -> String {
        let Ok(line) = self.output.recv() else { panic!("it ended:\n{}", self.rest_of_diagnostics()) };
        String::from_utf8_lossy(&line).into_owned()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Has it stand still; when this returns, it does.
    pub(crate) fn stop(&self) {
        self.signal(Signal::STOP);
        let stopped = waitpid(Some(Pid::from_child(&self.child)), WaitOptions::UNTRACED).unwrap();
        assert!(stopped.is_some_and(|(_, status)| status.stopped()));
    }

    /// Presses Ctrl-C every now and then until it ends.
    pub(crate) fn press_ctrl_c_until_it_ends(&self) {
        while self.output.recv_timeout(Duration::from_millis(50)) == Err(RecvTimeoutError::Timeout) {
            self.signal(Signal::INT);
        }
    }

    /// Waits for its end; its standard input stays as it is until then.
    pub(crate) fn finish(mut self) -> Finished {
        let output = self.output.iter().collect::<Vec<_>>().concat();
        let diagnostics = self.rest_of_diagnostics();
        let status = self.child.wait().unwrap().code();
        Finished { status, output, diagnostics }
    }

    fn rest_of_diagnostics(&mut self) -> String {
        let rest = self.diagnostics.iter().collect::<Vec<_>>().concat();
        std::mem::take(&mut self.told) + &String::from_utf8_lossy(&rest)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Finished {
    /// It ended with status 0 and printed this.
    #[track_caller]
    pub(crate) fn printed(&self, output: impl AsRef<[u8]>) {
        let output = output.as_ref();
        assert!(self.output == output, "not {:?} but {self:?}", String::from_utf8_lossy(output));
        assert_eq!(self.status, Some(0), "{self:?}");
    }

    /// It ended with this status and printed nothing.
    #[track_caller]
    pub(crate) fn ended(&self, status: i32) {
        assert_eq!(self.status, Some(status), "{self:?}");
        assert!(self.output.is_empty(), "{self:?}");
    }

    /// It said this on standard error.
    #[track_caller]
    pub(crate) fn said(&self, words: &str) {
        assert!(self.diagnostics.contains(words), "`{words}` is not in {self:?}");
    }
}

/// The lines of a pipe, as they come.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = sync_channel(100_000);
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        loop {
            let mut line = Vec::new();
            if pipe.read_until(b'\n', &mut line).is_err() || line.is_empty() || sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
