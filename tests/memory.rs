//! The memory of a context has a bound, and reaching it stops nobody for good.

use std::thread;

use hubless::{Balance, Context, Device, Pull, Push, Rep, Req, raw};
use hubless_kit::peer::{Host, PULL, PUSH, Peer, REP, REQ};
use hubless_kit::{ALL, LIMIT, SOON, Site, WIRES, body, counts, eventually, link, over, pass_the_time};

const MEGABYTE: usize = 1 << 20;

#[over(WIRES)]
fn half_messages_that_use_up_the_memory_stop_nobody_else_and_end_with_their_peers(site: &Site) {
    let context = Context::builder().max_memory(MEGABYTE / 4).build().unwrap();
    let pull = Pull::builder().context(&context).build().unwrap();
    let push = Push::new().unwrap();
    let (listener, _dialer) = link(site, &pull, &push);
    let mut hoarders: Vec<Peer> = (0..5).map(|_| Peer::greeted(listener.address(), PUSH)).collect();
    pull.wait_for_peers(6, SOON).unwrap();
    for hoarder in &mut hoarders {
        let announcement = hoarder.announcement(8 * MEGABYTE as u64);
        hoarder.write(&announcement);
        hoarder.write(&vec![7; 100_000]);
    }
    for number in 0..100 {
        push.send(body(number, 100)).unwrap();
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, 100));
    }
    drop(hoarders);
    counts(&pull, |stats| stats.pipes == 1);
    push.send(body(0, 2 * MEGABYTE)).unwrap();
    assert!(pull.recv_timeout(SOON).unwrap() == body(0, 2 * MEGABYTE));
}

#[over(ALL)]
fn a_full_memory_is_drained_by_a_receiver_in_the_same_context(site: &Site) {
    let context = Context::builder().max_memory(4 * MEGABYTE).build().unwrap();
    let pull = Pull::builder().context(&context).recv_buffer(1).build().unwrap();
    let push = Push::builder().context(&context).send_buffer_bytes(64 * MEGABYTE).build().unwrap();
    link(site, &pull, &push);
    let mut sent = 0;
    while sent < 1000 && push.try_send(body(sent, MEGABYTE)).is_ok() {
        sent += 1;
    }
    assert!(sent < 100, "the memory has no bound");
    for number in 0..sent {
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, MEGABYTE), "message {number} of {sent}");
    }
    push.send_timeout("room again", SOON).unwrap();
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "room again");
}

#[over(WIRES)]
fn a_sender_that_waits_for_memory_goes_on_when_another_socket_gives_some_back(site: &Site) {
    let context = Context::builder().max_memory(MEGABYTE).build().unwrap();
    let (pull, push) = (Pull::builder().context(&context).build().unwrap(), Push::new().unwrap());
    link(site, &pull, &push);
    let other = Pull::builder().recv_buffer(1).build().unwrap();
    let waiting = Push::builder().context(&context).build().unwrap();
    link(site, &other, &waiting);
    for number in 0..20 {
        push.send(body(number, 100_000)).unwrap();
    }
    // Large enough that no buffer of the system takes it, so that one waits and the next finds no memory.
    eventually(|| waiting.try_send(body(0, 9 * MEGABYTE)).is_err());
    let sender = thread::spawn(move || waiting.send_timeout("at last", SOON));
    for number in 0..20 {
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, 100_000));
    }
    while other.recv_timeout(SOON).unwrap() != "at last" {}
    sender.join().unwrap().unwrap();
}

/// Sends messages through a pull and a push of one context, whose memory the pull's inbox fills.
fn forwards<T>(site: &Site, forward: fn(&Context, &Site) -> ([String; 2], T)) {
    const COUNT: usize = 600;
    // The names of inproc are those of a context, so there all are in one.
    let context = Context::builder().max_memory(MEGABYTE).build().expect("it is made");
    let outside = if site.has_wire() { Context::new().expect("a context") } else { context.clone() };
    let ([front, back], _forwarder) = forward(&context, site);
    let source = Push::builder().context(&outside).build().expect("it is made");
    let sink = Pull::builder().context(&outside).build().expect("it is made");
    sink.dial(back.as_str()).expect("an address");
    source.dial(front.as_str()).expect("an address");
    let sender = thread::spawn(move || {
        (0..COUNT).for_each(|number| source.send(body(number, 60_000)).expect("room"));
        source
    });
    for number in 0..COUNT {
        let received = sink.recv_timeout(SOON).unwrap_or_else(|error| panic!("message {number}: {error}"));
        assert!(received == body(number, 60_000), "message {number}");
    }
    drop(sender.join().expect("it ends"));
}

#[over(ALL)]
fn a_forwarder_whose_own_inbox_fills_the_memory_goes_on(site: &Site) {
    forwards(site, |context, site| {
        let pull = Pull::builder().context(context).build().unwrap();
        let push = Push::builder().context(context).build().unwrap();
        let [front, back] = [pull.listen(site.address()), push.listen(site.address())].map(Result::unwrap);
        let ends = [front.address().to_owned(), back.address().to_owned()];
        let forwarder = thread::spawn(move || {
            push.wait_for_peers(1, SOON).unwrap();
            // First the memory is full, and then it forwards.
            eventually(|| pull.stats().recv_queue > 4);
            while let Ok(message) = pull.recv_timeout(SOON) {
                push.send(message).unwrap();
            }
        });
        (ends, forwarder)
    });
}

#[over(ALL)]
fn a_device_whose_own_inbox_fills_the_memory_goes_on(site: &Site) {
    forwards(site, |context, site| {
        let front = raw::Pull::builder().context(context).build().unwrap();
        let back = raw::Push::builder().context(context).build().unwrap();
        let ends = [front.listen(site.address()), back.listen(site.address())].map(Result::unwrap);
        let ends = ends.map(|end| end.address().to_owned());
        (ends, Device::streamer(front, back).spawn().unwrap())
    });
}

/// Peers that have begun a message of eight megabytes, of which so much comes.
fn hoarders(address: &str, count: usize, bytes: usize) -> Vec<Peer> {
    let begin = |_| {
        let hoarder = Peer::greeted(address, PUSH);
        hoarder.write(&hoarder.announcement(8 * MEGABYTE as u64));
        hoarder
    };
    let mut hoarders: Vec<Peer> = (0..count).map(begin).collect();
    for hoarder in &mut hoarders {
        hoarder.offer(&vec![7; bytes]);
    }
    hoarders
}

#[over(WIRES)]
fn half_messages_hold_up_neither_the_other_sockets_of_the_context_nor_newcomers(site: &Site) {
    let context = Context::builder().max_memory(4 * MEGABYTE).build().unwrap();
    let pull = Pull::builder().context(&context).build().unwrap();
    let push = Push::builder().context(&context).build().unwrap();
    let req = Req::builder().context(&context).build().unwrap();
    let (sink, rep) = (Pull::new().unwrap(), Rep::new().unwrap());
    let at = pull.listen(site.address()).unwrap();
    link(site, &sink, &push);
    link(site, &rep, &req);
    let _hoarders = hoarders(at.address(), 8, MEGABYTE);
    pull.wait_for_peers(8, SOON).unwrap();
    for number in 0..20 {
        push.send_timeout(body(number, 100_000), SOON).unwrap();
        assert!(sink.recv_timeout(SOON).unwrap() == body(number, 100_000));
        let asked = req.send_timeout(body(number, 100_000), SOON).unwrap();
        let request = rep.recv_timeout(SOON).unwrap();
        let answer = request.message().clone();
        request.reply(answer).unwrap();
        assert!(asked.recv_timeout(SOON).unwrap() == body(number, 100_000));
        let newcomer = Push::new().unwrap();
        newcomer.dial(at.address()).unwrap();
        newcomer.send_timeout(body(number, 100_000), SOON).unwrap();
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, 100_000));
    }
}

#[expect(clippy::unwrap_used, reason = "it is a part of tests")]
#[track_caller]
fn round_trip(req: &Req, rep: &Rep, number: usize, length: usize) {
    let asked = req.send_timeout(body(number, length), SOON).unwrap();
    let request = rep.recv_timeout(SOON).unwrap();
    let answer = request.message().clone();
    request.reply(answer).unwrap();
    assert!(asked.recv_timeout(SOON).unwrap() == body(number, length));
}

#[over(WIRES)]
fn half_messages_that_came_one_after_the_other_leave_each_peer_enough_for_small_messages(site: &Site) {
    const HOARDERS: usize = 30;
    let context = Context::builder().max_memory(4 * MEGABYTE).build().unwrap();
    let rep = Rep::builder().context(&context).build().unwrap();
    let req = Req::new().unwrap();
    let (at, _dialer) = link(site, &rep, &req);
    let mut hoarders = Vec::new();
    for _ in 0..HOARDERS {
        let hoarder = Peer::greeted(at.address(), REQ);
        hoarder.write(&hoarder.announcement(8 * MEGABYTE as u64));
        hoarder.offer(&vec![0x80; 2 * MEGABYTE]);
        hoarders.push(hoarder);
        // Each takes half of what the others have left.
        (0..20).for_each(|number| round_trip(&req, &rep, number, 500));
    }
    let stats = rep.stats();
    assert_eq!((stats.pipes, stats.violations.too_slow, stats.drops.peer_full), (HOARDERS + 1, 0, 0));
}

#[over(WIRES)]
fn a_message_that_is_never_finished_beyond_the_limit_leaves_the_others_their_memory(site: &Site) {
    // More than the system keeps, so that it is read far beyond the limit.
    const WHOLE: usize = 48 * MEGABYTE;
    let context = Context::builder().max_memory(4 * MEGABYTE).build().unwrap();
    let rep = Rep::builder().context(&context).max_message(WHOLE as u64).build().unwrap();
    let req = Req::new().unwrap();
    let (at, _dialer) = link(site, &rep, &req);
    let hoarder = Peer::greeted(at.address(), REQ);
    hoarder.write(&hoarder.announcement(WHOLE as u64));
    hoarder.write(&vec![0x80; WHOLE - 1]);
    (0..1000).for_each(|number| round_trip(&req, &rep, number, 10_000));
    // Nobody has waited until it was found too slow.
    let stats = rep.stats();
    assert_eq!((stats.pipes, stats.violations.too_slow, stats.drops.peer_full), (2, 0, 0));
}

#[over(WIRES)]
fn with_memory_for_the_largest_message_of_each_peer_and_one_more_nobody_is_held_up(site: &Site) {
    const PEERS: usize = 8;
    const LARGEST: usize = MEGABYTE / 2;
    let context = Context::builder().max_memory((PEERS + 1) * LARGEST).build().unwrap();
    let pull =
        Pull::builder().context(&context).max_connections(PEERS).max_message(LARGEST as u64).build().unwrap();
    let push = Push::new().unwrap();
    let (at, _dialer) = link(site, &pull, &push);
    let mut others: Vec<Peer> = (1..PEERS).map(|_| Peer::greeted(at.address(), PUSH)).collect();
    for other in &mut others {
        let announcement = other.announcement(LARGEST as u64);
        other.write(&announcement);
        other.write(&vec![7; LARGEST - 1]);
    }
    for number in 0..20 {
        push.send_timeout(body(number, LARGEST), SOON).unwrap();
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, LARGEST));
    }
    for other in &mut others {
        other.write(&[7]);
        assert_eq!(pull.recv_timeout(SOON).unwrap(), vec![7; LARGEST]);
    }
    assert_eq!(pull.stats().pipes, PEERS);
}

#[over(WIRES, 3 * LIMIT)]
fn the_turn_to_finish_a_large_message_is_taken_from_those_who_do_not_get_on(site: &Site) {
    let context = Context::builder().max_memory(MEGABYTE).build().unwrap();
    let pull = Pull::builder().context(&context).build().unwrap();
    let push = Push::new().unwrap();
    let (at, _dialer) = link(site, &pull, &push);
    let _hoarders = hoarders(at.address(), 3, MEGABYTE);
    pull.wait_for_peers(4, SOON).unwrap();
    push.send(body(1, 6 * MEGABYTE)).unwrap();
    assert!(pull.recv_timeout(2 * LIMIT).unwrap() == body(1, 6 * MEGABYTE));
    let stats = pull.stats();
    assert!(stats.pipes as u64 + stats.violations.too_slow == 4, "{stats:?}");
    assert_eq!(push.stats().connected, 1);
}

#[over(WIRES, 3 * LIMIT)]
fn a_peer_that_takes_nothing_of_a_message_beyond_the_limit_gives_way_to_others(site: &Site) {
    let context = Context::builder().max_memory(4 * MEGABYTE).build().unwrap();
    let push = Push::builder().context(&context).build().unwrap();
    let host = Host::new(site);
    push.dial(host.address().as_str()).unwrap();
    let _frozen = host.greeted(PULL);
    push.wait_for_peers(1, SOON).unwrap();
    // More than the system takes.
    push.send(body(0, 16 * MEGABYTE)).unwrap();
    let pull = Pull::new().unwrap();
    let at = pull.listen(site.address()).unwrap();
    push.dial(at.address()).unwrap();
    push.wait_for_peers(2, SOON).unwrap();
    // This one waits for the place of the first, which then goes to the other peer, too.
    push.send_timeout(body(1, 16 * MEGABYTE - 1), 2 * LIMIT).unwrap();
    let mut received: Vec<_> = (0..2).map(|_| pull.recv_timeout(SOON).unwrap().len()).collect();
    received.sort_unstable();
    assert_eq!(received, [16 * MEGABYTE - 1, 16 * MEGABYTE]);
}

/// One message of 20 MiB that nobody takes, beyond a memory of 24, leaves room for small messages and no place for this one.
const TOO_LARGE: usize = 14 * MEGABYTE;

/// Sends and asks past a peer that is stuck: the other one has nothing queued.
#[expect(clippy::unwrap_used, reason = "it is a part of tests")]
fn passes_one_that_is_stuck(balance: Balance, site: &Site) {
    let context = Context::builder().max_memory(24 * MEGABYTE).build().unwrap();
    let push = Push::builder().context(&context).balance(balance).build().unwrap();
    let req = Req::builder().context(&context).balance(balance).no_resend().build().unwrap();
    let hosts = [Host::new(site), Host::new(site)];
    push.dial(hosts[0].address().as_str()).unwrap();
    let _stuck = hosts[0].greeted(PULL);
    push.wait_for_peers(1, SOON).unwrap();
    push.send(body(0, 20 * MEGABYTE)).unwrap();
    let (pull, rep) = (Pull::new().unwrap(), Rep::new().unwrap());
    push.dial(pull.listen(site.address()).unwrap().address()).unwrap();
    push.wait_for_peers(2, SOON).unwrap();
    for number in 0..10 {
        assert!(push.try_send(body(0, TOO_LARGE)).is_err(), "there is no memory for it");
        push.try_send(body(number, 10)).unwrap_or_else(|error| panic!("message {number}: {error}"));
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, 10));
    }

    drop(push);
    req.dial(hosts[1].address().as_str()).unwrap();
    let _stuck = hosts[1].greeted(REP);
    req.wait_for_peers(1, SOON).unwrap();
    let _unanswered = req.send(body(0, 20 * MEGABYTE)).unwrap();
    req.dial(rep.listen(site.address()).unwrap().address()).unwrap();
    req.wait_for_peers(2, SOON).unwrap();
    for number in 0..10 {
        assert!(req.try_send(body(0, TOO_LARGE)).is_err(), "there is no memory for it");
        let asked =
            req.try_send(body(number, 10)).unwrap_or_else(|error| panic!("request {number}: {error}"));
        rep.recv_timeout(SOON).unwrap().reply("done").unwrap();
        assert_eq!(asked.recv_timeout(SOON).unwrap(), "done");
    }
}

#[over(WIRES, 6 * LIMIT)]
fn a_small_message_finds_an_idle_peer_that_had_no_memory_for_a_large_one(site: &Site) {
    passes_one_that_is_stuck(Balance::RoundRobin, site);
    passes_one_that_is_stuck(Balance::LeastQueued, site);
}

#[over(WIRES)]
fn large_messages_of_many_peers_come_one_at_a_time_beyond_the_limit(site: &Site) {
    const PEERS: usize = 20;
    let context = Context::builder().max_memory(2 * MEGABYTE).build().unwrap();
    let pull = Pull::builder().context(&context).build().unwrap();
    let other = Req::builder().context(&context).build().unwrap();
    let fence = Rep::new().unwrap();
    link(site, &fence, &other);
    let at = pull.listen(site.address()).unwrap();
    let pushes: Vec<_> = (0..PEERS).map(|_| Push::new().unwrap()).collect();
    for (number, push) in pushes.iter().enumerate() {
        push.dial(at.address()).unwrap();
        push.send_timeout(body(number, 2 * MEGABYTE), SOON).unwrap();
    }
    eventually(|| pull.stats().recv_queue > 0);
    pass_the_time(&other, &fence);
    let mut missing: Vec<_> = (0..PEERS).collect();
    while !missing.is_empty() {
        assert!(pull.stats().recv_queue <= 2, "{} messages wait", pull.stats().recv_queue);
        let message = pull.recv_timeout(SOON).unwrap();
        let came = missing.iter().position(|number| message == body(*number, 2 * MEGABYTE));
        missing.remove(came.expect("a message that was sent and has not come yet"));
    }
}

#[over(WIRES)]
fn what_peers_leave_behind_stays_within_the_limit_and_holds_up_no_other_socket(site: &Site) {
    let context = Context::builder().max_memory(2 * MEGABYTE).build().unwrap();
    let heap = Pull::builder().context(&context).build().unwrap();
    let rep = Rep::builder().context(&context).build().unwrap();
    let req = Req::new().unwrap();
    link(site, &rep, &req);
    let at = heap.listen(site.address()).unwrap();
    for _ in 0..30 {
        let leaver = Peer::greeted(at.address(), PUSH);
        for _ in 0..5 {
            let frame = leaver.frame(&vec![7; 50_000]);
            leaver.offer(&frame);
        }
    }
    for number in 0..50 {
        let asked = req.send_timeout(body(number, 200_000), SOON).unwrap();
        let request = rep.recv_timeout(SOON).unwrap();
        let answer = request.message().clone();
        request.reply(answer).unwrap();
        assert!(asked.recv_timeout(SOON).unwrap() == body(number, 200_000));
    }
    assert!(heap.stats().recv_queue * 50_000 <= 2 * MEGABYTE + 200_000, "{:?}", heap.stats());
    assert_eq!(rep.stats().drops.peer_full, 0);
}
