use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use hubless_protocol::patterns::Pattern;
use hubless_transport::{Header, Packet};

use crate::body::Body;
use crate::dice::Dice;
use crate::fault::Fault;
use crate::journal::Journal;
use crate::node::User;
use crate::socket::Socket;

/// How many messages a device carries one way at a time.
const MOST_CARRIED: usize = 4;

/// What a device carries one way.
pub(crate) type Belt = Rc<RefCell<VecDeque<Packet>>>;

/// One side of a device: what arrives goes onto one belt, what is on the other is sent.
#[derive(Debug)]
pub(crate) struct Carrier {
    away: Belt,
    here: Belt,
}

impl Carrier {
    /// What arrives goes `away`; what is to be sent from `here`.
    pub(crate) fn new(away: &Belt, here: &Belt) -> Self {
        Self { away: Rc::clone(away), here: Rc::clone(here) }
    }

    fn take<P: Pattern<Origin = Header>>(&self, socket: &mut Socket<P>, journal: &mut Journal) -> bool {
        if self.away.borrow().len() >= MOST_CARRIED {
            return false;
        }
        let Some((received, body)) = socket.take(journal) else { return false };
        journal.hop(body.serial);
        let header = if socket.around.fault == Fault::ForgetsHops {
            forgetful(&received.origin)
        } else {
            received.origin
        };
        self.away.borrow_mut().push_back(Packet::new(header, received.body));
        true
    }

    fn send<P: Pattern<Outgoing = Packet>>(&self, socket: &mut Socket<P>, journal: &mut Journal) -> bool {
        let Some(mut packet) = self.here.borrow_mut().pop_front() else { return false };
        let serial = Body::decode(&packet.body).map_or(0, |body| body.serial);
        let refused = socket.send(&mut packet, serial, journal).is_err();
        if refused {
            self.here.borrow_mut().push_front(packet);
        }
        !refused
    }
}

impl<P: Pattern<Outgoing = Packet, Origin = Header>> User<P> for Carrier {
    fn act(&mut self, socket: &mut Socket<P>, _dice: &mut Dice, journal: &mut Journal) -> bool {
        let taken = self.take(socket, journal);
        self.send(socket, journal) || taken
    }

    fn waits(&self, _socket: &Socket<P>) -> bool {
        !self.here.borrow().is_empty()
    }
}

/// The last word of a header: the id of a request, or a hop count that begins anew.
fn forgetful(header: &Header) -> Header {
    let from = header.len().saturating_sub(4);
    match header.as_slice() {
        [0, 0, 0, _] => Header::new(),
        words => Header::from(&words[from..]),
    }
}
