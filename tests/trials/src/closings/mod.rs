//! Threads are inside the calls of sockets, or about to be, when another closes these under them: every call returns and says so.

mod called;
mod round;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use hubless::Error;

use crate::Trial;
use hubless_kit::SOON;
use hubless_kit::{Site, now};
use round::Round;

/// How often.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Sockets that are closed under those who call them.
    pub closes: u64,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Report {
    transport: &'static str,
    closes: u64,
    /// Calls that succeeded, or failed by their own time.
    calls: u64,
    /// Calls that had begun before the close, and were ended by it.
    pub cut_off: u64,
    took: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { transport, closes, calls, cut_off, took } = self;
        write!(f, "closings over {transport}: {closes} sockets closed in {took:.1?}, ")?;
        write!(f, "{calls} calls before, {cut_off} cut off")
    }
}

/// Threads that call, half of them each of the two sockets.
const CALLERS: usize = 4;
/// Up to so many turns of doing nothing are between the beginning of the calls and the close, or between two closes: from before the
/// first call to when all wait.
const TURNS: u32 = 4_000;

/// A call that was cut off, or one that failed otherwise.
type Outcome = Result<Calls, String>;

/// What one thread did in a round.
struct Calls {
    before: u64,
    cut_off: bool,
}

/// Closes sockets under those who call them.
pub fn hold(trial: &Trial, plan: Plan, transport: &'static str) -> Report {
    let (began, site, mut chance) = (now(), Site::new(transport), trial.chance(0));
    let (tell, told) = sync_channel(CALLERS);
    let callers: Vec<_> = (0..CALLERS).map(|place| caller(place, tell.clone())).collect();
    let mut report = Report { transport, closes: 0, calls: 0, cut_off: 0, took: Duration::ZERO };
    while report.closes < plan.closes {
        let round = Arc::new(Round::new(transport, &site, &mut chance));
        for caller in &callers {
            caller.send((Arc::clone(&round), chance.fork())).expect("a thread");
        }
        report.closes += close(&round, &mut chance);
        returned(&round, &told, &mut report);
    }
    Report { took: began.elapsed(), ..report }
}

/// A thread that takes part in each round that it is sent. Nobody waits for its end: where a call hangs, it hangs in it.
fn caller(place: usize, tell: SyncSender<Outcome>) -> SyncSender<(Arc<Round>, Rng)> {
    let (send, rounds) = sync_channel::<(Arc<Round>, Rng)>(1);
    thread::spawn(move || {
        for (round, mut chance) in rounds {
            let outcome = call(&round, place % 2, &mut chance);
            drop(round);
            if tell.send(outcome).is_err() {
                break;
            }
        }
    });
    send
}

/// Calls one of the sockets until it is closed.
fn call(round: &Round, side: usize, chance: &mut Rng) -> Outcome {
    let mut calls = Calls { before: 0, cut_off: false };
    loop {
        let begun_before = !round.closing[side].load(Ordering::SeqCst);
        match round.sockets[side].call(chance) {
            Ok(()) | Err(Error::Timeout { .. } | Error::Full | Error::Empty) => calls.before += 1,
            Err(Error::Closed) => {
                calls.cut_off = begun_before;
                return Ok(calls);
            }
            Err(error) => return Err(format!("{error:?} from {round:?}")),
        }
    }
}

/// Closes both, one after the other. How many that were.
fn close(round: &Round, chance: &mut Rng) -> u64 {
    let first = chance.usize(0..2);
    for side in [first, 1 - first] {
        for _ in 0..chance.u32(0..TURNS) {
            std::hint::spin_loop();
        }
        let linger = if chance.u8(0..4) == 0 { Duration::from_micros(300) } else { Duration::ZERO };
        round.closing[side].store(true, Ordering::SeqCst);
        round.sockets[side].shut_within(linger);
    }
    2
}

/// Waits until everybody has returned.
fn returned(round: &Round, told: &Receiver<Outcome>, report: &mut Report) {
    for there in 0..CALLERS {
        let outcome = told.recv_timeout(SOON);
        let outcome = outcome.unwrap_or_else(|_| panic!("{there} of {CALLERS} returned from {round:?}"));
        let calls = outcome.unwrap_or_else(|failure| panic!("{failure}"));
        report.calls += calls.before;
        report.cut_off += u64::from(calls.cut_off);
    }
    let [left, right] = round.sockets.each_ref().map(|socket| socket.counted());
    let (sent, received) = (left.sent + right.sent, left.received + right.received);
    assert!(received <= sent, "{received} of {sent} were received: {round:?}");
}
