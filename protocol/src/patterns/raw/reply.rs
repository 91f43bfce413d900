use hubless_transport::{Header, Packet};

use super::deliver;
use crate::patterns::backtrace::{is_id, take_backtrace};
use crate::patterns::ids::IdMap;
use crate::patterns::peers::{Peers, peers_in};
use crate::patterns::{Effects, Full, Incoming, Loss, Pattern, PipeId, Refusal, Role, Verdict};

/// Raw REP and raw RESPONDENT: a request comes with the number of its pipe in front of its backtrace, and an answer goes
/// to the pipe its first word names (sp.md section 7).
#[derive(Debug)]
pub struct RawReply {
    role: Role,
    ttl: u8,
    /// The slots of the live pipes, by number.
    slots: IdMap<u32>,
}

impl RawReply {
    /// Without peers. The role is `Rep` or `Respondent`.
    pub fn new(role: Role, ttl: u8) -> Self {
        Self { role, ttl, slots: IdMap::default() }
    }
}

impl Pattern for RawReply {
    type Outgoing = Packet;
    type Ticket = ();
    type Origin = Header;

    fn role(&self) -> Role {
        self.role
    }

    peers_in!(slots);

    fn message(
        &mut self,
        pipe: PipeId,
        mut incoming: Incoming<'_>,
        fx: &mut impl Effects<Header>,
    ) -> Verdict {
        match take_backtrace(&mut incoming, self.ttl) {
            Ok(mut backtrace) => {
                backtrace.insert_word(pipe.number);
                deliver(pipe, backtrace, incoming, fx)
            }
            Err(verdict) => verdict,
        }
    }

    /// Answers wait for nobody: what has no way is counted (sp.md section 12, row 18).
    fn send(&mut self, packet: &mut Packet, fx: &mut impl Effects<Header>) -> Result<(), Full> {
        let Packet { header, body, .. } = packet;
        let Some(number) = header.take_word().filter(|word| !is_id(*word)) else {
            fx.count(Loss::Stray);
            return Ok(());
        };
        match self.slots.get(&number) {
            None => fx.count(Loss::RequesterGone),
            Some(&slot) => {
                let pipe = PipeId { slot, number };
                if fx.push(pipe, header.as_slice(), body).is_err() {
                    fx.count_for(pipe, Loss::PeerFull);
                }
            }
        }
        Ok(())
    }
}

impl Peers for IdMap<u32> {
    fn add<O>(&mut self, pipe: PipeId, _fx: &mut impl Effects<O>) -> Result<(), Refusal> {
        self.insert(pipe.number, pipe.slot);
        Ok(())
    }

    fn remove(&mut self, pipe: PipeId) {
        Self::remove(self, &pipe.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::{Inbox, ProtocolViolation};
    use crate::testing::{World, pipe};

    const A: PipeId = pipe(0);
    const ID: u32 = 0xd6d5_3efc;

    fn rep() -> (RawReply, World<Header>) {
        let (mut rep, mut fx) = (RawReply::new(Role::Rep, 2), World::new());
        fx.join(&mut rep, A, 1);
        (rep, fx)
    }

    fn words(words: &[u32]) -> Header {
        words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>().as_slice().into()
    }

    #[test]
    fn a_request_gets_the_number_of_its_pipe_in_front_and_the_answer_loses_it() {
        let (mut rep, mut fx) = rep();
        assert_eq!(fx.receive(&mut rep, A, Packet::new(words(&[7, ID]), "Hello".into())), Verdict::Accepted);
        let (inbox, arrival, header, body) = fx.delivered().pop().unwrap();
        assert_eq!((inbox, arrival, body), (Inbox::Socket, A, "Hello".into()));
        assert_eq!(header, words(&[A.number, 7, ID]));
        assert_eq!(fx.send(&mut rep, Packet::new(header, "World".into())), Ok(()));
        assert_eq!(fx.sent(), [(A, [words(&[7, ID]).as_slice(), b"World"].concat())]);
    }

    #[test]
    fn the_ttl_counts_the_words_that_arrived() {
        let (mut rep, mut fx) = rep();
        let mut arrives = |header| fx.receive(&mut rep, A, Packet::new(header, "".into()));
        assert_eq!(arrives(words(&[1, 1, ID])), Verdict::Drop(Loss::TooManyHops));
        assert_eq!(arrives(words(&[1])), Verdict::Close(ProtocolViolation::MalformedHeader));
        assert_eq!(arrives(words(&[])), Verdict::Close(ProtocolViolation::MalformedHeader));
    }

    #[test]
    fn an_answer_that_finds_no_way_is_counted() {
        let (mut rep, mut fx) = rep();
        let mut send = |header| fx.send(&mut rep, Packet::new(header, "x".into()));
        let headers = [words(&[]), b"abc".as_slice().into(), words(&[A.number | ID]), words(&[5, ID])];
        assert_eq!(headers.map(&mut send), [Ok(()), Ok(()), Ok(()), Ok(())]);
        assert_eq!([(); 2].map(|()| send(words(&[A.number, ID]))), [Ok(()), Ok(())]);
        fx.leave(&mut rep, A);
        assert_eq!(fx.send(&mut rep, Packet::new(words(&[A.number, ID]), "x".into())), Ok(()));
        assert_eq!(fx.sent_to(), [A]);
        let lost =
            [Loss::Stray, Loss::Stray, Loss::Stray, Loss::RequesterGone, Loss::PeerFull, Loss::RequesterGone];
        assert_eq!(fx.lost(), lost);
    }
}
