//! What has come by a connection that ends, and was not delivered: it is counted, here or nowhere. The peer has written it.

use std::collections::VecDeque;

use hubless_protocol::patterns::Loss;
use hubless_transport::{Connection, Packet};

use super::core::State;
use super::pipe::connection::{Halt, Pipe, ReadSide};
use super::shared::AnySocket;
use super::sys::catch_panic::catch_panic;
use super::wait::block_on::Waitable;

/// Whole messages that were not delivered.
#[derive(Debug, Default)]
pub(super) struct Unread {
    messages: usize,
    bytes: usize,
    /// Those that have memory of their own.
    packets: VecDeque<Packet>,
}

impl Unread {
    /// What lies in a connection that nothing was read of.
    fn of(connection: &Connection) -> Self {
        let mut unread = Self::default();
        unread.stop(connection);
        unread.add_packets();
        unread
    }

    /// What was read of a pipe and what lies in its connection, which takes nothing more. A stream whose rest makes no sense has
    /// been left because of that. A transport that has panicked may do so again: then it is what it was before.
    pub(super) fn of_pipe(pipe: &Pipe) -> Self {
        let mut unread = Self::default();
        let mut side = pipe.read.lock();
        let _ = catch_panic(|| side.leave(&mut unread));
        drop(side);
        unread.stop(&pipe.connection);
        unread.add_packets();
        unread
    }

    fn stop(&mut self, connection: &Connection) {
        if let Connection::Messages(whole) = connection {
            let _ = catch_panic(|| whole.stop(&mut self.packets));
        }
    }

    fn add_packets(&mut self) {
        self.messages += self.packets.len();
        self.bytes += self.packets.iter().map(Packet::len).sum::<usize>();
    }
}

impl ReadSide {
    fn leave(&mut self, unread: &mut Unread) {
        unread.packets.append(&mut self.backlog);
        self.in_backlog = false;
        loop {
            let Some(incoming) = self.next() else {
                match self.halt.take() {
                    // Nobody misses what was said beside messages.
                    Some(Halt::Control(..)) => continue,
                    Some(Halt::DecodeError(_)) | None => break,
                }
            };
            let bytes = incoming.len();
            if self.in_backlog {
                self.in_backlog = false;
                unread.packets.append(&mut self.backlog);
            } else {
                unread.messages += 1;
                unread.bytes += bytes;
            }
        }
    }
}

impl State {
    /// Counts messages that came and that nobody gets. They were received, as those that nobody has taken when a socket closes.
    pub(super) fn left_unread(&mut self, unread: &Unread) {
        if unread.messages > 0 {
            self.counters.stats.received += unread.messages as u64;
            self.counters.stats.received_bytes += unread.bytes as u64;
            self.lost(Loss::Unreceived, unread.messages as u64);
        }
    }
}

impl AnySocket {
    /// Counts what lies in a connection that does not become a pipe: over inproc the peer may have begun to send.
    pub(super) fn count_unread(&self, connection: &Connection) {
        let unread = Unread::of(connection);
        let mut core = self.lock();
        core.state.left_unread(&unread);
        self.release(core);
    }
}
