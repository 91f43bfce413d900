use std::sync::atomic::{AtomicU16, Ordering};

use tempfile::TempDir;

/// Addresses of one transport that no other trial uses, at which one process after the other may listen.
///
/// Those of tcp are on this machine, of a network of their own, and below the ports that the system gives away: so nobody takes
/// one while a process is dead that is to come back to it, and no connection finds itself at the other end.
#[derive(Debug)]
pub struct Site {
    transport: &'static str,
    folder: TempDir,
    number: u16,
}

/// The first port.
const FIRST: u16 = 20_000;
/// Addresses of a site.
const PLACES: u16 = 8;

impl Site {
    /// One for `tcp`, `ipc` or `inproc`.
    ///
    /// # Panics
    ///
    /// When there can be no folder.
    pub fn new(transport: &'static str) -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed) % 1000;
        Self { transport, folder: TempDir::new().expect("a folder"), number }
    }

    /// One of its eight addresses.
    ///
    /// # Panics
    ///
    /// When it has no such address.
    pub fn address(&self, place: u16) -> String {
        assert!(place < PLACES, "a site has {PLACES} addresses");
        match self.transport {
            "tcp" => {
                let [_, high, middle, low] = std::process::id().to_be_bytes();
                let port = FIRST + self.number * PLACES + place;
                format!("tcp://127.{}.{middle}.{low}:{port}", 64 | high)
            }
            "ipc" => format!("ipc://{}", self.folder.path().join(place.to_string()).display()),
            _ => format!("{}://{}-{place}", self.transport, self.folder.path().display()),
        }
    }

    /// Where files of the trial can be.
    pub fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }
}
