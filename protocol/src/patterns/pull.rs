use std::convert::Infallible;

use crate::patterns::peers::{Unkept, peers_in};
use crate::patterns::{Effects, Full, Inbox, Incoming, Pattern, PipeId, Role, Verdict};

/// PULL: takes what its peers push (sp.md section 8.4). That no pipe starves is the engine's care, which reads them in
/// turn.
#[derive(Debug, Default)]
pub struct Pull {
    peers: Unkept,
}

impl Pull {
    /// Without peers.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Pattern for Pull {
    type Outgoing = Infallible;
    type Ticket = ();
    type Origin = ();

    fn role(&self) -> Role {
        Role::Pull
    }

    peers_in!(peers);

    #[inline]
    fn message(&mut self, pipe: PipeId, incoming: Incoming<'_>, fx: &mut impl Effects<()>) -> Verdict {
        fx.deliver(Inbox::Socket, pipe, (), incoming.into_body());
        Verdict::Accepted
    }

    fn send(&mut self, outgoing: &mut Infallible, _fx: &mut impl Effects<()>) -> Result<(), Full> {
        match *outgoing {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, pipe};

    #[test]
    fn every_message_is_delivered_as_it_came_even_an_empty_one() {
        let (mut pull, mut fx) = (Pull::new(), World::new());
        fx.join(&mut pull, pipe(0), 0);
        for body in ["job1", ""] {
            let body = hubless_transport::Message::from(body);
            assert_eq!(fx.receive(&mut pull, pipe(0), body.clone().into()), Verdict::Accepted);
            assert_eq!(fx.delivered(), [(Inbox::Socket, pipe(0), (), body)]);
        }
    }
}
