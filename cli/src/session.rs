//! The course of a run, the same for every role: connect, work on threads, wait for the end, close.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use hubless::Socket;
use hubless::human::{counted, duration};

use crate::arguments::{Endpoints, Limits, Watching};
use crate::connections::Connections;
use crate::ending::Ending;
use crate::exit::Outcome;
use crate::losses::Losses;
use crate::progress::Progress;
use crate::traffic::{Flow, Traffic};
use crate::{interrupt, output};

/// How often connections and losses are looked at, to tell the user.
pub(crate) const LOOK: Duration = Duration::from_millis(300);

/// What the threads of a run share.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) ending: Arc<Ending>,
    pub(crate) progress: Arc<Progress>,
}

/// What a role does with its socket.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) endpoints: &'a Endpoints,
    pub(crate) limits: &'a Limits,
    pub(crate) watching: Watching,
    pub(crate) flow: Flow,
    /// The socket never drops a message while it is open, so that one dropped at its end is a failure.
    pub(crate) keeps: bool,
}

impl Session {
    /// Connects `socket`, has `begin` start the work, and ends when a thread has said how.
    pub(crate) fn run<S: Socket>(
        socket: &S,
        plan: &Plan<'_>,
        begin: impl FnOnce(&Self) -> Result<(), Outcome>,
    ) -> Outcome {
        let session = Self { ending: Arc::default(), progress: Arc::new(Progress::new(plan.limits.timeout)) };
        let mut losses = Losses::default();
        let mut traffic = Traffic::begin(plan.flow, plan.watching.stats, plan.flow.prints());
        let worked = session.work(socket, plan, begin, &mut losses, &mut traffic);
        let outcome = worked.unwrap_or_else(|outcome| outcome);
        traffic.clear();
        let outcome = close(socket, plan.limits.linger, plan.keeps, outcome, &mut losses);
        traffic.end(&socket.stats());
        outcome
    }

    fn work(
        &self,
        socket: &impl Socket,
        plan: &Plan<'_>,
        begin: impl FnOnce(&Self) -> Result<(), Outcome>,
        losses: &mut Losses,
        traffic: &mut Traffic,
    ) -> Result<Outcome, Outcome> {
        interrupt::listen(&self.ending)?;
        let mut connections = Connections::open(socket, plan.endpoints)?;
        begin(self)?;
        if plan.flow.prints() {
            self.spawn("reader", |session| {
                if output::await_end_of_reader() {
                    session.ending.end(Outcome::OutputClosed);
                }
                Ok(())
            })?;
        }
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
    log::debug!("closed: {report}");
    log::debug!("{}", socket.stats());
    losses.report(&socket.stats());
    let unsent = u64::try_from(report.dropped).unwrap_or(u64::MAX);
    if unsent > 0 {
        log::warn!("{} not delivered within {}", counted(unsent, "message"), duration(linger));
    }
    if outcome == Outcome::Done {
        output::finish();
        if keeps && unsent > 0 {
            return Outcome::TimedOut("gave up: not everything was delivered within --linger".into());
        }
    }
    outcome
}
