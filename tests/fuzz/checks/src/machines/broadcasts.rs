use std::collections::BTreeMap;
use std::fmt::Debug;

use arbitrary::Unstructured;
use hubless_protocol::patterns::raw::{RawBus, RawPublish, RawSurveyor};
use hubless_protocol::patterns::{Bus, Full, Loss, Overflow, PipeId, Publish, Queueing};
use hubless_transport::{Header, Packet};

use super::given::{Given, Takes};
use super::{Deed, Happened, Laws, Play};

/// PUB in its three ways to overflow, BUS, and the raw forms, whatever happens: each message goes to every peer it is for or is
/// counted as lost by that one; where the oldest make way each is counted; where the publisher waits all get it or none, and it
/// waits only for one that is full; each peer has its messages in order; what a dead one did not get is counted.
///
/// The first byte chooses the machine; then come events, as `tests/fuzz/README.md` has them.
pub fn broadcasts(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok(choice) = input.arbitrary::<u8>() else { return };
    let input = &mut input;
    match choice % 7 {
        0 => run(Publish::new(Overflow::DropNewest), Heading::None, input),
        1 => run(Publish::new(Overflow::DropOldest), Heading::None, input),
        2 => run(Publish::new(Overflow::Block), Heading::None, input),
        3 => run(Bus::new(), Heading::None, input),
        4 => run(RawPublish::new(), Heading::Left, input),
        5 => run(RawBus::new(), Heading::Excepts, input),
        _ => run(RawSurveyor::new(), Heading::Kept, input),
    }
}

/// What becomes of the header of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heading {
    /// There is none.
    None,
    /// It stays here.
    Left,
    /// It names the peer that does not get the message, and stays here.
    Excepts,
    /// It is sent.
    Kept,
}

fn run<P: Takes>(machine: P, heading: Heading, input: &mut Unstructured<'_>) {
    let mut laws = ToAll { heading, number: 0, except: None, outgoing: Vec::new(), last: BTreeMap::new() };
    Play::run(machine, &mut laws, false, input);
}

#[derive(Debug)]
struct ToAll {
    heading: Heading,
    /// The number of the last message.
    number: u32,
    /// The pipe that does not get it.
    except: Option<u32>,
    /// What it is on the wire.
    outgoing: Vec<u8>,
    /// The number of the last message each pipe was given.
    last: BTreeMap<PipeId, u32>,
}

impl<P: Takes> Laws<P> for ToAll {
    fn outgoing(&mut self, bytes: &[u8]) -> P::Outgoing {
        self.number += 1;
        let named = bytes.first().map_or(0, |byte| u32::from(byte % 8));
        let header = match self.heading {
            Heading::None => Header::new(),
            _ => Header::word(named),
        };
        self.except = (self.heading == Heading::Excepts).then_some(named);
        let body = [bytes, &self.number.to_be_bytes()].concat();
        let front = if self.heading == Heading::Kept { header.as_slice() } else { &[] };
        self.outgoing = [front, &body].concat();
        Given(Packet::new(header, body.into())).into()
    }

    fn judge(&mut self, happened: Happened<()>, deeds: Vec<Deed<P::Origin>>, play: &Play<P>) {
        match happened {
            Happened::Sent(Ok(())) => self.sent(&deeds, play),
            Happened::Sent(Err(Full)) => {
                assert_eq!(play.machine.queueing(), Queueing::AllOrNone, "nobody waits");
                assert!(deeds.is_empty(), "it was not sent: {deeds:?}");
                let waited_for = play.world.pipes.values().any(|line| line.refused);
                assert!(waited_for || play.world.exhausted, "everybody had room");
            }
            Happened::Arrived(..) => {
                assert!(deeds.iter().all(|deed| matches!(deed, Deed::Delivered(..))), "{deeds:?}");
            }
            Happened::Returned(..) => assert!(matches!(deeds[..], [Deed::Lost(Loss::PipeLost)]), "{deeds:?}"),
            _ => assert!(deeds.is_empty(), "nobody asked for {deeds:?}"),
        }
        let waited_for = play.world.pipes.values().any(|line| line.refused);
        assert!(play.machine.may_send() || waited_for, "it waits for nobody");
    }
}

impl ToAll {
    /// Every peer it is for had it, or was counted.
    fn sent<P: Takes>(&mut self, deeds: &[Deed<P::Origin>], play: &Play<P>) {
        let mut rest = deeds;
        let except = self.except;
        for &pipe in play.world.pipes.keys().filter(|pipe| except != Some(pipe.number)) {
            let took = play.took.get(&pipe).copied().unwrap_or_default();
            rest = match (play.machine.queueing(), rest) {
                (Queueing::DroppingOldest, _) if !took => self.displaced(pipe, rest),
                (_, [Deed::Pushed(to, wire), rest @ ..]) => {
                    assert!(took || play.machine.queueing() == Queueing::AllOrNone);
                    self.pushed(pipe, *to, wire);
                    rest
                }
                (_, [Deed::LostAt(at, Loss::PeerFull), rest @ ..]) => {
                    assert!(*at == pipe && !took, "{pipe:?} had room");
                    assert_ne!(play.machine.queueing(), Queueing::AllOrNone, "all or none");
                    rest
                }
                other => panic!("{pipe:?} did not get it: {other:?}"),
            };
        }
        assert!(rest.is_empty(), "nobody asked for {rest:?}");
    }

    /// The oldest made way, each counted; or nothing could, and the new one was lost.
    fn displaced<'a, O: Debug>(&mut self, pipe: PipeId, mut deeds: &'a [Deed<O>]) -> &'a [Deed<O>] {
        while let [Deed::LostAt(at, Loss::PeerFull), Deed::Displaced(from, oldest), rest @ ..] = deeds {
            if *at != pipe {
                break;
            }
            assert_eq!(*from, pipe);
            assert!(*oldest != self.outgoing, "it made way for itself");
            deeds = rest;
        }
        match deeds {
            [Deed::Pushed(to, wire), rest @ ..] => {
                self.pushed(pipe, *to, wire);
                rest
            }
            [Deed::LostAt(at, Loss::PeerFull), rest @ ..] if *at == pipe => rest,
            other => panic!("{pipe:?} did not get it: {other:?}"),
        }
    }

    fn pushed(&mut self, pipe: PipeId, to: PipeId, wire: &[u8]) {
        assert_eq!((to, wire), (pipe, &self.outgoing[..]), "it was changed or misled");
        let before = self.last.insert(pipe, self.number);
        assert!(before.is_none_or(|before| before < self.number), "{pipe:?} has it twice, or out of order");
    }
}
