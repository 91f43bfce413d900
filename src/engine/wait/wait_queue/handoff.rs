//! Hand-off: a caller that leaves the seat tells the background thread, which looks at the socket at intervals and serves it when no
//! caller comes.

use super::WaitQueue;

/// Looks without a caller after which the background thread takes a socket over that was handed off to it.
const LOOKS_TO_TAKE_OVER: u8 = 2;
/// Looks with the same caller seated after which it forgets the socket.
const LOOKS_TO_FORGET: u8 = 2;

/// What the background thread has seen of a socket that was handed off to it.
#[derive(Debug, Default)]
pub(super) struct HandoffLooks {
    taken: u64,
    free: u8,
    driven: u8,
}

/// What the background thread does with a socket that was handed off to it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Handoff {
    /// Look again at the next interval.
    Keep,
    /// No more: a caller drives and will hand it off anew.
    Forget,
    /// Serve it: no caller has come.
    TakeOver,
}

impl<D, W: Copy + Ord> WaitQueue<D, W> {
    /// The background thread looks at a socket that was handed off to it.
    pub(crate) fn poll_handoff(&mut self) -> Handoff {
        if !self.handed_off {
            return Handoff::Forget;
        }
        let same = self.looks.taken == self.taken;
        let looks = match (self.is_driver_free(), same) {
            (true, true) => HandoffLooks { free: self.looks.free + 1, driven: 0, taken: self.taken },
            (false, true) => HandoffLooks { free: 0, driven: self.looks.driven + 1, taken: self.taken },
            (_, false) => HandoffLooks { taken: self.taken, ..HandoffLooks::default() },
        };
        self.looks = looks;
        if self.looks.free >= LOOKS_TO_TAKE_OVER {
            return Handoff::TakeOver;
        }
        if self.looks.driven >= LOOKS_TO_FORGET {
            self.handed_off = false;
            return Handoff::Forget;
        }
        Handoff::Keep
    }

    /// The background thread is to serve the socket. Asked once until it comes: it may be long until then, and meanwhile
    /// somebody may find nothing again and again.
    pub(super) fn ask(&mut self) {
        self.wakeups.serve |= !std::mem::replace(&mut self.asked, true);
    }

    /// The background thread is to look at the socket at intervals.
    pub(super) fn hand_off(&mut self) {
        if !std::mem::replace(&mut self.handed_off, true) {
            self.looks = HandoffLooks { taken: self.taken, ..HandoffLooks::default() };
            self.wakeups.hand_off = true;
        }
    }
}
