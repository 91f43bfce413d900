//! A publisher that drops: the oldest messages, or the newest.

use super::*;

#[over(ALL)]
fn a_subscriber_that_wakes_late_sees_the_newest_messages_where_the_oldest_are_dropped(site: &Site) {
    const QUEUE: usize = 50;
    let publisher = publisher(Overflow::DropOldest, QUEUE);
    let [late, quick] = subscribers(site, &publisher);
    let reading = quick.clone();
    let reading = thread::spawn(move || heard_all(&reading, MANY));
    for number in 0..MANY {
        // Not faster than the quick one reads.
        eventually(|| (number as u64) < quick.stats().received + 40);
        publisher.send(body(number, LENGTH)).unwrap();
        assert!(publisher.stats().send_queue <= 2 * QUEUE);
    }
    reading.join().unwrap();
    let news = heard(&late, MANY - 1, LENGTH);
    is_in_order(&news);
    // Of what is queued, a writer has at most half.
    is_exactly(&news[news.len() - QUEUE / 2..], MANY - QUEUE / 2..MANY);
    let stats = counts(&publisher, |stats| stats.send_queue == 0);
    assert!(stats.drops.peer_full > 0);
    assert_eq!(news.len() as u64 + stats.drops.peer_full, MANY as u64);
    assert_eq!(stats.drops.total(), stats.drops.peer_full);
}

#[over(ALL)]
fn nothing_that_is_queued_is_older_than_what_was_dropped(site: &Site) {
    const QUEUE: usize = 50;
    const FIRST: usize = 10 * MANY;
    const ALL_OF_THEM: usize = FIRST + MANY;
    let publisher = publisher(Overflow::DropOldest, QUEUE);
    let [late] = subscribers(site, &publisher);
    // Many at a time, so that writers take many at a time, and the system refuses some that they took.
    publisher.send_many((0..FIRST).map(|number| body(number, 1000))).unwrap();
    counts(&late, |stats| stats.recv_queue == 10);
    stalled(|| publisher.stats().send_queue);
    publisher.send_many((FIRST..ALL_OF_THEM).map(|number| body(number, 1000))).unwrap();
    let news = heard(&late, ALL_OF_THEM - 1, 1000);
    is_in_order(&news);
    // One may have been begun.
    is_exactly(&news[news.len() - (QUEUE - 1)..], ALL_OF_THEM - (QUEUE - 1)..ALL_OF_THEM);
    assert_eq!(news.len() as u64 + publisher.stats().drops.peer_full, ALL_OF_THEM as u64);
}

#[over(ALL)]
fn the_newest_message_is_never_the_one_that_is_dropped_where_it_should_be_the_oldest(site: &Site) {
    const ROUNDS: usize = 20;
    const BURST: usize = 200;
    for queue in [2, 20] {
        let publisher = publisher(Overflow::DropOldest, queue);
        let [sub] = subscribers(site, &publisher);
        for round in 0..ROUNDS {
            let publishing = publisher.clone();
            let burst = round * BURST..(round + 1) * BURST;
            let last = burst.end - 1;
            // Large enough that writing takes a while, so that much is published meanwhile.
            let burst = burst.map(|number| body(number, 60_000));
            let publishing = thread::spawn(move || burst.for_each(|news| publishing.send(news).unwrap()));
            is_in_order(&heard(&sub, last, 60_000));
            publishing.join().unwrap();
        }
        let stats = counts(&publisher, |stats| stats.send_queue == 0);
        let all = (ROUNDS * BURST) as u64;
        assert_eq!(stats.sent, all);
        assert_eq!(sub.stats().received + stats.drops.peer_full, all);
    }
}

#[over(ALL)]
fn messages_of_all_sizes_stay_whole_where_the_oldest_are_dropped(site: &Site) {
    const MESSAGES: usize = 2000;
    let length = |number: usize| 8 + [10, 200, 17_000, 100, 40_000, 1000, 150_000][number % 7];
    let publisher = Pub::builder()
        .overflow(Overflow::DropOldest)
        .send_buffer(20)
        .send_buffer_bytes(300_000)
        .build()
        .unwrap();
    let [sub] = subscribers(site, &publisher);
    let publishing = publisher.clone();
    let publishing = thread::spawn(move || {
        (0..MESSAGES).for_each(|number| publishing.send(body(number, length(number))).unwrap());
        publishing.send(usize::MAX.to_be_bytes().to_vec()).unwrap();
    });
    let mut received = 0;
    let mut before = None;
    loop {
        let news = sub.recv_timeout(SOON).unwrap();
        received += 1;
        let number = number(&news);
        if number == usize::MAX {
            break;
        }
        assert!(*news == body(number, length(number))[..]);
        assert!(before.is_none_or(|before| before < number));
        before = Some(number);
    }
    publishing.join().unwrap();
    let stats = counts(&publisher, |stats| stats.send_queue == 0);
    assert_eq!(received + stats.drops.peer_full, MESSAGES as u64 + 1);
}

#[over(ALL)]
fn a_subscriber_that_wakes_late_sees_the_oldest_messages_where_the_newest_are_dropped(site: &Site) {
    const QUEUE: usize = 50;
    assert_eq!(Overflow::default(), Overflow::DropNewest);
    let publisher = Pub::builder().send_buffer(QUEUE).build().unwrap();
    let [late] = subscribers(site, &publisher);
    for number in 0..MANY {
        publisher.send(body(number, LENGTH)).unwrap();
    }
    let dropped = publisher.stats().drops.peer_full;
    assert!(dropped > 0);
    let news: Vec<_> = (dropped..MANY as u64).map(|_| number(&late.recv_timeout(SOON).unwrap())).collect();
    is_in_order(&news);
    is_exactly(&news[..QUEUE], 0..QUEUE);
    counts(&publisher, |stats| stats.send_queue == 0 && stats.drops.peer_full == dropped);
}
