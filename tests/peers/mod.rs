//! What the interoperability tests have in common: the peer's process under guard, and how our sockets meet it.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use hubless::{Builder, Socket};
use tempfile::TempDir;

/// After so long, what has not happened never will.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
pub(crate) const MIB: usize = 1024 * 1024;

/// A peer's process, killed with SIGKILL when this is dropped. What it says on stdout arrives record by record, as the
/// function given to [`start`](Self::start) cuts it; what it says on stderr is shown when the test fails.
pub(crate) struct Process {
    name: String,
    child: Child,
    said: Arc<Said>,
}

#[derive(Default)]
struct Said {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    records: VecDeque<Vec<u8>>,
    /// Streams that have ended.
    ends: usize,
    errors: String,
}

/// stdout and stderr.
const STREAMS: usize = 2;

/// Reads one record; `None` at the end.
pub(crate) type Cut = fn(&mut dyn BufRead) -> io::Result<Option<Vec<u8>>>;

impl Process {
    /// The process and its stdin.
    pub(crate) fn start(
        name: impl Into<String>,
        command: &mut Command,
        cut: Cut,
    ) -> io::Result<(Self, ChildStdin)> {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let said = Arc::<Said>::default();
        let stdin = child.stdin.take().expect("it is piped");
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        let listener = Arc::clone(&said);
        thread::spawn(move || listener.read_records(BufReader::new(stdout), cut));
        let listener = Arc::clone(&said);
        thread::spawn(move || listener.read_errors(BufReader::new(stderr)));
        Ok((Self { name: name.into(), child, said }, stdin))
    }

    /// Waits for the first record that `fits` and takes it out.
    pub(crate) fn take(&self, awaited: &str, fits: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let found = |state: &State| state.records.iter().position(|record| fits(record));
        let (mut state, _) = self
            .said
            .changed
            .wait_timeout_while(self.said.lock(), LIMIT, |state| {
                found(state).is_none() && state.ends < STREAMS
            })
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = found(&state) {
            return state.records.remove(at).expect("it was found there");
        }
        drop(state);
        match self.end() {
            Some(errors) => panic!("{} ended without: {awaited}\n{errors}", self.name),
            None => panic!("{} took too long: {awaited}", self.name),
        }
    }

    /// Whether such a record has come and was not taken.
    pub(crate) fn has(&self, fits: impl Fn(&[u8]) -> bool) -> bool {
        self.said.lock().records.iter().any(|record| fits(record))
    }

    /// What it said on stderr, once it has ended.
    pub(crate) fn end(&self) -> Option<String> {
        let state = self.said.lock();
        (state.ends == STREAMS).then(|| state.errors.clone())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only where it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("{} said on stderr:\n{}", self.name, self.said.lock().errors);
        }
    }
}

impl Said {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_records(&self, mut from: impl BufRead, cut: Cut) {
        while let Ok(Some(record)) = cut(&mut from) {
            self.lock().records.push_back(record);
            self.changed.notify_all();
        }
        self.end();
    }

    fn read_errors(&self, mut from: impl BufRead) {
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            self.lock().errors.push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
        self.end();
    }

    fn end(&self) {
        self.lock().ends += 1;
        self.changed.notify_all();
    }
}

/// Reads exactly so many octets, for a [`Cut`].
pub(crate) fn octets(from: &mut dyn BufRead, count: usize) -> io::Result<Vec<u8>> {
    let mut octets = vec![0; count];
    from.read_exact(&mut octets)?;
    Ok(octets)
}

/// How we and a peer come together.
pub(crate) struct Meeting {
    pub(crate) transport: &'static str,
    pub(crate) host: Host,
    place: TempDir,
    used: AtomicUsize,
}

/// Who listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    We,
    They,
}

/// Every transport, and on each we listen or they do.
pub(crate) fn meetings() -> impl Iterator<Item = Meeting> {
    [Host::We, Host::They].into_iter().flat_map(hosted_by)
}

/// Every transport, with this host.
pub(crate) fn hosted_by(host: Host) -> impl Iterator<Item = Meeting> {
    ["tcp", "ipc"].into_iter().map(move |transport| {
        let place = tempfile::tempdir().expect("a directory for the sockets");
        let meeting = Meeting { transport, host, place, used: AtomicUsize::new(0) };
        println!("{meeting}");
        meeting
    })
}

impl Meeting {
    /// Another address to listen at: any port, or a new path.
    pub(crate) fn address(&self) -> String {
        let number = self.used.fetch_add(1, Ordering::Relaxed);
        match self.transport {
            "tcp" => "tcp://127.0.0.1:0".into(),
            _ => format!("ipc://{}/{number}", self.place.path().display()),
        }
    }
}

impl fmt::Display for Meeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "over {}, where {:?} listen", self.transport, self.host)
    }
}

/// Sockets whose peers are sure to come.
pub(crate) trait Peers: Socket {
    fn wait_for(&self, peers: usize) {
        self.wait_for_peers(peers, LIMIT).expect("the peers come");
    }
}

impl<S: Socket> Peers for S {}

/// A socket on which nothing waits beyond [`LIMIT`], and that dials again quickly.
pub(crate) fn open<S: Socket>(builder: Builder<S>) -> S {
    builder
        .send_timeout(LIMIT)
        .recv_timeout(LIMIT)
        .reconnect(Duration::from_millis(20)..=Duration::from_millis(200))
        .build()
        .expect("a socket can be opened")
}

/// Waits until a condition that nobody signals holds.
pub(crate) fn until(awaited: &str, holds: impl Fn() -> bool) {
    let pause = Duration::from_millis(1);
    let most = LIMIT.as_millis();
    assert!(
        (0..most).any(|_| holds() || {
            thread::park_timeout(pause);
            false
        }),
        "took too long: {awaited}"
    );
}

/// Bodies that are easily got wrong: none, text, every octet, and with a header of so many octets exactly 1 MiB.
pub(crate) fn bodies(header: usize) -> [Vec<u8>; 4] {
    let large = (0..MIB - header).map(|at| (at % 251).to_le_bytes()[0]).collect();
    [Vec::new(), b"text".into(), (0..=u8::MAX).collect(), large]
}

/// Compares without printing a mebibyte.
#[track_caller]
pub(crate) fn same(arrived: impl AsRef<[u8]>, wanted: impl AsRef<[u8]>) {
    let (arrived, wanted) = (arrived.as_ref(), wanted.as_ref());
    assert!(arrived == wanted, "{} and not {}", shown(arrived), shown(wanted));
}

/// A body as a failure shows it: its length, and how it begins.
pub(crate) fn shown(body: &[u8]) -> String {
    format!("{} bytes {:?}", body.len(), String::from_utf8_lossy(&body[..body.len().min(64)]))
}
