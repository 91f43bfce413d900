use std::net::{Shutdown, TcpListener};
use std::time::Duration;

use hubless_protocol::Wire;
use hubless_protocol::patterns::Role;
use hubless_transport::Listenable;

use super::speaker::{Came, send, speaker};
use super::stranger::Stranger;
use super::wait::{SOON, eventually, within};
use super::{PLAIN, SEALED, body, context, on_each};
use crate::{Drops, Overflow, Pub, Pull, Push, Rep, Req, Sub};

#[test]
fn messages_of_all_sizes_arrive_whole_and_in_order_on_each_wire_over_each_transport() {
    const SIZES: [usize; 9] = [8, 0, 65, 1000, 32 * 1024, 32 * 1024 + 1, 300_000, 70_000, 9];
    on_each(|context, wire, address| {
        let (pull, push) = (socket!(Pull, context, wire), socket!(Push, context, wire));
        let at = pull.listen(address).unwrap();
        push.dial(at.address()).unwrap();
        let bodies = || (0..90).map(|number| body(number, SIZES[number % SIZES.len()]));
        let sending = std::thread::spawn(move || {
            bodies().for_each(|body| push.send(body).unwrap());
            push
        });
        for body in bodies() {
            assert!(pull.recv_timeout(SOON).unwrap() == body);
        }
        assert_eq!(sending.join().unwrap().stats().drops, Drops::default());
    });
}

#[test]
fn a_listener_has_peers_of_each_wire_at_once_and_answers_each_in_its_own() {
    within(SOON, || {
        let context = context();
        let rep = socket!(Rep, context, SEALED);
        let at = rep.listen("tcp://127.0.0.1:0").unwrap();
        let reqs = [Wire::Sp, PLAIN, SEALED].map(|wire| socket!(Req, context, wire));
        for req in &reqs {
            req.dial(at.address()).unwrap();
        }
        rep.wait_for_peers(3, SOON).unwrap();
        for round in 0..50 {
            let pending: Vec<_> =
                reqs.iter().enumerate().map(|(number, req)| req.send(body(number, 100)).unwrap()).collect();
            for _ in &reqs {
                let request = rep.recv_timeout(SOON).unwrap();
                let answer = [&request[..], &[round]].concat();
                request.reply(answer).unwrap();
            }
            for (number, pending) in pending.into_iter().enumerate() {
                let answer = pending.recv_timeout(SOON).unwrap();
                assert_eq!(answer, [body(number, 100), vec![round]].concat());
            }
        }
    });
}

#[test]
fn one_that_speaks_the_second_wire_alone_is_refused_by_sp() {
    within(SOON, || {
        let context = context();
        let (pull, push) = (socket!(Pull, context, Wire::Sp), socket!(Push, context, SEALED));
        let at = pull.listen("tcp://127.0.0.1:0").unwrap();
        push.dial(at.address()).unwrap();
        eventually(|| pull.stats().refused.unknown_protocol > 0);
    });
}

/// Sends from this message on, until there is no room for a while; how many were sent by then in all.
fn fill(push: &Push, from: usize, length: usize) -> usize {
    let mut sent = from;
    while push.send_timeout(body(sent, length), Duration::from_millis(100)).is_ok() {
        sent += 1;
    }
    sent
}

#[test]
fn what_a_peer_that_leaves_has_not_taken_goes_whole_to_another_on_each_wire() {
    const LENGTH: usize = 10_000;
    for wire in [Wire::Sp, PLAIN, SEALED] {
        within(SOON, move || {
            let context = context();
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let push = socket!(Push, context, wire, send_buffer(400));
            push.dial(&*format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
            let mut stranger = Stranger::accept(&listener, wire, Role::Pull);
            let sent = fill(&push, 0, LENGTH);
            // It reads some, so that one is cut anywhere.
            let taken = stranger.read(123_457).unwrap().len();
            let sent = fill(&push, sent, LENGTH);
            drop(listener);
            stranger.stream.shutdown(Shutdown::Write).unwrap();
            eventually(|| push.pipes().is_empty());
            // It gets what the system had taken.
            let more: usize = std::iter::from_fn(|| stranger.read(1 << 20)).map(|came| came.len()).sum();
            let taken = taken + more;
            assert!(taken < sent, "it has taken everything");
            let pull = socket!(Pull, context, wire);
            let at = pull.listen("tcp://127.0.0.1:0").unwrap();
            push.dial(at.address()).unwrap();
            for number in taken..sent {
                assert!(pull.recv_timeout(SOON).unwrap() == body(number, LENGTH), "{number} of {sent}");
            }
            assert_eq!(pull.try_recv().ok(), None);
        });
    }
}

#[test]
fn the_oldest_can_be_dropped_where_a_wire_seals_and_none_is_torn() {
    const SENT: usize = 2000;
    within(SOON, || {
        let context = context();
        let overflow = Overflow::DropOldest;
        let publisher = socket!(Pub, context, SEALED, overflow(overflow), send_buffer(20));
        let at = publisher.listen("tcp://127.0.0.1:0").unwrap();
        let mut stranger = Stranger::dial(at.address(), SEALED, Role::Sub);
        publisher.wait_for_peers(1, SOON).unwrap();
        for number in 0..SENT {
            publisher.send(body(number, 10_000)).unwrap();
        }
        let last = Came::Message(body(SENT - 1, 10_000));
        let came = stranger.read_until(60_000, |came| came.last() == Some(&last));
        let number = |came: &Came| match came {
            Came::Message(body) => usize::from_be_bytes(body[..8].try_into().unwrap()),
            Came::Control(..) => panic!("nothing was said"),
        };
        let numbers: Vec<usize> = came.iter().map(number).collect();
        assert!(numbers.is_sorted() && numbers.len() < SENT, "something was dropped");
        assert_eq!(publisher.stats().drops.peer_full, (SENT - numbers.len()) as u64);
    });
}

#[test]
fn a_subscriber_gets_what_it_wants_on_a_wire_that_seals() {
    within(SOON, || {
        let context = context();
        let publisher = socket!(Pub, context, SEALED);
        let at = publisher.listen("tcp://127.0.0.1:0").unwrap();
        let sub = socket!(Sub, context, SEALED);
        sub.subscribe("yes").unwrap();
        sub.dial(at.address()).unwrap();
        publisher.wait_for_peers(1, SOON).unwrap();
        for text in ["no 1", "yes 1", "no 2", "yes 2"] {
            publisher.send(text).unwrap();
        }
        assert_eq!([(); 2].map(|()| sub.recv_timeout(SOON).unwrap()), ["yes 1", "yes 2"]);
    });
}

#[test]
fn what_was_changed_on_the_way_or_said_twice_ends_the_pipe_and_is_not_delivered() {
    for twice in [false, true] {
        within(SOON, move || {
            let context = context();
            let pull = socket!(Pull, context, SEALED);
            let at = pull.listen("tcp://127.0.0.1:0").unwrap();
            let mut stranger = Stranger::dial(at.address(), SEALED, Role::Push);
            stranger.encoder.push_shared(&[], &"genuine".into());
            let genuine = stranger.encoded();
            stranger.encoder.push_shared(&[], &"another".into());
            let mut second = stranger.encoded();
            if twice {
                second.clone_from(&genuine);
            } else {
                *second.last_mut().unwrap() ^= 1;
            }
            std::io::Write::write_all(&mut stranger.stream, &[genuine, second].concat()).unwrap();
            assert_eq!(pull.recv_timeout(SOON).unwrap(), "genuine");
            eventually(|| pull.stats().violations.unknown_frame == 1);
            assert_eq!(pull.try_recv().ok(), None);
        });
    }
}

#[test]
fn a_socket_that_never_streams_keeps_nothing_of_peers_that_came_and_went() {
    for wire in [Wire::Sp, SEALED] {
        within(SOON, move || {
            let context = context();
            let socket = speaker(&context, wire, 1000);
            let at = context.listen(&socket, "tcp://127.0.0.1:0".listening()).unwrap();
            for round in 0..30 {
                let mut stranger = Stranger::dial(at.address(), wire, Role::Bus);
                socket.wait_for_peers(1, SOON).unwrap();
                // Enough for a write, were this a stream.
                send(&socket, body(round, 100_000));
                stranger.read_until(1 << 20, |came| !came.is_empty());
                drop(stranger);
                eventually(|| socket.with_pattern(|speaker, _| speaker.peer.is_none()).unwrap());
            }
            assert_eq!(socket.with_pattern(|_, fx| fx.listed_as_due()).unwrap(), 0);
        });
    }
}
