//! Who is let in through a listener, and what becomes of those who are not.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hubless::admission::{Admission, Applicant, Ticket, Users, Verdict};
use hubless::monitor::Failure;
use hubless::{Dialer, Endpoint, EventKind, Listener, ListenerStatus, Pull, Push, Req};
use hubless_kit::peer::{self, Peer};
use hubless_kit::{ALL, LIMIT, SOON, Site, WIRES, counts, eventually_sees, over, passes, stays, within};

/// A PULL that lets in as it is told, and a PUSH that dials it again and again.
struct Door {
    pull: Pull,
    push: Push,
    listener: Listener,
    dialer: Dialer,
}

impl Door {
    fn new(site: &Site, admission: Admission) -> Self {
        Self::within(site, admission, SOON)
    }

    fn within(site: &Site, admission: Admission, handshake: Duration) -> Self {
        let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
        let at = Endpoint::new(site.address()).handshake_timeout(handshake).admission(admission);
        let listener = pull.listen(at).expect("an address to listen on");
        let eager = Duration::from_millis(1)..=Duration::from_millis(5);
        let dialer =
            push.dial(Endpoint::new(listener.address()).reconnect(eager)).expect("an address to dial");
        Self { pull, push, listener, dialer }
    }

    /// Nobody came in, and everybody knows.
    #[track_caller]
    fn denies(&self, reason: &str) {
        let denied = |status: &ListenerStatus| {
            status.refused > 1 && status.last_error.as_deref().is_some_and(|error| error.contains(reason))
        };
        let listened = eventually_sees(|| self.listener.status(), denied);
        assert_eq!((listened.accepted, listened.pipes), (0, 0), "{reason}");
        let stats = counts(&self.pull, |stats| stats.refused.denied > 1);
        assert_eq!((stats.connected, stats.pipes), (0, 0), "{reason}");
        eventually_sees(|| self.dialer.status(), |status| status.failed > 0);
        assert_eq!(self.dialer.status().connected, 0, "{reason}: the peer never had a pipe");
        assert_eq!(self.push.stats().connected, 0, "{reason}");
    }

    #[track_caller]
    fn lets_in(&self) {
        passes(&self.push, &self.pull, "hello");
        assert_eq!(self.pull.stats().refused.denied, 0);
        let status = self.listener.status();
        assert_eq!((status.accepted, status.pending, status.pipes), (1, 0, 1));
    }
}

/// A judge that puts everybody off, and the tickets.
fn putting_off() -> (Admission, Receiver<Ticket>) {
    let (give, tickets) = sync_channel(100);
    let admission = Admission::by(move |applicant| {
        let (ticket, verdict) = applicant.later();
        give.send(ticket).expect("the test holds the tickets");
        verdict
    });
    (admission, tickets)
}

#[over(ALL)]
fn whom_nobody_lets_in_stays_outside_and_is_counted_with_the_reason(site: &Site) {
    fn keep_for_ever(applicant: Applicant) -> Verdict {
        let (ticket, verdict) = applicant.later();
        std::mem::forget(ticket);
        verdict
    }
    fn denials() -> Vec<(Admission, &'static str)> {
        let answer = |ticket: Ticket| std::thread::spawn(move || ticket.refuse("not on a Sunday"));
        vec![
            (Admission::by(|applicant| applicant.refuse("we are closed")), "we are closed"),
            (Admission::by(|_| panic!("planted")), "panicked"),
            (Admission::by(|applicant| applicant.later().1), "dropped without an answer"),
            (
                Admission::by(move |applicant| {
                    let (ticket, verdict) = applicant.later();
                    answer(ticket);
                    verdict
                }),
                "not on a Sunday",
            ),
            (
                Admission::by(|applicant| {
                    let (ticket, verdict) = applicant.later();
                    ticket.refuse("answered at once");
                    verdict
                }),
                "answered at once",
            ),
            (
                Admission::by(|applicant| {
                    let _put_off = applicant.later();
                    panic!("planted")
                }),
                "panicked",
            ),
        ]
    }
    for (admission, reason) in denials() {
        Door::new(site, admission).denies(reason);
    }
    let hasty = Duration::from_millis(50);
    Door::within(site, Admission::by(keep_for_ever), hasty).denies("nobody decided by the deadline");
}

#[over(ALL)]
fn a_list_of_users_keeps_out_everybody_else_and_whoever_has_no_identity(site: &Site) {
    let identified = site.transport == "ipc";
    let stranger = rustix::process::geteuid().as_raw() + 1;
    let reason = if identified { "is not on the list" } else { "nobody knows whose process it is" };
    Door::new(site, Users::of_uids([stranger]).into()).denies(reason);
    let same_user = Door::new(site, Users::same().into());
    let gid = rustix::process::getegid().as_raw();
    let same_group = Door::new(site, Users::of_gids([gid]).into());
    if identified {
        same_user.lets_in();
        same_group.lets_in();
    } else {
        same_user.denies(reason);
        same_group.denies(reason);
    }
}

#[over(ALL)]
fn whoever_is_let_in_talks_whether_that_was_decided_at_once_or_later(site: &Site) {
    Door::new(site, Admission::default()).lets_in();
    Door::new(site, Admission::by(Applicant::accept)).lets_in();
    let at_once_by_ticket = Admission::by(|applicant| {
        let (ticket, verdict) = applicant.later();
        ticket.accept();
        verdict
    });
    Door::new(site, at_once_by_ticket).lets_in();
    let (admission, tickets) = putting_off();
    let door = Door::new(site, admission);
    let ticket = tickets.recv_timeout(SOON).unwrap();
    assert_eq!(door.listener.status().pending, 1);
    stays(|| door.pull.stats().connected == 0 && door.push.stats().connected == 0);
    std::thread::spawn(move || ticket.accept());
    door.lets_in();
}

#[over(ALL)]
fn a_judge_sees_who_is_there(site: &Site) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&seen);
    let door = Door::new(
        site,
        Admission::by(move |applicant| {
            note.lock().unwrap().push(applicant.peer().clone());
            applicant.accept()
        }),
    );
    door.lets_in();
    let seen = seen.lock().unwrap();
    let [peer] = &seen[..] else { panic!("{seen:?}") };
    assert!(peer.address.starts_with(site.transport), "{peer:?}");
    assert_eq!(peer.identity.credentials.is_some(), site.transport == "ipc", "{peer:?}");
}

#[over(ALL)]
fn a_judge_may_use_its_own_socket_and_even_close_it(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    let own = pull.clone();
    let judge = move |applicant: Applicant| {
        assert_eq!(own.stats().pipes, 0);
        own.close(SOON).unwrap();
        applicant.accept()
    };
    let at = pull.listen(Endpoint::new(site.address()).admit(judge)).unwrap();
    push.dial(at.address()).unwrap();
    assert!(matches!(pull.recv_timeout(SOON), Err(hubless::Error::Closed)));
    eventually_sees(|| at.status(), |status| status.closed && status.pending == 0);
}

#[over(ALL)]
fn an_answer_that_comes_when_all_is_over_is_void(site: &Site) {
    let (admission, tickets) = putting_off();
    let door = Door::new(site, admission);
    let late = tickets.recv_timeout(SOON).unwrap();
    door.listener.close();
    late.accept();
    let again = Pull::new().unwrap();
    let at = again.listen(site.address()).unwrap();
    door.push.dial(at.address()).unwrap();
    passes(&door.push, &again, "elsewhere");
    let status = door.listener.status();
    assert_eq!((status.accepted, status.pending), (0, 0));
    assert_eq!(door.pull.stats().connected, 0);
}

#[over(ALL)]
fn a_listener_that_waits_for_an_answer_holds_up_nobody(site: &Site) {
    let (admission, tickets) = putting_off();
    let door = Door::new(site, admission);
    let _undecided = tickets.recv_timeout(SOON).unwrap();
    let open = door.pull.listen(site.address()).unwrap();
    let push = Push::new().unwrap();
    push.dial(open.address()).unwrap();
    passes(&push, &door.pull, "past");
    assert_eq!(door.listener.status().pending, 1);
}

#[over(WIRES)]
fn what_a_peer_says_before_it_is_let_in_is_heard_afterwards(site: &Site) {
    let pull = Pull::new().unwrap();
    let (admission, tickets) = putting_off();
    let at = pull.listen(Endpoint::new(site.address()).admission(admission)).unwrap();
    let hasty = Peer::connect(at.address());
    hasty.write(&peer::greeting(peer::PUSH));
    hasty.send(b"before");
    let ticket = tickets.recv_timeout(SOON).unwrap();
    hasty.send(b"between");
    stays(|| pull.stats().received == 0);
    ticket.accept();
    assert_eq!(hasty.read_greeting(), peer::PULL);
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "before");
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "between");
}

#[over(WIRES)]
fn a_peer_that_is_refused_gets_not_even_a_greeting(site: &Site) {
    let pull = Pull::new().unwrap();
    let at = pull.listen(Endpoint::new(site.address()).admit(|applicant| applicant.refuse("no"))).unwrap();
    let refused = Peer::connect(at.address());
    refused.write(&peer::greeting(peer::PUSH));
    refused.wait_for_end();
    counts(&pull, |stats| stats.refused.denied == 1 && stats.connected == 0);
}

#[over(ALL)]
fn whoever_is_refused_is_told_to_the_monitor_and_counted_by_its_listener(site: &Site) {
    let pull = Pull::new().unwrap();
    let monitor = pull.monitor();
    let at = pull.listen(Endpoint::new(site.address()).admit(|applicant| applicant.refuse("no"))).unwrap();
    let push = Push::new().unwrap();
    push.dial(Endpoint::new(at.address()).reconnect(SOON..=SOON)).unwrap();
    let failure = loop {
        match monitor.recv_timeout(SOON).unwrap().kind {
            EventKind::ConnectionFailed { failure, .. } => break failure,
            other => assert!(matches!(other, EventKind::Listening { .. }), "{other:?}"),
        }
    };
    assert_eq!(failure, Failure::Denied("no".into()));
    let stats = counts(&pull, |stats| stats.refused.denied > 0);
    assert_eq!((stats.refused, stats.refused.total()), (at.stats().refused, stats.refused.denied));
}

#[over(ALL)]
fn a_peer_of_the_wrong_pattern_is_refused_for_that_and_nobody_is_asked(site: &Site) {
    let pull = Pull::new().unwrap();
    let at = pull.listen(Endpoint::new(site.address()).admit(|_| panic!("asked"))).unwrap();
    let req = Req::new().unwrap();
    req.dial(at.address()).unwrap();
    let stats = counts(&pull, |stats| stats.refused.wrong_pattern > 0);
    assert_eq!(stats.refused.denied, 0);
}

#[test]
fn a_judge_that_panics_is_asked_again_about_the_next_one() {
    within(LIMIT, || {
        let site = Site::new("tcp");
        let first = Mutex::new(true);
        let door = Door::new(
            &site,
            Admission::by(move |applicant| {
                assert!(!std::mem::replace(
                    &mut *first.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
                    false
                ));
                applicant.accept()
            }),
        );
        passes(&door.push, &door.pull, "second try");
        assert_eq!(door.pull.stats().refused.denied, 1);
    });
}
