use std::collections::BTreeMap;
use std::fmt::Debug;

use arbitrary::Unstructured;
use hubless_protocol::patterns::raw::RawReply;
use hubless_protocol::patterns::{Answer, Inbox, Loss, Pattern, PipeId, Reply, Role, Route, Verdict};
use hubless_transport::{Header, Message, Packet};

use super::{Deed, Happened, Laws, Play};

/// REP, RESPONDENT and their raw forms, whatever happens: a request is delivered with its way back; an answer goes that way, to
/// the very pipe the request came by, behind the words that stood in front of the request; it waits for nobody, and one that
/// does not go is counted, at that pipe. The same answer may be given twice, and long after its pipe is gone.
///
/// The first byte chooses the machine; then come events, as `tests/fuzz/README.md` has them. The first byte of an answer chooses
/// the request.
pub fn replies(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok(choice) = input.arbitrary::<u8>() else { return };
    let role = if choice & 1 == 0 { Role::Rep } else { Role::Respondent };
    let ttl = (choice >> 2).max(1);
    if choice & 2 == 0 {
        run(Reply::new(role, ttl), &mut input);
    } else {
        run(RawReply::new(role, ttl), &mut input);
    }
}

fn run<P>(machine: P, input: &mut Unstructured<'_>)
where
    P: Pattern<Ticket = ()>,
    P::Origin: Way<P::Outgoing> + Clone + Debug,
{
    let laws = Replies::<P::Origin> { ways: Vec::new(), chosen: None, body: Vec::new() };
    Play::run(machine, &mut { laws }, false, input);
}

/// What comes with a request, and leads its answer back.
trait Way<Outgoing>: Sized {
    /// An answer to nothing that came: not even a word leads it.
    fn nowhere() -> Self;
    /// The answer with this body.
    fn answer(self, body: &[u8]) -> Outgoing;
    /// The words, and the number of the pipe in front where it stands there.
    fn words(&self) -> &[u8];
    /// Whether the number of the pipe stands in front.
    fn names_pipe() -> bool;
}

impl Way<Answer> for Route {
    fn nowhere() -> Self {
        Self { pipe: PipeId { slot: 0, number: 0x7fff_ffff }, backtrace: Header::new() }
    }

    fn answer(self, body: &[u8]) -> Answer {
        Answer { route: self, body: body.into() }
    }

    fn words(&self) -> &[u8] {
        self.backtrace.as_slice()
    }

    fn names_pipe() -> bool {
        false
    }
}

impl Way<Packet> for Header {
    fn nowhere() -> Self {
        Self::new()
    }

    fn answer(self, body: &[u8]) -> Packet {
        Packet::new(self, Message::from(body))
    }

    fn words(&self) -> &[u8] {
        self.as_slice()
    }

    fn names_pipe() -> bool {
        true
    }
}

#[derive(Debug)]
struct Replies<O> {
    /// By which pipe each request came, what leads back, and what stood in front of it.
    ways: Vec<(PipeId, O, Vec<u8>)>,
    /// Which of these the answer is for, and what it is.
    chosen: Option<usize>,
    body: Vec<u8>,
}

impl<P> Laws<P> for Replies<P::Origin>
where
    P: Pattern<Ticket = ()>,
    P::Origin: Way<P::Outgoing> + Clone + Debug,
{
    fn outgoing(&mut self, bytes: &[u8]) -> P::Outgoing {
        let which = bytes.first().map_or(0, |byte| usize::from(*byte));
        self.chosen = which.checked_rem(self.ways.len());
        self.body = bytes.to_vec();
        let way = self.chosen.map_or_else(P::Origin::nowhere, |chosen| self.ways[chosen].1.clone());
        way.answer(bytes)
    }

    fn judge(&mut self, happened: Happened<()>, deeds: Vec<Deed<P::Origin>>, play: &Play<P>) {
        match happened {
            Happened::Sent(sent) => {
                assert!(sent.is_ok(), "it waits for nobody");
                self.answered(&deeds, &play.took);
            }
            Happened::Arrived(pipe, bytes, verdict) => self.asked::<P>(pipe, &bytes, verdict, deeds),
            Happened::Returned(..) => assert!(matches!(deeds[..], [Deed::Lost(Loss::PipeLost)]), "{deeds:?}"),
            _ => assert!(deeds.is_empty(), "nobody asked for {deeds:?}"),
        }
    }
}

impl<O: Debug> Replies<O> {
    fn asked<P>(&mut self, pipe: PipeId, bytes: &[u8], verdict: Verdict, mut deeds: Vec<Deed<O>>)
    where
        P: Pattern<Origin = O>,
        O: Way<P::Outgoing>,
    {
        let Some(deed) = deeds.pop() else { return assert_ne!(verdict, Verdict::Accepted) };
        let Deed::Delivered(Inbox::Socket, by, way, body) = deed else { panic!("nobody asked for {deed:?}") };
        assert_eq!((verdict, by, deeds.len()), (Verdict::Accepted, pipe, 0));
        let mut words = way.words();
        if O::names_pipe() {
            words = words.strip_prefix(&pipe.number.to_be_bytes()).expect("the number of its pipe");
        }
        assert_eq!([words, &body].concat(), bytes, "it was changed");
        let words = words.to_vec();
        self.ways.push((pipe, way, words));
    }

    fn answered(&self, deeds: &[Deed<O>], took: &BTreeMap<PipeId, bool>) {
        let [deed] = deeds else { panic!("an answer is one message: {deeds:?}") };
        let Some((pipe, _, words)) = self.chosen.map(|chosen| &self.ways[chosen]) else {
            assert!(
                matches!(deed, Deed::Lost(Loss::Stray) | Deed::LostAt(_, Loss::RequesterGone)),
                "{deed:?}"
            );
            return;
        };
        match (took.get(pipe), deed) {
            (Some(true), Deed::Pushed(to, wire)) => {
                assert_eq!((to, wire), (pipe, &[&words[..], &self.body].concat()), "it was misled");
            }
            (Some(false), Deed::LostAt(at, Loss::PeerFull))
            | (None, Deed::LostAt(at, Loss::RequesterGone)) => assert_eq!(at, pipe),
            (None, Deed::Lost(Loss::RequesterGone)) => {}
            (took, other) => panic!("room: {took:?}, and {other:?}"),
        }
    }
}
