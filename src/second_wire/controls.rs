use hubless_protocol::patterns::{Effects, Role};
use hubless_protocol::{Control, ControlKind, ControlRefused, Wire};
use hubless_transport::Listenable;

use super::speaker::{Came, Speaks, close, in_one_step, pair, recv, say, send, speaker, try_send};
use super::stranger::Stranger;
use super::wait::{SOON, eventually, within};
use super::{PLAIN, SEALED, body, context, on_each};
use crate::monitor::Removal;
use crate::{Context, EventKind, Pull};

/// No message that is sent to one that does not read is longer than this: more than any system has room for.
const LONG: usize = 100_000;
/// What all controls of a pipe may cost.
const MOST: usize = 64 * 1024;

fn subscribe(number: usize, length: usize) -> Came {
    Came::Control(ControlKind::Subscribe, body(number, length))
}

fn is_control(came: &Came) -> bool {
    matches!(came, Came::Control(..))
}

/// A socket, and a peer that reads nothing, to which the system takes no more; how many messages were sent. They have no room
/// for one more where they are to be `full`, or else none was ever refused.
fn blocked(context: &Context, wire: Wire, full: bool) -> (Speaks, Stranger, usize) {
    let socket = speaker(context, wire, if full { 8 } else { 1 << 20 });
    let at = context.listen(&socket, "tcp://127.0.0.1:0".listening()).unwrap();
    let stranger = Stranger::dial(at.address(), wire, Role::Bus);
    std::mem::forget(at);
    socket.wait_for_peers(1, SOON).unwrap();
    let mut sent = 0;
    eventually(|| {
        let refused = !try_send(&socket, body(sent, LONG));
        sent += usize::from(!refused);
        refused == full && in_one_step(&socket, |fx, pipe| fx.is_blocked(pipe))
    });
    (socket, stranger, sent)
}

fn memory_used(socket: &Speaks) -> usize {
    socket.with_pattern(|_, fx| fx.memory_used()).unwrap()
}

#[test]
fn messages_and_controls_go_both_ways_in_order_on_each_wire_over_each_transport() {
    on_each(|context, wire, address| {
        const MANY: usize = 300;
        let (left, right) = pair(&context, [wire, wire], address);
        assert_eq!(left.with_pattern(|speaker, _| speaker.knows.clone().unwrap().wire).unwrap(), wire);
        let talk = |socket: Speaks| {
            std::thread::spawn(move || {
                for number in 0..MANY {
                    send(&socket, body(number, 20 * number));
                    while say(&socket, ControlKind::Subscribe, &body(number, number)).is_err() {
                        std::thread::yield_now();
                    }
                }
            })
        };
        let talking = [talk(left.clone()), talk(right.clone())];
        for socket in [&left, &right] {
            let came: Vec<Came> = (0..2 * MANY).map(|_| recv(socket)).collect();
            let (controls, messages): (Vec<Came>, Vec<Came>) = came.into_iter().partition(is_control);
            let numbers = 0..MANY;
            assert!(
                messages
                    .into_iter()
                    .eq(numbers.clone().map(|number| Came::Message(body(number, 20 * number))))
            );
            assert!(controls.into_iter().eq(numbers.map(|number| subscribe(number, number))));
        }
        for talking in talking {
            talking.join().unwrap();
        }
        [left, right].iter().for_each(close);
    });
}

#[test]
fn a_control_passes_while_the_queue_of_messages_is_full() {
    for wire in [PLAIN, SEALED] {
        within(SOON, move || {
            let context = context();
            let (socket, mut stranger, sent) = blocked(&context, wire, true);
            let control = Control { kind: ControlKind::Subscribe, body: b"now" };
            let (queued, said) =
                in_one_step(&socket, |fx, pipe| (fx.queued(pipe), fx.send_control(pipe, control)));
            assert_eq!(said, Ok(()));
            let came = stranger.read_until(1 << 20, |came| came.len() > sent);
            let place = came.iter().position(is_control).unwrap();
            // It passes all but what is begun or sealed by when it is taken.
            assert!(
                queued >= 4 && place + queued - 4 <= sent,
                "behind {place} of {sent}, of which {queued} waited"
            );
            let messages = came.into_iter().filter(|came| !is_control(came));
            assert!(messages.eq((0..sent).map(|number| Came::Message(body(number, LONG)))));
            close(&socket);
        });
    }
}

#[test]
fn a_control_never_stands_within_a_message_however_it_is_written() {
    for wire in [PLAIN, SEALED] {
        within(SOON, move || {
            const MANY: usize = 200;
            let context = context();
            let (socket, mut stranger, sent) = blocked(&context, wire, true);
            // Each read makes room for a part of a message.
            let (mut came, mut said) = (Vec::new(), 0);
            while came.len() < sent + MANY {
                if said < MANY && say(&socket, ControlKind::Subscribe, &body(said, 1000)) == Ok(()) {
                    said += 1;
                }
                came.extend(stranger.read(33_333).unwrap());
            }
            let (controls, messages): (Vec<Came>, Vec<Came>) = came.into_iter().partition(is_control);
            assert!(controls.into_iter().eq((0..MANY).map(|number| subscribe(number, 1000))));
            assert!(messages.into_iter().eq((0..sent).map(|number| Came::Message(body(number, LONG)))));
            close(&socket);
        });
    }
}

#[test]
fn controls_are_bounded_and_charged_and_the_pattern_is_told_when_there_is_room() {
    for wire in [PLAIN, SEALED] {
        within(SOON, move || {
            let context = context();
            let (socket, mut stranger, sent) = blocked(&context, wire, false);
            let subscribe = Control { kind: ControlKind::Subscribe, body: &[0; 1000] };
            let small = Control { kind: ControlKind::Cancel, body: b"" };
            // In one step nothing leaves.
            let said = in_one_step(&socket, |fx, pipe| {
                let before = fx.memory_used();
                let said = std::iter::repeat_with(|| fx.send_control(pipe, subscribe))
                    .take_while(|said| *said == Ok(()))
                    .count();
                assert_eq!(fx.memory_used(), before + said * subscribe.cost());
                assert_eq!(fx.send_control(pipe, small), Ok(()), "it is less than what is left");
                assert_eq!(fx.send_control(pipe, subscribe), Err(ControlRefused::Full));
                said
            });
            assert_eq!(said, MOST / subscribe.cost());
            let told = || socket.with_pattern(|speaker, _| speaker.told).unwrap();
            assert_eq!(told(), 0);
            let came = stranger.read_until(1 << 20, |came| came.len() > sent + said);
            assert_eq!(came.iter().filter(|came| is_control(came)).count(), said + 1);
            eventually(|| told() == 1);
            assert_eq!(say(&socket, ControlKind::Cancel, b"again"), Ok(()));
            stranger
                .read_until(1 << 20, |came| came == [Came::Control(ControlKind::Cancel, b"again".to_vec())]);
            eventually(|| memory_used(&socket) <= RESERVES);
            close(&socket);
        });
    }
}

/// What is set aside for one pipe, both ways.
const RESERVES: usize = 2 * 1024;

#[test]
fn what_waits_to_be_said_to_one_that_leaves_is_charged_no_more() {
    within(SOON, || {
        let context = context();
        let (socket, stranger, _) = blocked(&context, SEALED, true);
        while say(&socket, ControlKind::Subscribe, &[0; 1000]).is_ok() {}
        assert!(memory_used(&socket) > MOST / 2);
        drop(stranger);
        eventually(|| memory_used(&socket) == 0);
    });
}

#[test]
fn what_a_writer_has_written_to_one_that_left_meanwhile_is_given_back_once() {
    within(SOON, || {
        const KEPT: usize = 50_000;
        let context = context();
        let (socket, mut stranger, _) = blocked(&context, PLAIN, true);
        stranger.encoder.push_shared(&[], &body(0, KEPT).into());
        stranger.write();
        assert_eq!(say(&socket, ControlKind::Subscribe, &[0; 1000]), Ok(()));
        let pipe = in_one_step(&socket, |_, pipe| pipe);
        drop(stranger);
        let mut used = 0;
        eventually(|| {
            used = memory_used(&socket);
            socket.with_pattern(|speaker, _| speaker.peer.is_none()).unwrap() && used < 2 * KEPT
        });
        assert!(used >= KEPT, "it has come and was not taken");
        // A writer that was at it when the pipe was removed knows nothing of that.
        socket.with_pattern(|_, fx| fx.controls_have_left(pipe, 1032)).unwrap();
        assert_eq!(memory_used(&socket), used);
        assert_eq!(recv(&socket), Came::Message(body(0, KEPT)));
        eventually(|| memory_used(&socket) == 0);
    });
}

#[test]
fn a_control_larger_than_the_bound_passes_alone() {
    within(SOON, || {
        let context = context();
        let (socket, mut stranger, _) = blocked(&context, PLAIN, true);
        let large = vec![7; MOST];
        in_one_step(&socket, |fx, pipe| {
            let [large, small] = [&large[..], b""].map(|body| Control { kind: ControlKind::Subscribe, body });
            assert_eq!(fx.send_control(pipe, large), Ok(()));
            assert_eq!(fx.send_control(pipe, small), Err(ControlRefused::Full));
        });
        let came = stranger.read_until(1 << 20, |came| came.iter().any(is_control));
        assert!(came.contains(&Came::Control(ControlKind::Subscribe, large)));
        close(&socket);
    });
}

#[test]
fn a_ping_is_answered_with_what_it_said_though_nobody_calls_the_socket() {
    for wire in [PLAIN, SEALED] {
        within(SOON, move || {
            let context = context();
            let pull = socket!(Pull, context, wire);
            let at = pull.listen("tcp://127.0.0.1:0").unwrap();
            let mut stranger = Stranger::dial(at.address(), wire, Role::Push);
            for number in 0..20 {
                stranger.say(ControlKind::Ping, &body(number, number));
                stranger.say(ControlKind::Pong, b"nobody asked");
                let answer = Came::Control(ControlKind::Pong, body(number, number));
                assert_eq!(stranger.read_until(1 << 16, |came| !came.is_empty()), [answer]);
            }
            assert_eq!(pull.stats().violations, crate::ProtocolViolations::default());
        });
    }
}

#[test]
fn one_that_pings_and_does_not_read_has_one_answer_wait() {
    for wire in [PLAIN, SEALED] {
        within(SOON, move || {
            const PINGS: usize = 1000;
            let context = context();
            let (socket, mut stranger, sent) = blocked(&context, wire, true);
            let before = memory_used(&socket);
            for number in 0..PINGS {
                stranger.say(ControlKind::Ping, &body(number, 500));
            }
            // When this has come, so have all pings.
            stranger.encoder.push_shared(&[], &"behind them".into());
            stranger.write();
            assert_eq!(recv(&socket), Came::Message(b"behind them".to_vec()));
            // One waits, and one may be under way.
            assert!(memory_used(&socket) <= before + 2 * 600, "{before} before");
            let last = Came::Control(ControlKind::Pong, body(PINGS - 1, 500));
            let came = stranger.read_until(1 << 20, |came| came.contains(&last) && came.len() > sent);
            assert!(
                came.iter().filter(|came| is_control(came)).count() < PINGS / 2,
                "few are answered, and the last"
            );
            close(&socket);
        });
    }
}

#[test]
fn a_socket_that_closes_writes_what_waits_and_does_not_answer_behind_its_end() {
    for wire in [PLAIN, SEALED] {
        within(SOON, move || {
            let context = context();
            let (socket, mut stranger, sent) = blocked(&context, wire, false);
            let monitor = socket.monitor(100);
            assert_eq!(say(&socket, ControlKind::Subscribe, b"the last"), Ok(()));
            let closing = std::thread::spawn(move || socket.close(SOON));
            let mut came = Vec::new();
            while let Some(more) = stranger.read(1 << 20) {
                came.extend(more);
            }
            assert!(came.contains(&Came::Control(ControlKind::Subscribe, b"the last".to_vec())));
            assert_eq!(came.len(), sent + 1);
            // It has seen the end of what it is told. An answer would end the pipe before all that it says is read.
            for _ in 0..2000 {
                stranger.say(ControlKind::Ping, b"are you there?");
            }
            drop(stranger);
            assert_eq!(closing.join().unwrap().dropped, 0);
            let removed = std::iter::from_fn(|| monitor.recv().ok()).find_map(|event| match event.kind {
                EventKind::Removed { removal, .. } => Some(removal),
                _ => None,
            });
            assert_eq!(removed, Some(Removal::PeerLeft));
        });
    }
}

#[test]
fn a_control_for_a_pattern_that_knows_none_ends_the_pipe() {
    within(SOON, || {
        let context = context();
        let pull = socket!(Pull, context, SEALED);
        let at = pull.listen("tcp://127.0.0.1:0").unwrap();
        let mut stranger = Stranger::dial(at.address(), SEALED, Role::Push);
        stranger.encoder.push_shared(&[], &"before".into());
        stranger.write();
        stranger.say(ControlKind::Subscribe, b"topic");
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "before");
        eventually(|| pull.stats().violations.unexpected_message == 1);
        assert_eq!(stranger.read(100), None);
    });
}

#[test]
fn a_peer_that_speaks_sp_is_told_nothing_beside_messages() {
    within(SOON, || {
        let context = context();
        let (left, right) = pair(&context, [SEALED, Wire::Sp], "tcp://127.0.0.1:0");
        for socket in [&left, &right] {
            assert_eq!(say(socket, ControlKind::Subscribe, b"topic"), Err(ControlRefused::NoControls));
        }
        send(&left, b"message".to_vec());
        assert_eq!(recv(&right), Came::Message(b"message".to_vec()));
        [left, right].iter().for_each(close);
    });
}
