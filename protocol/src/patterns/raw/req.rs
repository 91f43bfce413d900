use hubless_transport::{Header, Packet};

use super::deliver_answer;
use crate::patterns::load_balancer::LoadBalancer;
use crate::patterns::peers::peers_in;
use crate::patterns::{Balance, Effects, Full, Incoming, Pattern, PipeId, Role, Verdict};

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

    peers_in!(load_balancer);

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
