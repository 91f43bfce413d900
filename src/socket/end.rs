//! A raw socket as a device sees it, whatever its pattern.

use std::sync::Arc;

use hubless_transport::{Header, Packet};

use super::Handle;
use crate::engine::{CloseHook, Flag, Listed};
use crate::error::Error;

/// One end of a device. It keeps its socket open.
pub(crate) trait End: Send + Sync {
    /// Takes some of what has arrived. Waits for it as long as it takes; once cancelled, takes nothing.
    fn take(&self, off: &Flag, into: &mut Vec<Packet>) -> Result<(), Error>;

    /// Sends one after the other; how many. Waits for room as long as it takes; once cancelled, sends what there is room
    /// for.
    fn give(&self, off: &Flag, packets: &mut [Packet]) -> (usize, Result<(), Error>);

    /// Cancels what waits here with this flag.
    fn cancel_waits(&self, off: &Flag);

    /// Does this when the socket closes, or now if it has; as long as somebody holds it.
    fn when_closed(&self, hook: &Arc<CloseHook>);

    /// Messages that the socket has lost so far.
    fn drops(&self) -> u64;
}

impl<P: Listed<Outgoing = Packet, Ticket = (), Origin = Header>> End for Handle<P> {
    fn take(&self, off: &Flag, into: &mut Vec<Packet>) -> Result<(), Error> {
        self.socket().take(off, into)
    }

    fn give(&self, off: &Flag, packets: &mut [Packet]) -> (usize, Result<(), Error>) {
        self.socket().give(off, packets)
    }

    fn cancel_waits(&self, off: &Flag) {
        self.socket().cancel_waits(off);
    }

    fn when_closed(&self, hook: &Arc<CloseHook>) {
        self.socket().when_closed(hook);
    }

    fn drops(&self) -> u64 {
        self.stats().drops.total()
    }
}
