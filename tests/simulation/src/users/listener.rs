use hubless_protocol::patterns::Pattern;

use crate::dice::Dice;
use crate::journal::Journal;
use crate::node::User;
use crate::socket::Socket;

/// Receives.
#[derive(Debug)]
pub(crate) struct Listener {
    /// Each message is for one socket only.
    pub(crate) unique: bool,
}

impl Listener {
    /// Receives one message, or when everything comes to rest all there are; whether there was one.
    pub(crate) fn listen<P: Pattern>(
        &self,
        socket: &mut Socket<P>,
        dice: &mut Dice,
        journal: &mut Journal,
    ) -> bool {
        if !socket.settling && dice.one_in(2) {
            return false;
        }
        let mut heard = false;
        while let Some((_, body)) = socket.take(journal) {
            heard = true;
            if self.unique {
                journal.delivered_once(body.serial);
            }
            if !socket.settling {
                break;
            }
        }
        heard
    }
}

impl<P: Pattern> User<P> for Listener {
    fn act(&mut self, socket: &mut Socket<P>, dice: &mut Dice, journal: &mut Journal) -> bool {
        self.listen(socket, dice, journal)
    }

    fn waits(&self, _socket: &Socket<P>) -> bool {
        false
    }
}
