//! Wake-ups decided under the socket's lock, to be made once it is released: whom to wake, what to tell the background thread.

use std::sync::Arc;
use std::task::Waker;

use super::readiness::ReadinessSignal;
use super::sys::sync::{Alarm, Parker, wake_task};

/// How somebody who waits is woken.
#[derive(Debug)]
pub(crate) enum Wake {
    Thread(Parker),
    Task(Waker),
    Observer(Arc<ReadinessSignal>),
}

impl Wake {
    /// Under no lock.
    pub(crate) fn wake(self) {
        match self {
            Self::Thread(thread) => thread.unpark(),
            Self::Task(waker) => wake_task(waker),
            Self::Observer(signal) => signal.report(),
        }
    }
}

/// What must be done once the lock is released.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct DeferredWakeups {
    pub(super) wakes: Vec<Wake>,
    pub(super) alarm: Option<Alarm>,
    /// Tell the background thread to look at the socket at intervals.
    pub(crate) hand_off: bool,
    /// Tell the background thread to serve the socket now.
    pub(crate) serve: bool,
}

impl DeferredWakeups {
    #[inline]
    pub(super) fn any(&self) -> bool {
        !self.wakes.is_empty() || self.alarm.is_some() || self.hand_off || self.serve
    }

    pub(crate) fn wake(self) {
        self.wakes.into_iter().for_each(Wake::wake);
        if let Some(alarm) = self.alarm {
            alarm.wake();
        }
    }

    /// Leaves the futures to somebody who wakes them later: their wakers are the user's code, and run under no lock at all.
    pub(crate) fn put_off_tasks(&mut self, later: &mut Vec<Waker>) {
        let tasks = self.wakes.extract_if(.., |wake| matches!(wake, Wake::Task(_)));
        later.extend(tasks.filter_map(|wake| if let Wake::Task(waker) = wake { Some(waker) } else { None }));
    }
}
