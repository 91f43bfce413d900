//! Large and small messages that wait for memory at one socket: none holds up those that fit, and each gets its turn.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Context as Look;
use std::thread;
use std::time::Duration;

use hubless::{Context, Overflow, Pub, Pull, Push, Sub};
use hubless_kit::executors::Wakes;
use hubless_kit::peer::{Host, PULL, Peer, SUB};
use hubless_kit::{
    LIMIT, SOON, Site, WHILE, WIRES, body, eventually, link, now, over, send_until_stuck, stays,
};

const MEGABYTE: usize = 1 << 20;

/// The memory of a context, and a message that goes beyond it: its queue is larger than all that is free.
const MEMORY: usize = 32 * MEGABYTE;
const HELD: usize = MEMORY + 8 * MEGABYTE;
/// What its peer reads of it, so that a small message fits behind the rest, and another large one does not.
const READ: usize = 24 * MEGABYTE;
const LARGE: usize = MEMORY - 2 * MEGABYTE;
const SMALL: usize = MEGABYTE / 8;

/// A push with such a message, and the peer, which reads what it is told to.
#[expect(clippy::expect_used, reason = "it is a part of tests")]
fn full(site: &Site) -> (Arc<Push>, Peer) {
    let context = Context::builder().max_memory(MEMORY).build().expect("it is made");
    let push = Push::builder().context(&context).send_buffer_bytes(2 * MEMORY).build().expect("it is made");
    let host = Host::new(site);
    push.dial(host.address().as_str()).expect("an address");
    let peer = host.greeted(PULL);
    push.wait_for_peers(1, SOON).expect("the peer");
    push.send(body(0, HELD)).expect("room");
    (Arc::new(push), peer)
}

/// One poll of a future, which is not done.
fn poll(future: Pin<&mut impl Future>, count: &Arc<Wakes>) {
    let waker = Arc::clone(count).into();
    assert!(future.poll(&mut Look::from_waker(&waker)).is_pending(), "there is memory for it");
}

#[over(WIRES, 3 * LIMIT)]
fn a_small_send_behind_a_large_one_is_woken_when_a_little_memory_comes_back(site: &Site) {
    let (push, peer) = full(site);
    // The first drives the socket; the second is the first of those that are told of memory, and hands that on.
    let sends = [(LARGE, 2 * SOON), (LARGE, 2 * SOON), (SMALL, SOON)];
    let [driver, large, small] = sends.map(|(size, timeout)| {
        let push = Arc::clone(&push);
        let sender = thread::spawn(move || push.send_timeout(body(0, size), timeout).map_err(drop));
        stays(|| !sender.is_finished());
        sender
    });
    peer.read(READ);
    assert_eq!(small.join().unwrap(), Ok(()));
    drop((driver, large));
}

/// A push whose peer takes nothing of a message beyond the limit, and a pull with a message that nobody has taken yet. With that taken, all at once,
/// a small message fits behind the first, and another large one does not.
#[expect(clippy::expect_used, reason = "it is a part of tests")]
fn full_until_taken(site: &Site) -> (Push, Pull, Peer) {
    let context = Context::builder().max_memory(2 * MEMORY).build().expect("it is made");
    let pull = Pull::builder().context(&context).max_message(MEMORY as u64).build().expect("it is made");
    let filling = Push::new().expect("it is made");
    link(site, &pull, &filling);
    filling.send(body(0, 3 * MEMORY / 4)).expect("room");
    eventually(|| pull.stats().recv_queue == 1);
    let push = Push::builder().context(&context).send_buffer_bytes(4 * MEMORY).build().expect("it is made");
    let host = Host::new(site);
    push.dial(host.address().as_str()).expect("an address");
    let stuck = host.greeted(PULL);
    push.wait_for_peers(1, SOON).expect("the peer");
    push.send(body(0, 3 * MEMORY / 2)).expect("room");
    (push, pull, stuck)
}

/// More large messages wait than there are notices when the memory comes back, once.
const AHEAD: usize = 5;

/// Whether a small message behind large ones, which look again when they are woken or `go`, is sent when memory comes back, rather than when the
/// peer that holds it is given up.
#[expect(clippy::expect_used, reason = "it is a part of tests")]
fn is_sent_behind_large_ones(site: &Site, go: bool) -> bool {
    let (push, pull, _stuck) = full_until_taken(site);
    let mut larges: Vec<_> = (0..AHEAD)
        .map(|_| (Some(Box::pin(push.send_async(body(0, LARGE)))), Arc::new(Wakes::default())))
        .collect();
    let (mut small, small_wakes) = (Box::pin(push.send_async(body(0, SMALL))), Arc::new(Wakes::default()));
    for (large, wakes) in &mut larges {
        poll(large.as_mut().expect("it is there").as_mut(), wakes);
    }
    poll(small.as_mut(), &small_wakes);
    assert_eq!(pull.recv_timeout(SOON).expect("it has come").len(), 3 * MEMORY / 4);
    let is_ready = |future: Pin<&mut dyn Future<Output = _>>, wakes: &Arc<Wakes>| {
        future.poll(&mut Look::from_waker(&Arc::clone(wakes).into())).is_ready()
    };
    eventually(|| {
        for (large, wakes) in &mut larges {
            if wakes.take() {
                large.take_if(|large| go || is_ready(large.as_mut(), wakes));
            }
        }
        small_wakes.take() && is_ready(small.as_mut(), &small_wakes)
    });
    push.stats().violations.too_slow == 0
}

#[over(WIRES, 3 * LIMIT)]
fn a_small_future_behind_large_ones_is_woken_when_a_little_memory_comes_back_or_the_large_ones_go(
    site: &Site,
) {
    for go in [false, true] {
        // A slow machine may have the peer given up before anybody is woken: that says nothing.
        while !is_sent_behind_large_ones(site, go) {}
    }
}

/// Messages that are sent meanwhile, and large ones that wait.
const SENT: usize = 200;
const WAITING: usize = 20;

#[over(WIRES, 3 * LIMIT)]
fn memory_that_comes_back_wakes_none_that_waits_until_another_has_had_its_turn(site: &Site) {
    let (push, _stuck) = full(site);
    let pull = Pull::builder().max_message(MEMORY as u64).build().unwrap();
    push.dial(pull.listen(site.address()).unwrap().address()).unwrap();
    push.wait_for_peers(2, SOON).unwrap();
    let first = Arc::clone(&push);
    let first = thread::spawn(move || first.send_timeout(body(1, LARGE), 2 * LIMIT).map_err(drop));
    stays(|| !first.is_finished());
    let large = body(2, LARGE);
    let wakes = Arc::new(Wakes::default());
    let mut others: Vec<_> = (0..WAITING).map(|_| Box::pin(push.send_async(large.clone()))).collect();
    for other in &mut others {
        poll(other.as_mut(), &wakes);
    }
    let mut woken = 0;
    for number in 0..SENT {
        push.send_timeout(body(number, SMALL), SOON).unwrap();
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, SMALL));
        if wakes.take() {
            woken += 1;
            for other in &mut others {
                poll(other.as_mut(), &wakes);
            }
        }
    }
    assert!(woken < SENT / 10, "they were woken {woken} times");
    drop(others);
    drop(first);
}

#[over(WIRES, 3 * LIMIT)]
fn small_sends_pass_a_large_one_that_waits_for_memory_however_long(site: &Site) {
    let (push, _stuck) = full(site);
    let pull = Pull::builder().max_message(MEMORY as u64).build().unwrap();
    push.dial(pull.listen(site.address()).unwrap().address()).unwrap();
    push.wait_for_peers(2, SOON).unwrap();
    let large = Arc::clone(&push);
    let large = thread::spawn(move || large.send_timeout(body(1, LARGE), 2 * LIMIT).map_err(drop));
    let begin = now();
    let mut number = 0;
    while begin.elapsed() < 5 * WHILE {
        push.try_send(body(number, 10)).unwrap_or_else(|error| panic!("message {number}: {error}"));
        push.send_timeout(body(number, 10), SOON).unwrap_or_else(|error| panic!("message {number}: {error}"));
        for _ in 0..2 {
            assert!(pull.recv_timeout(SOON).unwrap() == body(number, 10));
        }
        number += 1;
    }
    // Who holds the place and takes nothing gives way.
    large.join().unwrap().unwrap();
    while pull.recv_timeout(LIMIT).unwrap().len() != LARGE {}
}

/// A message beyond the limit of a memory of 4 MiB, of which the system takes only a part.
const BEYOND: usize = 16 * MEGABYTE;

/// For how long a holder that takes nothing is looked at twice, if somebody wants its place.
const TWO_LOOKS: Duration = Duration::from_secs(12);

#[over(WIRES, 3 * LIMIT)]
fn a_peer_is_not_given_up_for_those_who_do_not_wait_for_its_place(site: &Site) {
    let context = Context::builder().max_memory(4 * MEGABYTE).build().unwrap();
    let push = Push::builder().context(&context).send_buffer_bytes(4 * BEYOND).build().unwrap();
    let publisher = Pub::builder().context(&context).build().unwrap();
    let hosts = [Host::new(site), Host::new(site)];
    push.dial(hosts[0].address().as_str()).unwrap();
    publisher.dial(hosts[1].address().as_str()).unwrap();
    let _stuck = (hosts[0].greeted(PULL), hosts[1].greeted(SUB));
    push.wait_for_peers(1, SOON).unwrap();
    publisher.wait_for_peers(1, SOON).unwrap();
    push.send(body(0, BEYOND)).unwrap();
    publisher.send(body(0, BEYOND)).unwrap();
    let other = Sub::new().unwrap();
    publisher.dial(other.listen(site.address()).unwrap().address()).unwrap();
    publisher.wait_for_peers(2, SOON).unwrap();
    let begin = now();
    // One waits no longer, one has never waited, and one drops what finds no memory.
    assert!(push.send_timeout(body(1, BEYOND), WHILE).is_err());
    while begin.elapsed() < TWO_LOOKS {
        assert!(push.try_send(body(1, BEYOND)).is_err());
        publisher.send(body(1, BEYOND)).unwrap();
        thread::park_timeout(WHILE);
    }
    assert_eq!((push.stats().pipes, publisher.stats().pipes), (1, 2));
}

#[over(WIRES, 3 * LIMIT)]
fn a_publisher_that_waits_for_all_is_not_held_up_for_ever_by_one_that_takes_nothing_beyond_the_limit(
    site: &Site,
) {
    let context = Context::builder().max_memory(4 * MEGABYTE).build().unwrap();
    let publisher = Pub::builder()
        .context(&context)
        .overflow(Overflow::Block)
        .send_buffer_bytes(4 * BEYOND)
        .build()
        .unwrap();
    let host = Host::new(site);
    publisher.dial(host.address().as_str()).unwrap();
    let _stuck = host.greeted(SUB);
    publisher.wait_for_peers(1, SOON).unwrap();
    publisher.send(body(0, BEYOND)).unwrap();
    let sub = Sub::new().unwrap();
    sub.subscribe("").unwrap();
    publisher.dial(sub.listen(site.address()).unwrap().address()).unwrap();
    publisher.wait_for_peers(2, SOON).unwrap();
    publisher.send_timeout(body(1, BEYOND), 2 * LIMIT).unwrap();
    assert!(sub.recv_timeout(SOON).unwrap() == body(1, BEYOND));
    assert_eq!(publisher.stats().violations.too_slow, 1);
}

#[over(WIRES, 3 * LIMIT)]
fn a_large_message_that_has_waited_goes_behind_others_to_a_peer_that_reads_and_to_none_that_is_stuck(
    site: &Site,
) {
    let context = Context::builder().max_memory(4 * MEGABYTE).build().unwrap();
    let push = Push::builder().context(&context).build().unwrap();
    let hosts = [(); 4].map(|()| Host::new(site));
    let mut peers = Vec::new();
    for (count, host) in (1..).zip(&hosts) {
        push.dial(host.address().as_str()).unwrap();
        peers.push(host.greeted(PULL));
        push.wait_for_peers(count, SOON).unwrap();
    }
    let reader = peers.pop().unwrap();
    // The system takes nothing more for any of them.
    send_until_stuck(&push, SMALL);
    let wakes = Arc::new(Wakes::default());
    let mut large = Box::pin(push.send_async(body(0, BEYOND)));
    poll(large.as_mut(), &wakes);
    eventually(|| {
        reader.read(SMALL);
        while push.try_send(body(0, SMALL)).is_ok() {}
        wakes.take() && large.as_mut().poll(&mut Look::from_waker(&Arc::clone(&wakes).into())).is_ready()
    });
    reader.read(BEYOND);
}

#[over(WIRES, 3 * LIMIT)]
fn a_large_message_that_waits_leaves_though_smaller_ones_are_always_queued(site: &Site) {
    let context = Context::builder().max_memory(4 * MEGABYTE).build().unwrap();
    let push = Push::builder().context(&context).build().unwrap();
    let host = Host::new(site);
    push.dial(host.address().as_str()).unwrap();
    let peer = host.greeted(PULL);
    push.wait_for_peers(1, SOON).unwrap();
    eventually(|| push.try_send(body(0, SMALL)).is_err());
    let wakes = Arc::new(Wakes::default());
    let mut large = Box::pin(push.send_async(body(0, BEYOND)));
    poll(large.as_mut(), &wakes);
    // It is read in pieces smaller than what is queued, which grows again after each.
    eventually(|| {
        peer.read(SMALL);
        while push.try_send(body(0, SMALL)).is_ok() {}
        wakes.take() && large.as_mut().poll(&mut Look::from_waker(&Arc::clone(&wakes).into())).is_ready()
    });
}
