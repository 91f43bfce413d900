//! The timer of a socket's pattern: when it is wanted, and when the background thread comes for it.
//!
//! Guarded by the socket's lock, under which the timer is also set and cancelled: so it fires or it is cancelled, never both. The
//! thread is asked only where it would come too late. Wake-ups only move earlier: one that comes too early asks for another.

use hubless_protocol::patterns::Time;

/// What the socket wants, and when the thread comes.
#[derive(Debug, Default)]
pub(crate) struct SocketTimer {
    /// When the pattern wants its timer.
    wanted: Option<Time>,
    /// When the background thread will come for it: never later.
    coming: Option<Time>,
}

impl SocketTimer {
    /// The timer is wanted at this time and no other, or not at all. When the thread is to be asked to come, if it must be.
    #[must_use]
    pub(crate) fn set(&mut self, at: Option<Time>) -> Option<Time> {
        self.wanted = at;
        self.come_by(at)
    }

    /// The thread is needed at this time, too. When it is to be asked to come, if it must be.
    #[must_use]
    pub(crate) fn come_by(&mut self, at: Option<Time>) -> Option<Time> {
        let at = at.filter(|at| self.coming.is_none_or(|coming| *at < coming))?;
        self.coming = Some(at);
        Some(at)
    }

    /// The thread has come. Whether the timer is due, which then is wanted no longer; if not yet, when to ask it to come again.
    #[must_use]
    pub(crate) fn fire(&mut self, now: Time) -> (bool, Option<Time>) {
        self.coming = None;
        if self.wanted.take_if(|at| *at <= now).is_some() {
            return (true, None);
        }
        (false, self.come_by(self.wanted))
    }
}
