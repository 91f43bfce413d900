//! Transports that are no plain sockets: with a handshake of three round trips, and with buffers, of bytes and of whole messages.

use std::sync::Arc;
use std::time::Duration;

use hubless::admission::Admission;
use hubless::transport::Transport;
use hubless::{Bus, Context, Endpoint, Pair, Pub, Pull, Push, Rep, Req, Respondent, Sub, Surveyor};
use hubless_kit::{LIMIT, SOON, body, counts, eventually, passes, within};
use hubless_layered::LayeredTransport;

/// More messages than fit into any system's buffers.
const MANY: usize = 150;

/// The layer in both its forms.
fn forms() -> [(LayeredTransport, &'static str); 2] {
    let stream = LayeredTransport::new(*b"mine");
    [(stream, "layered://127.0.0.1:0"), (stream.in_messages(), "whole://127.0.0.1:0")]
}

/// Runs `test` over each form.
fn over_each(test: fn(Context, &'static str)) {
    within(LIMIT * 5, move || {
        for (transport, address) in forms() {
            test(context(transport), address);
        }
    });
}

fn context(transport: impl Transport + 'static) -> Context {
    Context::builder().transport(transport).build().expect("a context")
}

/// Makes a socket of this context.
macro_rules! socket {
    ($kind:ident, $context:expr) => {
        $kind::builder().context(&$context).build().expect("a socket")
    };
}

/// Links two sockets, and waits until both know it.
macro_rules! link {
    ($listens:expr, $dials:expr, $address:expr) => {{
        let at = $listens.listen($address).expect("an address");
        $dials.dial(at.address()).expect("a good address");
        $listens.wait_for_peers(1, SOON).expect("a peer");
        $dials.wait_for_peers(1, SOON).expect("a peer");
    }};
}

#[test]
fn every_pattern_talks_after_a_handshake_of_three_round_trips() {
    over_each(|context, address| {
        let (push, pull) = (socket!(Push, context), socket!(Pull, context));
        link!(pull, push, address);
        passes(&push, &pull, "work");
        let (req, rep) = (socket!(Req, context), socket!(Rep, context));
        link!(rep, req, address);
        let pending = req.send("question").unwrap();
        let request = rep.recv_timeout(SOON).unwrap();
        request.reply("answer").unwrap();
        assert_eq!(pending.recv_timeout(SOON).unwrap(), "answer");
        let (publisher, sub) = (socket!(Pub, context), socket!(Sub, context));
        sub.subscribe("").unwrap();
        link!(publisher, sub, address);
        passes(&publisher, &sub, "news");
        let (one, other) = (socket!(Pair, context), socket!(Pair, context));
        link!(one, other, address);
        one.send("to you").unwrap();
        other.send("to me").unwrap();
        assert_eq!(other.recv_timeout(SOON).unwrap(), "to you");
        assert_eq!(one.recv_timeout(SOON).unwrap(), "to me");
        let (here, there) = (socket!(Bus, context), socket!(Bus, context));
        link!(here, there, address);
        passes(&here, &there, "all");
        let (surveyor, respondent) = (socket!(Surveyor, context), socket!(Respondent, context));
        link!(respondent, surveyor, address);
        let mut survey = surveyor.survey("who", SOON).unwrap();
        respondent.recv_timeout(SOON).unwrap().reply("me").unwrap();
        let answer = survey.recv_timeout(SOON).unwrap().expect("an answer");
        assert_eq!(answer.message(), "me");
    });
}

#[test]
fn a_peer_of_another_pattern_is_refused_after_the_handshake() {
    over_each(|context, address| {
        let (pull, sub) = (socket!(Pull, context), socket!(Sub, context));
        sub.dial(pull.listen(address).unwrap().address()).unwrap();
        counts(&pull, |stats| stats.refused.wrong_pattern > 0 && stats.pipes == 0);
    });
}

#[test]
fn large_messages_and_many_small_ones_arrive_both_ways_at_once() {
    over_each(|context, address| {
        let (one, other) = (socket!(Pair, context), socket!(Pair, context));
        link!(one, other, address);
        let (one, other) = (Arc::new(one), Arc::new(other));
        let sizes = |number: usize| if number.is_multiple_of(50) { 3_000_000 } else { number };
        let threads = [(&one, &other), (&other, &one)].map(|(from, to)| {
            let (from, to) = (Arc::clone(from), Arc::clone(to));
            let sends = std::thread::spawn(move || {
                for number in 0..500 {
                    from.send(body(number, sizes(number))).unwrap();
                }
            });
            let receives = std::thread::spawn(move || {
                for number in 0..500 {
                    assert_eq!(to.recv_timeout(SOON).unwrap(), body(number, sizes(number)));
                }
            });
            [sends, receives]
        });
        threads.into_iter().flatten().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn reading_goes_on_when_what_it_has_to_write_first_has_left() {
    within(LIMIT * 5, || {
        for (transport, address) in forms() {
            let context = context(transport.answering_first());
            let (push, pull) = (socket!(Push, context), socket!(Pull, context));
            link!(pull, push, address);
            let sends = std::thread::spawn(move || {
                for number in 0..MANY {
                    push.send(body(number, 100_000)).unwrap();
                }
                push
            });
            for number in 0..MANY {
                assert_eq!(pull.recv_timeout(SOON).unwrap(), body(number, 100_000));
            }
            drop(sends.join().unwrap());
        }
    });
}

#[test]
fn closing_waits_until_the_transport_has_let_go_of_everything() {
    over_each(|context, address| {
        let pull = socket!(Pull, context);
        let push = Push::builder().context(&context).send_buffer_bytes(64 << 20).build().unwrap();
        link!(pull, push, address);
        for number in 0..MANY {
            push.send(body(number, 100_000)).unwrap();
        }
        let closing = std::thread::spawn(move || push.close(SOON));
        for number in 0..MANY {
            assert_eq!(pull.recv_timeout(SOON).unwrap(), body(number, 100_000));
        }
        let report = closing.join().unwrap().unwrap();
        assert_eq!((report.dropped, report.rerouted), (0, 0));
    });
}

/// Who is asked for a sign of life gives it, also where the other end is gone meanwhile: then the system drops what it had taken.
#[test]
fn what_lies_in_the_buffers_of_a_transport_does_not_count_as_written() {
    fn test(transport: LayeredTransport, address: &str) {
        let context = context(transport.without_asking());
        let pull = Pull::builder().context(&context).recv_buffer(1).build().unwrap();
        let push = Push::builder().context(&context).send_buffer_bytes(64 << 20).build().unwrap();
        link!(pull, push, address);
        for number in 0..MANY {
            push.send(body(number, 100_000)).unwrap();
        }
        counts(&pull, |stats| stats.recv_queue == 1);
        let report = push.close(Duration::ZERO).unwrap();
        assert!(report.dropped > 0, "{report:?}");
        let mut received = 0;
        eventually(|| {
            while let Ok(message) = pull.recv_timeout(Duration::ZERO) {
                assert_eq!(message, body(received, 100_000));
                received += 1;
            }
            pull.stats().pipes == 0 && pull.stats().recv_queue == 0
        });
        let left = MANY - report.dropped;
        assert!(received >= left, "{left} were to have left, and {received} have come");
    }
    within(LIMIT * 5, || forms().into_iter().for_each(|(transport, address)| test(transport, address)));
}

#[test]
fn a_judge_sees_the_key_of_a_peer_and_limits_see_its_address() {
    within(LIMIT * 5, || {
        for (transport, address) in forms() {
            let context = context(transport);
            let other = LayeredTransport::new(*b"them");
            let stranger = if address.starts_with("whole") { other.in_messages() } else { other };
            let stranger = self::context(stranger);
            let pull = socket!(Pull, context);
            let at = pull
                .listen(Endpoint::new(address).max_connections_per_address(1).admission(Admission::by(
                    |applicant| match applicant.peer().identity.key.as_deref() {
                        Some(b"mine") => applicant.accept(),
                        _ => applicant.refuse("a key that nobody knows"),
                    },
                )))
                .unwrap();
            let push = Push::builder().context(&stranger).build().unwrap();
            push.dial(at.address()).unwrap();
            counts(&pull, |stats| stats.refused.denied > 0 && stats.pipes == 0);
            drop(push);
            let (first, second) = (socket!(Push, context), socket!(Push, context));
            first.dial(at.address()).unwrap();
            pull.wait_for_peers(1, SOON).unwrap();
            second.dial(at.address()).unwrap();
            counts(&pull, |stats| stats.refused.too_many > 0 && stats.pipes == 1);
        }
    });
}

#[test]
fn a_transport_that_puts_messages_together_knows_the_limit() {
    within(LIMIT * 5, || {
        let [_, (transport, address)] = forms();
        let context = context(transport);
        let pull = Pull::builder().context(&context).max_message(1000).build().unwrap();
        let push = socket!(Push, context);
        let at = pull.listen(address).unwrap();
        push.dial(at.address()).unwrap();
        push.send(body(1, 1000)).unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), body(1, 1000));
        push.send(body(2, 1001)).unwrap();
        // The connection ends with it, and the dialer makes another.
        eventually(|| at.status().accepted > 1);
        push.wait_for_peers(1, SOON).unwrap();
        passes(&push, &pull, "after");
    });
}
