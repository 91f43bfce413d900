//! What a device does with its sockets: it takes what has come, gives it on, and waits for either until it is cancelled.
//!
//! A call that can be cancelled looks at a flag each time it looks at what it waits for, under the socket's lock.
//! To cancel it, one raises the flag first and then, under that lock, has everybody look again: so the call finds
//! the flag, or it waits already and is woken (invariant I1 with the flag for a message).

use std::sync::Arc;

use hubless_transport::{Header, Packet};

use super::calls::{Ended, Socket};
use super::control::until::Until;
use super::core::Want;
use super::listed::Listed;
use super::shared::AnySocket;
use super::sys::sync::Flag;
use super::wait::block_on::Waitable;
use super::wait::close_hooks::CloseHook;
use crate::error::Error;

/// Messages that are taken in one go.
const MOST: usize = 64;
/// Bytes after which no further message is taken: they count for no socket while they are under way.
const ENOUGH: usize = 256 * 1024;

impl<P: Listed<Outgoing = Packet, Ticket = (), Origin = Header>> Socket<P> {
    /// Takes some of what has arrived. Waits for it as long as it takes; once cancelled, takes nothing.
    pub(crate) fn take(&self, off: &Flag, into: &mut Vec<Packet>) -> Result<(), Error> {
        self.worker.check()?;
        self.recv_waiting(Want::MESSAGE, Some(Until::Forever), |inboxes, state| {
            if off.is_raised() {
                return Some(((), true));
            }
            let mut bytes = 0;
            while into.len() < MOST
                && !state.wait_queue.bars(Want::MESSAGE)
                && bytes < ENOUGH
                && let Some(received) = inboxes.pop(state)
            {
                bytes += received.body.len();
                into.push(Packet::new(received.origin, received.body));
            }
            (!into.is_empty()).then_some(((), !inboxes.socket.is_empty()))
        })
    }

    /// Sends one after the other; how many. Waits for room as long as it takes; once cancelled, sends what there is room
    /// for.
    pub(crate) fn give(&self, off: &Flag, packets: &mut [Packet]) -> (usize, Result<(), Error>) {
        let mut given = 0;
        loop {
            given += self.send_batch(&mut packets[given..]);
            let Some(next) = packets.get_mut(given) else { return (given, Ok(())) };
            match self.give_one(off, next) {
                Ok(true) => given += 1,
                Ok(false) => return (given, Ok(())),
                Err(error) => return (given, Err(error)),
            }
        }
    }

    /// Sends a message that found no room; whether it did before it was cancelled.
    fn give_one(&self, off: &Flag, packet: &mut Packet) -> Result<bool, Error> {
        self.worker.check()?;
        let mut given = false;
        self.wait(Want::Room, Some(&Until::Forever), &mut |core| {
            let sent = core.attempt_send(|core| {
                let (state, typed) = core.parts::<P>();
                given = typed.send_again(state, packet).is_ok();
                given
            });
            sent.or_else(|| off.is_raised().then_some((Ended::Found, true)))
        })?;
        Ok(given)
    }
}

impl AnySocket {
    /// Cancels what waits here with this flag.
    pub(crate) fn cancel_waits(&self, off: &Flag) {
        if self.worker.is_forked() {
            return;
        }
        off.raise();
        let mut core = self.lock();
        core.state.wait_queue.wake_all();
        self.release(core);
    }

    /// Does this when the socket closes, or now if it has.
    pub(crate) fn when_closed(&self, hook: &Arc<CloseHook>) {
        // There its first wait says why nothing works.
        if self.worker.is_forked() {
            return;
        }
        self.close_hooks.add(hook);
        if !self.is_open() {
            hook();
        }
    }
}
