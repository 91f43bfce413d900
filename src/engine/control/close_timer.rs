//! The time of closes that no thread waits for, but a future. The background thread ends them as any other; where it is held up, or
//! dead, a thread of their own does, so that the time is kept and nobody's executor is blocked. It is there while there are such
//! closes, one for the whole process.

use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::Time;

use super::close_report::CloseReport;
use super::closer::GRACE;
use super::completion::{ALIVE, Completion};
use super::managed_socket::ManagedSocket;
use super::sys::catch_panic::catch_panic;
use super::sys::clock::Clock;
use super::sys::fork::PerProcess;
use super::sys::logging::{Level, log_line};
use super::sys::sync::{Condvar, Mutex, start_thread};

static TIMER: PerProcess<CloseTimer> = PerProcess::new(CloseTimer::default);

#[derive(Default)]
struct CloseTimer {
    inside: Mutex<Inside>,
    changed: Condvar,
}

#[derive(Default)]
struct Inside {
    closing: Vec<Closing>,
    /// The thread is there.
    runs: bool,
}

/// A socket that closes, and what its future waits for.
pub(super) struct Closing {
    pub(super) socket: Arc<dyn ManagedSocket>,
    pub(super) done: Arc<Completion<CloseReport>>,
    pub(super) clock: Clock,
    pub(super) until: Time,
}

/// Has this close end in its time, whatever the background thread is at.
pub(super) fn keep(closing: Closing) {
    let timer = TIMER.get();
    let mut inside = timer.inside.lock();
    inside.closing.push(closing);
    let starts = !std::mem::replace(&mut inside.runs, true);
    drop(inside);
    timer.changed.notify_one();
    if starts && let Err(error) = start_thread("hubless-close".into(), || TIMER.get().run()) {
        // The background thread ends them, unless it is held up.
        log_line!(
            Level::Error,
            "the thread that keeps the time of closing sockets cannot be started: {error}"
        );
        timer.inside.lock().runs = false;
    }
}

impl CloseTimer {
    fn run(&self) {
        loop {
            let mut inside = self.inside.lock();
            let (over, left): (Vec<_>, Vec<_>) =
                inside.closing.drain(..).partition(|closing| closing.left().is_zero());
            inside.closing = left;
            let next = inside.closing.iter().map(Closing::left).min();
            if over.is_empty() {
                let Some(next) = next else {
                    inside.runs = false;
                    return;
                };
                drop(self.changed.wait_timeout(inside, next.min(ALIVE)));
                continue;
            }
            drop(inside);
            over.into_iter().for_each(Closing::end);
        }
    }
}

impl Closing {
    /// How long until there is something to do: nothing where it has ended, or the background thread has died.
    fn left(&self) -> Duration {
        if self.done.is_finished() || self.socket.worker().check().is_err() {
            return Duration::ZERO;
        }
        self.until.after(GRACE).since(self.clock.now())
    }

    fn end(self) {
        if !self.done.is_finished() {
            self.done.finish(catch_panic(|| self.socket.end_close()).unwrap_or_default());
        }
    }
}
