use hubless_transport::Message;

use crate::patterns::load_balancer::LoadBalancer;
use crate::patterns::peers::peers_in;
use crate::patterns::{Balance, Effects, Full, Incoming, Loss, Pattern, PipeId, Role, Verdict};

/// PUSH: each message to one peer, in turn, waiting while none has room (sp.md section 8.4).
#[derive(Debug)]
pub struct Push {
    load_balancer: LoadBalancer,
}

impl Push {
    /// Without peers.
    pub fn new(balance: Balance) -> Self {
        Self { load_balancer: LoadBalancer::new(balance) }
    }
}

impl Pattern for Push {
    type Outgoing = Message;
    type Ticket = ();
    type Origin = ();

    fn role(&self) -> Role {
        Role::Push
    }

    peers_in!(load_balancer);

    /// Nothing is to be said on this way; it is read and ignored (sp.md section 12, row 21).
    fn message(&mut self, _pipe: PipeId, _incoming: Incoming<'_>, _fx: &mut impl Effects<()>) -> Verdict {
        Verdict::Drop(Loss::Stray)
    }

    #[inline]
    fn send(&mut self, body: &mut Message, fx: &mut impl Effects<()>) -> Result<(), Full> {
        self.load_balancer.send(&[], body, fx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::UnsentMessage;
    use crate::testing::{World, pipe};

    const A: PipeId = pipe(0);
    const B: PipeId = pipe(1);
    const C: PipeId = pipe(2);

    fn push(rooms: &[(PipeId, usize)]) -> (Push, World<()>) {
        let (mut push, mut fx) = (Push::new(Balance::RoundRobin), World::new());
        for &(pipe, room) in rooms {
            fx.join(&mut push, pipe, room);
        }
        (push, fx)
    }

    #[test]
    fn each_message_goes_unchanged_to_one_pipe_in_turn() {
        let (mut push, mut fx) = push(&[(A, 9), (B, 9), (C, 9)]);
        for body in ["1", "2", "3", "4"] {
            fx.send(&mut push, body.into()).unwrap();
        }
        let sent = fx.sent();
        assert_eq!(sent, [(A, b"1".into()), (B, b"2".into()), (C, b"3".into()), (A, b"4".into())]);
    }

    #[test]
    fn a_full_pipe_is_passed_over_until_it_is_writable() {
        let (mut push, mut fx) = push(&[(A, 9), (B, 1), (C, 9)]);
        for _ in 0..6 {
            fx.send(&mut push, "x".into()).unwrap();
        }
        assert_eq!(fx.sent_to(), [A, B, C, A, C, A]);
        fx.make_room(&mut push, B, 9);
        fx.make_room(&mut push, B, 9);
        for _ in 0..4 {
            fx.send(&mut push, "x".into()).unwrap();
        }
        assert_eq!(fx.sent_to(), [C, A, B, C]);
    }

    #[test]
    fn a_message_comes_back_where_no_pipe_has_room() {
        let (mut push, mut fx) = push(&[]);
        assert_eq!(fx.send(&mut push, "x".into()), Err("x".into()));
        fx.join(&mut push, A, 1);
        assert_eq!(fx.send(&mut push, "x".into()), Ok(()));
        assert_eq!(fx.send(&mut push, "y".into()), Err("y".into()));
        fx.leave(&mut push, A);
        assert_eq!(fx.send(&mut push, "y".into()), Err("y".into()));
    }

    #[test]
    fn what_a_dead_pipe_left_unsent_goes_to_the_others_before_anything_new() {
        let (mut push, mut fx) = push(&[(A, 0), (B, 1)]);
        fx.leave(&mut push, A);
        for body in ["1", "2", "3"] {
            push.on_unsent(Message::from(body).into(), &mut fx);
        }
        assert_eq!(fx.sent(), [(B, b"1".into())]);
        assert_eq!(push.waiting(), 2);
        assert_eq!(fx.send(&mut push, "4".into()), Err("4".into()));
        fx.make_room(&mut push, B, 1);
        fx.join(&mut push, C, 9);
        assert_eq!(fx.send(&mut push, "4".into()), Ok(()));
        assert_eq!(fx.sent(), [(B, b"2".into()), (C, b"3".into()), (C, b"4".into())]);
        assert_eq!((push.waiting(), fx.lost()), (0, vec![]));
    }

    #[test]
    fn a_message_is_given_up_for_its_own_cuts_alone_and_its_count_goes_with_it() {
        let (mut push, mut fx) = push(&[(A, 9)]);
        let came_back = |interruptions| UnsentMessage { packet: Message::from("job").into(), interruptions };
        for interruptions in [1, 2, 3, 0, 3] {
            push.on_unsent(came_back(interruptions), &mut fx);
        }
        assert_eq!(fx.lost(), []);
        assert_eq!(fx.sent_to(), [A; 5]);
        assert!(fx.pipes[&A].messages.iter().map(|unsent| unsent.interruptions).eq([1, 2, 3, 0, 3]));
        push.on_unsent(came_back(4), &mut fx);
        assert_eq!((fx.sent_to(), fx.lost()), (vec![], vec![Loss::PipeLost]));
    }

    #[test]
    fn what_came_back_and_waits_is_counted_and_what_was_handed_out_is_not() {
        let (mut push, mut fx) = push(&[]);
        let jobs = ["1", "22", "333"].map(Message::from);
        let costs = jobs.each_ref().map(|job| UnsentMessage::from(job.clone()).cost());
        assert!(costs[1] == costs[0] + 1 && costs[0] > size_of::<UnsentMessage>());
        let mut kept = 0;
        for (job, cost) in jobs.into_iter().zip(costs) {
            push.on_unsent(job.into(), &mut fx);
            kept += cost;
            assert_eq!(fx.kept, kept);
        }
        push.on_unsent(UnsentMessage { packet: Message::from("given up").into(), interruptions: 9 }, &mut fx);
        assert_eq!(fx.kept, kept);
        fx.join(&mut push, A, 2);
        assert_eq!((fx.kept, push.waiting()), (costs[2], 1));
        fx.make_room(&mut push, A, 1);
        assert_eq!((fx.kept, push.waiting()), (0, 0));
    }

    #[test]
    fn what_a_peer_says_is_ignored() {
        let (mut push, mut fx) = push(&[(A, 9)]);
        assert_eq!(fx.receive(&mut push, A, Message::from("?").into()), Verdict::Drop(Loss::Stray));
        assert_eq!(fx.delivered(), []);
    }
}
