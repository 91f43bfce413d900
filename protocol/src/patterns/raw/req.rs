use std::collections::VecDeque;

use hubless_transport::{Header, Packet};

use super::deliver_answer;
use crate::PeerInfo;
use crate::patterns::load_balancer::LoadBalancer;
use crate::patterns::{
    Balance, Effects, Full, Incoming, Pattern, PipeId, Refusal, Role, UnsentMessage, Verdict,
};

/// Raw REQ: each packet to one peer, in turn, unchanged; answers come with the words that tell their way on.
#[derive(Debug)]
pub struct RawReq {
    load_balancer: LoadBalancer,
}

impl RawReq {
    /// Without peers.
    pub fn new(balance: Balance) -> Self {
        Self { load_balancer: LoadBalancer::new(balance) }
    }
}

impl Pattern for RawReq {
    type Outgoing = Packet;
    type Ticket = ();
    type Origin = Header;

    fn role(&self) -> Role {
        Role::Req
    }

    fn pipe_added(
        &mut self,
        pipe: PipeId,
        _peer: &PeerInfo,
        fx: &mut impl Effects<Header>,
    ) -> Result<(), Refusal> {
        self.load_balancer.admit(pipe, fx);
        Ok(())
    }

    fn pipe_removed(&mut self, pipe: PipeId, _fx: &mut impl Effects<Header>) {
        self.load_balancer.remove(pipe);
    }

    fn pipe_writable(&mut self, pipe: PipeId, fx: &mut impl Effects<Header>) {
        self.load_balancer.admit(pipe, fx);
    }

    fn on_unsent(&mut self, unsent: UnsentMessage, fx: &mut impl Effects<Header>) {
        self.load_balancer.take_back(unsent, fx);
    }

    fn redistributes(&self) -> bool {
        true
    }

    fn waiting(&self) -> usize {
        self.load_balancer.waiting()
    }

    fn over(&mut self) -> VecDeque<UnsentMessage> {
        self.load_balancer.over()
    }

    fn message(&mut self, pipe: PipeId, incoming: Incoming<'_>, fx: &mut impl Effects<Header>) -> Verdict {
        deliver_answer(pipe, incoming, fx)
    }

    fn send(&mut self, packet: &mut Packet, fx: &mut impl Effects<Header>) -> Result<(), Full> {
        let Packet { header, body, .. } = packet;
        self.load_balancer.send(header.as_slice(), body, fx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, pipe};

    #[test]
    fn a_packet_goes_on_unchanged_and_comes_back_whole_where_no_pipe_has_room() {
        let (mut req, mut fx) = (RawReq::new(Balance::RoundRobin), World::new());
        let packet = Packet::new(b"\0\0\0\x01\x80\0\0\x02".as_slice().into(), "x".into());
        assert_eq!(fx.send(&mut req, packet.clone()), Err(packet.clone()));
        fx.join(&mut req, pipe(0), 1);
        assert_eq!(fx.send(&mut req, packet.clone()), Ok(()));
        assert_eq!(fx.sent(), [(pipe(0), b"\0\0\0\x01\x80\0\0\x02x".into())]);
        fx.leave(&mut req, pipe(0));
        req.on_unsent(packet.clone().into(), &mut fx);
        assert_eq!(fx.send(&mut req, packet.clone()), Err(packet));
        fx.join(&mut req, pipe(1), 9);
        assert_eq!(fx.sent_to(), [pipe(1)]);
    }
}
