use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use crate::wait::{LIMIT, finish, now, spawn};

pub const ALL: [&str; 3] = ["tcp", "ipc", "inproc"];
/// The transports with a wire, on which a peer can misbehave.
pub const WIRES: [&str; 2] = ["tcp", "ipc"];

/// The first port of a fixed address.
const FIRST: u16 = 20_000;
/// Fixed addresses of a site.
const PLACES: u16 = 8;

/// A number that no other call of this process got.
pub fn serial() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Where a test runs: one transport, with places for its sockets and files.
#[derive(Debug)]
pub struct Site {
    pub transport: &'static str,
    folder: TempDir,
    number: u16,
}

impl Site {
    /// One for a transport that is known.
    pub fn new(transport: &str) -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed) % 1000;
        let transport = ALL.into_iter().find(|known| *known == transport).expect("a transport");
        Self { transport, folder: TempDir::new().expect("a folder"), number }
    }

    /// An address that nobody else uses.
    pub fn address(&self) -> String {
        match self.transport {
            "tcp" => "tcp://127.0.0.1:0".into(),
            "ipc" => format!("ipc://{}", self.file(&format!("{}.sock", serial())).display()),
            _ => format!("inproc://test-{}", serial()),
        }
    }

    /// One that a process listened on and left, so that it can be dialed before somebody listens.
    pub fn quiet_address(&self) -> String {
        let listening = hubless::Pull::new().expect("a socket").listen(self.address()).expect("an address");
        listening.close();
        listening.address().to_owned()
    }

    /// One of its fixed addresses, at which one process after the other may listen.
    ///
    /// Those of tcp are on this machine, of a network of their own, and below the ports that the system gives away: so nobody
    /// takes one while a process is dead that is to come back to it, and no connection finds itself at the other end.
    pub fn place(&self, place: u16) -> String {
        assert!(place < PLACES, "a site has {PLACES} places");
        match self.transport {
            "tcp" => {
                let [_, high, middle, low] = std::process::id().to_be_bytes();
                let port = FIRST + self.number * PLACES + place;
                format!("tcp://127.{}.{middle}.{low}:{port}", 64 | high)
            }
            transport => format!("{transport}://{}", self.file(&place.to_string()).display()),
        }
    }

    /// Where files of the test can be.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn has_wire(&self) -> bool {
        self.transport != "inproc"
    }
}

/// Runs `body` over each transport, all at once, and fails where one hangs.
pub fn over<const N: usize>(transports: [&'static str; N], body: fn(&Site)) {
    over_within(transports, LIMIT, body);
}

pub fn over_within<const N: usize>(transports: [&'static str; N], limit: Duration, body: fn(&Site)) {
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
