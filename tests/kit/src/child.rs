//! Child processes: a program, or the binary of a test once more with one function to run.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::panic::Location;
use std::path::Path;
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, set_parent_process_death_signal, waitpid};

use crate::{LIMIT, holds_within};

/// The test that is the child process of others: each file or folder that has such processes has one.
const ENTRY: &str = "this_is_the_child_process_of_the_tests_here";
/// The variable by which a process knows that it is a child, and what it is to do.
const TASK: &str = "HUBLESS_TEST_TASK";
/// What a child tells its parent, among all that the harness of its tests prints.
const MARK: &str = "@@ ";
/// A child that tells nothing for so long hangs: the longest trials work for long before they tell something.
const HANGS: Duration = Duration::from_secs(3600);

/// In a child, has it do its task, which gets the words it was started with, and tells that it is done. It ends with its parent.
pub fn perform(task: impl FnOnce(&[&str])) {
    let Ok(words) = std::env::var(TASK) else { return };
    end_with_parent();
    task(&words.split('\u{1f}').collect::<Vec<_>>());
    tell("done");
}

/// A process that was started by a test that was killed does not stay behind.
pub fn end_with_parent() {
    set_parent_process_death_signal(Some(Signal::KILL)).expect("a signal");
}

/// Tells the parent something.
pub fn tell(line: &str) {
    let mut out = io::stdout().lock();
    writeln!(out, "\n{MARK}{line}").expect("the parent listens");
    out.flush().expect("the parent listens");
}

/// All that a child told, in what it said.
pub fn told_in(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    text.lines().filter_map(|line| line.strip_prefix(MARK)).map(Into::into).collect()
}

/// Waits until the parent says something; nothing when it has gone.
pub fn hear() -> Option<String> {
    let mut line = String::new();
    let count = io::stdin().lock().read_line(&mut line).ok()?;
    (count > 0).then(|| line.trim_end().into())
}

/// A task that is done in a process of its own.
#[track_caller]
pub fn in_own_process(words: &[&str]) {
    let mut process = Child::start(words);
    assert_eq!(process.hear(), "done");
    assert!(process.wait().success());
}

/// Has `write` write to a peer that is gone, in a process that blocks SIGPIPE rather than ignoring it, as Rust does: one that was
/// sent would stay pending. The task of that process is [`write_without_signal`].
#[track_caller]
pub fn writing_sends_no_signal(write: impl FnOnce()) {
    let mut program = Command::new("env");
    program.arg("--block-signal=PIPE").stderr(Stdio::piped());
    let (status, _, errors) = Child::start_within(program, &["write"]).finish();
    if errors.contains("unrecognized option") {
        return write();
    }
    assert!(status.success(), "{errors}");
}

/// What is done there.
pub fn write_without_signal(write: impl FnOnce()) {
    write();
    let status = std::fs::read_to_string("/proc/thread-self/status").expect("procfs");
    let mask = |name| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line of signals");
        u64::from_str_radix(line.trim(), 16).expect("a mask") >> (Signal::PIPE.as_raw() - 1) & 1
    };
    assert_eq!((mask("SigBlk:"), mask("SigPnd:"), mask("ShdPnd:")), (1, 0, 0));
}

/// A process, killed when this is dropped. What it says is kept as it comes, so that it never waits for a reader.
#[derive(Debug)]
pub struct Child {
    name: String,
    process: std::process::Child,
    input: Option<ChildStdin>,
    output: Arc<Said>,
    /// What it said on standard error, where that was not left to the test's own.
    errors: Option<Arc<Said>>,
    /// How much of that was looked at.
    looked_at: usize,
}

/// Reads one record; `None` at the end.
pub type Cut = fn(&mut dyn BufRead) -> io::Result<Option<Vec<u8>>>;

impl Child {
    /// The binary of this test once more, with this task.
    #[track_caller]
    pub fn start(words: &[&str]) -> Self {
        Self::start_with(words, &[])
    }

    /// The same, with these variables set.
    #[track_caller]
    pub fn start_with(words: &[&str], variables: &[(&str, &str)]) -> Self {
        let set = |command: &mut Command| {
            command.envs(variables.iter().copied());
        };
        Self::try_start(words, set).expect("a process")
    }

    /// The same, with more said about the process, which may not be allowed.
    #[track_caller]
    pub fn try_start(words: &[&str], settings: impl FnOnce(&mut Command)) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe().expect("a path"));
        settings(&mut command);
        Self::task(command, words)
    }

    /// The same, by a program that is to become this one, which is the last of its arguments.
    #[track_caller]
    pub fn start_within(mut program: Command, words: &[&str]) -> Self {
        program.arg(std::env::current_exe().expect("a path"));
        Self::task(program, words).expect("a process")
    }

    #[track_caller]
    fn task(mut command: Command, words: &[&str]) -> io::Result<Self> {
        command.args(["--exact", "--nocapture", "--include-ignored", ENTRY]);
        // Several files may be one binary: the test is that of the caller's file or folder.
        let file = Path::new(Location::caller().file());
        for part in [file.file_stem(), file.parent().and_then(Path::file_name)].into_iter().flatten() {
            command.arg(format!("{}::{ENTRY}", part.display()));
        }
        command.env(TASK, words.join("\u{1f}"));
        Self::spawn(command)
    }

    /// A program with these words.
    pub fn program(program: &Path, words: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(words);
        Self::spawn(command).expect("the program")
    }

    /// Any process, which says lines.
    pub fn spawn(command: Command) -> io::Result<Self> {
        Self::cut(command, line)
    }

    /// Any process, which says such records.
    pub fn cut(mut command: Command, cut: Cut) -> io::Result<Self> {
        let process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        Ok(Self::watch(name_of(&command), process, cut))
    }

    /// A process that was started already, which says lines, or nothing where its output is not a pipe.
    pub fn of(process: std::process::Child) -> Self {
        Self::watch("it".into(), process, line)
    }

    fn watch(name: String, mut process: std::process::Child, cut: Cut) -> Self {
        let output = process.stdout.take().map_or_else(Said::nothing, |output| Said::by(output, cut));
        let errors = process.stderr.take().map(|errors| Said::by(errors, line));
        let input = process.stdin.take();
        Self { name, process, input, output, errors, looked_at: 0 }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Waits until it tells something.
    #[track_caller]
    pub fn hear(&mut self) -> String {
        let told = self.awaited("a word", HANGS, |record| record.starts_with(MARK.as_bytes()));
        String::from_utf8_lossy(&told[MARK.len()..]).trim_end().into()
    }

    /// Waits for the first record that fits and takes it out of what it said.
    #[track_caller]
    pub fn take(&self, awaited: &str, fits: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        self.awaited(awaited, LIMIT, fits)
    }

    #[track_caller]
    fn awaited(&self, awaited: &str, limit: Duration, fits: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let found = |records: &Records| records.all.iter().position(|record| fits(record));
        let mut records = self.output.wait(limit, |records| found(records).is_some());
        if let Some(at) = found(&records) {
            return records.all.remove(at).expect("it was found there");
        }
        let how = if records.ended { "ended without" } else { "took too long" };
        drop(records);
        panic!("{} {how}: {awaited}\n{}", self.name, self.said_of_errors())
    }

    /// Whether such a record has come and was not taken.
    pub fn has(&self, fits: impl Fn(&[u8]) -> bool) -> bool {
        self.output.lock().all.iter().any(|record| fits(record))
    }

    /// Waits for the next line of its output.
    #[track_caller]
    pub fn line(&self) -> String {
        String::from_utf8_lossy(&self.take("a line", |_| true)).into_owned()
    }

    /// Waits for a line with these words on standard error, behind the last one that was waited for.
    #[track_caller]
    pub fn told(&mut self, words: &str) -> String {
        let errors = self.errors.as_ref().expect("it is piped");
        let found = |records: &Records| {
            let mut lines = records.all.iter().enumerate().skip(self.looked_at);
            lines.find_map(|(at, line)| {
                let line = String::from_utf8_lossy(line);
                line.contains(words).then(|| (at, line.into_owned()))
            })
        };
        let records = errors.wait(LIMIT, |records| found(records).is_some());
        let Some((at, line)) = found(&records) else {
            drop(records);
            panic!("{} never said `{words}`, but\n{}", self.name, self.said_of_errors())
        };
        drop(records);
        self.looked_at = at + 1;
        line
    }

    /// What it said on standard error, once it has ended.
    pub fn end(&self) -> Option<String> {
        let ended = |said: &Arc<Said>| said.lock().ended;
        (ended(&self.output) && self.errors.as_ref().is_none_or(ended)).then(|| self.said_of_errors())
    }

    pub fn say(&mut self, line: &str) {
        self.write(format!("{line}\n").as_bytes());
    }

    pub fn write(&mut self, bytes: &[u8]) {
        assert!(self.try_write(bytes), "{} reads no more", self.name);
    }

    /// Whether it still reads its standard input.
    pub fn try_write(&mut self, bytes: &[u8]) -> bool {
        let input = self.input.as_mut().expect("it was not closed");
        input.write_all(bytes).and_then(|()| input.flush()).is_ok()
    }

    pub fn close_input(&mut self) {
        self.input = None;
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).expect("a process of ours");
    }

    /// Has it stand still; when this returns, it does.
    pub fn stop(&self) {
        self.signal(Signal::STOP);
        let stopped = waitpid(Some(Pid::from_child(&self.process)), WaitOptions::UNTRACED).expect("a child");
        assert!(stopped.is_some_and(|(_, status)| status.stopped()));
    }

    /// Presses Ctrl-C every now and then until it ends.
    pub fn press_ctrl_c_until_it_ends(&self) {
        while !self.output.wait(Duration::from_millis(50), |_| false).ended {
            self.signal(Signal::INT);
        }
    }

    /// Kills it as the system would, without a word.
    pub fn kill(mut self) {
        self.process.kill().expect("a process of ours");
        self.process.wait().expect("an end");
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub fn wait(mut self) -> ExitStatus {
        self.ended()
    }

    #[track_caller]
    fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        holds_within(HANGS, || {
            status = self.process.try_wait().expect("a child of ours");
            status.is_some()
        });
        status.unwrap_or_else(|| panic!("{} does not end", self.name))
    }

    /// Waits for its end; its standard input stays as it is until then. Its status, and the rest of what it said.
    #[track_caller]
    pub fn finish(self) -> (ExitStatus, Vec<u8>, String) {
        self.finish_within(LIMIT)
    }

    /// The same, of a process that hangs after this time.
    #[track_caller]
    pub fn finish_within(mut self, limit: Duration) -> (ExitStatus, Vec<u8>, String) {
        for said in [Some(&self.output), self.errors.as_ref()].into_iter().flatten() {
            assert!(said.wait(limit, |_| false).ended, "{} does not end", self.name);
        }
        let output = self.output.lock().all.drain(..).collect::<Vec<_>>().concat();
        (self.ended(), output, self.said_of_errors())
    }

    fn said_of_errors(&self) -> String {
        let all: Option<Vec<u8>> =
            self.errors.as_ref().map(|errors| errors.lock().all.iter().flatten().copied().collect());
        String::from_utf8_lossy(&all.unwrap_or_default()).into_owned()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only where it has ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() && self.errors.is_some() {
            eprintln!("{} said on stderr:\n{}", self.name, self.said_of_errors());
        }
    }
}

/// What a process says on one stream.
#[derive(Debug, Default)]
struct Said {
    records: Mutex<Records>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Records {
    all: VecDeque<Vec<u8>>,
    ended: bool,
}

impl Said {
    fn by(stream: impl Read + Send + 'static, cut: Cut) -> Arc<Self> {
        let said = Arc::<Self>::default();
        let listener = Arc::clone(&said);
        thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            while let Ok(Some(record)) = cut(&mut stream) {
                listener.lock().all.push_back(record);
                listener.changed.notify_all();
            }
            listener.lock().ended = true;
            listener.changed.notify_all();
        });
        said
    }

    fn nothing() -> Arc<Self> {
        let said = Self::default();
        said.lock().ended = true;
        Arc::new(said)
    }

    fn lock(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is what is waited for, or no more will come, or the time is over.
    fn wait(&self, limit: Duration, there: impl Fn(&Records) -> bool) -> MutexGuard<'_, Records> {
        let waiting = |records: &mut Records| !there(records) && !records.ended;
        let waited = self.changed.wait_timeout_while(self.lock(), limit, waiting);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// The program with its words, without those that are programs themselves.
fn name_of(command: &Command) -> String {
    let words =
        [command.get_program()].into_iter().chain(command.get_args()).map(|word| word.to_string_lossy());
    words.filter(|word| !word.contains('\n')).collect::<Vec<_>>().join(" ")
}

fn line(from: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    from.read_until(b'\n', &mut line)?;
    Ok((!line.is_empty()).then_some(line))
}
