use std::time::Duration;

use hubless::{Ipc, Socket, Tcp};

/// Bytes that the system is asked to keep for a socket, so that it is known how many it can lose.
pub(crate) const SYSTEM: usize = 64 << 10;

/// Sockets of all patterns, at a known address with buffers of a known size.
pub(crate) trait Meeting: Socket {
    /// Listens.
    fn listen_at(&self, address: &str);
    /// Dials, and again without much of a pause.
    fn dial_to(&self, address: &str);
}

fn tcp(address: &str) -> Option<Tcp> {
    let (host, port) = address.strip_prefix("tcp://")?.rsplit_once(':')?;
    let endpoint = Tcp::new(host, port.parse().ok()?);
    Some(endpoint.system_send_buffer(SYSTEM).system_recv_buffer(SYSTEM))
}

fn ipc(address: &str) -> Ipc {
    Ipc::path(address.trim_start_matches("ipc://")).system_send_buffer(SYSTEM)
}

fn pauses() -> std::ops::RangeInclusive<Duration> {
    Duration::from_millis(1)..=Duration::from_millis(20)
}

impl<S: Socket> Meeting for S {
    fn listen_at(&self, address: &str) {
        match tcp(address) {
            Some(endpoint) => self.listen(endpoint),
            None => self.listen(ipc(address)),
        }
        .expect("an address that nobody has");
    }

    fn dial_to(&self, address: &str) {
        match tcp(address) {
            Some(endpoint) => self.dial(endpoint.reconnect(pauses())),
            None => self.dial(ipc(address).reconnect(pauses())),
        }
        .expect("an address");
    }
}
