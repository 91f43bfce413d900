//! A bug of a transport that shows while it dials, accepts or greets ends that attempt, and not the background thread.

use std::ops::RangeInclusive;
use std::time::Duration;

use hubless::{Context, Endpoint, EventKind, ListenerStatus, Monitor, Pull, Push};
use hubless_kit::traps::{Mark, Step, trapped};
use hubless_kit::{ALL, Peers, SOON, Site, counts, eventually_sees, over};

/// Of so many one is in a trap.
const PIPES: usize = 100;
/// Who has failed tries again soon.
const EAGER: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_millis(5);

fn sockets(context: &Context) -> (Pull, Push) {
    let pull = Pull::builder().context(context).build().expect("a socket");
    (pull, Push::builder().context(context).build().expect("a socket"))
}

#[track_caller]
fn dial(push: &Push, address: &str, times: usize) {
    for _ in 0..times {
        push.dial(Endpoint::new(address).reconnect(EAGER)).expect("an address");
    }
}

/// All are connected, and each carries messages.
#[track_caller]
fn go_on(pull: &Pull, push: &Push) {
    pull.peers(PIPES);
    push.peers(PIPES);
    for number in 0..2 * PIPES {
        let message = number.to_string();
        push.send(message.as_str()).expect("a peer");
        assert_eq!(pull.recv_timeout(SOON).expect("it comes"), message.as_str());
    }
    assert!(push.pipes().iter().all(|pipe| pipe.traffic.sent > 0));
}

/// The first failure that is told.
#[track_caller]
fn failure(monitor: &Monitor) -> String {
    loop {
        if let EventKind::ConnectionFailed { failure, .. } =
            monitor.recv_timeout(SOON).expect("a failure").kind
        {
            return failure.to_string();
        }
    }
}

#[over(ALL)]
fn a_handshake_that_panics_fails_alone_whichever_step_it_was(site: &Site) {
    for step in [Step::Watch, Step::Establish, Step::Greet, Step::Hear] {
        let (context, traps, address) = trapped(site);
        let (pull, push) = sockets(&context);
        let monitor = pull.monitor();
        let at = pull.listen(address.as_str()).unwrap();
        dial(&push, at.address(), PIPES / 2);
        pull.peers(PIPES / 2);
        traps.set(step, 1);
        traps.mark(Mark::Accepted);
        dial(&push, at.address(), PIPES / 2);
        go_on(&pull, &push);
        assert_eq!(traps.sprung(), 1, "{step:?}");
        assert_eq!(failure(&monitor), "the transport panicked, which is a bug", "{step:?}");
        counts(&pull, |stats| stats.refused.broken == 1 && stats.refused.total() == 1);
        let known = |status: &ListenerStatus| (status.pipes, status.refused) == (PIPES, 1);
        let status = eventually_sees(|| at.status(), known);
        assert!(status.last_error.is_some_and(|error| error.contains("panicked")), "{step:?}");
    }
}

#[over(ALL)]
fn a_dialer_that_panics_tries_again_after_a_pause_and_the_others_go_on(site: &Site) {
    let (context, traps, address) = trapped(site);
    let (pull, push) = sockets(&context);
    let monitor = push.monitor();
    let at = pull.listen(address.as_str()).unwrap();
    dial(&push, at.address(), PIPES / 2);
    traps.set(Step::Dial, 3);
    traps.mark(Mark::Dialer);
    let caught = push.dial(Endpoint::new(at.address()).reconnect(EAGER)).unwrap();
    dial(&push, at.address(), PIPES / 2 - 1);
    go_on(&pull, &push);
    assert_eq!(traps.sprung(), 3);
    let status = eventually_sees(|| caught.status(), |status| status.connected == 1);
    assert_eq!(status.failed, 3);
    assert!(status.last_error.is_some_and(|error| error.contains("panicked")));
    assert_eq!(failure(&monitor), "the transport panicked, which is a bug");
    let retries =
        |monitor: &Monitor| matches!(monitor.recv_timeout(SOON).unwrap().kind, EventKind::Retrying { .. });
    assert!(retries(&monitor), "after a failure comes a pause");
}

#[over(ALL)]
fn a_listener_that_panics_pauses_and_then_accepts_those_who_waited(site: &Site) {
    let (context, traps, address) = trapped(site);
    let (pull, push) = sockets(&context);
    let monitor = pull.monitor();
    let at = pull.listen(address.as_str()).unwrap();
    dial(&push, at.address(), PIPES / 2);
    pull.peers(PIPES / 2);
    traps.set(Step::Accept, 3);
    dial(&push, at.address(), PIPES / 2);
    let mut pauses = Vec::new();
    while pauses.len() < 3 {
        if let EventKind::AcceptingPaused { pause, cause, .. } = monitor.recv_timeout(SOON).unwrap().kind {
            assert_eq!(cause.to_string(), "the transport panicked, which is a bug");
            pauses.push(pause.as_millis());
        }
    }
    assert_eq!(pauses, [10, 20, 40]);
    let error = at.status().last_error;
    assert!(error.is_some_and(|error| error.contains("accepting paused: the transport panicked")));
    go_on(&pull, &push);
    assert_eq!(traps.sprung(), 3);
}
