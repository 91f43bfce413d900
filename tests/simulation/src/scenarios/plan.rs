use hubless_protocol::patterns::raw::RawBus;
use hubless_protocol::patterns::{Pattern, Req};
use hubless_transport::{Header, Message, Packet};

use crate::dice::Dice;
use crate::fault::Fault;
use crate::journal::Journal;
use crate::node::{Node, User};
use crate::socket::{Copies, Socket};
use crate::surroundings::Limits;
use crate::users::{Belt, Carrier};

/// A network before its first moment.
pub(crate) struct Plan {
    pub(crate) nodes: Vec<Box<dyn Node>>,
    pub(crate) links: Vec<[usize; 2]>,
    pub(crate) journal: Journal,
    pub(crate) fault: Fault,
    limits: Limits,
    /// That of the next machine's ids, now and then just before the ids begin anew.
    ids: u32,
}

impl Plan {
    pub(crate) fn new(dice: &mut Dice, fault: Fault) -> Self {
        let limits = Limits { send: dice.between(1, 6), receive: dice.between(1, 6) };
        let ids = if dice.one_in(4) { u32::MAX - 3 } else { dice.word() };
        let journal = Journal::default();
        Self { nodes: Vec::new(), links: Vec::new(), journal, fault, limits, ids }
    }

    /// A socket of a pattern in which each message is to go to one peer.
    pub(crate) fn one<P: Pattern>(
        &mut self,
        make: impl Fn(u32) -> P + 'static,
        user: impl User<P> + 'static,
    ) -> usize {
        self.add(Some(|_, _| 1), make, user)
    }

    /// A socket of a pattern in which each message is to go to every peer.
    pub(crate) fn each<P: Pattern>(
        &mut self,
        make: impl Fn(u32) -> P + 'static,
        user: impl User<P> + 'static,
    ) -> usize {
        self.add(Some(|_, around| around.alive()), make, user)
    }

    /// A REQ.
    pub(crate) fn req(
        &mut self,
        make: impl Fn(u32) -> Req + 'static,
        user: impl User<Req> + 'static,
    ) -> usize {
        self.add(None, make, user)
    }

    /// The one socket of a device for a bus.
    pub(crate) fn reflecting_bus(&mut self, belt: &Belt) -> usize {
        let copies: Copies<RawBus> = |packet: &Packet, around| {
            let from = packet.header.clone().take_word();
            around.alive() - usize::from(from.is_some_and(|number| around.has_number(number)))
        };
        self.journal.devices = true;
        self.add(Some(copies), |_| RawBus::new(), Carrier::new(belt, belt))
    }

    /// Nodes that may be connected.
    pub(crate) fn link(&mut self, one: usize, other: usize) {
        self.links.push([one, other]);
    }

    /// Links everybody on one side with everybody on the other, or both with a device in between.
    pub(crate) fn join(&mut self, fronts: &[usize], device: Option<[usize; 2]>, backs: &[usize]) {
        if let Some([front, back]) = device {
            self.join(fronts, None, &[front]);
            self.join(&[back], None, backs);
            return;
        }
        for front in fronts {
            for back in backs {
                self.link(*front, *back);
            }
        }
    }

    /// A message that is on its way already.
    pub(crate) fn prime(&mut self, belt: &Belt) {
        let body = self.journal.make(u16::MAX, 0);
        let message: Message = body.encode(b"", 0);
        belt.borrow_mut().push_back(Packet::new(Header::new(), message));
    }

    fn add<P: Pattern>(
        &mut self,
        copies: Option<Copies<P>>,
        make: impl Fn(u32) -> P + 'static,
        user: impl User<P> + 'static,
    ) -> usize {
        let index = self.nodes.len();
        let node = u16::try_from(index).unwrap_or(u16::MAX);
        // Apart from one another, as they would be with luck.
        self.ids = self.ids.wrapping_sub(1_000_003 * u32::from(node));
        let place = (node, self.limits, self.fault);
        self.nodes.push(Box::new(Socket::new(place, copies, self.ids, make, user)));
        index
    }
}
