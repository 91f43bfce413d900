//! Closing: what is queued is sent or reported, nothing that waits goes on waiting, and nothing hangs.

mod common;

use std::thread;
use std::time::Duration;

use common::child::{Child, task, tell, wait_for_parent};
use common::peer::{Host, PULL, PUSH, Peer};
use common::{ALL, Peers, SOON, Site, WHILE, WIRES, body, counts, eventually, link, listen_again, now, over};
use hubless::{Bus, Context, Error, Pair, Pub, Pull, Push, Rep, Req, SendError, Sub, SurveyEnd, Surveyor};

#[test]
fn close_sends_what_is_queued() {
    over(ALL, |site| {
        let (pull, push) = (Pull::new().unwrap(), Push::builder().send_buffer(5000).build().unwrap());
        link(site, &pull, &push);
        for number in 0..3000_usize {
            push.send(body(number, 2000)).unwrap();
        }
        let closing = thread::spawn(move || push.close(SOON).unwrap());
        for number in 0..3000 {
            assert!(pull.recv_timeout(SOON).unwrap() == body(number, 2000), "message {number}");
        }
        assert_eq!(closing.join().unwrap().dropped, 0);
        counts(&pull, |stats| stats.pipes == 0);
    });
}

#[test]
fn close_sends_what_any_pattern_has_queued() {
    over(ALL, |site| {
        let (rep, req) = (Rep::new().unwrap(), Req::new().unwrap());
        link(site, &rep, &req);
        let pending = req.send("q").unwrap();
        rep.recv().unwrap().reply(body(1, 1_000_000)).unwrap();
        rep.close(SOON).unwrap();
        assert!(pending.recv_timeout(SOON).unwrap() == body(1, 1_000_000));

        let (publisher, sub) = (Pub::new().unwrap(), Sub::new().unwrap());
        sub.subscribe("").unwrap();
        link(site, &publisher, &sub);
        publisher.send_many((0..500).map(|number| body(number, 1000))).unwrap();
        publisher.close(SOON).unwrap();
        for number in 0..500 {
            assert!(sub.recv_timeout(SOON).unwrap() == body(number, 1000));
        }

        let (left, right) = (Bus::new().unwrap(), Bus::new().unwrap());
        link(site, &left, &right);
        left.send_many((0..500).map(|number| body(number, 1000))).unwrap();
        left.close(SOON).unwrap();
        for number in 0..500 {
            assert!(right.recv_timeout(SOON).unwrap() == body(number, 1000));
        }
    });
}

#[test]
fn close_loses_nothing_though_the_closing_side_has_not_read_everything() {
    over(ALL, |site| {
        let (left, right) = (Pair::new().unwrap(), Pair::new().unwrap());
        link(site, &left, &right);
        right.send_many((0..1000).map(|number| body(number, 500))).unwrap();
        counts(&left, |stats| stats.recv_queue == 1000);
        right.send_many((0..500).map(|number| body(number, 500))).unwrap();
        left.send_many((0..500).map(|number| body(number, 1000))).unwrap();
        let closing = thread::spawn(move || left.close(SOON).unwrap());
        for number in 0..500 {
            assert!(right.recv_timeout(SOON).unwrap() == body(number, 1000), "message {number}");
        }
        drop(right);
        assert_eq!(closing.join().unwrap().dropped, 0);
    });
}

#[test]
fn close_returns_by_its_time_and_reports_what_a_stalled_peer_did_not_take() {
    over(WIRES, |site| {
        let push = Push::new().unwrap();
        let at = push.listen(site.address()).unwrap();
        let _stalled = Peer::greeted(at.address(), PULL);
        push.peers(1);
        for number in 0..150 {
            push.send(body(number, 50_000)).unwrap();
        }
        let queued = counts(&push, |stats| stats.send_queue > 0).send_queue;
        let begin = now();
        let report = push.close(Duration::from_millis(300)).unwrap();
        assert!(begin.elapsed() >= Duration::from_millis(300), "the peer might have read on");
        assert!(report.dropped > 0 && report.dropped <= queued, "{report:?}, {queued} queued");
        assert_eq!(push.stats().drops.closed, report.dropped as u64);
    });
}

#[test]
fn close_without_time_drops_and_reports_at_once() {
    over(WIRES, |site| {
        let push = Push::new().unwrap();
        let at = push.listen(site.address()).unwrap();
        let _stalled = Peer::greeted(at.address(), PULL);
        push.peers(1);
        for number in 0..150 {
            push.send(body(number, 50_000)).unwrap();
        }
        counts(&push, |stats| stats.send_queue > 0);
        assert!(push.close(Duration::ZERO).unwrap().dropped > 0);
        assert_eq!(push.stats().pipes, 0);
    });
}

#[test]
fn close_of_an_idle_socket_reports_nothing_and_can_be_repeated() {
    over(ALL, |site| {
        let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
        link(site, &pull, &push);
        for _ in 0..3 {
            for report in [push.close(SOON).unwrap(), pull.close(SOON).unwrap()] {
                assert_eq!((report.written, report.dropped), (0, 0));
            }
        }
        let lonely = Push::new().unwrap();
        assert_eq!(lonely.close(SOON).unwrap().dropped, 0);
    });
}

#[test]
fn what_nobody_received_is_counted() {
    over(ALL, |site| {
        let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
        link(site, &pull, &push);
        push.send_many(["unread"; 10]).unwrap();
        counts(&pull, |stats| stats.recv_queue == 10);
        pull.close(Duration::ZERO).unwrap();
        let stats = pull.stats();
        assert_eq!((stats.drops.unreceived, stats.drops.closed, stats.recv_queue), (10, 0, 0));
    });
}

#[test]
fn dropping_a_socket_goes_on_sending_for_its_linger_time() {
    over(ALL, |site| {
        let (pull, push) = (Pull::new().unwrap(), Push::builder().linger(SOON).build().unwrap());
        link(site, &pull, &push);
        push.send_many((0..900).map(|number| body(number, 5000))).unwrap();
        drop(push);
        for number in 0..900 {
            assert!(pull.recv_timeout(SOON).unwrap() == body(number, 5000), "message {number}");
        }
        counts(&pull, |stats| stats.pipes == 0);
    });
}

#[test]
fn dropping_a_socket_does_not_wait_for_a_stalled_peer() {
    over(WIRES, |site| {
        let push = Push::builder().linger(Duration::from_millis(50)).build().unwrap();
        let at = push.listen(site.address()).unwrap();
        let mut stalled = Peer::greeted(at.address(), PULL);
        push.peers(1);
        for number in 0..150 {
            push.send(body(number, 50_000)).unwrap();
        }
        drop(push);
        // Not the peer's reading ends it, but the linger time.
        let pull = Pull::new().unwrap();
        listen_again(&pull, at.address());
        stalled.wait_for_end();
    });
}

#[test]
fn dropping_one_of_several_handles_closes_nothing() {
    over(ALL, |site| {
        let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
        link(site, &pull, &push);
        drop((pull.clone(), push.clone()));
        push.send("still open").unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "still open");
        let other = push.clone();
        push.close(Duration::ZERO).unwrap();
        assert!(matches!(other.send("closed for all").unwrap_err().error, Error::Closed));
    });
}

/// Starts `call` on another thread, makes sure that it waits, closes, and gives its result.
fn closed_under<T: Send + 'static>(
    call: impl FnOnce() -> T + Send + 'static,
    close: impl FnOnce() -> Result<hubless::CloseReport, Error>,
) -> T {
    let waiting = thread::spawn(call);
    common::stays(|| !waiting.is_finished());
    close().expect("an end");
    waiting.join().expect("no panic")
}

fn is_closed<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Closed))
}

#[test]
fn closing_ends_every_receive_that_waits() {
    over(ALL, |site| {
        let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
        link(site, &pull, &push);
        let calls: Vec<_> =
            (0..4).map(|_| pull.clone()).map(|pull| thread::spawn(move || pull.recv())).collect();
        let waiting = pull.clone();
        assert!(is_closed(&closed_under(move || waiting.recv(), || pull.close(Duration::ZERO))));
        assert!(calls.into_iter().all(|call| is_closed(&call.join().unwrap())));

        let rep = Rep::new().unwrap();
        let waiting = rep.clone();
        assert!(is_closed(&closed_under(move || waiting.recv(), || rep.close(Duration::ZERO))));

        let sub = Sub::new().unwrap();
        let waiting = sub.clone();
        assert_eq!(closed_under(move || waiting.iter().count(), || sub.close(Duration::ZERO)), 0);
    });
}

#[test]
fn closing_ends_every_send_that_waits() {
    over(ALL, |site| {
        let lonely = Push::new().unwrap();
        let waiting = lonely.clone();
        let failed = closed_under(move || waiting.send("kept"), || lonely.close(Duration::ZERO)).unwrap_err();
        assert!(matches!(failed.error, Error::Closed));
        assert_eq!(failed.message, "kept");

        let (push, pull) = (
            Push::builder().send_buffer(1).build().unwrap(),
            Pull::builder().recv_buffer(1).build().unwrap(),
        );
        link(site, &pull, &push);
        let waiting = push.clone();
        let flood = move || loop {
            if let Err(SendError { error, .. }) = waiting.send(vec![0; 100_000]) {
                return error;
            }
        };
        assert!(matches!(closed_under(flood, || push.close(Duration::ZERO)), Error::Closed));

        let req = Req::new().unwrap();
        let waiting = req.clone();
        let failed = closed_under(move || waiting.send("kept").unwrap_err(), || req.close(Duration::ZERO));
        assert!(matches!(failed.error, Error::Closed));

        let waiting = Pair::new().unwrap();
        let pair = waiting.clone();
        let failed =
            closed_under(move || waiting.send_many(["a", "b"]).unwrap_err(), || pair.close(Duration::ZERO));
        assert!(matches!(failed.error, Error::Closed));
        assert_eq!(failed.message.collect::<Vec<_>>(), ["a", "b"]);
    });
}

#[test]
fn closing_ends_waiting_for_peers_and_for_answers() {
    over(ALL, |site| {
        let pull = Pull::new().unwrap();
        let waiting = pull.clone();
        let result = closed_under(move || waiting.wait_for_peers(1, SOON), || pull.close(Duration::ZERO));
        assert!(is_closed(&result));

        let (rep, req) = (Rep::new().unwrap(), Req::new().unwrap());
        link(site, &rep, &req);
        let pending = req.send("q").unwrap();
        assert!(is_closed(&closed_under(move || pending.recv(), || req.close(Duration::ZERO))));

        let surveyor = Surveyor::new().unwrap();
        let mut survey = surveyor.survey("anybody?", SOON).unwrap();
        let ended = closed_under(
            move || {
                assert!(survey.recv().unwrap().is_none());
                survey.end()
            },
            || surveyor.close(Duration::ZERO),
        );
        assert_eq!(ended, Some(SurveyEnd::Closed));
    });
}

#[test]
fn a_closed_socket_says_so_in_every_call() {
    over(ALL, |site| {
        let (pull, push, address) = (Pull::new().unwrap(), Push::new().unwrap(), site.address());
        link(site, &pull, &push);
        push.close(SOON).unwrap();
        pull.close(SOON).unwrap();
        let failed = |result: Result<(), SendError>| {
            let SendError { error, message, .. } = result.unwrap_err();
            matches!(error, Error::Closed) && message == "kept"
        };
        assert!(failed(push.send("kept")));
        assert!(failed(push.try_send("kept")));
        assert!(failed(push.send_timeout("kept", SOON)));
        assert!(failed(push.send_deadline("kept", now() + SOON)));
        assert!(matches!(push.send_many(["kept"]).unwrap_err().error, Error::Closed));
        assert!(is_closed(&pull.recv()));
        assert!(is_closed(&pull.try_recv()));
        assert!(is_closed(&pull.recv_timeout(SOON)));
        assert!(is_closed(&pull.recv_deadline(now() + SOON)));
        assert!(is_closed(&pull.recv_many(5)));
        assert_eq!(pull.iter().count(), 0);
        assert!(is_closed(&pull.listen(&address)));
        assert!(is_closed(&push.dial("tcp://127.0.0.1:1")));
        assert!(is_closed(&push.wait_for_peers(1, SOON)));
        assert_eq!(pull.stats().pipes, 0);
    });
}

#[test]
fn an_answer_on_a_closed_socket_comes_back() {
    over(ALL, |site| {
        let (rep, req) = (Rep::new().unwrap(), Req::new().unwrap());
        link(site, &rep, &req);
        let _pending = req.send("q").unwrap();
        let request = rep.recv().unwrap();
        rep.close(Duration::ZERO).unwrap();
        let failed = request.reply("a").unwrap_err();
        assert!(matches!(failed.error, Error::Closed));
        assert_eq!(failed.message, "a");
    });
}

#[test]
fn a_socket_closes_while_it_dials_nobody() {
    over(ALL, |site| {
        let push = Push::new().unwrap();
        let dialers = [push.dial(site.quiet_address()).unwrap(), push.dial(site.quiet_address()).unwrap()];
        push.close(SOON).unwrap();
        for dialer in dialers {
            assert_eq!(dialer.status().state, hubless::DialerState::Closed);
            dialer.close();
        }
    });
}

#[test]
fn a_socket_closes_while_a_name_is_looked_up() {
    common::within(common::LIMIT, || {
        let push = Push::new().unwrap();
        push.dial("tcp://nowhere.hubless.invalid:5555").unwrap();
        push.close(SOON).unwrap();
    });
}

#[test]
fn a_socket_closes_in_the_middle_of_a_handshake() {
    over(WIRES, |site| {
        let host = Host::new(site);
        let push = Push::new().unwrap();
        push.dial(host.address()).unwrap();
        let mut silent = host.accept();
        silent.read_greeting();
        push.close(SOON).unwrap();
        silent.wait_for_end();

        let pull = Pull::new().unwrap();
        let at = pull.listen(site.address()).unwrap();
        let mut silent = Peer::connect(at.address());
        silent.read_greeting();
        pull.close(SOON).unwrap();
        silent.wait_for_end();
    });
}

#[test]
fn an_address_is_free_when_its_listener_or_socket_is_closed() {
    // In a process of its own: others here start processes, which have a copy of every descriptor for a moment.
    over(ALL, |site| {
        let mut child = Child::start(CHILD, &["addresses", site.transport]);
        assert_eq!(child.hear(), "done");
        assert!(child.wait().success());
    });
}

fn addresses_are_free(site: &Site) {
    let pull = Pull::new().expect("no error");
    let address = pull.listen(site.address()).expect("no error");
    address.close();
    let address = address.address();
    for _ in 0..20 {
        pull.listen(address).expect("no error").close();
    }
    let next = Pull::new().expect("no error");
    next.listen(address).expect("no error");
    next.close(SOON).expect("no error");
    pull.listen(address).expect("no error");
    if let Some(path) = address.strip_prefix("ipc://") {
        assert!(std::fs::exists(path).expect("no error"));
        pull.close(SOON).expect("no error");
        assert!(!std::fs::exists(path).expect("no error"));
    }
    tell("done");
}

#[test]
fn a_context_closes_its_own_sockets_and_no_others() {
    over(ALL, |site| {
        let context = Context::new().unwrap();
        let inside = Pull::builder().context(&context).build().unwrap();
        let also_inside = Push::builder().context(&context).build().unwrap();
        let (outside, partner) = (Pull::new().unwrap(), Push::new().unwrap());
        link(site, &outside, &partner);
        link(site, &inside, &also_inside);
        also_inside.send("unread").unwrap();
        let report = context.close(SOON);
        assert_eq!(report.dropped, 0);
        assert!(is_closed(&inside.recv()));
        assert!(matches!(also_inside.send("x").unwrap_err().error, Error::Closed));
        partner.send("not concerned").unwrap();
        assert_eq!(outside.recv_timeout(SOON).unwrap(), "not concerned");
        context.close(SOON);
    });
}

#[test]
fn sockets_outlive_the_handle_of_their_context() {
    over(ALL, |site| {
        let context = Context::builder().threads(2).build().unwrap();
        let pull = Pull::builder().context(&context).build().unwrap();
        let push = Push::builder().context(&context).build().unwrap();
        drop(context);
        link(site, &pull, &push);
        push.send("fine").unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "fine");
    });
}

/// Messages that a child sends before it ends.
const FROM_CHILD: usize = 2000;
const CHILD: &str = "this_is_the_child_process_of_the_tests_here";

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    let Some(words) = task() else { return };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["send", count, address, how] => send_and_exit(count.parse().unwrap(), address, how),
        ["exit", state, how] => exit_in(state, how),
        ["addresses", transport] => {
            addresses_are_free(&Site::new(ALL.into_iter().find(|known| *known == transport).unwrap()));
        }
        _ => panic!("{words:?}"),
    }
}

fn send_and_exit(count: usize, address: &str, how: &str) {
    let context = Context::new().expect("a context");
    let push = Push::builder().context(&context).send_buffer(count).build().expect("a socket");
    push.dial(address).expect("an address");
    for number in 0..count {
        push.send(body(number, 1000)).expect("room");
    }
    let report = match how {
        "close" => push.close(SOON).expect("an end"),
        "context" => context.close(SOON),
        _ => hubless::close_all(SOON),
    };
    assert_eq!(report.dropped, 0);
    std::process::exit(0);
}

fn everything_arrives(site: &Site, count: usize, how: &str) {
    let pull = Pull::new().expect("a socket");
    let at = pull.listen(site.address()).expect("an address");
    let child = Child::start(CHILD, &["send", &count.to_string(), at.address(), how]);
    if count < 10 {
        // It has ended before anything is received.
        assert!(child.wait().success());
        receive_all(&pull, count);
    } else {
        receive_all(&pull, count);
        assert!(child.wait().success());
    }
}

fn receive_all(pull: &Pull, count: usize) {
    for number in 0..count {
        assert!(pull.recv_timeout(SOON).expect("a message") == body(number, 1000), "message {number}");
    }
}

#[test]
fn a_process_that_sends_and_closes_and_exits_loses_nothing() {
    over(WIRES, |site| {
        for how in ["close", "context", "all"] {
            everything_arrives(site, 3, how);
            everything_arrives(site, FROM_CHILD, how);
        }
    });
}

/// Brings the process into a state, and ends it.
fn exit_in(state: &str, how: &str) {
    let site = Site::new("tcp");
    let address = site.address();
    let (push, pull) =
        (Push::builder().send_buffer(2).build().expect("a socket"), Pull::new().expect("a socket"));
    let silent = Host::new(&site);
    match state {
        "idle" => {
            link(&site, &pull, &push);
        }
        "receiving" => {
            link(&site, &pull, &push);
            thread::spawn(move || pull.recv());
        }
        "sending" => {
            push.dial(silent.address()).expect("an address");
            let deaf = silent.greeted(PULL);
            let flooding = push.clone();
            thread::spawn(move || while flooding.send(vec![0; 1 << 20]).is_ok() {});
            common::stays(|| true);
            std::mem::forget(deaf);
        }
        "dialing" => {
            push.dial(site.quiet_address()).expect("an address");
            push.dial("tcp://nowhere.hubless.invalid:5555").expect("an address");
        }
        "handshaking" => {
            push.dial(silent.address()).expect("an address");
            std::mem::forget(silent.accept());
        }
        "lingering" => {
            let push = Push::builder().linger(Duration::from_secs(3600)).build().expect("a socket");
            push.dial(silent.address()).expect("an address");
            std::mem::forget(silent.greeted(PULL));
            for _ in 0..7 {
                push.send(vec![0; 1 << 20]).expect("room");
            }
        }
        "closing" => {
            push.dial(silent.address()).expect("an address");
            std::mem::forget(silent.greeted(PULL));
            while push.try_send(vec![0; 1 << 20]).is_ok() {}
            thread::spawn(move || push.close(Duration::from_secs(3600)));
        }
        "surveying" => {
            let surveyor = Surveyor::new().expect("a socket");
            surveyor.listen(&address).expect("an address");
            let mut survey = surveyor.survey("?", Duration::from_secs(3600)).expect("a survey");
            thread::spawn(move || survey.recv());
        }
        _ => panic!("{state}"),
    }
    tell("ready");
    wait_for_parent();
    match how {
        "exit" => std::process::exit(0),
        "all" => {
            hubless::close_all(WHILE);
        }
        _ => {}
    }
}

#[test]
fn a_process_ends_in_whatever_state_its_sockets_are() {
    common::within(common::LIMIT, || {
        let states =
            ["idle", "receiving", "sending", "dialing", "handshaking", "lingering", "closing", "surveying"];
        for how in ["exit", "return", "all"] {
            let children = states.map(|state| (state, Child::start(CHILD, &["exit", state, how])));
            for (state, mut child) in children {
                assert_eq!(child.hear(), "ready", "{state}");
                child.say("end");
                assert!(child.wait().success(), "{state}, {how}");
            }
        }
    });
}

#[test]
fn closing_a_socket_closes_its_connections() {
    over(WIRES, |site| {
        let pull = Pull::new().unwrap();
        let at = pull.listen(site.address()).unwrap();
        let mut peer = Peer::greeted(at.address(), PUSH);
        pull.peers(1);
        let closing = pull.clone();
        let closing = thread::spawn(move || closing.close(SOON).unwrap());
        peer.wait_for_end();
        drop(peer);
        closing.join().unwrap();
        eventually(|| pull.stats().pipes == 0);
    });
}

#[test]
fn dropping_a_handle_does_not_shorten_a_close_that_somebody_waits_for() {
    over(WIRES, |site| {
        let context = Context::new().unwrap();
        let push = Push::builder().context(&context).linger(Duration::ZERO).build().unwrap();
        let pull = Pull::builder().recv_buffer(1).build().unwrap();
        link(site, &pull, &push);
        let mut sent = 0;
        while push.try_send(body(sent, 200_000)).is_ok() {
            sent += 1;
        }
        let closing = thread::spawn(move || context.close(SOON));
        eventually(|| matches!(push.try_send("x").unwrap_err().error, Error::Closed));
        drop(push);
        for number in 0..sent {
            assert!(pull.recv_timeout(SOON).unwrap() == body(number, 200_000), "message {number} of {sent}");
        }
        assert_eq!(closing.join().unwrap().dropped, 0);
    });
}

#[test]
fn the_report_of_a_close_knows_what_was_lost_with_a_peer_that_died_meanwhile() {
    over(WIRES, |site| {
        let host = Host::new(site);
        let push = Push::new().unwrap();
        push.dial(host.address()).unwrap();
        let stalled = host.greeted(PULL);
        push.wait_for_peers(1, SOON).unwrap();
        while push.try_send(body(0, 200_000)).is_ok() {}
        let closing = push.clone();
        let closing = thread::spawn(move || closing.close(SOON).unwrap());
        eventually(|| matches!(push.try_send("x").unwrap_err().error, Error::Closed));
        drop((stalled, host));
        let report = closing.join().unwrap();
        assert!(report.dropped > 0);
        assert_eq!(report.dropped as u64, push.stats().drops.closed);
    });
}

#[test]
fn an_endpoint_that_is_opened_while_its_socket_closes_does_not_outlive_it() {
    over(["tcp"], |site| {
        for _ in 0..50 {
            let pull = Pull::new().unwrap();
            let closing = pull.clone();
            let closing = thread::spawn(move || closing.close(Duration::ZERO).unwrap());
            let listened = pull.listen(site.address());
            closing.join().unwrap();
            if let Ok(listener) = listened {
                let heir = Pull::new().unwrap();
                eventually(|| heir.listen(listener.address()).is_ok());
            }
        }
    });
}
