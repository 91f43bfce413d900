//! A driver that looks at a flag for a moment before it sleeps, and a message that comes meanwhile.

use std::time::Duration;

use loom::sync::Arc;
use loom::thread;

use super::bare::Bare;
use super::sys::sync::{Flag, Mutex, Parker};
use super::wait::block_on::{self, Deadline};
use super::wait::deferred_wakeups::DeferredWakeups;
use super::wait::wait_queue::WaitQueue;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The driver sleeps when its moment is over, without having looked under the lock.
    SleepsUnlooked,
    /// Who has something for the driver does not wake it.
    RingsNobody,
}

struct Socket {
    core: Mutex<Core>,
    fault: Fault,
}

struct Core {
    wait_queue: WaitQueue<(), Want>,
    inbox: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Want {
    Message,
}

struct Forever;

impl Deadline for Forever {
    fn left(&self) -> Option<Duration> {
        None
    }
}

impl Socket {
    fn recv(&self) -> Option<u32> {
        let take = |core: &mut Core| Some((core.inbox.pop()?, !core.inbox.is_empty()));
        block_on::block_on(self, Want::Message, &Forever, take)
    }

    fn deliver(&self, message: u32) {
        let mut core = self.core.lock();
        core.inbox.push(message);
        core.wait_queue.notify_one(Want::Message);
        let wakeups = core.wait_queue.take_wakeups();
        drop(core);
        if self.fault != Fault::RingsNobody {
            wakeups.into_iter().for_each(DeferredWakeups::wake);
        }
    }
}

impl Bare for Socket {
    type Core = Core;
    type Want = Want;
    const SPINS: bool = true;

    fn core(&self) -> &Mutex<Core> {
        &self.core
    }

    fn wait_queue(core: &mut Core) -> &mut WaitQueue<(), Want> {
        &mut core.wait_queue
    }

    fn spin(&self, flag: &Flag) -> bool {
        let seen = flag.is_raised() || flag.is_raised();
        if !seen && self.fault == Fault::SleepsUnlooked {
            Parker::current().park(None);
        }
        seen
    }
}

pub(crate) fn a_driver_spins(fault: Fault) {
    let core = Core { wait_queue: WaitQueue::new(()), inbox: Vec::new() };
    let socket = Arc::new(Socket { core: Mutex::new(core), fault });
    let sending = Arc::clone(&socket);
    let sender = thread::spawn(move || sending.deliver(7));
    assert_eq!(socket.recv(), Some(7));
    sender.join().expect("it ends");
}
