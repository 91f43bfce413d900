use hubless_protocol::patterns::{Pattern, PipeId, Role, Time};
use hubless_transport::{Message, Packet};

use crate::dice::Dice;
use crate::journal::Journal;
use crate::socket::Socket;

/// Who uses a socket.
pub(crate) trait User<P: Pattern> {
    /// Does something, or not; whether anything happened.
    fn act(&mut self, socket: &mut Socket<P>, dice: &mut Dice, journal: &mut Journal) -> bool;

    /// The machine has accepted a message, or not.
    fn judged(&mut self, _body: &Message, _accepted: bool, _journal: &mut Journal) {}

    /// The socket begins anew, and everything in it is gone.
    fn restarted(&mut self) {}

    /// Whether it still has something to send. Asked when everything rests and there is a peer.
    fn waits(&self, socket: &Socket<P>) -> bool;

    /// Everything rests.
    fn rest(&mut self, _socket: &mut Socket<P>, _journal: &mut Journal) {}
}

/// A socket and its user, as the network sees them.
pub(crate) trait Node {
    fn role(&self) -> Role;
    /// A peer is there. `None` if it is refused.
    fn join(&mut self, number: u32, journal: &mut Journal) -> Option<PipeId>;
    /// A pipe is gone; the first message that did not leave may have been written in part.
    fn leave(&mut self, pipe: PipeId, cut: bool, journal: &mut Journal);
    /// The next message that leaves through this pipe.
    fn write(&mut self, pipe: PipeId, journal: &mut Journal) -> Option<Packet>;
    /// Whether more of this pipe may be delivered.
    fn reads(&self, pipe: PipeId) -> bool;
    /// A message arrives. Whether the pipe goes on.
    fn arrive(&mut self, pipe: PipeId, packet: Packet, dice: &mut Dice, journal: &mut Journal) -> bool;
    /// The user does something, or not. Whether anything happened.
    fn act(&mut self, dice: &mut Dice, journal: &mut Journal) -> bool;
    /// When the timer is to be rung.
    fn alarm(&self) -> Option<Time>;
    /// It is this late.
    fn pass(&mut self, now: Time, journal: &mut Journal);
    /// There is no memory, or there is again.
    fn exhaust(&mut self, exhausted: bool, journal: &mut Journal);
    /// Begins anew.
    fn restart(&mut self, dice: &mut Dice, journal: &mut Journal);
    /// Begins nothing any more.
    fn settle(&mut self);
    /// Looks at the laws when everything rests. How many messages are still here to be sent.
    fn rest(&mut self, journal: &mut Journal) -> usize;
}
