//! What a socket that closes throws away is let go of by the background thread, without a lock: two million messages take longer to
//! drop than the one who closes may have to wait, and whoever owns their octets may take his time.

use super::blocking::Host;
use super::containment::contain;
use super::inbox::Inboxes;
use super::socket::Socket;
use super::unsent::Unsent;
use crate::patterns::Pattern;

/// Messages that are counted as lost and still there.
#[derive(Debug)]
pub(super) struct Remains<O> {
    /// Their memory is given back with them.
    pub(super) inboxes: Vec<Inboxes<O>>,
    pub(super) unsent: Vec<Unsent>,
}

impl<O> Default for Remains<O> {
    fn default() -> Self {
        Self { inboxes: Vec::new(), unsent: Vec::new() }
    }
}

impl<P: Pattern> Socket<P> {
    /// Lets go of what there is.
    pub(crate) fn bury(&self) {
        let remains = std::mem::take(&mut self.lock().state.remains);
        let octets: usize = remains.inboxes.iter().map(Inboxes::octets).sum();
        if contain(|| drop(remains)).is_err() {
            log::error!("the owner of a message's octets panicked");
        }
        if octets > 0 {
            let mut core = self.lock();
            core.state.memory.subtract(octets);
            self.release(core);
        }
    }
}
