//! Connections come back: either side may end, by closing, by dropping or by being killed, and start again.

mod common;

use std::time::Duration;

use common::child::{Child, task, tell, wait_for_parent};
use common::peer::{Host, PULL, PUSH};
use common::{
    ALL, Peers, SOON, Socket, WIRES, counts, eventually, eventually_sees, link, listen_again, now, over,
    stays,
};
use hubless::{Builder, DialerState, Error, Pull, Push, Rep, Req, WaitingFor};

/// Tries again soon enough for a test.
fn eager<S: Socket>(builder: Builder<S>) -> S {
    builder.reconnect(Duration::from_millis(5)..=Duration::from_millis(50)).build().expect("a socket")
}

#[test]
fn a_dialer_comes_back_to_a_listener_that_was_dropped_and_made_anew() {
    over(ALL, |site| {
        let push = eager(Push::builder());
        let mut pull = Pull::new().unwrap();
        let (listener, dialer) = link(site, &pull, &push);
        let address = listener.address().to_owned();
        for round in 0..5 {
            push.send(format!("round {round}")).unwrap();
            assert_eq!(pull.recv_timeout(SOON).unwrap(), format!("round {round}"));
            drop(pull);
            eventually(|| push.stats().pipes == 0);
            pull = Pull::new().unwrap();
            listen_again(&pull, &address);
            push.peers(1);
        }
        eventually_sees(|| dialer.status(), |status| status.connected == 6);
        assert_eq!(push.stats().connected, 6);
    });
}

#[test]
fn a_listener_takes_a_dialer_that_was_dropped_and_made_anew() {
    over(ALL, |site| {
        let pull = Pull::new().unwrap();
        let at = pull.listen(site.address()).unwrap();
        for round in 0..5 {
            let push = Push::new().unwrap();
            push.dial(at.address()).unwrap();
            push.send(format!("round {round}")).unwrap();
            drop(push);
            assert_eq!(pull.recv_timeout(SOON).unwrap(), format!("round {round}"));
        }
        counts(&pull, |stats| (stats.connected, stats.disconnected, stats.pipes) == (5, 5, 0));
    });
}

#[test]
fn a_listener_may_be_closed_and_opened_again_on_the_same_socket() {
    over(ALL, |site| {
        let (pull, push) = (Pull::new().unwrap(), eager(Push::builder()));
        let (mut listener, _) = link(site, &pull, &push);
        for round in 0..5 {
            listener.close();
            assert!(listener.status().closed);
            eventually(|| push.stats().pipes == 0);
            listener = listen_again(&pull, listener.address());
            push.peers(1);
            push.send(format!("round {round}")).unwrap();
            assert_eq!(pull.recv_timeout(SOON).unwrap(), format!("round {round}"));
        }
    });
}

#[test]
fn dialing_may_come_before_listening() {
    over(ALL, |site| {
        let address = site.quiet_address();
        let push = eager(Push::builder());
        let dialer = push.dial(&address).unwrap();
        if site.has_wire() {
            let status = eventually_sees(|| dialer.status(), |status| status.failed >= 2);
            assert!(status.last_error.is_some());
            assert_eq!(status.connected, 0);
        }
        let pull = Pull::new().unwrap();
        listen_again(&pull, &address);
        push.peers(1);
        let status = eventually_sees(|| dialer.status(), |status| status.state == DialerState::Connected);
        assert_eq!(status.connected, 1);
        assert_eq!(dialer.address(), address);
    });
}

#[test]
fn a_closed_dialer_dials_no_more_and_its_socket_lives_on() {
    over(ALL, |site| {
        let (pull, push) = (Pull::new().unwrap(), eager(Push::builder()));
        let (listener, dialer) = link(site, &pull, &push);
        dialer.close();
        assert_eq!(dialer.status().state, DialerState::Closed);
        eventually(|| push.stats().pipes == 0 && pull.stats().pipes == 0);
        stays(|| pull.stats().connected == 1);
        dialer.close();
        push.dial(listener.address()).unwrap();
        push.send("again").unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "again");
    });
}

#[test]
fn a_dialer_that_is_closed_while_nobody_listens_gives_up() {
    over(ALL, |site| {
        let address = site.quiet_address();
        let push = eager(Push::builder());
        let dialer = push.dial(&address).unwrap();
        dialer.close();
        let pull = Pull::new().unwrap();
        listen_again(&pull, &address);
        stays(|| pull.stats().connected == 0);
        assert_eq!(dialer.status().state, DialerState::Closed);
    });
}

#[test]
fn dropping_the_handles_of_endpoints_changes_nothing() {
    over(ALL, |site| {
        let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
        drop(link(site, &pull, &push));
        push.send("still here").unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "still here");
    });
}

#[test]
fn a_peer_that_always_hangs_up_is_not_dialed_in_a_tight_loop() {
    over(WIRES, |site| {
        let host = Host::new(site);
        let push = Push::builder()
            .reconnect(Duration::from_millis(200)..=Duration::from_millis(200))
            .build()
            .unwrap();
        let dialer = push.dial(host.address()).unwrap();
        let begin = now();
        for _ in 0..20 {
            drop(host.greeted(PULL));
        }
        // Twenty pauses of 100 ms on the average.
        assert!(begin.elapsed() > Duration::from_millis(700));
        assert!(eventually_sees(|| dialer.status().last_error, Option::is_some).is_some());
    });
}

#[test]
fn a_peer_that_refuses_the_handshake_is_tried_again_and_visible() {
    over(WIRES, |site| {
        let host = Host::new(site);
        let push = eager(Push::builder());
        let dialer = push.dial(host.address()).unwrap();
        for _ in 0..3 {
            drop(host.greeted(PUSH));
        }
        let status = eventually_sees(|| dialer.status(), |status| status.failed >= 3);
        assert!(status.last_error.unwrap().contains("PUSH"));
        assert!(push.stats().refused.wrong_pattern >= 3);
        let _peer = host.greeted(PULL);
        push.peers(1);
    });
}

#[test]
fn waiting_for_peers_says_how_many_there_were() {
    over(ALL, |site| {
        let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
        let (at, _) = link(site, &pull, &push);
        let wait = Duration::from_millis(20);
        match pull.wait_for_peers(3, wait).unwrap_err() {
            Error::Timeout {
                waited,
                waiting_for: WaitingFor::Peers { present: 1, wanted: 3, addresses },
            } => {
                assert_eq!((waited, &addresses[..]), (wait, &[at.address().into()][..]));
            }
            other => panic!("{other:?}"),
        }
        pull.wait_for_peers(0, Duration::ZERO).unwrap();
        pull.wait_for_peers(1, Duration::ZERO).unwrap();
    });
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    let Some(words) = task() else { return };
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server", address] => {
            let rep = Rep::new().unwrap();
            // Other tests start processes, which have a copy of every descriptor for a moment.
            listen_again(&rep, address);
            tell("listening");
            for request in &rep {
                request.reply(std::process::id().to_string()).unwrap();
            }
        }
        ["worker", address] => {
            let push = Push::new().unwrap();
            push.dial(address).unwrap();
            push.send(std::process::id().to_string()).unwrap();
            push.wait_for_peers(1, SOON).unwrap();
            tell("sent");
            wait_for_parent();
        }
        ref other => panic!("{other:?}"),
    }
}

const CHILD: &str = "this_is_the_child_process_of_the_tests_here";

#[test]
fn a_killed_server_that_starts_again_is_found_again_and_the_open_request_answered() {
    over(WIRES, |site| {
        let address = site.quiet_address();
        let req = eager(Req::builder());
        req.dial(&address).unwrap();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..3 {
            let mut server = Child::start(CHILD, &["server", &address]);
            assert_eq!(server.hear(), "listening");
            let answer = req.send("who are you?").unwrap().recv_timeout(SOON).unwrap();
            assert!(seen.insert(answer.to_vec()), "each process answers for itself");
            server.kill();
            eventually(|| req.stats().pipes == 0);
        }
        // Asked while nobody is there.
        let asking = req.clone();
        let asking = std::thread::spawn(move || asking.request("and you?"));
        let mut server = Child::start(CHILD, &["server", &address]);
        assert_eq!(server.hear(), "listening");
        assert!(seen.insert(asking.join().unwrap().unwrap().to_vec()));
    });
}

#[test]
fn a_killed_client_that_starts_again_is_welcome() {
    over(WIRES, |site| {
        let pull = Pull::new().unwrap();
        let at = pull.listen(site.address()).unwrap();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..3 {
            let mut worker = Child::start(CHILD, &["worker", at.address()]);
            assert_eq!(worker.hear(), "sent");
            assert!(seen.insert(pull.recv_timeout(SOON).unwrap().to_vec()));
            assert_eq!(pull.stats().pipes, 1);
            worker.kill();
            eventually(|| pull.stats().pipes == 0);
        }
        assert_eq!(pull.stats().disconnected, 3);
    });
}
