use hubless_transport::Message;

use crate::PeerInfo;
use crate::patterns::pipes::Pipes;
use crate::patterns::{
    Effects, Full, Incoming, Loss, Overflow, Pattern, PipeId, ProtocolViolation, Queueing, Refusal, Role,
    Verdict,
};

/// PUB: each message to every peer (sp.md section 8.3). What becomes of one for which a peer has no room is the user's choice.
/// The peers filter.
#[derive(Debug, Default)]
pub struct Publish {
    pipes: Pipes,
    overflow: Overflow,
    /// Those that have no room, where that is waited for. Kept from one send to the next, so that a send that must wait knows
    /// without looking at each.
    full: Pipes,
}

impl Publish {
    /// Without peers.
    pub fn new(overflow: Overflow) -> Self {
        Self { overflow, ..Self::default() }
    }

    /// To every peer, with room made by dropping the oldest messages. Where that makes none, this one is lost.
    ///
    /// Not inlined, as the other choice is not, so that what does nothing but push stays small.
    #[inline(never)]
    fn send_displacing(&self, body: &Message, fx: &mut impl Effects<()>) {
        for pipe in self.pipes.iter() {
            while fx.push_shared(pipe, &[], body) == Err(Full) {
                fx.count_for(pipe, Loss::PeerFull);
                if !fx.drop_oldest(pipe, body) {
                    break;
                }
            }
        }
    }

    /// To every peer, or back where one has no room. Only pushes take room, so a peer that had some after the last push has it
    /// still.
    #[inline(never)]
    fn send_to_all_or_none(&mut self, body: &Message, fx: &mut impl Effects<()>) -> Result<(), Full> {
        if self.pipes.is_empty() {
            return Ok(());
        }
        if !self.full.is_empty() || !fx.has_memory(body.len()) {
            return Err(Full);
        }
        for pipe in self.pipes.iter() {
            if fx.push_shared(pipe, &[], body) == Err(Full) {
                fx.count_for(pipe, Loss::PeerFull);
            }
            if !fx.has_room(pipe) {
                self.full.insert(pipe);
            }
        }
        Ok(())
    }
}

impl Pattern for Publish {
    type Outgoing = Message;
    type Ticket = ();
    type Origin = ();

    fn role(&self) -> Role {
        Role::Pub
    }

    fn queueing(&self) -> Queueing {
        match self.overflow {
            Overflow::DropNewest => Queueing::Dropping,
            Overflow::DropOldest => Queueing::DroppingOldest,
            Overflow::Block => Queueing::AllOrNone,
        }
    }

    fn pipe_added(
        &mut self,
        pipe: PipeId,
        _peer: &PeerInfo,
        fx: &mut impl Effects<()>,
    ) -> Result<(), Refusal> {
        self.pipes.insert(pipe);
        if self.overflow == Overflow::Block && !fx.has_room(pipe) {
            self.full.insert(pipe);
        }
        Ok(())
    }

    fn pipe_removed(&mut self, pipe: PipeId, _fx: &mut impl Effects<()>) {
        self.pipes.remove(pipe);
        self.full.remove(pipe);
    }

    fn pipe_writable(&mut self, pipe: PipeId, _fx: &mut impl Effects<()>) {
        self.full.remove(pipe);
    }

    fn may_send(&self) -> bool {
        self.full.is_empty()
    }

    /// Subscriptions do not travel, so a subscriber has nothing to say (sp.md section 12, row 21).
    fn message(&mut self, _pipe: PipeId, _incoming: Incoming<'_>, _fx: &mut impl Effects<()>) -> Verdict {
        Verdict::Close(ProtocolViolation::Unexpected)
    }

    #[inline]
    fn send(&mut self, body: &mut Message, fx: &mut impl Effects<()>) -> Result<(), Full> {
        match self.overflow {
            Overflow::DropNewest => self.pipes.broadcast(&[], body, None, fx, drop),
            Overflow::DropOldest => self.send_displacing(body, fx),
            Overflow::Block => return self.send_to_all_or_none(body, fx),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, pipe};

    const A: PipeId = pipe(0);
    const B: PipeId = pipe(1);

    fn publish(overflow: Overflow, rooms: &[(PipeId, usize)]) -> (Publish, World<()>) {
        let (mut publish, mut fx) = (Publish::new(overflow), World::new());
        for &(pipe, room) in rooms {
            fx.join(&mut publish, pipe, room);
        }
        (publish, fx)
    }

    #[test]
    fn every_message_goes_to_every_subscriber_with_room_and_the_loss_of_the_others_is_counted() {
        let (mut publish, mut fx) = publish(Overflow::DropNewest, &[(A, 2), (B, 1)]);
        assert_eq!(fx.send(&mut publish, "wx.rain".into()), Ok(()));
        assert_eq!(fx.sent(), [(A, b"wx.rain".into()), (B, b"wx.rain".into())]);
        assert_eq!(fx.send(&mut publish, "wx.sun".into()), Ok(()));
        assert_eq!(fx.sent_to(), [A]);
        assert_eq!(fx.lost(), [Loss::PeerFull]);
    }

    #[test]
    fn a_full_subscriber_loses_its_oldest_message_for_the_new_one_and_the_others_lose_nothing() {
        let (mut publish, mut fx) = publish(Overflow::DropOldest, &[(A, 9), (B, 2)]);
        for body in ["1", "2", "3", "4"] {
            assert_eq!(fx.send(&mut publish, body.into()), Ok(()));
        }
        assert_eq!(fx.pipes[&A].wires(), [b"1", b"2", b"3", b"4"]);
        assert_eq!(fx.pipes[&B].wires(), [b"3", b"4"]);
        assert_eq!(fx.lost(), [Loss::PeerFull; 2]);
    }

    #[test]
    fn where_nothing_queued_can_be_dropped_the_newest_is() {
        let (mut publish, mut fx) = publish(Overflow::DropOldest, &[(A, 1)]);
        assert_eq!(fx.send(&mut publish, "1".into()), Ok(()));
        assert_eq!(fx.sent(), [(A, b"1".into())]);
        fx.drain(&mut publish, A, 0, true);
        assert_eq!(fx.send(&mut publish, "2".into()), Ok(()));
        assert_eq!((fx.sent(), fx.lost()), (vec![], vec![Loss::PeerFull]));
    }

    #[test]
    fn what_is_queued_stays_where_dropping_it_makes_no_room() {
        let (mut publish, mut fx) = publish(Overflow::DropOldest, &[(A, 9), (B, 9)]);
        for body in ["1", "2"] {
            assert_eq!(fx.send(&mut publish, body.into()), Ok(()));
        }
        fx.largest = 3;
        fx.beyond = Some(B);
        assert_eq!(fx.send(&mut publish, "large".into()), Ok(()));
        let (of_a, of_b): (Vec<_>, Vec<_>) = fx.sent().into_iter().partition(|(pipe, _)| *pipe == A);
        assert_eq!((of_a.len(), of_b.len()), (2, 3));
        assert_eq!(fx.lost(), [Loss::PeerFull]);
    }

    #[test]
    fn all_subscribers_get_a_message_or_none_does() {
        let (mut publish, mut fx) = publish(Overflow::Block, &[(A, 1), (B, 2)]);
        assert_eq!(fx.send(&mut publish, "1".into()), Ok(()));
        assert_eq!(fx.send(&mut publish, "2".into()), Err("2".into()));
        assert_eq!(fx.sent_to(), [A, B]);
        fx.make_room(&mut publish, A, 1);
        assert_eq!(fx.send(&mut publish, "2".into()), Ok(()));
        assert_eq!((fx.sent_to(), fx.lost()), (vec![A, B], vec![]));
    }

    #[test]
    fn whoever_waits_is_told_when_the_last_full_subscriber_has_room() {
        let (mut publish, mut fx) = publish(Overflow::Block, &[(A, 1), (B, 1)]);
        assert!(publish.may_send());
        assert_eq!(fx.send(&mut publish, "1".into()), Ok(()));
        fx.make_room(&mut publish, B, 1);
        assert!(!publish.may_send());
        fx.make_room(&mut publish, A, 1);
        assert!(publish.may_send());
    }

    #[test]
    fn a_full_subscriber_that_leaves_is_waited_for_no_longer() {
        let (mut publish, mut fx) = publish(Overflow::Block, &[(A, 1), (B, 2)]);
        assert_eq!(fx.send(&mut publish, "1".into()), Ok(()));
        fx.leave(&mut publish, A);
        assert!(publish.may_send());
        assert_eq!(fx.send(&mut publish, "2".into()), Ok(()));
        assert_eq!(fx.sent_to(), [A, B, B]);
    }

    #[test]
    fn a_subscriber_without_room_is_waited_for_from_its_first_moment() {
        let (mut publish, mut fx) = publish(Overflow::Block, &[(A, 0)]);
        assert_eq!(fx.send(&mut publish, "1".into()), Err("1".into()));
        fx.make_room(&mut publish, A, 1);
        assert_eq!(fx.send(&mut publish, "1".into()), Ok(()));
    }

    #[test]
    fn without_memory_a_message_waits_before_anybody_has_it() {
        let (mut publish, mut fx) = publish(Overflow::Block, &[(A, 1), (B, 1)]);
        fx.exhausted = true;
        assert_eq!(fx.send(&mut publish, "1".into()), Err("1".into()));
        fx.exhausted = false;
        assert_eq!(fx.send(&mut publish, "1".into()), Ok(()));
        assert_eq!(fx.sent_to(), [A, B]);
    }

    #[test]
    fn publishing_to_nobody_succeeds() {
        for overflow in [Overflow::DropNewest, Overflow::DropOldest, Overflow::Block] {
            let (mut publish, mut fx) = publish(overflow, &[]);
            fx.exhausted = true;
            assert_eq!(fx.send(&mut publish, "x".into()), Ok(()));
            assert_eq!(fx.lost(), []);
        }
    }

    #[test]
    fn what_a_dead_subscriber_did_not_get_is_counted() {
        let (mut publish, mut fx) = publish(Overflow::default(), &[(A, 2)]);
        fx.leave(&mut publish, A);
        publish.on_unsent(Message::from("x").into(), &mut fx);
        assert_eq!((fx.sent(), fx.lost()), (vec![], vec![Loss::PipeLost]));
    }

    #[test]
    fn a_subscriber_that_says_something_is_closed() {
        let (mut publish, mut fx) = publish(Overflow::default(), &[(A, 2)]);
        let verdict = fx.receive(&mut publish, A, Message::from("?").into());
        assert_eq!(verdict, Verdict::Close(ProtocolViolation::Unexpected));
    }
}
