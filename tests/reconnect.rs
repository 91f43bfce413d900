//! Connections come back: either side may end, by closing, by dropping or by being killed, and start again.

use std::time::Duration;

use hubless::{Builder, DialerState, Error, Pull, Push, Rep, Req, Sub, WaitingFor};
use hubless_kit::child::{Child, hear, perform, tell};
use hubless_kit::peer::{Host, PULL, PUSH};
use hubless_kit::{
    ALL, Peers, SOON, Site, Socket, WIRES, counts, eventually, eventually_sees, link, listen_again, now,
    over, passes, stays,
};

/// Tries again soon enough for a test.
fn eager<S: Socket>(builder: Builder<S>) -> S {
    builder.reconnect(Duration::from_millis(5)..=Duration::from_millis(50)).build().expect("a socket")
}

#[over(ALL)]
fn a_dialer_comes_back_to_a_listener_that_was_dropped_and_made_anew(site: &Site) {
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
}

#[over(ALL)]
fn a_listener_takes_a_dialer_that_was_dropped_and_made_anew(site: &Site) {
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
}

#[over(ALL)]
fn a_listener_may_be_closed_and_opened_again_on_the_same_socket(site: &Site) {
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
}

#[over(ALL)]
fn dialing_may_come_before_listening(site: &Site) {
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
}

#[over(ALL)]
fn a_closed_dialer_dials_no_more_and_its_socket_lives_on(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), eager(Push::builder()));
    let (listener, dialer) = link(site, &pull, &push);
    dialer.close();
    assert_eq!(dialer.status().state, DialerState::Closed);
    eventually(|| push.stats().pipes == 0 && pull.stats().pipes == 0);
    stays(|| pull.stats().connected == 1);
    dialer.close();
    push.dial(listener.address()).unwrap();
    passes(&push, &pull, "again");
}

#[over(ALL)]
fn a_dialer_that_is_closed_while_nobody_listens_gives_up(site: &Site) {
    let address = site.quiet_address();
    let push = eager(Push::builder());
    let dialer = push.dial(&address).unwrap();
    dialer.close();
    let pull = Pull::new().unwrap();
    listen_again(&pull, &address);
    stays(|| pull.stats().connected == 0);
    assert_eq!(dialer.status().state, DialerState::Closed);
}

#[over(ALL)]
fn dropping_the_handles_of_endpoints_changes_nothing(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    drop(link(site, &pull, &push));
    passes(&push, &pull, "still here");
}

#[over(WIRES)]
fn a_peer_that_always_hangs_up_is_not_dialed_in_a_tight_loop(site: &Site) {
    let host = Host::new(site);
    let push =
        Push::builder().reconnect(Duration::from_millis(200)..=Duration::from_millis(200)).build().unwrap();
    let dialer = push.dial(host.address()).unwrap();
    let begin = now();
    for _ in 0..20 {
        drop(host.greeted(PULL));
    }
    // Twenty pauses of 100 ms on the average.
    assert!(begin.elapsed() > Duration::from_millis(700));
    assert!(eventually_sees(|| dialer.status().last_error, Option::is_some).is_some());
}

#[over(WIRES)]
fn a_peer_that_refuses_the_handshake_is_tried_again_and_visible(site: &Site) {
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
}

#[over(ALL)]
fn waiting_for_peers_says_how_many_there_were(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    let (at, _) = link(site, &pull, &push);
    let wait = Duration::from_millis(20);
    match pull.wait_for_peers(3, wait).unwrap_err() {
        Error::Timeout {
            waited,
            waiting_for: WaitingFor::Peers { present: 1, wanted: 3, addresses, .. },
        } => {
            assert_eq!((waited, &addresses[..]), (wait, &[at.address().into()][..]));
        }
        other => panic!("{other:?}"),
    }
    pull.wait_for_peers(0, Duration::ZERO).unwrap();
    pull.wait_for_peers(1, Duration::ZERO).unwrap();
}

#[test]
fn who_waits_for_a_peer_to_no_avail_is_told_why_there_is_none() {
    let push = eager(Push::builder());
    let site = Site::new("ipc");
    let dialer = push.dial(site.address()).unwrap();
    eventually(|| dialer.status().last_error.is_some());
    let refused = format!("there is no socket at `{}`", dialer.address().trim_start_matches("ipc://"));
    let failed = push.wait_for_peers(1, Duration::from_millis(1)).unwrap_err().to_string();
    assert!(
        failed.ends_with(&format!("while waiting for a peer of {dialer}; last error: {refused}")),
        "{failed}"
    );
    let listener = push.listen("inproc://who-waits-to-no-avail").unwrap();
    let failed = push.send_timeout("job", Duration::from_millis(1)).unwrap_err().to_string();
    assert!(
        failed.ends_with(&format!("a peer of {dialer}, {listener}; last error: {dialer}: {refused}")),
        "{failed}"
    );
    // The same of one who receives.
    let sub = eager(Sub::builder());
    let refusing = sub.dial(dialer.address()).unwrap();
    eventually(|| refusing.status().last_error.is_some());
    let failed = sub.recv_timeout(Duration::from_millis(1)).unwrap_err().to_string();
    assert!(
        failed.ends_with(&format!("while waiting for a peer of {dialer}; last error: {refused}")),
        "{failed}"
    );
    drop(sub);
    // What was wrong before the connection stood is no reason any more.
    let pull = Pull::new().unwrap();
    pull.listen(dialer.address()).unwrap();
    push.peers(1);
    eventually(|| dialer.status().state == DialerState::Connected);
    let failed = push.wait_for_peers(2, Duration::from_millis(1)).unwrap_err().to_string();
    assert!(failed.ends_with(", and 1 had come"), "{failed}");
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| match *words {
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
            hear();
        }
        ref other => panic!("{other:?}"),
    });
}

#[over(WIRES)]
fn a_killed_server_that_starts_again_is_found_again_and_the_open_request_answered(site: &Site) {
    let address = site.quiet_address();
    let req = eager(Req::builder());
    req.dial(&address).unwrap();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..3 {
        let mut server = Child::start(&["server", &address]);
        assert_eq!(server.hear(), "listening");
        let answer = req.send("who are you?").unwrap().recv_timeout(SOON).unwrap();
        assert!(seen.insert(answer.to_vec()), "each process answers for itself");
        server.kill();
        eventually(|| req.stats().pipes == 0);
    }
    // Asked while nobody is there.
    let asking = req.clone();
    let asking = std::thread::spawn(move || asking.request("and you?"));
    let mut server = Child::start(&["server", &address]);
    assert_eq!(server.hear(), "listening");
    assert!(seen.insert(asking.join().unwrap().unwrap().to_vec()));
}

#[over(WIRES)]
fn a_killed_client_that_starts_again_is_welcome(site: &Site) {
    let pull = Pull::new().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..3 {
        let mut worker = Child::start(&["worker", at.address()]);
        assert_eq!(worker.hear(), "sent");
        assert!(seen.insert(pull.recv_timeout(SOON).unwrap().to_vec()));
        assert_eq!(pull.stats().pipes, 1);
        worker.kill();
        eventually(|| pull.stats().pipes == 0);
    }
    assert_eq!(pull.stats().disconnected, 3);
}
