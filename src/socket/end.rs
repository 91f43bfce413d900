//! A raw socket as a device sees it, whatever its pattern.

use std::sync::Arc;

use hubless_protocol::patterns::Pattern;
use hubless_transport::{Header, Packet};

use super::Handle;
use crate::engine::{Flag, Tie};
use crate::error::Error;

/// One end of a device. It keeps its socket open.
pub(crate) trait End: Send + Sync {
    /// Takes some of what has arrived. Waits for it as long as it takes; once called off, takes nothing.
    fn take(&self, off: &Flag, into: &mut Vec<Packet>) -> Result<(), Error>;

    /// Sends one after the other; how many. Waits for room as long as it takes; once called off, sends what there is room
    /// for.
    fn give(&self, off: &Flag, packets: &mut [Packet]) -> (usize, Result<(), Error>);

    /// Calls off what waits here with this flag.
    fn call_off(&self, off: &Flag);

    /// Does this when the socket closes, or now if it has; as long as somebody holds it.
    fn when_closed(&self, tie: &Arc<Tie>);

    /// Messages that the socket has lost so far.
    fn drops(&self) -> u64;
}

impl<P: Pattern<Outgoing = Packet, Ticket = (), Origin = Header>> End for Handle<P> {
    fn take(&self, off: &Flag, into: &mut Vec<Packet>) -> Result<(), Error> {
        self.socket().take(off, into)
    }

    fn give(&self, off: &Flag, packets: &mut [Packet]) -> (usize, Result<(), Error>) {
        self.socket().give(off, packets)
    }

    fn call_off(&self, off: &Flag) {
        self.socket().call_off(off);
    }

    fn when_closed(&self, tie: &Arc<Tie>) {
        self.socket().when_closed(tie);
    }

    fn drops(&self) -> u64 {
        self.stats().drops.total()
    }
}
