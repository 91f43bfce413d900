use hubless_transport::{Header, Packet};

use crate::patterns::load_balancer::LoadBalancer;
use crate::patterns::peers::peers_in;
use crate::patterns::{Balance, Effects, Full, Incoming, Loss, Pattern, PipeId, Role, Verdict};

/// Raw PUSH: as PUSH; it has no header.
#[derive(Debug)]
pub struct RawPush {
    load_balancer: LoadBalancer,
}

impl RawPush {
    /// Without peers.
    pub fn new(balance: Balance) -> Self {
        Self { load_balancer: LoadBalancer::new(balance) }
    }
}

impl Pattern for RawPush {
    type Outgoing = Packet;
    type Ticket = ();
    type Origin = Header;

    fn role(&self) -> Role {
        Role::Push
    }

    peers_in!(load_balancer);

    fn message(&mut self, _pipe: PipeId, _incoming: Incoming<'_>, _fx: &mut impl Effects<Header>) -> Verdict {
        Verdict::Drop(Loss::Stray)
    }

    fn send(&mut self, packet: &mut Packet, fx: &mut impl Effects<Header>) -> Result<(), Full> {
        self.load_balancer.send(&[], &mut packet.body, fx)
    }
}

#[cfg(test)]
mod tests {
    use hubless_transport::Message;

    use super::*;
    use crate::testing::{World, pipe};

    #[test]
    fn a_packet_goes_without_its_header_to_one_pipe_in_turn_and_comes_back_whole() {
        let (mut push, mut fx) = (RawPush::new(Balance::RoundRobin), World::new());
        let packet = Packet::new(Header::word(1), "job".into());
        assert_eq!(fx.send(&mut push, packet.clone()), Err(packet.clone()));
        fx.join(&mut push, pipe(0), 9);
        fx.join(&mut push, pipe(1), 9);
        for _ in 0..2 {
            assert_eq!(fx.send(&mut push, packet.clone()), Ok(()));
        }
        assert_eq!(fx.sent(), [(pipe(0), b"job".into()), (pipe(1), b"job".into())]);
        fx.leave(&mut push, pipe(0));
        push.on_unsent(Message::from("job").into(), &mut fx);
        assert_eq!(fx.sent_to(), [pipe(1)]);
        assert_eq!(fx.receive(&mut push, pipe(1), packet), Verdict::Drop(Loss::Stray));
    }
}
