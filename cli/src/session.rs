//! The course of a run, the same for every role: connect, work on threads, wait for the end, close.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use hubless::Socket;

use crate::arguments::{Endpoints, Limits};
use crate::connections::{Connections, count};
use crate::ending::Ending;
use crate::exit::Outcome;
use crate::losses::Losses;
use crate::progress::Progress;
use crate::traffic::Traffic;
use crate::{interrupt, output};

/// How often connections and losses are looked at, to tell the user.
pub(crate) const LOOK: Duration = Duration::from_millis(300);

/// What the threads of a run share.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) ending: Arc<Ending>,
    pub(crate) progress: Arc<Progress>,
}

impl Session {
    /// Connects `socket`, has `begin` start the work, and ends when a thread has said how. `keeps` says that the socket never drops a
    /// message while it is open, so that one dropped at its end is a failure.
    pub(crate) fn run<S: Socket>(
        socket: &S,
        endpoints: &Endpoints,
        limits: &Limits,
        keeps: bool,
        mut traffic: Traffic,
        begin: impl FnOnce(&Self) -> Result<(), Outcome>,
    ) -> Outcome {
        let session = Self { ending: Arc::default(), progress: Arc::new(Progress::new(limits.timeout)) };
        let mut losses = Losses::default();
        let worked = session.work(socket, endpoints, begin, &mut losses, &mut traffic);
        let outcome = worked.unwrap_or_else(|outcome| outcome);
        traffic.clear();
        let outcome = close(socket, limits.linger, keeps, outcome, &mut losses);
        traffic.end(&socket.stats());
        outcome
    }

    fn work(
        &self,
        socket: &impl Socket,
        endpoints: &Endpoints,
        begin: impl FnOnce(&Self) -> Result<(), Outcome>,
        losses: &mut Losses,
        traffic: &mut Traffic,
    ) -> Result<Outcome, Outcome> {
        interrupt::listen(&self.ending)?;
        let mut connections = Connections::open(socket, endpoints)?;
        begin(self)?;
        loop {
            let outcome = self.ending.wait(LOOK);
            let stats = socket.stats();
            traffic.look(&stats, || {
                connections.report();
                losses.report(&stats);
            });
            if let Some(outcome) = outcome {
                return Ok(outcome);
            }
        }
    }

    /// Works on a thread of its own. If the work fails, so does the run; if it is the last to be done, it must say so with
    /// [`done`](Self::done).
    pub(crate) fn spawn(
        &self,
        name: &str,
        work: impl FnOnce(&Self) -> Result<(), Outcome> + Send + 'static,
    ) -> Result<thread::JoinHandle<()>, Outcome> {
        let session = self.clone();
        let guarded = move || {
            let result = catch_unwind(AssertUnwindSafe(|| work(&session)));
            let result = result.unwrap_or_else(|_| Err(Outcome::Failed("a thread has panicked".into())));
            if let Err(outcome) = result {
                session.ending.end(outcome);
            }
        };
        let thread = thread::Builder::new().name(name.into()).spawn(guarded);
        thread.map_err(|error| Outcome::failed("cannot start a thread", error))
    }

    /// Everything asked for was done.
    pub(crate) fn done(&self) {
        self.ending.end(Outcome::Done);
    }
}

/// Closes the socket, and says what was lost.
pub(crate) fn close<S: Socket>(
    socket: &S,
    linger: Duration,
    keeps: bool,
    outcome: Outcome,
    losses: &mut Losses,
) -> Outcome {
    let report = match socket.close(linger) {
        Ok(report) => report,
        Err(error) => return Outcome::Failed(error.to_string()),
    };
    log::debug!("closed: {} queued were sent, {} were not", report.written, report.dropped);
    log::debug!("{:?}", socket.stats());
    losses.report(&socket.stats());
    let unsent = u64::try_from(report.dropped).unwrap_or(u64::MAX);
    if unsent > 0 {
        log::warn!("{} could not be delivered within {linger:?}", count(unsent, "message"));
    }
    if outcome == Outcome::Done {
        output::finish();
        if keeps && unsent > 0 {
            return Outcome::TimedOut(
                "gave up: not everything was delivered within the time of --linger".into(),
            );
        }
    }
    outcome
}
