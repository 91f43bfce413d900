//! PUB and SUB: who has subscribed receives, nobody holds anybody up, and what is lost is counted.

use std::time::Duration;

use hubless::{Error, Pub, Sub};
use hubless_kit::peer::{Host, PUB, Peer, SUB};
use hubless_kit::{
    ALL, LIMIT, Peers, SOON, Site, WIRES, body, counts, eventually, link, listen_again, over, passes, stays,
    within,
};

fn linked(site: &Site, subscriptions: &[&str]) -> (Pub, Sub) {
    let (publisher, sub) = (Pub::new().expect("a socket"), Sub::new().expect("a socket"));
    for prefix in subscriptions {
        sub.subscribe(prefix).expect("an open socket");
    }
    link(site, &publisher, &sub);
    (publisher, sub)
}

#[over(ALL)]
fn only_what_begins_with_a_subscription_is_received_and_the_rest_is_counted(site: &Site) {
    let (publisher, sub) = linked(site, &["oslo", "rome "]);
    for news in ["oslo", "oslo 17", "osl", "rome 31", "rome", "paris", "", "Oslo"] {
        publisher.send(news).unwrap();
    }
    for news in ["oslo", "oslo 17", "rome 31"] {
        assert_eq!(sub.recv_timeout(SOON).unwrap(), news);
    }
    let stats = counts(&sub, |stats| stats.drops.filtered == 5);
    assert_eq!(stats.received, 3);
    assert!(matches!(sub.try_recv(), Err(Error::Empty)));
}

#[over(ALL)]
fn without_a_subscription_nothing_is_received(site: &Site) {
    let (publisher, sub) = linked(site, &[]);
    publisher.send_many(["a", "", "b"]).unwrap();
    let stats = counts(&sub, |stats| stats.drops.filtered == 3);
    assert_eq!(stats.received, 0);
}

#[over(ALL)]
fn the_empty_subscription_lets_everything_through(site: &Site) {
    let (publisher, sub) = linked(site, &[""]);
    publisher.send_many((0..500).map(|number| body(number, number))).unwrap();
    for number in 0..500 {
        assert_eq!(sub.recv_timeout(SOON).unwrap(), body(number, number));
    }
}

#[over(ALL)]
fn overlapping_subscriptions_give_one_copy(site: &Site) {
    let (publisher, sub) = linked(site, &["", "a", "ab", "ab"]);
    publisher.send("abc").unwrap();
    publisher.send("end").unwrap();
    assert_eq!(sub.recv_timeout(SOON).unwrap(), "abc");
    assert_eq!(sub.recv_timeout(SOON).unwrap(), "end");
}

#[over(ALL)]
fn subscribing_twice_needs_unsubscribing_twice(site: &Site) {
    let (publisher, sub) = linked(site, &["a", "a", "end"]);
    assert!(sub.unsubscribe("a").unwrap());
    passes(&publisher, &sub, "a1");
    assert!(sub.unsubscribe("a").unwrap());
    assert!(!sub.unsubscribe("a").unwrap());
    assert!(!sub.unsubscribe("never").unwrap());
    publisher.send("a2").unwrap();
    passes(&publisher, &sub, "end");
}

#[over(ALL)]
fn what_has_arrived_before_unsubscribing_is_still_received(site: &Site) {
    let (publisher, sub) = linked(site, &["a"]);
    publisher.send("a1").unwrap();
    counts(&sub, |stats| stats.recv_queue == 1);
    sub.unsubscribe("a").unwrap();
    assert_eq!(sub.recv_timeout(SOON).unwrap(), "a1");
}

#[test]
fn publishing_to_nobody_succeeds_at_once() {
    within(LIMIT, || {
        let publisher = Pub::new().unwrap();
        for _ in 0..10_000 {
            publisher.send("anybody?").unwrap();
        }
        publisher.try_send("no?").unwrap();
        let stats = publisher.stats();
        assert_eq!((stats.sent, stats.drops.total(), stats.send_queue), (0, 0, 0));
    });
}

#[over(ALL)]
fn a_subscriber_hears_several_publishers_and_a_publisher_has_several_subscribers(site: &Site) {
    let publishers = [Pub::new().unwrap(), Pub::new().unwrap()];
    let subs = [Sub::new().unwrap(), Sub::new().unwrap(), Sub::new().unwrap()];
    for sub in &subs {
        sub.subscribe("").unwrap();
    }
    for publisher in &publishers {
        let at = publisher.listen(site.address()).unwrap();
        for sub in &subs {
            sub.dial(at.address()).unwrap();
        }
        publisher.peers(3);
    }
    publishers[0].send("one").unwrap();
    publishers[1].send("two").unwrap();
    for sub in &subs {
        let mut heard = [sub.recv_timeout(SOON).unwrap().to_vec(), sub.recv_timeout(SOON).unwrap().to_vec()];
        heard.sort();
        assert_eq!(heard, [b"one", b"two"]);
    }
}

#[over(ALL)]
fn a_subscriber_that_does_not_keep_up_misses_what_is_counted_and_slows_nobody_down(site: &Site) {
    const MESSAGES: u64 = 3000;
    // Twice what is under way to the quick one, and more: what a writer has just written still counts as queued.
    let publisher = Pub::builder().send_buffer(100).build().unwrap();
    let at = publisher.listen(site.address()).unwrap();
    let slow = Sub::builder().recv_buffer(50).build().unwrap();
    let quick = Sub::new().unwrap();
    for sub in [&slow, &quick] {
        sub.subscribe("").unwrap();
        sub.dial(at.address()).unwrap();
    }
    publisher.peers(2);
    let reading = quick.clone();
    let reading = std::thread::spawn(move || {
        (0..MESSAGES)
            .all(|number| reading.recv_timeout(SOON).is_ok_and(|news| news[..8] == number.to_be_bytes()))
    });
    for number in 0..MESSAGES {
        // Not faster than the quick one reads.
        eventually(|| number < quick.stats().received + 40);
        publisher.send([number.to_be_bytes().to_vec(), vec![0; 10_000]].concat()).unwrap();
    }
    assert!(reading.join().unwrap(), "the quick subscriber misses messages");
    let lost = publisher.stats().drops.peer_full;
    assert!(lost > 0);
    let mut before = None;
    for _ in 0..MESSAGES - lost {
        let news = slow.recv_timeout(SOON).unwrap();
        let number = u64::from_be_bytes(news[..8].try_into().unwrap());
        assert!(before.is_none_or(|before| before < number));
        before = Some(number);
    }
    stays(|| slow.stats().recv_queue == 0);
}

#[over(ALL)]
fn subscriptions_hold_after_the_publisher_came_back(site: &Site) {
    let publisher = Pub::new().unwrap();
    let sub = Sub::builder().reconnect(Duration::from_millis(5)..=Duration::from_millis(50)).build().unwrap();
    sub.subscribe("wanted").unwrap();
    let (at, _) = link(site, &publisher, &sub);
    drop(publisher);
    eventually(|| sub.stats().pipes == 0);
    let publisher = Pub::new().unwrap();
    listen_again(&publisher, at.address());
    publisher.peers(1);
    publisher.send("unwanted").unwrap();
    passes(&publisher, &sub, "wanted");
    assert_eq!(sub.stats().drops.filtered, 1);
}

#[over(["tcp", "inproc"], 5 * LIMIT)]
fn a_hundred_thousand_subscriptions_hold_whole_over_twenty_reconnections(site: &Site) {
    const SUBSCRIPTIONS: usize = 100_000;
    const TIMES: usize = 20;
    /// Sent before they are received. Two of them and the one that is filtered fit into the send buffer: a writer may have written the
    /// batch before, and not yet have said so.
    const BATCH: usize = 250;
    // It takes two seconds of a processor, and a busy machine has few to give.
    let sub = Sub::builder().reconnect(Duration::from_millis(1)..=Duration::from_millis(5)).build().unwrap();
    for number in 0..SUBSCRIPTIONS {
        sub.subscribe(format!("topic {number}.")).unwrap();
    }
    let mut publisher = Pub::new().unwrap();
    let (mut at, _) = link(site, &publisher, &sub);
    for time in 0..TIMES {
        drop(publisher);
        eventually(|| sub.stats().pipes == 0);
        publisher = Pub::new().unwrap();
        at = listen_again(&publisher, at.address());
        publisher.peers(1);
        // Each time others of them, so that in the end each has matched.
        let numbers: Vec<usize> = (time..SUBSCRIPTIONS).step_by(TIMES).collect();
        for batch in numbers.chunks(BATCH) {
            for number in batch {
                publisher.send(format!("topic {number}. news")).unwrap();
            }
            publisher.send("topic 7x").unwrap();
            for number in batch {
                assert_eq!(sub.recv_timeout(SOON).unwrap(), format!("topic {number}. news"));
            }
        }
    }
    let batches = SUBSCRIPTIONS / BATCH;
    counts(&sub, |stats| stats.drops.filtered == batches as u64);
    assert_eq!(sub.stats().connected, TIMES as u64 + 1);
}

#[over(WIRES)]
fn a_subscriber_says_nothing_on_the_wire_ever(site: &Site) {
    let host = Host::new(site);
    let sub = Sub::new().unwrap();
    sub.subscribe("before").unwrap();
    sub.dial(host.address()).unwrap();
    let publisher = host.greeted(PUB);
    sub.peers(1);
    sub.subscribe("after").unwrap();
    sub.unsubscribe("before").unwrap();
    assert!(publisher.is_left_alone());
    publisher.send(b"before it all");
    publisher.send(b"after all");
    assert_eq!(sub.recv_timeout(SOON).unwrap(), "after all");
    assert!(publisher.is_left_alone());
}

#[over(WIRES)]
fn a_publisher_sends_everything_and_leaves_the_choice_to_the_subscriber(site: &Site) {
    let publisher = Pub::new().unwrap();
    let sub = Peer::greeted(publisher.listen(site.address()).unwrap().address(), SUB);
    publisher.peers(1);
    publisher.send("wx.rain").unwrap();
    publisher.send("").unwrap();
    assert_eq!(sub.recv(), b"wx.rain");
    assert_eq!(sub.recv(), b"");
}

#[over(["inproc"])]
fn a_hundred_thousand_subscriptions_do_not_slow_matching_down(site: &Site) {
    let (publisher, sub) = linked(site, &[]);
    for number in 0..100_000_u32 {
        sub.subscribe(format!("topic {number}.")).unwrap();
    }
    for number in (0..100_000).step_by(1000) {
        publisher.send(format!("topic {number}. news")).unwrap();
        publisher.send(format!("topic {number}x")).unwrap();
        assert_eq!(sub.recv_timeout(SOON).unwrap(), format!("topic {number}. news"));
    }
    for number in 0..100_000_u32 {
        assert!(sub.unsubscribe(format!("topic {number}.")).unwrap());
    }
    counts(&sub, |stats| stats.drops.filtered == 100);
}
