use std::convert::Infallible;

use crate::patterns::peers::{Unkept, peers_in};
use crate::patterns::subscriptions::Subscriptions;
use crate::patterns::{Effects, Full, Inbox, Incoming, Loss, Pattern, PipeId, Role, Verdict};

/// SUB: of all that is published, what begins with a prefix it subscribed to (sp.md section 8.3). It sends nothing, or
/// the other implementations would close the pipe.
#[derive(Debug, Default)]
pub struct Subscribe {
    subscriptions: Subscriptions,
    peers: Unkept,
}

impl Subscribe {
    /// Without peers and subscriptions: nothing is delivered.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets messages through that begin with this; all, if it is empty.
    pub fn subscribe(&mut self, prefix: &[u8]) {
        self.subscriptions.insert(prefix);
    }

    /// Takes back one such call; `false` where there was none.
    pub fn unsubscribe(&mut self, prefix: &[u8]) -> bool {
        self.subscriptions.remove(prefix)
    }
}

impl Pattern for Subscribe {
    type Outgoing = Infallible;
    type Ticket = ();
    type Origin = ();

    fn role(&self) -> Role {
        Role::Sub
    }

    peers_in!(peers);

    #[inline]
    fn message(&mut self, pipe: PipeId, mut incoming: Incoming<'_>, fx: &mut impl Effects<()>) -> Verdict {
        if !self.subscriptions.matches(incoming.body()) {
            return Verdict::Drop(Loss::Filtered);
        }
        fx.deliver(Inbox::Socket, pipe, (), incoming.into_body());
        Verdict::Accepted
    }

    fn send(&mut self, outgoing: &mut Infallible, _fx: &mut impl Effects<()>) -> Result<(), Full> {
        match *outgoing {}
    }
}

#[cfg(test)]
mod tests {
    use hubless_transport::Message;

    use super::*;
    use crate::testing::{World, pipe};

    #[test]
    fn only_what_begins_with_a_subscribed_prefix_is_delivered() {
        let (mut subscribe, mut fx) = (Subscribe::new(), World::new());
        fx.join(&mut subscribe, pipe(0), 0);
        let mut arrives = |subscribe: &mut Subscribe, body: &str| {
            let verdict = fx.receive(subscribe, pipe(0), Message::from(body).into());
            let delivered = fx.delivered();
            match verdict {
                Verdict::Drop(Loss::Filtered) => assert_eq!(delivered, []),
                _ => assert_eq!(delivered, [(Inbox::Socket, pipe(0), (), body.into())]),
            }
            verdict == Verdict::Accepted
        };
        assert!(!arrives(&mut subscribe, ""));
        subscribe.subscribe(b"wx.");
        assert!(arrives(&mut subscribe, "wx.rain"));
        assert!(!arrives(&mut subscribe, "px.gold"));
        subscribe.subscribe(b"");
        assert!(arrives(&mut subscribe, "px.gold"));
        assert!(arrives(&mut subscribe, ""));
    }

    #[test]
    fn subscribing_twice_needs_unsubscribing_twice() {
        let mut subscribe = Subscribe::new();
        subscribe.subscribe(b"a");
        subscribe.subscribe(b"a");
        assert!(subscribe.unsubscribe(b"a"));
        let mut fx = World::new();
        assert_eq!(fx.receive(&mut subscribe, pipe(0), Message::from("a").into()), Verdict::Accepted);
        assert!(subscribe.unsubscribe(b"a"));
        assert!(!subscribe.unsubscribe(b"a"));
        let verdict = fx.receive(&mut subscribe, pipe(0), Message::from("a").into());
        assert_eq!(verdict, Verdict::Drop(Loss::Filtered));
    }

    #[test]
    fn subscriptions_outlast_the_publisher() {
        let (mut subscribe, mut fx) = (Subscribe::new(), World::new());
        subscribe.subscribe(b"a");
        fx.join(&mut subscribe, pipe(0), 0);
        fx.leave(&mut subscribe, pipe(0));
        fx.join(&mut subscribe, pipe(1), 0);
        assert_eq!(fx.receive(&mut subscribe, pipe(1), Message::from("a").into()), Verdict::Accepted);
        assert_eq!(fx.sent(), []);
    }
}
