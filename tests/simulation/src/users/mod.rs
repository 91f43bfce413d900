//! Who uses the sockets: what they send and when, and what they expect.

mod answerer;
mod asker;
mod carrier;
mod interviewer;
mod listener;
mod reader;
mod speaker;

use std::collections::BTreeMap;

use hubless_protocol::patterns::{Key, Pattern};

use crate::dice::Dice;
use crate::journal::Journal;
use crate::socket::Socket;

pub(crate) use answerer::Answerer;
pub(crate) use asker::Asker;
pub(crate) use carrier::{Belt, Carrier};
pub(crate) use interviewer::Interviewer;
pub(crate) use listener::Listener;
pub(crate) use reader::Reader;
pub(crate) use speaker::Speaker;

/// The user gives up one of its open requests or surveys, if there is any.
fn give_up<A>(
    open: &mut BTreeMap<Key, A>,
    socket: &mut Socket<impl Pattern<Ticket = Key>>,
    dice: &mut Dice,
    journal: &mut Journal,
) {
    let keys: Vec<Key> = open.keys().copied().collect();
    if keys.is_empty() {
        return;
    }
    let key = dice.pick(&keys);
    open.remove(&key);
    socket.around.close(key);
    socket.machine.cancel(key, &mut socket.around.world);
    socket.report(journal);
}
