//! A publisher whose subscriber does not keep up drops the newest messages, or the oldest, or waits, as it was told.

mod dropping;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hubless::{Context, Error, Overflow, Pub, Pull, Push, SendError, Sub};
use hubless_kit::peer::{Peer, SUB};
use hubless_kit::{
    ALL, LIMIT, Peers, SOON, Site, WIRES, body, counts, eventually, link, over, stalled, stays, within,
};

const LENGTH: usize = 10_000;
/// More of them than all buffers on the way hold.
const MANY: usize = 5000;

fn publisher(overflow: Overflow, send_buffer: usize) -> Pub {
    Pub::builder().overflow(overflow).send_buffer(send_buffer).build().expect("a socket")
}

/// Subscribers to everything, each with little room of its own.
fn subscribers<const N: usize>(site: &Site, publisher: &Pub) -> [Sub; N] {
    let at = publisher.listen(site.address()).expect("an address");
    let subs = std::array::from_fn(|_| {
        let sub = Sub::builder().recv_buffer(10).build().expect("a socket");
        sub.subscribe("").expect("an open socket");
        sub.dial(at.address()).expect("an address");
        sub
    });
    publisher.peers(N);
    subs
}

fn number(news: &[u8]) -> usize {
    usize::from_be_bytes(news[..8].try_into().expect("a number"))
}

/// Receives up to message `last`; the numbers.
#[track_caller]
fn heard(sub: &Sub, last: usize, length: usize) -> Vec<usize> {
    let mut heard = Vec::new();
    while heard.last() != Some(&last) {
        let news = sub.recv_timeout(SOON).expect("a message");
        heard.push(number(&news));
        assert!(*news == body(number(&news), length)[..]);
    }
    heard
}

/// All messages up to this one, of the usual length.
#[track_caller]
fn heard_all(sub: &Sub, count: usize) {
    let news = heard(sub, count - 1, LENGTH);
    assert!(news.into_iter().eq(0..count), "something is missing");
}

#[track_caller]
fn is_in_order(news: &[usize]) {
    assert!(news.is_sorted_by(|before, after| before < after), "the order has changed");
}

/// What came last, or first, is these and nothing else.
#[track_caller]
fn is_exactly(news: &[usize], expected: std::ops::Range<usize>) {
    assert!(news.iter().copied().eq(expected.clone()), "{news:?} is not {expected:?}");
}

/// Publishes one after the other until all are published, or one comes back with an error.
fn publish(publisher: &Pub) -> JoinHandle<Result<(), SendError>> {
    let publisher = publisher.clone();
    thread::spawn(move || (0..MANY).try_for_each(|number| publisher.send(body(number, LENGTH))))
}

fn sent(publisher: &Pub) -> usize {
    usize::try_from(publisher.stats().sent).expect("few")
}

#[over(ALL)]
fn a_publisher_that_waits_goes_at_the_pace_of_the_slowest_and_nothing_is_lost(site: &Site) {
    let publisher = publisher(Overflow::Block, 10);
    let [slow, quick] = subscribers(site, &publisher);
    let publishing = publish(&publisher);
    let reading = thread::spawn(move || heard_all(&quick, MANY));
    let held = stalled(|| sent(&publisher));
    assert!(held < 2 * MANY, "the publisher must have been held up");
    stays(|| !publishing.is_finished() && !reading.is_finished());
    heard_all(&slow, MANY);
    reading.join().unwrap();
    publishing.join().unwrap().unwrap();
    let stats = counts(&publisher, |stats| stats.send_queue == 0);
    assert_eq!((stats.sent, stats.drops.total()), (2 * MANY as u64, 0));
}

#[over(ALL)]
fn several_publishing_threads_that_wait_all_go_on(site: &Site) {
    const EACH: usize = 200;
    let publisher = publisher(Overflow::Block, 4);
    let subs: [Sub; 3] = subscribers(site, &publisher);
    let publishing: Vec<_> = (0..4)
        .map(|thread| (publisher.clone(), thread * EACH))
        .map(|(publisher, first)| {
            thread::spawn(move || {
                let messages = (first..first + EACH).map(|number| body(number, LENGTH));
                publisher.send_many(messages).unwrap()
            })
        })
        .collect();
    let reading = subs.map(|sub| {
        thread::spawn(move || {
            let news: Vec<_> = (0..4 * EACH).map(|_| number(&sub.recv_timeout(SOON).unwrap())).collect();
            for thread in 0..4 {
                let of_thread = news.iter().copied().filter(|number| number / EACH == thread);
                assert!(of_thread.eq(thread * EACH..(thread + 1) * EACH));
            }
            news
        })
    });
    let heard = reading.map(|reading| reading.join().unwrap());
    assert!(heard.iter().all(|news| *news == heard[0]), "all hear the same in the same order");
    assert!(publishing.into_iter().all(|publishing| publishing.join().unwrap() == EACH));
    assert_eq!(publisher.stats().drops.total(), 0);
}

#[over(ALL)]
fn a_message_that_has_to_wait_and_may_not_comes_back_and_nobody_gets_it(site: &Site) {
    let publisher = publisher(Overflow::Block, 5);
    let [slow, quick] = subscribers(site, &publisher);
    let over = Arc::new(AtomicUsize::new(usize::MAX));
    let end = Arc::clone(&over);
    let reading = thread::spawn(move || {
        let mut heard = Vec::new();
        while heard.len() < end.load(Ordering::SeqCst) {
            heard.extend(quick.recv_timeout(Duration::from_millis(10)).map(|news| number(&news)));
        }
        heard
    });
    let (mut sent, mut refused) = (0, 0);
    while refused < 20 {
        let news = body(sent, LENGTH);
        let result = if refused % 2 == 0 {
            publisher.try_send(news).map_err(|failed| (matches!(failed.error, Error::Full), failed))
        } else {
            let result = publisher.send_timeout(news, Duration::from_millis(20));
            result.map_err(|failed| (matches!(failed.error, Error::Timeout { .. }), failed))
        };
        match result {
            Ok(()) => sent += 1,
            Err((expected, failed)) => {
                assert!(expected, "{failed}");
                assert!(failed.message == body(sent, LENGTH));
                refused += 1;
            }
        }
    }
    over.store(sent, Ordering::SeqCst);
    is_exactly(&reading.join().unwrap(), 0..sent);
    heard_all(&slow, sent);
    let stats = counts(&publisher, |stats| stats.send_queue == 0);
    assert_eq!((stats.sent, stats.drops.total()), (2 * sent as u64, 0));
}

#[over(ALL)]
fn sending_many_stops_at_the_first_message_without_room(site: &Site) {
    let publisher = Pub::builder()
        .overflow(Overflow::Block)
        .send_buffer(5)
        .send_timeout(Duration::from_millis(200))
        .build()
        .unwrap();
    let [sub] = subscribers(site, &publisher);
    let failed = publisher.send_many((0..MANY).map(|number| body(number, LENGTH))).unwrap_err();
    assert!(matches!(failed.error, Error::Timeout { .. }));
    let rest: Vec<_> = failed.message.collect();
    let sent = MANY - rest.len();
    assert!((1..MANY).contains(&sent));
    assert!(rest.iter().zip(sent..).all(|(message, number)| *message == body(number, LENGTH)));
    heard_all(&sub, sent);
    counts(&publisher, |stats| stats.sent == sent as u64 && stats.send_queue == 0);
}

#[over(ALL)]
fn a_subscriber_that_goes_away_is_waited_for_no_longer(site: &Site) {
    let publisher = publisher(Overflow::Block, 5);
    let [deaf, quick] = subscribers(site, &publisher);
    let publishing = publish(&publisher);
    let reading = thread::spawn(move || heard_all(&quick, MANY));
    stalled(|| sent(&publisher));
    assert!(!publishing.is_finished());
    drop(deaf);
    publishing.join().unwrap().unwrap();
    reading.join().unwrap();
}

#[over(WIRES)]
fn a_subscriber_that_breaks_the_connection_is_waited_for_no_longer(site: &Site) {
    let publisher = publisher(Overflow::Block, 5);
    let deaf = Peer::of_socket(site, &publisher, SUB);
    let publishing = publish(&publisher);
    stalled(|| sent(&publisher));
    assert!(!publishing.is_finished());
    drop(deaf);
    publishing.join().unwrap().unwrap();
    counts(&publisher, |stats| stats.pipes == 0 && stats.send_queue == 0);
    assert!(sent(&publisher) < MANY);
}

#[over(ALL)]
fn closing_ends_a_wait_and_gives_the_message_back(site: &Site) {
    let publisher = publisher(Overflow::Block, 5);
    let [_deaf] = subscribers(site, &publisher);
    let publishing = publish(&publisher);
    stalled(|| sent(&publisher));
    publisher.close(Duration::ZERO).unwrap();
    let failed = publishing.join().unwrap().unwrap_err();
    assert!(matches!(failed.error, Error::Closed));
    assert!(failed.message == body(sent(&publisher), LENGTH));
}

#[test]
fn publishing_to_nobody_never_waits() {
    within(LIMIT, || {
        for overflow in [Overflow::DropNewest, Overflow::DropOldest, Overflow::Block] {
            let publisher = publisher(overflow, 1);
            for _ in 0..1000 {
                publisher.send("anybody?").unwrap();
                publisher.try_send("no?").unwrap();
            }
            let stats = publisher.stats();
            assert_eq!((stats.sent, stats.drops.total(), stats.send_queue), (0, 0, 0));
        }
    });
}

#[over(WIRES)]
fn a_publisher_that_waits_for_memory_goes_on_when_its_subscribers_take_what_it_has_sent(site: &Site) {
    let context = Context::builder().max_memory(1 << 20).build().unwrap();
    let publisher = Pub::builder().context(&context).overflow(Overflow::Block).build().unwrap();
    let at = publisher.listen(site.address()).unwrap();
    let subs = [(); 2].map(|()| Peer::greeted(at.address(), SUB));
    publisher.wait_for_peers(2, SOON).unwrap();
    // More than the system takes.
    publisher.send(body(0, 16 << 20)).unwrap();
    let publishing = publisher.clone();
    let publishing = thread::spawn(move || publishing.send_timeout("at last", SOON));
    stays(|| !publishing.is_finished());
    let reading = subs.map(|sub| thread::spawn(move || (0..2).map(|_| sub.recv()).collect::<Vec<_>>()));
    publishing.join().unwrap().unwrap();
    for reading in reading {
        assert!(reading.join().unwrap() == [body(0, 16 << 20), b"at last".to_vec()]);
    }
    assert_eq!(publisher.stats().drops.total(), 0);
}

#[over(WIRES)]
fn a_publisher_waits_for_no_memory_that_others_hold(site: &Site) {
    let context = Context::builder().max_memory(1 << 20).build().unwrap();
    let (pull, push) = (Pull::builder().context(&context).build().unwrap(), Push::new().unwrap());
    link(site, &pull, &push);
    for number in 0..20 {
        push.send(body(number, 100_000)).unwrap();
    }
    eventually(|| pull.stats().recv_queue > 3);
    for overflow in [Overflow::Block, Overflow::DropNewest, Overflow::DropOldest] {
        let publisher = Pub::builder().context(&context).overflow(overflow).build().unwrap();
        let subs: [Sub; 2] = subscribers(site, &publisher);
        for number in 0..5 {
            publisher.send_timeout(body(number, 1 << 20), SOON).unwrap();
            for sub in &subs {
                assert!(sub.recv_timeout(SOON).unwrap() == body(number, 1 << 20));
            }
            // What they have taken has left, and that is known.
            counts(&publisher, |stats| stats.send_queue == 0);
        }
        assert_eq!(publisher.stats().drops.total(), 0);
    }
}
