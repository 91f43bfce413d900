use std::fmt::Debug;

use arbitrary::Unstructured;
use hubless_protocol::patterns::raw::{RawPair, RawPush, RawReq};
use hubless_protocol::patterns::{Balance, Full, Loss, Pair, PipeId, Push, Refusal, Role};
use hubless_transport::{Header, Packet};

use super::given::{Given, Takes};
use super::ledger::Ledger;
use super::rounds::Rounds;
use super::{Deed, Happened, Laws, Play, wire};

/// PUSH, PAIR and their raw forms, and raw REQ, whatever happens: each message goes to one peer, unchanged and once; it comes
/// back to the user only where nobody has room; what a dead peer left goes to the others, oldest first and before anything
/// new; peers are served in turn, or by what they have to do. PAIR takes one peer, and counts what that did not get.
///
/// The first byte chooses the machine; then come events, as `tests/fuzz/README.md` has them.
pub fn distributions(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok(choice) = input.arbitrary::<u8>() else { return };
    let balance = if choice & 0x80 == 0 { Balance::RoundRobin } else { Balance::LeastQueued };
    let joined = choice & 0x40 == 0;
    let input = &mut input;
    match choice % 7 {
        0 => run(Push::new(balance), Kind::cooked(balance), joined, input),
        1 => run(RawPush::new(balance), Kind::raw(balance), joined, input),
        2 => run(RawReq::new(balance), Kind { keeps_header: true, ..Kind::raw(balance) }, joined, input),
        3 => run(Pair::new(Role::PairV0, 8), Kind::pair(&[]), joined, input),
        4 => run(Pair::new(Role::PairV1, 8), Kind::pair(&[0, 0, 0, 1]), joined, input),
        5 => run(RawPair::new(Role::PairV0, 8), Kind::pair(&[]), joined, input),
        _ => run(RawPair::new(Role::PairV1, 8), Kind::pair(&[0, 0, 0, 1]), joined, input),
    }
}

/// What tells these machines from each other.
#[derive(Debug, Clone, Copy)]
struct Kind {
    balance: Balance,
    /// Has one peer, and gives nothing to another.
    pairs: bool,
    /// Sends the header of a packet.
    keeps_header: bool,
    /// What stands in front of each message.
    header: &'static [u8],
    /// The user's messages have a header.
    raw: bool,
}

impl Kind {
    fn cooked(balance: Balance) -> Self {
        Self { balance, pairs: false, keeps_header: false, header: &[], raw: false }
    }

    fn raw(balance: Balance) -> Self {
        Self { raw: true, ..Self::cooked(balance) }
    }

    fn pair(header: &'static [u8]) -> Self {
        Self { pairs: true, header, ..Self::cooked(Balance::RoundRobin) }
    }
}

fn run<P: Takes>(machine: P, kind: Kind, joined: bool, input: &mut Unstructured<'_>) {
    let mut laws = OneEach {
        kind,
        ledger: Ledger::default(),
        rounds: Rounds::new(kind.balance),
        number: 0,
        outgoing: Vec::new(),
    };
    Play::run(machine, &mut laws, joined, input);
}

#[derive(Debug)]
struct OneEach {
    kind: Kind,
    ledger: Ledger,
    rounds: Rounds,
    /// The number of the last message, which no other has.
    number: u32,
    /// What it is on the wire.
    outgoing: Vec<u8>,
}

impl<P: Takes> Laws<P> for OneEach {
    fn outgoing(&mut self, bytes: &[u8]) -> P::Outgoing {
        self.number += 1;
        let header = if self.kind.raw { Header::word(0x8000_0000 | self.number) } else { Header::new() };
        let body = [&self.number.to_be_bytes()[..], bytes].concat();
        let front = if self.kind.keeps_header { header.as_slice() } else { self.kind.header };
        self.outgoing = [front, &body].concat();
        Given(Packet::new(header, body.into())).into()
    }

    fn judge(&mut self, happened: Happened<()>, deeds: Vec<Deed<P::Origin>>, play: &Play<P>) {
        match happened {
            Happened::Joined(welcome) => self.joined(welcome, deeds, play),
            Happened::Sent(Ok(())) => self.taken(&deeds, play),
            Happened::Sent(Err(Full)) => {
                assert!(deeds.is_empty(), "it was not sent: {deeds:?}");
                assert!(play.all_refused(), "somebody had room");
            }
            Happened::Returned(packet, cut) => self.came_back(&packet, cut, deeds),
            Happened::Arrived(pipe, bytes, _) => assert_delivered(pipe, &bytes, &deeds),
            _ => self.by_itself(deeds),
        }
        self.rounds.settle(&play.world);
        assert_eq!(play.machine.waiting(), self.ledger.waiting());
        assert_eq!(play.world.kept > 0, self.ledger.waiting() > 0, "the memory of what waits");
        assert!(self.ledger.waiting() == 0 || play.all_refused(), "somebody had room for what waits");
    }
}

impl OneEach {
    fn joined<P: Takes>(
        &mut self,
        welcome: Result<(), Refusal>,
        deeds: Vec<Deed<P::Origin>>,
        play: &Play<P>,
    ) {
        let alone = play.world.pipes.len() == usize::from(welcome.is_ok());
        assert_eq!(welcome.is_err(), self.kind.pairs && !alone, "who is welcome");
        self.by_itself(deeds);
    }

    fn taken<P: Takes>(&mut self, deeds: &[Deed<P::Origin>], play: &Play<P>) {
        let [Deed::Pushed(pipe, wire)] = deeds else { panic!("one message is one push: {deeds:?}") };
        assert_eq!(*wire, self.outgoing, "it was changed");
        self.ledger.taken(wire.clone(), *pipe);
        let load = |other| play.world.pipes[&other].messages.len() - usize::from(other == *pipe);
        self.rounds.served(*pipe, &play.world, load);
    }

    fn came_back<O: Debug>(&mut self, packet: &Packet, cut: bool, deeds: Vec<Deed<O>>) {
        self.ledger.came_back(wire(packet), cut);
        if self.kind.pairs {
            assert!(matches!(deeds[..], [Deed::Lost(Loss::PipeLost)]), "it is lost: {deeds:?}");
            return self.ledger.lost();
        }
        self.by_itself(deeds);
    }

    fn by_itself<O: Debug>(&mut self, deeds: Vec<Deed<O>>) {
        if !deeds.is_empty() {
            self.rounds.disturbed();
        }
        self.ledger.did(deeds);
    }
}

/// What the peer says is delivered as it is or not at all.
fn assert_delivered<O: Debug>(pipe: PipeId, bytes: &[u8], deeds: &[Deed<O>]) {
    match deeds {
        [] => {}
        [Deed::Delivered(_, by, _, body)] => {
            assert!(*by == pipe && bytes.ends_with(body), "{body:?} is not from {pipe:?}");
        }
        other => panic!("nobody asked for {other:?}"),
    }
}
