//! What a socket that closes throws away is let go of by the background thread, without a lock: two million messages take longer to
//! drop than the one who closes may have to wait, and the owner of their bytes may be slow.

use hubless_protocol::patterns::Loss;
use hubless_transport::PutOff;

use super::core::State;
use super::inbox::AnyInboxes;
use super::pipe::unsent::Unsent;
use super::shared::AnySocket;
use super::wait::block_on::Waitable;

/// Messages that are counted as lost and still there.
#[derive(Debug, Default)]
pub(super) struct Remains {
    /// Their memory is given back with them.
    pub(super) inboxes: Vec<Box<dyn AnyInboxes>>,
    unsent: Vec<Unsent>,
    /// What is counted of these in the memory.
    bytes: usize,
}

impl State {
    /// These messages are lost, because the socket closes. So much is counted of them in the memory, until they are gone.
    pub(super) fn lose(&mut self, unsent: Unsent, bytes: usize) {
        if unsent.len() == 0 {
            return self.memory.subtract(bytes);
        }
        self.lost(Loss::Closed, unsent.len() as u64);
        self.remains.unsent.push(unsent);
        self.remains.bytes += bytes;
    }
}

impl AnySocket {
    /// Lets go of what there is.
    pub(super) fn bury(&self) {
        let remains = std::mem::take(&mut self.lock().state.remains);
        let bytes = remains.bytes + remains.inboxes.iter().map(|inboxes| inboxes.bytes()).sum::<usize>();
        // The background thread puts drops off until the end of a step: these are not to outlive what is counted of them.
        PutOff::drop_now(remains);
        if bytes > 0 {
            let mut core = self.lock();
            core.state.memory.subtract(bytes);
            self.release(core);
        }
    }
}
