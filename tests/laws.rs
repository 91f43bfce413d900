//! The law of the counters: with unbroken connections and nothing under way, what was sent was delivered, filtered, or
//! counted as dropped, and nothing of it is unaccounted for; of the socket as a whole and of each of its pipes.

use std::slice;
use std::thread;
use std::time::Duration;

use hubless::{
    Bus, Drops, Error, Overflow, Pair, Pub, Pull, Push, Rep, Req, Respondent, Stats, Sub, Surveyor, Traffic,
};
use hubless_kit::{ALL, Peers, SOON, Site, Socket, body, counts, eventually, link, linked, over};

/// Receives until nothing has come for a while; how many that were.
fn drain<T>(receive: impl Fn(Duration) -> Result<T, Error>) -> u64 {
    let mut count = 0;
    loop {
        match receive(Duration::from_secs(1)) {
            Ok(_) => count += 1,
            Err(Error::Timeout { .. }) => return count,
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// What the pipes of a socket have counted together, and what waits in them.
fn together(socket: &impl Socket) -> (Traffic, usize, usize) {
    let (mut sum, mut send_queue, mut recv_queue) = (Traffic::default(), 0, 0);
    for pipe in socket.pipes() {
        sum.sent += pipe.traffic.sent;
        sum.sent_bytes += pipe.traffic.sent_bytes;
        sum.received += pipe.traffic.received;
        sum.received_bytes += pipe.traffic.received_bytes;
        let Drops { peer_full, inbox_full, filtered, stray, unanswered, .. } = pipe.traffic.drops;
        sum.drops.peer_full += peer_full;
        sum.drops.inbox_full += inbox_full;
        sum.drops.filtered += filtered;
        sum.drops.stray += stray;
        sum.drops.unanswered += unanswered;
        send_queue += pipe.send_queue;
        recv_queue += pipe.recv_queue;
    }
    (sum, send_queue, recv_queue)
}

/// The counters of a socket once they are as `expected` says. As long as it has lost no peer, its pipes' add up to them.
#[track_caller]
fn settled(socket: &impl Socket, expected: impl Fn(&Stats) -> bool) -> Stats {
    counts(socket, |stats| {
        let (sum, send_queue, recv_queue) = together(socket);
        expected(stats)
            && (sum.sent, sum.sent_bytes) == (stats.sent, stats.sent_bytes)
            && (sum.received, sum.received_bytes) == (stats.received, stats.received_bytes)
            && sum.drops == stats.drops
            && (send_queue, recv_queue) == (stats.send_queue, stats.recv_queue)
    })
}

/// What was queued for each peer, in the order of the numbers.
fn queued(socket: &impl Socket) -> Vec<u64> {
    in_order(socket.pipes().iter().map(|pipe| pipe.traffic.sent))
}

/// What came from each peer, delivered or dropped on arrival.
fn arrived<S: Socket>(sockets: &[S]) -> Vec<u64> {
    let pipes = sockets.iter().flat_map(Socket::pipes);
    in_order(pipes.map(|pipe| {
        let Drops { filtered, stray, inbox_full, .. } = pipe.traffic.drops;
        pipe.traffic.received + filtered + stray + inbox_full
    }))
}

fn in_order(counts: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut counts: Vec<u64> = counts.collect();
    counts.sort_unstable();
    counts
}

/// Nothing waits in this socket.
fn quiet(stats: &Stats) -> bool {
    stats.send_queue == 0 && stats.recv_queue == 0
}

#[over(ALL)]
fn push_and_pull_lose_nothing_at_all(site: &Site) {
    let push = Push::builder().send_buffer(20).build().unwrap();
    let at = push.listen(site.address()).unwrap();
    let pulls: Vec<Pull> = (0..3).map(|_| Pull::builder().recv_buffer(20).build().unwrap()).collect();
    for pull in &pulls {
        pull.dial(at.address()).unwrap();
    }
    push.peers(3);
    let sending = push.clone();
    let sending =
        thread::spawn(move || sending.send_many((0..5000).map(|number| body(number, number % 500))));
    let receivers: Vec<_> = pulls
        .iter()
        .cloned()
        .map(|pull| thread::spawn(move || drain(|time| pull.recv_timeout(time))))
        .collect();
    assert_eq!(sending.join().unwrap().unwrap(), 5000);
    let taken: Vec<u64> = receivers.into_iter().map(|receiver| receiver.join().unwrap()).collect();
    assert_eq!(taken.iter().sum::<u64>(), 5000);
    let stats = settled(&push, quiet);
    assert_eq!((stats.sent, stats.drops.total()), (5000, 0));
    let mut bytes = 0;
    for (pull, taken) in pulls.iter().zip(taken) {
        let stats = settled(pull, quiet);
        assert_eq!((stats.received, stats.drops.total()), (taken, 0));
        bytes += stats.received_bytes;
    }
    assert_eq!(stats.sent_bytes, bytes);
    assert_eq!(queued(&push), arrived(&pulls));
}

#[over(["inproc"])]
fn what_is_queued_is_counted_as_queued(site: &Site) {
    let (pull, push) = (Pull::builder().recv_buffer(10).build().unwrap(), Push::new().unwrap());
    link(site, &pull, &push);
    while push.try_send("m").is_ok() {}
    settled(&pull, |stats| stats.recv_queue == 10);
    while push.try_send("m").is_ok() {}
    let (sender, receiver) = (push.stats(), pull.stats());
    assert!(sender.sent >= receiver.received + sender.send_queue as u64, "{sender:?} {receiver:?}");
    assert_eq!(drain(|time| pull.recv_timeout(time)), sender.sent);
    assert_eq!(settled(&pull, quiet).received, sender.sent);
}

#[over(ALL)]
fn what_was_published_was_received_or_filtered_and_the_gap_is_what_was_dropped(site: &Site) {
    for overflow in [Overflow::DropNewest, Overflow::DropOldest, Overflow::Block] {
        published(site, overflow);
    }
}

fn published(site: &Site, overflow: Overflow) {
    const MESSAGES: u64 = 3000;
    let publisher = Pub::builder().overflow(overflow).send_buffer(10).build().expect("a socket");
    let at = publisher.listen(site.address()).expect("an address");
    let subs: [Sub; 3] = ["", "a", "ab"].map(|prefix| {
        let sub = Sub::builder().recv_buffer(10).build().expect("a socket");
        sub.subscribe(prefix).expect("an open socket");
        sub.dial(at.address()).expect("an address");
        sub
    });
    publisher.peers(3);
    let publishing = publisher.clone();
    let publishing = thread::spawn(move || {
        for number in 0..MESSAGES {
            let topic: &[u8] = [&b"a"[..], b"ab", b"c"][usize::try_from(number % 3).expect("a place")];
            publishing.send([topic, &vec![b'.'; 2000]].concat()).expect("a message goes");
        }
    });
    if overflow != Overflow::Block {
        eventually(|| publishing.is_finished());
    }
    let receivers = subs.clone().map(|sub| {
        let publisher = publisher.clone();
        let all_left = move || {
            let stats = publisher.stats();
            stats.sent + stats.drops.peer_full >= 3 * MESSAGES && quiet(&stats)
        };
        thread::spawn(move || {
            drain(|time| {
                loop {
                    match sub.recv_timeout(time) {
                        Err(Error::Timeout { .. }) if !all_left() => {}
                        result => return result,
                    }
                }
            })
        })
    });
    let taken = receivers.map(|receiver| receiver.join().expect("no panic"));
    publishing.join().expect("no panic");
    let stats = settled(&publisher, quiet);
    let mut came = 0;
    for (sub, taken) in subs.iter().zip(taken) {
        let stats = settled(sub, quiet);
        assert_eq!(stats.received, taken);
        assert_eq!(stats.drops.total(), stats.drops.filtered);
        came += stats.received + stats.drops.filtered;
    }
    let dropped = stats.drops.peer_full;
    assert_eq!(stats.drops.total(), dropped);
    assert_eq!(came + dropped, 3 * MESSAGES);
    match overflow {
        Overflow::DropNewest => assert_eq!(stats.sent, came),
        Overflow::DropOldest => assert_eq!(stats.sent, came + dropped),
        _ => assert_eq!((stats.sent, dropped), (came, 0)),
    }
    assert_eq!(left(&publisher, overflow, MESSAGES), arrived(&subs));
}

/// What left each pipe of a publisher that published so many, in the order of the numbers.
fn left(publisher: &Pub, overflow: Overflow, messages: u64) -> Vec<u64> {
    in_order(publisher.pipes().into_iter().map(|pipe| {
        let Traffic { sent, drops, .. } = pipe.traffic;
        if overflow == Overflow::DropOldest {
            assert_eq!(sent, messages);
            sent - drops.peer_full
        } else {
            assert_eq!(sent + drops.peer_full, messages);
            sent
        }
    }))
}

#[over(ALL)]
fn what_a_bus_sent_was_received_and_the_gap_is_what_it_dropped(site: &Site) {
    let buses: [Bus; 3] =
        std::array::from_fn(|_| Bus::builder().send_buffer(10).recv_buffer(10).build().unwrap());
    for (number, bus) in buses.iter().enumerate() {
        let at = bus.listen(site.address()).unwrap();
        for other in &buses[number + 1..] {
            other.dial(at.address()).unwrap();
        }
    }
    for bus in &buses {
        bus.peers(2);
    }
    for number in 0..2000 {
        for bus in &buses {
            bus.send(body(number, 1000)).unwrap();
        }
    }
    let receivers: Vec<_> = buses
        .iter()
        .cloned()
        .map(|bus| thread::spawn(move || drain(|time| bus.recv_timeout(time))))
        .collect();
    let taken: u64 = receivers.into_iter().map(|receiver| receiver.join().unwrap()).sum();
    let (mut sent, mut received, mut dropped) = (0, 0, 0);
    for bus in &buses {
        let stats = settled(bus, quiet);
        assert_eq!(stats.drops.total(), stats.drops.peer_full);
        sent += stats.sent;
        received += stats.received;
        dropped += stats.drops.peer_full;
    }
    assert_eq!((sent, received), (taken, taken));
    assert_eq!(in_order(buses.iter().flat_map(queued)), arrived(&buses));
    assert_eq!(sent + dropped, 2000 * 3 * 2);
}

#[over(ALL)]
fn every_request_was_received_and_every_answer_was_received_or_counted(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    let pending: Vec<_> = (0..900).map(|number| req.send(body(number, 10)).unwrap()).collect();
    // A third is cancelled, a third of the requests is never answered.
    let kept: Vec<_> = pending.into_iter().enumerate().filter(|(number, _)| number % 3 != 0).collect();
    for (number, request) in rep.iter().take(900).enumerate() {
        if number % 3 != 1 {
            let echo = request.message().clone();
            request.reply(echo).unwrap();
        }
    }
    let server = settled(&rep, |stats| stats.sent == 600 && quiet(stats));
    assert_eq!((server.received, server.drops.unanswered, server.drops.total()), (900, 300, 300));
    let client = settled(&req, |stats| stats.received + stats.drops.stray == 600);
    assert_eq!((client.sent, client.received, client.drops.total()), (900, 300, 300));
    // Four bytes of header stand in front of each.
    assert_eq!(client.sent_bytes, 900 * (10 + 4));
    assert_eq!(
        (queued(&req), queued(&rep)),
        (arrived(slice::from_ref(&rep)), arrived(slice::from_ref(&req)))
    );
    let answered = kept.iter().filter(|(number, pending)| number % 3 == 2 && pending.recv().is_ok()).count();
    assert_eq!(answered, 300);
    assert!(quiet(&req.stats()));
}

#[over(ALL)]
fn every_question_was_received_and_every_answer_was_received_or_counted(site: &Site) {
    let surveyor = Surveyor::builder().max_kept_answers(2).build().unwrap();
    let at = surveyor.listen(site.address()).unwrap();
    let respondents: Vec<Respondent> = (0..4).map(|_| Respondent::new().unwrap()).collect();
    for respondent in &respondents {
        respondent.dial(at.address()).unwrap();
    }
    surveyor.peers(4);
    let mut surveys: Vec<_> = (0..100).map(|_| surveyor.survey("q", SOON).unwrap()).collect();
    surveys.truncate(50);
    for (number, respondent) in respondents.iter().enumerate() {
        for question in respondent.iter().take(100) {
            if number != 0 {
                question.reply("a").unwrap();
            }
        }
    }
    assert_eq!(surveyor.stats().sent, 400);
    let mut answers = 0;
    for respondent in &respondents {
        let stats = settled(respondent, quiet);
        assert_eq!(stats.sent + stats.drops.unanswered, stats.received);
        answers += stats.sent;
    }
    assert_eq!(answers, 300);
    let stats = settled(&surveyor, |stats| stats.received + stats.drops.total() == 300);
    // An answer of each peer that was asked has a place, whatever `max_kept_answers` says.
    assert_eq!((stats.received, stats.drops.inbox_full, stats.drops.stray), (150, 0, 150));
    assert_eq!(queued(&surveyor), arrived(&respondents));
    assert_eq!(in_order(respondents.iter().flat_map(queued)), arrived(slice::from_ref(&surveyor)));
    let kept = surveys.iter_mut().map(|survey| std::iter::from_fn(|| survey.try_recv().ok()?).count());
    assert_eq!(kept.sum::<usize>(), 150);
}

#[over(ALL)]
fn a_pair_loses_nothing_in_either_direction(site: &Site) {
    let builder = || Pair::builder().send_buffer(10).recv_buffer(10).build().unwrap();
    let (left, right) = (builder(), builder());
    link(site, &left, &right);
    let senders = [left.clone(), right.clone()]
        .map(|end| thread::spawn(move || end.send_many((0..3000).map(|number| body(number, 300))).unwrap()));
    let receivers = [left.clone(), right.clone()]
        .map(|end| thread::spawn(move || (0..3000).filter(|_| end.recv_timeout(SOON).is_ok()).count()));
    assert!(senders.into_iter().all(|sender| sender.join().unwrap() == 3000));
    assert!(receivers.into_iter().all(|receiver| receiver.join().unwrap() == 3000));
    for end in [left, right] {
        let stats = settled(&end, quiet);
        assert_eq!((stats.sent, stats.received, stats.drops.total()), (3000, 3000, 0));
        assert_eq!((queued(&end), arrived(&[end])), (vec![3000], vec![3000]));
    }
}

#[over(ALL)]
fn what_a_close_leaves_behind_is_counted_on_both_sides(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    push.send_many((0..500).map(|number| body(number, 100))).unwrap();
    let taken = pull.iter().take(123).count() as u64;
    let report = push.close(SOON).unwrap();
    assert_eq!(report.dropped, 0);
    let stats = counts(&pull, |stats| stats.received == 500);
    assert_eq!(push.stats().sent, stats.received);
    pull.close(Duration::ZERO).unwrap();
    assert_eq!(pull.stats().drops.unreceived, 500 - taken);
}
