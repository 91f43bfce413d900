//! What is queued when a socket is closed.

use std::thread;
use std::time::Duration;

use hubless::{Bus, Context, Error, Pair, Pub, Pull, Push, Rep, Req, Sub};
use hubless_kit::peer::{Host, PULL, PUSH, Peer};
use hubless_kit::{
    ALL, Peers, SOON, Site, WIRES, body, counts, eventually, link, linked, listen_again, now, over, passes,
    send_until_refused,
};

#[over(ALL)]
fn close_sends_what_is_queued(site: &Site) {
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
}

#[over(ALL)]
fn close_sends_what_any_pattern_has_queued(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
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

    let (left, right) = linked::<Bus, Bus>(site);
    left.send_many((0..500).map(|number| body(number, 1000))).unwrap();
    left.close(SOON).unwrap();
    for number in 0..500 {
        assert!(right.recv_timeout(SOON).unwrap() == body(number, 1000));
    }
}

#[over(ALL)]
fn close_loses_nothing_though_the_closing_side_has_not_read_everything(site: &Site) {
    let (left, right) = linked::<Pair, Pair>(site);
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
}

#[over(WIRES)]
fn close_returns_by_its_time_and_reports_what_a_stalled_peer_did_not_take(site: &Site) {
    let push = Push::new().unwrap();
    let _stalled = Peer::of_socket(site, &push, PULL);
    for number in 0..150 {
        push.send(body(number, 50_000)).unwrap();
    }
    let queued = counts(&push, |stats| stats.send_queue > 0).send_queue;
    let begin = now();
    let report = push.close(Duration::from_millis(300)).unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(300), "the peer might have read on");
    assert!(report.dropped > 0 && report.dropped <= queued, "{report:?}, {queued} queued");
    assert_eq!(push.stats().drops.closed, report.dropped as u64);
}

#[over(WIRES)]
fn close_without_time_drops_and_reports_at_once(site: &Site) {
    let push = Push::new().unwrap();
    let _stalled = Peer::of_socket(site, &push, PULL);
    for number in 0..150 {
        push.send(body(number, 50_000)).unwrap();
    }
    counts(&push, |stats| stats.send_queue > 0);
    assert!(push.close(Duration::ZERO).unwrap().dropped > 0);
    assert_eq!(push.stats().pipes, 0);
}

#[over(ALL)]
fn close_of_an_idle_socket_reports_nothing_and_can_be_repeated(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    for _ in 0..3 {
        for report in [push.close(SOON).unwrap(), pull.close(SOON).unwrap()] {
            assert_eq!((report.written, report.dropped), (0, 0));
        }
    }
    let lonely = Push::new().unwrap();
    assert_eq!(lonely.close(SOON).unwrap().dropped, 0);
}

#[over(ALL)]
fn what_nobody_received_is_counted(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    push.send_many(["unread"; 10]).unwrap();
    counts(&pull, |stats| stats.recv_queue == 10);
    pull.close(Duration::ZERO).unwrap();
    let stats = pull.stats();
    assert_eq!((stats.drops.unreceived, stats.drops.closed, stats.recv_queue), (10, 0, 0));
}

#[over(ALL)]
fn dropping_a_socket_goes_on_sending_for_its_linger_time(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::builder().linger(SOON).build().unwrap());
    link(site, &pull, &push);
    push.send_many((0..900).map(|number| body(number, 5000))).unwrap();
    drop(push);
    for number in 0..900 {
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, 5000), "message {number}");
    }
    counts(&pull, |stats| stats.pipes == 0);
}

#[over(WIRES)]
fn dropping_a_socket_does_not_wait_for_a_stalled_peer(site: &Site) {
    let push = Push::builder().linger(Duration::from_millis(50)).build().unwrap();
    let at = push.listen(site.address()).unwrap();
    let stalled = Peer::greeted(at.address(), PULL);
    push.peers(1);
    for number in 0..150 {
        push.send(body(number, 50_000)).unwrap();
    }
    drop(push);
    // Not the peer's reading ends it, but the linger time.
    let pull = Pull::new().unwrap();
    listen_again(&pull, at.address());
    stalled.wait_for_end();
}

#[over(ALL)]
fn dropping_one_of_several_handles_closes_nothing(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    drop((pull.clone(), push.clone()));
    passes(&push, &pull, "still open");
    let other = push.clone();
    push.close(Duration::ZERO).unwrap();
    assert!(matches!(other.send("closed for all").unwrap_err().error, Error::Closed));
}

#[over(WIRES)]
fn closing_a_socket_closes_its_connections(site: &Site) {
    let pull = Pull::new().unwrap();
    let peer = Peer::of_socket(site, &pull, PUSH);
    let closing = pull.clone();
    let closing = thread::spawn(move || closing.close(SOON).unwrap());
    peer.wait_for_end();
    drop(peer);
    closing.join().unwrap();
    eventually(|| pull.stats().pipes == 0);
}

#[over(WIRES)]
fn dropping_a_handle_does_not_shorten_a_close_that_somebody_waits_for(site: &Site) {
    let context = Context::new().unwrap();
    let push = Push::builder().context(&context).linger(Duration::ZERO).build().unwrap();
    let pull = Pull::builder().recv_buffer(1).build().unwrap();
    link(site, &pull, &push);
    let sent = send_until_refused(&push, 200_000);
    let closing = thread::spawn(move || context.close(SOON));
    eventually(|| matches!(push.try_send("x").unwrap_err().error, Error::Closed));
    drop(push);
    for number in 0..sent {
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, 200_000), "message {number} of {sent}");
    }
    assert_eq!(closing.join().unwrap().dropped, 0);
}

#[over(WIRES)]
fn the_report_of_a_close_knows_what_was_lost_with_a_peer_that_died_meanwhile(site: &Site) {
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
}
