//! What a socket tells of its peers one by one, and of the dialers and listeners they came through.

use hubless::monitor::LocalEndpoint;
use hubless::{Dialer, DialerStats, Listener, ListenerStats, Pull, Push, Respondent, Surveyor};
use hubless_kit::peer::{self, Host, PULL};
use hubless_kit::{
    ALL, SOON, Site, WIRES, body, counts, eventually, eventually_sees, link, now, over, passes,
};
use std::time::Duration;

#[track_caller]
fn dialed(dialer: &Dialer, expected: impl Fn(&DialerStats) -> bool) -> DialerStats {
    eventually_sees(|| dialer.stats(), expected)
}

#[track_caller]
fn listened(listener: &Listener, expected: impl Fn(&ListenerStats) -> bool) -> ListenerStats {
    eventually_sees(|| listener.stats(), expected)
}

#[over(ALL)]
fn each_peer_is_listed_with_who_it_is_where_it_came_from_and_since_when(site: &Site) {
    let begin = now();
    let pull = Pull::new().unwrap();
    let at = [site.address(), site.address()].map(|address| pull.listen(address).unwrap());
    let pushes = at.each_ref().map(|at| {
        let push = Push::new().unwrap();
        push.dial(at.address()).unwrap();
        push
    });
    pull.wait_for_peers(2, SOON).unwrap();
    let pipes = pull.pipes();
    assert_eq!(pipes.len(), 2);
    assert_ne!(pipes[0].id, pipes[1].id);
    for pipe in &pipes {
        assert!(pipe.peer.address.starts_with(site.transport), "{pipe:?}");
        assert_eq!(pipe.peer.identity.credentials.is_some(), site.transport == "ipc");
        assert!(begin <= pipe.since && pipe.since <= now());
    }
    for at in &at {
        let here = LocalEndpoint::Listener(at.address().into());
        assert_eq!(pipes.iter().filter(|pipe| pipe.via == here).count(), 1);
    }
    for (push, at) in pushes.iter().zip(&at) {
        push.wait_for_peers(1, SOON).unwrap();
        assert_eq!(push.pipes()[0].via, LocalEndpoint::Dialer(at.address().into()));
    }
    let [leaves, stays] = pushes;
    drop(leaves);
    counts(&pull, |stats| stats.pipes == 1);
    assert_eq!(pull.pipes()[0].via.address(), at[1].address());
    drop(stays);
}

#[over(ALL)]
fn what_waits_for_or_from_a_peer_is_listed_with_it(site: &Site) {
    let push = Push::new().unwrap();
    let at = push.listen(site.address()).unwrap();
    let pulls = [2, 5].map(|buffer| {
        let pull = Pull::builder().recv_buffer(buffer).build().unwrap();
        pull.dial(at.address()).unwrap();
        pull
    });
    push.wait_for_peers(2, SOON).unwrap();
    for number in 0..500 {
        push.send(body(number, 30_000)).unwrap();
    }
    for (pull, buffer) in pulls.iter().zip([2, 5]) {
        counts(pull, |stats| stats.recv_queue == buffer);
        assert_eq!(pull.pipes()[0].recv_queue, buffer);
    }
    eventually(|| {
        let pipes = push.pipes();
        let waiting: usize = pipes.iter().map(|pipe| pipe.send_queue).sum();
        waiting == push.stats().send_queue && pipes.iter().all(|pipe| pipe.traffic.sent == 250)
    });
}

#[over(ALL)]
fn answers_that_wait_are_listed_with_who_gave_them(site: &Site) {
    let surveyor = Surveyor::new().unwrap();
    let at = surveyor.listen(site.address()).unwrap();
    let (first, second) = (Respondent::new().unwrap(), Respondent::new().unwrap());
    first.dial(at.address()).unwrap();
    surveyor.wait_for_peers(1, SOON).unwrap();
    let id = surveyor.pipes()[0].id;
    second.dial(at.address()).unwrap();
    surveyor.wait_for_peers(2, SOON).unwrap();
    let surveys = [0; 3].map(|_| surveyor.survey("?", SOON).unwrap());
    for question in first.iter().take(3) {
        question.reply("!").unwrap();
    }
    second.recv_timeout(SOON).unwrap().reply("!").unwrap();
    counts(&surveyor, |stats| stats.recv_queue == 4);
    for pipe in surveyor.pipes() {
        assert_eq!(pipe.recv_queue, if pipe.id == id { 3 } else { 1 });
    }
    drop(surveys);
}

#[over(WIRES)]
fn a_dialer_counts_what_went_through_all_its_connections(site: &Site) {
    let host = Host::new(site);
    let push =
        Push::builder().reconnect(Duration::from_millis(1)..=Duration::from_millis(1)).build().unwrap();
    let dialer = push.dial(host.address()).unwrap();
    for round in 1..=3 {
        let peer = host.greeted(PULL);
        push.send("a job").unwrap();
        assert_eq!(peer.recv(), b"a job");
        let stats = dialed(&dialer, |stats| stats.connected == round && stats.pipes == 1);
        assert_eq!(stats.reconnected, round - 1);
        assert_eq!((stats.traffic.sent, stats.traffic.sent_bytes), (round, 5 * round));
    }
    push.close(Duration::ZERO).unwrap();
    let stats = dialer.stats();
    assert_eq!((stats.pipes, stats.traffic.sent), (0, 3));
    drop(push);
    assert_eq!(dialer.stats(), stats);
}

#[over(WIRES)]
fn a_dialer_counts_rounds_that_failed_and_peers_that_are_none_by_reason(site: &Site) {
    let host = Host::new(site);
    let push =
        Push::builder().reconnect(Duration::from_millis(1)..=Duration::from_millis(1)).build().unwrap();
    let dialer = push.dial(host.address()).unwrap();
    for greeting in [b"HTTP/1.1", &peer::greeting(peer::REP)] {
        let stranger = host.accept();
        stranger.read_greeting();
        stranger.write(greeting);
        stranger.wait_for_end();
    }
    let _peer = host.greeted(PULL);
    let stats = dialed(&dialer, |stats| stats.pipes == 1);
    assert_eq!(
        (stats.refused.unknown_protocol, stats.refused.wrong_pattern, stats.refused.total()),
        (1, 1, 2)
    );
    assert_eq!((stats.failed, stats.connected, stats.reconnected), (2, 1, 0));
    assert_eq!(stats.refused, push.stats().refused);
}

#[over(ALL)]
fn a_listener_counts_what_came_through_it_and_not_through_another(site: &Site) {
    let pull = Pull::new().unwrap();
    let [busy, idle] = [(); 2].map(|()| pull.listen(site.address()).unwrap());
    let other = Push::new().unwrap();
    other.dial(idle.address()).unwrap();
    pull.wait_for_peers(1, SOON).unwrap();
    for round in 1..=3 {
        sends_one_and_leaves(site, &pull, &busy);
        let stats = listened(&busy, |stats| stats.pipes == 0 && stats.accepted == round);
        assert_eq!((stats.traffic.received, stats.traffic.received_bytes), (round, 3 * round));
    }
    let stats = idle.stats();
    assert_eq!((stats.pipes, stats.accepted, stats.traffic.received), (1, 1, 0));
    assert_eq!(stats.refused.total(), 0);
}

fn sends_one_and_leaves(_: &Site, pull: &Pull, at: &Listener) {
    let push = Push::new().expect("a socket");
    push.dial(at.address()).expect("an address");
    passes(&push, pull, "job");
}

#[over(ALL)]
fn a_new_connection_in_place_of_a_lost_one_is_counted_as_such(site: &Site) {
    let push =
        Push::builder().reconnect(Duration::from_millis(1)..=Duration::from_millis(1)).build().unwrap();
    let (listener, _) = link(site, &Pull::new().unwrap(), &push);
    counts(&push, |stats| stats.pipes == 0);
    let heir = Pull::new().unwrap();
    hubless_kit::listen_again(&heir, listener.address());
    let stats = counts(&push, |stats| stats.pipes == 1);
    assert_eq!((stats.connected, stats.reconnected, stats.disconnected), (2, 1, 1));
    assert_eq!(heir.stats().reconnected, 0);
}
