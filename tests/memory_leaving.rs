//! A message that leaves beyond the limit of memory takes nothing from the others: not from other sockets, nor from other pipes of
//! its own.

use std::sync::Arc;
use std::task::Context as Look;

use hubless::{Context, Overflow, Pub, Pull, Push, Req};
use hubless_kit::executors::Wakes;
use hubless_kit::peer::{Host, PULL, Peer, REP, SUB};
use hubless_kit::{LIMIT, Peers, SOON, Site, WHILE, WIRES, body, eventually, link, over, send_until_stuck};

const MEGABYTE: usize = 1 << 20;
const MEMORY: usize = 4 * MEGABYTE;
/// A message beyond the limit, of which the system takes only a part.
const BEYOND: usize = 4 * MEMORY;
const LARGER: usize = 64 * 1024;

#[expect(clippy::expect_used, reason = "it is a part of tests")]
fn context() -> Context {
    Context::builder().max_memory(MEMORY).build().expect("it is made")
}

/// A push to a peer that reads nothing.
#[expect(clippy::expect_used, reason = "it is a part of tests")]
fn stuck(site: &Site, context: &Context) -> (Push, Peer) {
    let push = Push::builder().context(context).send_buffer_bytes(2 * BEYOND).build().expect("it is made");
    let host = Host::new(site);
    push.dial(host.address().as_str()).expect("an address");
    let peer = host.greeted(PULL);
    push.wait_for_peers(1, SOON).expect("the peer");
    (push, peer)
}

/// Another socket of the context queues a part of the memory, for a peer that takes nothing.
fn finds_memory(site: &Site, context: &Context) {
    let (push, _stuck) = stuck(site, context);
    // Until the system takes nothing more.
    send_until_stuck(&push, LARGER);
    // One is there whatever the memory is.
    let queued = push.stats().send_queue;
    assert!(queued * LARGER > MEMORY / 4, "only {queued} messages wait");
}

#[over(WIRES)]
fn a_message_that_leaves_beyond_the_limit_leaves_other_sockets_their_memory(site: &Site) {
    let context = context();
    let (push, _stuck) = stuck(site, &context);
    push.send(body(0, BEYOND)).unwrap();
    finds_memory(site, &context);
    assert_eq!((push.stats().send_queue, push.stats().violations.too_slow), (1, 0), "it has not left");
}

#[over(WIRES)]
fn a_message_that_leaves_beyond_the_limit_leaves_other_pipes_of_its_socket_their_memory(site: &Site) {
    let context = context();
    let (push, _stuck) = stuck(site, &context);
    push.send(body(0, BEYOND)).unwrap();
    let pull = Pull::new().unwrap();
    push.dial(pull.listen(site.address()).unwrap().address()).unwrap();
    push.peers(2);
    for number in 1..=20 {
        push.send_timeout(body(number, LARGER), SOON).unwrap();
    }
    for number in 1..=20 {
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, LARGER));
    }
    let stats = push.stats();
    assert_eq!((stats.pipes, stats.violations.too_slow), (2, 0), "nobody was given up for that");
}

#[over(WIRES)]
fn a_message_to_all_that_leaves_beyond_the_limit_leaves_the_others_their_memory(site: &Site) {
    let context = context();
    for overflow in [Overflow::Block, Overflow::DropNewest, Overflow::DropOldest] {
        let publisher = Pub::builder().context(&context).overflow(overflow).build().unwrap();
        let at = publisher.listen(site.address()).unwrap();
        let _stuck = [(); 3].map(|()| Peer::greeted(at.address(), SUB));
        publisher.peers(3);
        publisher.send(body(0, BEYOND)).unwrap();
        assert_eq!(publisher.stats().send_queue, 3);
        finds_memory(site, &context);
    }
}

#[over(WIRES)]
fn a_request_that_is_kept_beyond_the_limit_leaves_the_others_their_memory_until_it_is_answered(site: &Site) {
    let context = context();
    let req = Req::builder().context(&context).build().unwrap();
    let host = Host::new(site);
    req.dial(host.address().as_str()).unwrap();
    let server = host.greeted(REP);
    req.peers(1);
    let pending = req.send(body(0, BEYOND)).unwrap();
    // While it is under way, and once all of it has left and is only kept.
    finds_memory(site, &context);
    let request = server.recv();
    finds_memory(site, &context);
    server.send(&request[..4]);
    assert_eq!(pending.recv_timeout(SOON).unwrap().len(), 0);
    finds_memory(site, &context);
}

#[over(WIRES)]
fn a_message_beyond_the_limit_that_came_back_leaves_the_others_their_memory_until_another_peer_takes_it(
    site: &Site,
) {
    let context = context();
    let (push, stuck) = stuck(site, &context);
    push.send(body(0, BEYOND)).unwrap();
    push.send_timeout(body(1, 10), WHILE).unwrap_err();
    drop(stuck);
    eventually(|| push.stats().pipes == 0 && push.stats().send_queue == 1);
    finds_memory(site, &context);
    let pull = Pull::new().unwrap();
    push.dial(pull.listen(site.address()).unwrap().address()).unwrap();
    assert!(pull.recv_timeout(SOON).unwrap() == body(0, BEYOND));
    // It has left the place to the next.
    for number in 1..3 {
        push.send_timeout(body(number, BEYOND - number), SOON).unwrap();
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, BEYOND - number));
    }
    assert_eq!(push.stats().drops.total(), 0);
    finds_memory(site, &context);
}

/// A message beyond the limit, with so many small ones behind it that nobody is told of room before it has left.
const SMALL: usize = 3;

#[over(WIRES, 3 * LIMIT)]
fn a_send_behind_a_message_beyond_the_limit_is_told_when_enough_of_that_has_left(site: &Site) {
    let context = Context::builder().max_memory(64 * MEGABYTE).build().unwrap();
    let pull = Pull::builder().context(&context).max_message(u64::MAX).build().unwrap();
    let filling = Push::new().unwrap();
    link(site, &pull, &filling);
    let push = Push::builder()
        .context(&context)
        .send_buffer(2 * SMALL)
        .send_buffer_bytes(128 * MEGABYTE)
        .build()
        .unwrap();
    let host = Host::new(site);
    push.dial(host.address().as_str()).unwrap();
    let peer = host.greeted(PULL);
    push.peers(1);
    push.send(body(0, 48 * MEGABYTE)).unwrap();
    for number in 1..=SMALL {
        push.send(body(number, 10)).unwrap();
    }
    // Now what is queued there is larger than what is free.
    filling.send(body(0, 24 * MEGABYTE)).unwrap();
    eventually(|| pull.stats().recv_queue == 1);
    // A future, which nobody looks at but when it is woken.
    let wakes = Arc::new(Wakes::default());
    let mut waiting = Box::pin(push.send_async(body(SMALL + 1, LARGER)));
    let mut is_ready = || waiting.as_mut().poll(&mut Look::from_waker(&Arc::clone(&wakes).into())).is_ready();
    assert!(!is_ready(), "there is no memory for it");
    peer.read(24 * MEGABYTE);
    eventually(|| wakes.take() && is_ready());
    assert_eq!(push.stats().send_queue, SMALL + 2, "all are queued still");
}

/// Messages that wait for a subscriber when one comes that finds no memory, and their size.
const NEWS: usize = 20;
const ITEM: usize = 16 * 1024;

#[over(WIRES)]
fn a_publisher_drops_nothing_for_a_message_for_which_that_would_make_no_room(site: &Site) {
    let context = context();
    let publisher = Pub::builder().context(&context).overflow(Overflow::DropOldest).build().unwrap();
    let at = publisher.listen(site.address()).unwrap();
    // It holds the place beyond the limit.
    let _stuck = Peer::greeted(at.address(), SUB);
    publisher.peers(1);
    publisher.send(body(0, BEYOND)).unwrap();
    let slow = Peer::greeted(at.address(), SUB);
    publisher.peers(2);
    let mut sent = 0;
    while publisher.stats().send_queue <= NEWS {
        publisher.send(body(sent, ITEM)).unwrap();
        sent += 1;
    }
    let before = publisher.stats();
    publisher.send(body(sent, BEYOND)).unwrap();
    let after = publisher.stats();
    assert_eq!(after.drops.peer_full - before.drops.peer_full, 2, "for neither there is room");
    // Nothing that waited was dropped.
    for number in 0..sent {
        assert!(slow.recv() == body(number, ITEM), "message {number}");
    }
}

#[over(WIRES)]
fn a_publisher_drops_what_waits_for_a_large_message_that_then_has_room(site: &Site) {
    let context = context();
    let publisher = Pub::builder().context(&context).overflow(Overflow::DropOldest).build().unwrap();
    let at = publisher.listen(site.address()).unwrap();
    let slow = Peer::greeted(at.address(), SUB);
    publisher.peers(1);
    let mut sent = 0;
    // More than half of the memory is not free beside these.
    while publisher.stats().send_queue * ITEM <= MEMORY / 4 {
        publisher.send(body(sent, ITEM)).unwrap();
        sent += 1;
    }
    publisher.send(body(sent, MEMORY / 3)).unwrap();
    let dropped = usize::try_from(publisher.stats().drops.peer_full).unwrap();
    assert!(dropped > 0, "there was room without that");
    let mut next = 0;
    for _ in 0..sent - dropped {
        let news = slow.recv();
        let number = (next..sent).find(|number| news == body(*number, ITEM));
        next = number.expect("a message that was not heard before") + 1;
    }
    assert!(slow.recv() == body(sent, MEMORY / 3));
}
