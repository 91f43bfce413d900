use hubless_transport::Message;

use crate::patterns::pipes::Pipes;
use crate::patterns::{Breach, Effects, Full, Incoming, Pattern, PipeId, Refusal, Role, Verdict};

/// PUB: each message to every peer that has room, waiting for none (sp.md section 8.3). The peers filter.
#[derive(Debug, Default)]
pub(crate) struct Publish {
    pipes: Pipes,
}

impl Publish {
    /// Without peers.
    pub(crate) fn new() -> Self {
        Self::default()
    }
}

impl Pattern for Publish {
    type Outgoing = Message;
    type Ticket = ();
    type Origin = ();

    fn role(&self) -> Role {
        Role::Pub
    }

    fn pipe_added(&mut self, pipe: PipeId, _fx: &mut impl Effects<()>) -> Result<(), Refusal> {
        self.pipes.insert(pipe);
        Ok(())
    }

    fn pipe_removed(&mut self, pipe: PipeId, _fx: &mut impl Effects<()>) {
        self.pipes.remove(pipe);
    }

    fn pipe_writable(&mut self, _pipe: PipeId, _fx: &mut impl Effects<()>) {}

    /// Subscriptions do not travel, so a subscriber has nothing to say (sp.md section 12, row 21).
    fn message(&mut self, _pipe: PipeId, _incoming: Incoming<'_>, _fx: &mut impl Effects<()>) -> Verdict {
        Verdict::Close(Breach::Unexpected)
    }

    #[inline]
    fn send(&mut self, body: &mut Message, fx: &mut impl Effects<()>) -> Result<(), Full> {
        self.pipes.broadcast(&[], body, None, fx, drop);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::Loss;
    use crate::patterns::testing::{Recorder, pipe};

    #[test]
    fn every_message_goes_to_every_subscriber_with_room_and_the_loss_of_the_others_is_counted() {
        let (mut publish, mut fx) = (Publish::new(), Recorder::new());
        fx.join(&mut publish, pipe(0), 2);
        fx.join(&mut publish, pipe(1), 1);
        assert_eq!(fx.send(&mut publish, "wx.rain".into()), Ok(()));
        assert_eq!(fx.sent(), [(pipe(0), b"wx.rain".into()), (pipe(1), b"wx.rain".into())]);
        assert_eq!(fx.send(&mut publish, "wx.sun".into()), Ok(()));
        assert_eq!(fx.sent_to(), [pipe(0)]);
        assert_eq!(fx.lost, [Loss::PeerFull]);
    }

    #[test]
    fn publishing_to_nobody_succeeds() {
        let mut fx = Recorder::new();
        assert_eq!(fx.send(&mut Publish::new(), "x".into()), Ok(()));
        assert_eq!(fx.lost, []);
    }

    #[test]
    fn what_a_dead_subscriber_did_not_get_is_counted() {
        let (mut publish, mut fx) = (Publish::new(), Recorder::new());
        fx.join(&mut publish, pipe(0), 2);
        fx.leave(&mut publish, pipe(0));
        publish.returned(Message::from("x").into(), &mut fx);
        assert_eq!((fx.sent(), fx.lost), (vec![], vec![Loss::PipeLost]));
    }

    #[test]
    fn a_subscriber_that_says_something_is_closed() {
        let (mut publish, mut fx) = (Publish::new(), Recorder::new());
        fx.join(&mut publish, pipe(0), 2);
        let verdict = fx.receive(&mut publish, pipe(0), Message::from("?").into());
        assert_eq!(verdict, Verdict::Close(Breach::Unexpected));
    }
}
