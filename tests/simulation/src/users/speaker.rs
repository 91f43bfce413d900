use hubless_protocol::patterns::Pattern;
use hubless_transport::Message;

use crate::dice::Dice;
use crate::journal::Journal;
use crate::node::User;
use crate::socket::Socket;
use crate::users::Listener;

/// Sends messages, and receives what others send.
#[derive(Debug)]
pub(crate) struct Speaker {
    ears: Listener,
    /// What it is about to send, with its serial number; it found no room yet.
    held: Option<(Message, u32)>,
}

impl Speaker {
    pub(crate) fn new(unique: bool) -> Self {
        Self { ears: Listener { unique }, held: None }
    }

    fn speak<P: Pattern<Outgoing = Message>>(
        &mut self,
        socket: &mut Socket<P>,
        dice: &mut Dice,
        journal: &mut Journal,
    ) -> bool {
        if self.held.is_none() && !socket.settling {
            let body = journal.make(socket.node, 0);
            self.held = Some((body.encode(topic(dice), dice.pick(&[0, 0, 9, 70])), body.serial));
        }
        let Some((mut message, serial)) = self.held.take() else { return false };
        if socket.send(&mut message, serial, journal).is_err() {
            self.held = Some((message, serial));
        }
        self.held.is_none()
    }
}

impl<P: Pattern<Outgoing = Message>> User<P> for Speaker {
    fn act(&mut self, socket: &mut Socket<P>, dice: &mut Dice, journal: &mut Journal) -> bool {
        let heard = self.ears.listen(socket, dice, journal);
        self.speak(socket, dice, journal) || heard
    }

    fn waits(&self, _socket: &Socket<P>) -> bool {
        self.held.is_some()
    }
}

/// What a message begins with.
fn topic(dice: &mut Dice) -> &'static [u8] {
    let topics: [&'static [u8]; 7] = [b"", b"a", b"b", b"ab", b"aba", b"ba", b"abab"];
    dice.pick(&topics)
}
