//! A driver that looks at a flag for a moment before it sleeps, and a message that comes meanwhile.

use std::time::Duration;

use loom::sync::Arc;
use loom::thread;

use super::sys::sync::{Alarm, Flag, Mutex, MutexGuard, Parker};
use super::wait::blocking::{self, Host, Patience};
use super::wait::calls::Calls;
use super::wait::turns::Turns;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Fault {
    None,
    /// The driver sleeps when its moment is over, without having looked under the lock.
    SleepsUnlooked,
    /// Who has something for the driver does not ring.
    RingsNobody,
}

struct Socket {
    core: Mutex<Core>,
    fault: Fault,
}

struct Core {
    turns: Turns<(), Want>,
    inbox: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Want {
    Message,
}

struct Forever;

impl Patience for Forever {
    fn left(&self) -> Option<Duration> {
        None
    }
}

impl Socket {
    fn recv(&self) -> Option<u32> {
        let take = |core: &mut Core| Some((core.inbox.pop()?, !core.inbox.is_empty()));
        blocking::wait(self, Want::Message, &Forever, take)
    }

    fn deliver(&self, message: u32) {
        let mut core = self.core.lock();
        core.inbox.push(message);
        core.turns.satisfied(Want::Message);
        let calls = core.turns.take_calls();
        drop(core);
        if self.fault != Fault::RingsNobody {
            calls.into_iter().for_each(Calls::wake);
        }
    }
}

impl Host for Socket {
    type Core = Core;
    type Driver = ();
    type Want = Want;

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock()
    }

    fn turns(core: &mut Core) -> &mut Turns<(), Want> {
        &mut core.turns
    }

    fn release(&self, mut core: MutexGuard<'_, Core>) {
        let calls = core.turns.take_calls();
        drop(core);
        calls.into_iter().for_each(Calls::wake);
    }

    fn seated(&self, (): &mut ()) {}

    fn round(&self, (): &mut ()) -> bool {
        self.core.lock().turns.awake();
        false
    }

    fn has_work(_: &Core, (): &()) -> bool {
        false
    }

    fn is_noted(_: &Core) -> bool {
        false
    }

    fn may_spin(&self, (): &mut ()) -> bool {
        true
    }

    fn spin(&self, (): &mut (), flag: &Flag) -> bool {
        let seen = flag.is_raised() || flag.is_raised();
        if !seen && self.fault == Fault::SleepsUnlooked {
            Parker::current().park(None);
        }
        seen
    }

    fn alarm(&self, (): &()) -> Alarm {
        Alarm::Parked(Parker::current())
    }

    fn sleep(&self, (): &mut (), limit: Option<Duration>) {
        Parker::current().park(limit);
    }
}

pub(in super::super) fn a_driver_spins(fault: Fault) {
    let core = Core { turns: Turns::new(()), inbox: Vec::new() };
    let socket = Arc::new(Socket { core: Mutex::new(core), fault });
    let sending = Arc::clone(&socket);
    let sender = thread::spawn(move || sending.deliver(7));
    assert_eq!(socket.recv(), Some(7));
    sender.join().expect("it ends");
}
