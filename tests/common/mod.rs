//! What the tests of behaviour share: fresh addresses, watchdogs, conditions to wait for, and one view of all sockets.
#![allow(dead_code, unused_imports, reason = "each test uses a part")]

pub(crate) mod child;
pub(crate) mod executors;
pub(crate) mod lines;
pub(crate) mod peer;
pub(crate) mod traps;

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) use hubless::Socket;
use hubless::{Dialer, Listener, Stats};
use tempfile::TempDir;

pub(crate) const ALL: [&str; 3] = ["tcp", "ipc", "inproc"];
/// The transports with a wire, on which a peer can misbehave.
pub(crate) const WIRES: [&str; 2] = ["tcp", "ipc"];
/// A test that takes so long hangs.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
/// What is to happen at once has happened by then, on however busy a machine.
pub(crate) const SOON: Duration = Duration::from_secs(30);
/// Long enough to see that something does not happen, where there is no better sign.
pub(crate) const WHILE: Duration = Duration::from_millis(100);

#[expect(clippy::disallowed_methods, reason = "tests have no clock of the engine")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A number that no other call of this process got.
pub(crate) fn serial() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Where a test runs: one transport, with a place for its sockets.
pub(crate) struct Site {
    pub(crate) transport: &'static str,
    directory: TempDir,
}

impl Site {
    pub(crate) fn new(transport: &'static str) -> Self {
        Self { transport, directory: TempDir::new().expect("a directory") }
    }

    /// An address that nobody else uses.
    pub(crate) fn address(&self) -> String {
        match self.transport {
            "tcp" => "tcp://127.0.0.1:0".into(),
            "ipc" => format!("ipc://{}/{}.sock", self.directory.path().display(), serial()),
            _ => format!("inproc://test-{}", serial()),
        }
    }

    /// One that a process listened on and left, so that it can be dialed before somebody listens.
    pub(crate) fn quiet_address(&self) -> String {
        let listening = hubless::Pull::new().expect("a socket").listen(self.address()).expect("an address");
        listening.close();
        listening.address().to_owned()
    }

    pub(crate) fn has_wire(&self) -> bool {
        self.transport != "inproc"
    }
}

/// Runs `body` over each transport, all at once, and fails where one hangs.
pub(crate) fn over<const N: usize>(transports: [&'static str; N], body: fn(&Site)) {
    over_within(LIMIT, transports, body);
}

pub(crate) fn over_within<const N: usize>(limit: Duration, transports: [&'static str; N], body: fn(&Site)) {
    let start = |transport| {
        let task = move || body(&Site::new(transport));
        (transport, spawn(transport, task))
    };
    let running = transports.map(start);
    let end = now() + limit;
    for (transport, done) in running {
        finish(transport, &done, end);
    }
}

/// Runs `body` and fails if it hangs.
pub(crate) fn within(limit: Duration, body: impl FnOnce() + Send + 'static) {
    finish("the test", &spawn("watched", body), now() + limit);
}

type Outcome = std::sync::mpsc::Receiver<thread::Result<()>>;

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Outcome {
    let (report, outcome) = sync_channel(1);
    let task = move || {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
        let _ = report.send(result);
    };
    thread::Builder::new().name(name.into()).spawn(task).expect("a thread");
    outcome
}

fn finish(name: &str, outcome: &Outcome, end: Instant) {
    match outcome.recv_timeout(end.saturating_duration_since(now())) {
        Ok(Ok(())) => {}
        Ok(Err(panic)) => {
            eprintln!("failed: {name}");
            resume_unwind(panic)
        }
        Err(RecvTimeoutError::Timeout) => panic!("{name} hangs"),
        Err(RecvTimeoutError::Disconnected) => panic!("{name} ended without a word"),
    }
}

/// Waits until `condition` holds.
#[track_caller]
pub(crate) fn eventually(mut condition: impl FnMut() -> bool) {
    assert!(holds_within(SOON, &mut condition), "what was waited for has not happened");
}

/// Waits until the sender has come no further for a while.
pub(crate) fn stalled(sent: &AtomicUsize) -> usize {
    let mut last = (sent.load(Ordering::Relaxed), now());
    eventually(|| {
        let count = sent.load(Ordering::Relaxed);
        if count != last.0 {
            last = (count, now());
        }
        last.1.elapsed() > Duration::from_millis(200)
    });
    last.0
}

/// Waits until `view` shows something that `expected` accepts, and says what it saw last if it never does.
#[track_caller]
pub(crate) fn eventually_sees<T: std::fmt::Debug>(view: impl Fn() -> T, expected: impl Fn(&T) -> bool) -> T {
    let mut last = view();
    let happened = holds_within(SOON, &mut || {
        last = view();
        expected(&last)
    });
    assert!(happened, "what was waited for has not happened; seen last: {last:?}");
    last
}

/// Fails if `condition` ceases to hold within a short while.
#[track_caller]
pub(crate) fn stays(mut condition: impl FnMut() -> bool) {
    assert!(!holds_within(WHILE, &mut || !condition()), "what was to stay has changed");
}

pub(crate) fn holds_within(limit: Duration, condition: &mut dyn FnMut() -> bool) -> bool {
    let end = now() + limit;
    loop {
        if condition() {
            return true;
        }
        if now() > end {
            return false;
        }
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// Sockets whose peers are sure to come.
pub(crate) trait Peers: Socket {
    #[track_caller]
    fn peers(&self, count: usize) {
        self.wait_for_peers(count, SOON).expect("the peers come");
    }
}

impl<S: Socket> Peers for S {}

/// Connects two sockets that have no other peers.
#[track_caller]
pub(crate) fn link(site: &Site, listening: &impl Socket, dialing: &impl Socket) -> (Listener, Dialer) {
    let listener = listening.listen(site.address()).expect("an address to listen on");
    let dialer = dialing.dial(listener.address()).expect("an address to dial");
    listening.peers(1);
    dialing.peers(1);
    (listener, dialer)
}

/// Listens where somebody listened a moment ago.
#[track_caller]
pub(crate) fn listen_again(socket: &impl Socket, address: &str) -> Listener {
    let mut listener = None;
    eventually(|| {
        listener = socket.listen(address).ok();
        listener.is_some()
    });
    listener.expect("it was waited for")
}

/// Waits until the counters of `socket` are as `expected` says.
#[track_caller]
pub(crate) fn counts(socket: &impl Socket, expected: impl Fn(&Stats) -> bool) -> Stats {
    eventually_sees(|| socket.stats(), expected)
}

/// A body of this length that no other number has. Neither does it repeat at a power of two.
pub(crate) fn body(number: usize, length: usize) -> Vec<u8> {
    const PERIOD: u8 = 251;
    let mut octets: Vec<u8> = (0..PERIOD).collect();
    octets.rotate_left(number * 31 % usize::from(PERIOD));
    let mut octets = octets.repeat(length / usize::from(PERIOD) + 1);
    octets.truncate(length);
    let label = number.to_be_bytes();
    if let Some(front) = octets.get_mut(..label.len()) {
        front.copy_from_slice(&label);
    }
    octets
}
