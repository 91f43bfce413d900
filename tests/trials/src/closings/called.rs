use std::time::Duration;

use fastrand::Rng;
use hubless::{Error, Pair, Pull, Push, Stats};

/// Longer than any call may take.
const LONG: Duration = Duration::from_secs(3600);
/// More peers than there are.
const MANY: usize = 9;

/// A socket of which something is wanted.
pub(super) trait Called: Send + Sync {
    /// Some call, of those that wait and those that do not.
    fn call(&self, chance: &mut Rng) -> Result<(), Error>;
    /// Closes it, and waits for so long that what is queued leaves.
    fn shut_within(&self, linger: Duration);
    /// What it has counted.
    fn counted(&self) -> Stats;
}

/// Short, or longer than there is time.
fn pause(chance: &mut Rng) -> Duration {
    if chance.bool() { LONG } else { Duration::from_micros(chance.u64(0..200)) }
}

macro_rules! receive {
    ($socket:expr, $chance:expr) => {
        match $chance.u8(0..8) {
            0 => $socket.try_recv().map(drop),
            1..=3 => $socket.recv_timeout(pause($chance)).map(drop),
            4 => $socket.recv_many(3).map(drop),
            5 => $socket.wait_for_peers(MANY, LONG),
            _ => $socket.recv().map(drop),
        }
    };
}

macro_rules! send {
    ($socket:expr, $chance:expr) => {
        match $chance.u8(0..8) {
            0 => $socket.try_send("x").map_err(Error::from),
            1..=3 => $socket.send_timeout("x", pause($chance)).map_err(Error::from),
            4 => $socket.send_many(["x", "y", "z"]).map(drop).map_err(Error::from),
            5 => $socket.wait_for_peers(MANY, LONG),
            _ => $socket.send("x").map_err(Error::from),
        }
    };
}

macro_rules! called {
    ($($socket:ty: |$this:ident, $chance:ident| $call:expr),+ $(,)?) => {
        $(impl Called for $socket {
            fn call(&self, $chance: &mut Rng) -> Result<(), Error> {
                let $this = self;
                $call
            }

            fn shut_within(&self, linger: Duration) {
                self.close(linger).expect("a socket that is alive");
            }

            fn counted(&self) -> Stats {
                self.stats()
            }
        })+
    };
}

called!(
    Pull: |pull, chance| receive!(pull, chance),
    Push: |push, chance| send!(push, chance),
    Pair: |pair, chance| if chance.bool() { receive!(pair, chance) } else { send!(pair, chance) },
);
