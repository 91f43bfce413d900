/// How a socket that gives each message to one of its peers chooses among those with room.
///
/// ```
/// use hubless::{Balance, Push};
///
/// let push = Push::builder().balance(Balance::LeastQueued).build()?;
/// # Ok::<(), hubless::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Balance {
    /// Each in turn; one whose queue is full is passed over.
    #[default]
    RoundRobin,
    /// The one with the fewest messages still to be done, as far as the socket knows; equals in turn.
    ///
    /// * `Req`: the fewest requests that are not answered. This sees everything: while all are busy, a server that is twice as slow
    ///   gets half as many.
    /// * `Push`, `raw::Push`, `raw::Req`: the fewest messages that this socket has queued. What it has handed over it does not
    ///   see: the buffers of the system, which over tcp can hold some MiB, and the `recv_buffer` of the peer, 1000 messages by
    ///   default. Peers are told apart when these are full, so it does most for large messages and for small receive buffers.
    ///
    /// Every send looks at the peers until it finds one that has nothing to do, so it costs some nanoseconds a busy peer.
    LeastQueued,
}

#[cfg(test)]
mod tests {
    use hubless_transport::{Message, Packet};

    use super::*;
    use crate::patterns::{Pattern, PipeId, Push, Req, ReqOptions};
    use crate::testing::{World, pipe};

    const A: PipeId = pipe(0);
    const B: PipeId = pipe(1);
    const C: PipeId = pipe(2);

    fn push(rooms: [usize; 3]) -> (Push, World<()>) {
        let (mut push, mut fx) = (Push::new(Balance::LeastQueued), World::new());
        for (pipe, room) in [A, B, C].into_iter().zip(rooms) {
            fx.join(&mut push, pipe, room);
        }
        (push, fx)
    }

    #[test]
    fn equals_take_turns() {
        let (mut push, mut fx) = push([9, 9, 9]);
        for _ in 0..7 {
            fx.send(&mut push, "x".into()).unwrap();
        }
        assert_eq!(fx.sent_to(), [A, B, C, A, B, C, A]);
    }

    #[test]
    fn who_gets_rid_of_its_messages_gets_the_next() {
        let (mut push, mut fx) = push([9, 9, 9]);
        for _ in 0..6 {
            fx.send(&mut push, "x".into()).unwrap();
        }
        fx.sent_to();
        fx.drain(&mut push, B, 2, false);
        for _ in 0..3 {
            fx.send(&mut push, "x".into()).unwrap();
        }
        assert_eq!(fx.sent_to(), [B, B, C]);
        fx.drain(&mut push, C, 3, false);
        for _ in 0..4 {
            fx.send(&mut push, "x".into()).unwrap();
        }
        assert_eq!(fx.sent_to(), [C, C, A, B]);
    }

    #[test]
    fn one_that_is_full_is_passed_over_and_the_message_comes_back_where_all_are() {
        let (mut push, mut fx) = push([1, 3, 0]);
        for _ in 0..4 {
            fx.send(&mut push, "x".into()).unwrap();
        }
        assert_eq!(fx.sent_to(), [A, B, B, B]);
        assert_eq!(fx.send(&mut push, "y".into()), Err("y".into()));
        fx.make_room(&mut push, C, 1);
        assert_eq!(fx.send(&mut push, "y".into()), Ok(()));
        assert_eq!(fx.sent_to(), [C]);
    }

    #[test]
    fn what_a_dead_pipe_left_goes_to_the_least_loaded_before_anything_new() {
        let (mut push, mut fx) = push([9, 0, 0]);
        fx.send(&mut push, "x".into()).unwrap();
        fx.leave(&mut push, A);
        fx.sent_to();
        push.on_unsent(Message::from("1").into(), &mut fx);
        assert_eq!(fx.send(&mut push, "2".into()), Err("2".into()));
        fx.make_room(&mut push, C, 9);
        assert_eq!(fx.send(&mut push, "2".into()), Ok(()));
        assert_eq!(fx.sent(), [(C, b"1".into()), (C, b"2".into())]);
    }

    #[test]
    fn a_request_goes_to_the_pipe_with_the_fewest_that_are_open() {
        let options = ReqOptions { resend: None, deadline: None, open: 10, balance: Balance::LeastQueued };
        let (mut req, mut fx) = (Req::new(5, options), World::new());
        fx.join(&mut req, A, 9);
        fx.join(&mut req, B, 9);
        let keys = [(); 4].map(|()| fx.send(&mut req, "x".into()).unwrap());
        assert_eq!(fx.sent_to(), [A, B, A, B]);
        for key in [keys[1], keys[3]] {
            let answer = Packet::from(Message::from(key.to_be_bytes().as_slice()));
            let _ = fx.receive(&mut req, B, answer);
        }
        for _ in 0..3 {
            fx.send(&mut req, "x".into()).unwrap();
        }
        assert_eq!(fx.sent_to(), [B, B, A]);
    }
}
