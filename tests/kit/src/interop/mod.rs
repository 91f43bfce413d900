//! Other libraries at the other end: a peer in a process of its own, and how our sockets meet it.

mod nanocat;
mod nng;

use std::fmt;
use std::io::{self, BufRead};
use std::time::Duration;

use hubless::{Builder, Socket};
pub use hubless_kit_over::interop;

pub use nanocat::Nanocat;
pub use nng::{Nng, python};

use crate::{LIMIT, Site, WIRES};

pub const MIB: usize = 1024 * 1024;

/// How we and a peer come together.
pub struct Meeting {
    pub site: Site,
    pub host: Host,
}

/// Who listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    We,
    They,
}

/// Every transport, and on each we listen or they do.
pub fn meetings() -> impl Iterator<Item = Meeting> {
    [Host::We, Host::They].into_iter().flat_map(hosted_by)
}

/// Every transport, with this host.
pub fn hosted_by(host: Host) -> impl Iterator<Item = Meeting> {
    WIRES.into_iter().map(move |transport| {
        let meeting = Meeting { site: Site::new(transport), host };
        println!("{meeting}");
        meeting
    })
}

/// Holds `body` at each meeting: see [`interop`](macro@interop).
pub fn at_each(meetings: impl Iterator<Item = Meeting>, body: fn(&Meeting)) {
    meetings.for_each(|meeting| body(&meeting));
}

impl Meeting {
    /// Another address to listen at: any port, or a new path.
    pub fn address(&self) -> String {
        self.site.address()
    }
}

impl fmt::Display for Meeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "over {}, where {:?} listen", self.site.transport, self.host)
    }
}

/// A socket on which nothing waits beyond [`LIMIT`], and that dials again quickly.
pub fn open<S: Socket>(builder: Builder<S>) -> S {
    builder
        .send_timeout(LIMIT)
        .recv_timeout(LIMIT)
        .reconnect(Duration::from_millis(20)..=Duration::from_millis(200))
        .build()
        .expect("a socket can be opened")
}

/// Reads exactly so many bytes, for a [`Cut`](crate::child::Cut).
fn bytes(from: &mut dyn BufRead, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Bodies that are easily got wrong: none, text, every byte, and with a header of so many bytes exactly 1 MiB.
pub fn bodies(header: usize) -> [Vec<u8>; 4] {
    let large = (0..MIB - header).map(|at| (at % 251).to_le_bytes()[0]).collect();
    [Vec::new(), b"text".into(), (0..=u8::MAX).collect(), large]
}

/// Compares without printing a mebibyte.
#[track_caller]
pub fn same(arrived: impl AsRef<[u8]>, wanted: impl AsRef<[u8]>) {
    let (arrived, wanted) = (arrived.as_ref(), wanted.as_ref());
    assert!(arrived == wanted, "{} and not {}", shown(arrived), shown(wanted));
}

/// A body as a failure shows it: its length, and how it begins.
pub fn shown(body: &[u8]) -> String {
    format!("{} bytes {:?}", body.len(), String::from_utf8_lossy(&body[..body.len().min(64)]))
}
