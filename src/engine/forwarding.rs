//! What a device does with its sockets: it takes what has come, gives it on, and waits for either until it is called off.
//!
//! A call that can be called off looks at a flag each time it looks at what it waits for, under the socket's lock.
//! Whoever calls it off raises the flag first and then, under that lock, has everybody look again: so the call finds
//! the flag, or it waits already and is woken (invariant I1 with the flag for a message).

use std::sync::Arc;

use hubless_transport::{Header, Packet};

use super::blocking::{self, Host};
use super::clock::Until;
use super::core::{Core, Phase, Want};
use super::socket::Socket;
use super::sync::Flag;
use super::ties::Tie;
use crate::error::Error;
use crate::patterns::{Inbox, Pattern};

/// Messages that are taken in one go.
const MOST: usize = 64;
/// Octets after which no further message is taken: they count for no socket while they are under way.
const ENOUGH: usize = 256 * 1024;

impl<P: Pattern<Outgoing = Packet, Ticket = (), Origin = Header>> Socket<P> {
    /// Takes some of what has arrived. Waits for it as long as it takes; once called off, takes nothing.
    pub(crate) fn take(&self, off: &Flag, into: &mut Vec<Packet>) -> Result<(), Error> {
        self.mailbox.check()?;
        self.recv_waiting(Want::Message(Inbox::Socket), Some(Until::Forever), |state| {
            if off.is_raised() {
                return Some((Ok(()), true));
            }
            let mut octets = 0;
            while into.len() < MOST
                && octets < ENOUGH
                && let Some(received) = state.pop()
            {
                octets += received.body.len();
                into.push(Packet::new(received.origin, received.body));
            }
            (!into.is_empty()).then_some((Ok(()), !state.inboxes.socket.is_empty()))
        })
    }

    /// Sends one after the other; how many. Waits for room as long as it takes; once called off, sends what there is room
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

    /// Sends a message that found no room; whether it did before it was called off.
    fn give_one(&self, off: &Flag, packet: &mut Packet) -> Result<bool, Error> {
        self.mailbox.check()?;
        let attempt = |core: &mut Core<P>| {
            if core.state.phase != Phase::Open {
                return Some((Err(self.over()), true));
            }
            let given = core.send(packet).is_ok();
            if given || off.is_raised() {
                return Some((Ok(given), true));
            }
            core.state.plan_tails();
            None
        };
        blocking::wait(self, Want::Room, &Until::Forever, attempt).unwrap_or(Ok(false))
    }

    /// Calls off what waits here with this flag.
    pub(crate) fn call_off(&self, off: &Flag) {
        // In the child of a fork the lock may be held by a thread that is not there.
        if matches!(self.mailbox.check(), Err(Error::Forked)) {
            return;
        }
        off.raise();
        let mut core = self.lock();
        core.state.turns.wake_all();
        self.release(core);
    }

    /// Does this when the socket closes, or now if it has.
    pub(crate) fn when_closed(&self, tie: &Arc<Tie>) {
        // In the child of a fork the locks may be held by threads that are not there; its first wait says why nothing works.
        if matches!(self.mailbox.check(), Err(Error::Forked)) {
            return;
        }
        self.ties.add(tie);
        if !self.is_open() {
            tie();
        }
    }
}
