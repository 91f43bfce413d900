use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Counts;
use super::manner::Ending;
use super::wire::Wire;

/// One connection that is passed on: that of the dialer and that to the listener.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) wires: [Wire; 2],
    pub(super) counts: Arc<Counts>,
    ending: Ending,
    broken_off: AtomicBool,
}

impl Link {
    pub(super) fn new(wires: [Wire; 2], ending: Ending, counts: Arc<Counts>) -> Self {
        Self { wires, counts, ending, broken_off: AtomicBool::new(false) }
    }

    /// Whether nothing is passed on any more.
    pub(super) fn is_broken_off(&self) -> bool {
        self.broken_off.load(Ordering::SeqCst) || self.counts.stopped.load(Ordering::SeqCst)
    }

    /// Whether what still comes is left where it is.
    pub(super) fn is_over(&self) -> bool {
        self.counts.stopped.load(Ordering::SeqCst) || (self.is_broken_off() && self.ending == Ending::Reset)
    }

    /// Breaks it off; the first to say so decides.
    pub(super) fn break_off(&self) {
        if self.broken_off.swap(true, Ordering::SeqCst) {
            return;
        }
        self.counts.cuts.fetch_add(1, Ordering::SeqCst);
        for wire in &self.wires {
            match self.ending {
                Ending::Orderly => wire.shutdown(Shutdown::Write),
                Ending::Reset => {
                    wire.will_reset();
                    wire.shutdown(Shutdown::Read);
                }
            }
        }
    }
}
