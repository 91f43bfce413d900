//! Runs the program and watches it.

use std::ops::{Deref, DerefMut};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use hubless_kit::{Child, Site};

/// A running program.
#[derive(Debug)]
pub(crate) struct Program(Child);

/// What is left of a program.
#[derive(Debug)]
pub(crate) struct Finished {
    /// As a shell shows it: 128 more than the signal that has ended it.
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
    Program::of(&mut command(&[&["-v"], arguments].concat()))
}

/// Runs the program to its end with this command line, without `-v`.
pub(crate) fn plain(line: &str) -> Finished {
    Program::of(&mut command(&words(line))).finish()
}

/// Runs the program to its end, with this standard input.
pub(crate) fn run(arguments: &[&str], input: &[u8]) -> Finished {
    let mut program = start(arguments);
    program.write(input);
    program.close_input();
    program.finish()
}

/// Lines that all differ.
pub(crate) fn numbers(count: u32) -> String {
    (0..count).flat_map(|number| [number.to_string(), "\n".to_owned()]).collect()
}

/// Words on a command line.
pub(crate) fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// Places to listen, one for each transport that reaches another process.
pub(crate) fn places() -> (Site, [String; 2]) {
    let site = Site::new("ipc");
    let ipc = site.address();
    (site, ["tcp://127.0.0.1:0".to_owned(), ipc])
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
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::watch(command.spawn().expect("a program"))
    }

    pub(crate) fn watch(process: std::process::Child) -> Self {
        Self(Child::of(process))
    }

    /// The address that it listens on.
    #[track_caller]
    pub(crate) fn address(&mut self) -> String {
        let line = self.told("listening on ");
        line.rsplit(' ').next().unwrap().trim().to_owned()
    }

    /// Waits for its end; its standard input stays as it is until then.
    #[track_caller]
    pub(crate) fn finish(self) -> Finished {
        let (status, output, diagnostics) = self.0.finish();
        let status = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
        Finished { status, output, diagnostics }
    }
}

impl Deref for Program {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Program {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
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
