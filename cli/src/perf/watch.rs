//! Somebody looks whether the peers are still there, so that the loops that are measured need not.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use hubless::{Error, Socket, Stats, WaitingFor};

use super::bar::Bar;
use crate::clock::now;
use crate::connections::Connections;
use crate::ending::Ending;
use crate::exit::Outcome;
use crate::interrupt;

/// How often one looks.
const LOOK: Duration = Duration::from_millis(300);

/// When a run has come to nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// When this many peers have come and all have left.
    pub(super) peers: u16,
    /// When nothing was sent or received for so long.
    pub(super) patience: Option<Duration>,
    /// How far it is, where the number of messages in all is known.
    pub(super) total: Option<u64>,
}

/// What the work gave, and why it was cut short by time, if it was.
#[derive(Debug)]
pub(super) struct Watched<T> {
    pub(super) result: Result<T, Error>,
    pub(super) gave_up: Option<Outcome>,
}

/// Works, and closes the sockets when it has come to nothing or is interrupted: then every call that waits fails with
/// [`Error::Closed`].
pub(super) fn watched<S: Socket, T>(
    sockets: &[S],
    connections: &mut [Connections],
    limits: Limits,
    work: impl FnOnce(&Ending) -> Result<T, Error>,
) -> Watched<T> {
    let ending = Arc::new(Ending::default());
    if let Err(outcome) = interrupt::listen(&ending) {
        outcome.report();
    }
    thread::scope(|scope| {
        let watch = scope.spawn(|| look(sockets, connections, limits, &ending));
        let over = Over(&ending);
        let result = work(&ending);
        drop(over);
        Watched { result, gave_up: watch.join().unwrap_or_default() }
    })
}

impl<T> Watched<T> {
    /// For whom the end of the peers is an end as good as any: why it was cut short by time, if it was.
    pub(super) fn partial(self) -> Result<Option<Outcome>, Outcome> {
        match self.result {
            Ok(_) | Err(Error::Closed) => Ok(self.gave_up),
            Err(error) => Err(error.into()),
        }
    }

    /// For who cannot do with a part: what the work gave, or how the program ends without.
    pub(super) fn whole(self) -> Result<T, Outcome> {
        self.result.map_err(|error| {
            self.gave_up.unwrap_or_else(|| match error {
                Error::Closed => Outcome::Failed("the peers left before everything was done".into()),
                error => error.into(),
            })
        })
    }
}

/// Ends the watch, even if the work panics.
struct Over<'a>(&'a Ending);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.end(Outcome::Done);
    }
}

/// Why it gave up, if it did.
fn look<S: Socket>(
    sockets: &[S],
    connections: &mut [Connections],
    limits: Limits,
    ending: &Ending,
) -> Option<Outcome> {
    let mut pace = Pace::default();
    let bar = Bar::new(limits.total);
    loop {
        let over = ending.wait(LOOK);
        bar.aside(|| connections.iter_mut().for_each(Connections::report));
        match over {
            Some(Outcome::Interrupted(_)) => {
                close(sockets);
                return over;
            }
            Some(_) => return None,
            None => {}
        }
        let seen: Vec<Stats> = sockets.iter().map(Socket::stats).collect();
        bar.show(&seen);
        if deserted(&seen, limits.peers) {
            close(sockets);
            return None;
        }
        if let Some(waited) = limits.patience.filter(|patience| pace.idle(&seen) >= *patience) {
            close(sockets);
            return Some(Error::Timeout { waited, waiting_for: WaitingFor::Message }.into());
        }
    }
}

/// All peers have been there and have left, and what they sent has been received.
fn deserted(seen: &[Stats], peers: u16) -> bool {
    seen.iter().all(|stats| stats.connected >= peers.into() && stats.pipes == 0 && stats.recv_queue == 0)
}

fn close<S: Socket>(sockets: &[S]) {
    for socket in sockets {
        if let Err(error) = socket.close(Duration::ZERO) {
            log::debug!("cannot close: {error}");
        }
    }
}

/// When something was last sent or received.
#[derive(Debug, Default)]
struct Pace {
    last: Option<(u64, Instant)>,
}

impl Pace {
    /// For how long nothing was.
    fn idle(&mut self, seen: &[Stats]) -> Duration {
        let moved = seen.iter().map(|stats| stats.sent + stats.received + stats.connected).sum();
        match self.last {
            Some((before, since)) if before == moved => now().saturating_duration_since(since),
            _ => {
                self.last = Some((moved, now()));
                Duration::ZERO
            }
        }
    }
}
