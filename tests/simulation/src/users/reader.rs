use hubless_protocol::patterns::Subscribe;
use hubless_transport::Message;

use crate::dice::Dice;
use crate::fault::Fault;
use crate::journal::Journal;
use crate::law::Law;
use crate::node::User;
use crate::socket::Socket;
use crate::users::Listener;

/// Subscribes to one thing and another.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// Each as often as it was subscribed to.
    prefixes: Vec<&'static [u8]>,
}

impl Reader {
    fn change_mind(&mut self, socket: &mut Socket<Subscribe>, dice: &mut Dice, journal: &mut Journal) {
        let choices: [&'static [u8]; 6] = [b"", b"a", b"ab", b"aba", b"b", b"abab"];
        let prefix = dice.pick(&choices);
        if dice.one_in(2) {
            self.prefixes.push(prefix);
            socket.machine.subscribe(prefix);
            return;
        }
        let place = self.prefixes.iter().position(|other| *other == prefix);
        if let Some(place) = place {
            self.prefixes.swap_remove(place);
        }
        if socket.around.fault != Fault::KeepsSubscriptions {
            let was_there = socket.machine.unsubscribe(prefix);
            journal.claim(Law::Matching, was_there == place.is_some(), || {
                format!("unsubscribing from {prefix:?} says {was_there}")
            });
        }
    }
}

impl User<Subscribe> for Reader {
    fn act(&mut self, socket: &mut Socket<Subscribe>, dice: &mut Dice, journal: &mut Journal) -> bool {
        if !socket.settling && dice.one_in(4) {
            self.change_mind(socket, dice, journal);
        }
        Listener { unique: false }.listen(socket, dice, journal)
    }

    fn judged(&mut self, body: &Message, accepted: bool, journal: &mut Journal) {
        let matches = self.prefixes.iter().any(|prefix| body.starts_with(prefix));
        journal.claim(Law::Matching, accepted == matches, || {
            format!("{body:?} was let through ({accepted}) with {:?}", self.prefixes)
        });
    }

    fn restarted(&mut self) {
        self.prefixes.clear();
    }

    fn waits(&self, _socket: &Socket<Subscribe>) -> bool {
        false
    }
}
