//! PUSH and PULL: every message arrives once, whole and in order, and the work is shared.

use std::thread;
use std::time::Duration;

use hubless::{Error, Pull, Push};
use hubless_kit::peer::{Host, PULL};
use hubless_kit::{ALL, Peers, SOON, Site, WIRES, body, counts, eventually, linked, over, stays};

#[over(ALL)]
fn messages_arrive_in_order_and_once(site: &Site) {
    for count in [1, 10, 20_000] {
        send_in_order(site, count);
    }
}

#[over(ALL, Duration::from_secs(300))]
#[ignore = "long: cargo test --workspace -- --ignored"]
fn many_messages_arrive_in_order_and_once(site: &Site) {
    send_in_order(site, 1_000_000);
}

fn send_in_order(site: &Site, count: usize) {
    let (pull, push) = linked::<Pull, Push>(site);
    let sending = thread::spawn(move || {
        for number in 0..count {
            push.send(number.to_string()).expect("room");
        }
        push.close(SOON).expect("an end")
    });
    for number in 0..count {
        assert_eq!(pull.recv().expect("a message"), number.to_string());
    }
    assert_eq!(sending.join().expect("no panic").dropped, 0);
    assert!(matches!(pull.try_recv(), Err(Error::Empty)));
    assert_eq!(pull.stats().received, count as u64);
}

#[over(ALL)]
fn messages_of_every_size_arrive_as_they_were_sent(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    let around = [64, 128, 1024, 4096, 32 << 10, 48 << 10, 64 << 10, 256 << 10];
    let mut sizes: Vec<usize> =
        around.iter().flat_map(|size| [size - 9, size - 1, *size, size + 1]).collect();
    sizes.extend([0, 1, 2, 3, 4, 5, 8, 16, 5 << 20, 16 << 20]);
    let expected = sizes.clone();
    let sending = thread::spawn(move || {
        for (number, size) in sizes.into_iter().enumerate() {
            push.send(body(number, size)).unwrap();
        }
    });
    for (number, size) in expected.into_iter().enumerate() {
        let received = pull.recv().unwrap();
        assert_eq!(received.len(), size);
        assert!(received == body(number, size), "message {number} of {size} bytes is not what was sent");
    }
    sending.join().unwrap();
}

#[over(ALL)]
fn a_push_may_listen_and_pulls_may_dial(site: &Site) {
    let (push, first, second) = (Push::new().unwrap(), Pull::new().unwrap(), Pull::new().unwrap());
    let at = push.listen(site.address()).unwrap();
    first.dial(at.address()).unwrap();
    second.dial(at.address()).unwrap();
    push.peers(2);
    for _ in 0..2 {
        push.send("work").unwrap();
    }
    assert_eq!(first.recv().unwrap(), "work");
    assert_eq!(second.recv().unwrap(), "work");
    assert_eq!(at.status().pipes, 2);
}

#[over(ALL)]
fn workers_with_room_take_turns(site: &Site) {
    let push = Push::new().unwrap();
    let at = push.listen(site.address()).unwrap();
    let workers: Vec<Pull> = (0..3).map(|_| Pull::new().unwrap()).collect();
    for worker in &workers {
        worker.dial(at.address()).unwrap();
    }
    push.peers(3);
    push.send_many((0..300).map(|number: u32| number.to_string())).unwrap();
    for worker in &workers {
        counts(worker, |stats| stats.received == 100);
    }
    stays(|| workers.iter().all(|worker| worker.stats().received == 100));
}

#[over(ALL)]
fn a_worker_without_room_is_passed_over(site: &Site) {
    let push = Push::builder().send_buffer(4).build().unwrap();
    let at = push.listen(site.address()).unwrap();
    let idle = Pull::builder().recv_buffer(1).build().unwrap();
    idle.dial(at.address()).unwrap();
    push.peers(1);
    while push.try_send(body(0, 100_000)).is_ok() {}
    eventually(|| {
        while push.try_send(body(0, 100_000)).is_ok() {}
        idle.stats().recv_queue == 1
    });
    let busy = Pull::new().unwrap();
    busy.dial(at.address()).unwrap();
    push.peers(2);
    for _ in 0..200 {
        push.send("job").unwrap();
    }
    counts(&busy, |stats| stats.received >= 190);
}

#[over(ALL)]
fn no_sender_starves_behind_another_that_floods(site: &Site) {
    let pull = Pull::builder().recv_buffer(100).build().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let loud = Push::builder().send_buffer(100).build().unwrap();
    loud.dial(at.address()).unwrap();
    pull.peers(1);
    let flooding = thread::spawn(move || while loud.send("loud").is_ok() {});
    counts(&pull, |stats| stats.recv_queue >= 100);
    let quiet = Push::new().unwrap();
    quiet.dial(at.address()).unwrap();
    quiet.send("quiet").unwrap();
    let before = (0..1_000_000).take_while(|_| pull.recv().unwrap() == "loud").count();
    // What was there when it arrived comes first, and it arrives while that is being received.
    assert!(before < 1_000_000, "the message of the quiet sender never came");
    pull.close(Duration::ZERO).unwrap();
    drop(pull);
    // The flooding thread waits for room or a peer: nothing else is to be learned from it.
    drop(flooding);
}

#[over(ALL)]
fn sending_waits_for_the_first_peer_and_loses_nothing(site: &Site) {
    let address = site.quiet_address();
    let push =
        Push::builder().reconnect(Duration::from_millis(10)..=Duration::from_millis(50)).build().unwrap();
    push.dial(&address).unwrap();
    let refused = push.try_send("early").unwrap_err();
    assert!(matches!(refused.error, Error::Full));
    assert_eq!(refused.message, "early");
    let sending = thread::spawn(move || {
        push.send("one").unwrap();
        push.send("two").unwrap();
        push.close(SOON).unwrap();
    });
    let pull = Pull::new().unwrap();
    hubless_kit::listen_again(&pull, &address);
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "one");
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "two");
    sending.join().unwrap();
}

#[over(ALL)]
fn batches_are_sent_and_received_in_order(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    let sending =
        thread::spawn(move || push.send_many((0..5000).map(|number: u32| number.to_string())).unwrap());
    let mut received = Vec::new();
    while received.len() < 5000 {
        let batch = pull.recv_many(64).unwrap();
        assert!((1..=64).contains(&batch.len()));
        received.extend(batch);
    }
    assert!(received.iter().enumerate().all(|(number, message)| *message == number.to_string()));
    assert_eq!(sending.join().unwrap(), 5000);
    assert_eq!(pull.recv_many(0).unwrap(), Vec::<hubless::Message>::new());
}

#[over(WIRES)]
fn what_a_dead_worker_had_not_been_sent_goes_to_another(site: &Site) {
    let push = Push::new().unwrap();
    let at = push.listen(site.address()).unwrap();
    let dead = hubless_kit::peer::Peer::greeted(at.address(), PULL);
    push.peers(1);
    // The system takes what it can; the rest is queued.
    for number in 0..150 {
        push.send(body(number, 50_000)).unwrap();
    }
    let queued = counts(&push, |stats| stats.send_queue > 0).send_queue;
    let queued = hubless_kit::eventually_sees(|| push.stats().send_queue, |now| *now <= queued);
    let heir = Pull::new().unwrap();
    heir.dial(at.address()).unwrap();
    push.peers(2);
    drop(dead);
    for number in 150 - queued..150 {
        let received = heir.recv_timeout(SOON).unwrap();
        assert!(received == body(number, 50_000), "message {number} is not next");
    }
    stays(|| heir.stats().recv_queue == 0);
    assert_eq!(push.stats().drops.total(), 0);
}

#[over(WIRES)]
fn a_half_sent_message_goes_whole_to_another_worker(site: &Site) {
    let host = Host::new(site);
    let push = Push::new().unwrap();
    push.dial(host.address()).unwrap();
    let dying = host.greeted(PULL);
    push.peers(1);
    push.send(body(1, 12 << 20)).unwrap();
    counts(&push, |stats| stats.send_queue == 1);
    let heir = Pull::new().unwrap();
    let at = heir.listen(site.address()).unwrap();
    push.dial(at.address()).unwrap();
    push.peers(2);
    drop(dying);
    assert!(heir.recv_timeout(SOON).unwrap() == body(1, 12 << 20));
}

#[test]
fn one_socket_listens_on_all_transports_at_once() {
    hubless_kit::within(hubless_kit::LIMIT, || {
        let pull = Pull::new().unwrap();
        let sites = ALL.map(Site::new);
        let senders: Vec<Push> = sites
            .iter()
            .map(|site| {
                let at = pull.listen(site.address()).unwrap();
                let push = Push::new().unwrap();
                push.dial(at.address()).unwrap();
                push.send(site.transport).unwrap();
                push
            })
            .collect();
        let mut heard: Vec<String> =
            pull.iter().take(3).map(|message| message.as_str().unwrap().into()).collect();
        heard.sort();
        assert_eq!(heard, ["inproc", "ipc", "tcp"]);
        drop(senders);
    });
}

#[test]
fn one_socket_dials_all_transports_at_once() {
    hubless_kit::within(hubless_kit::LIMIT, || {
        let push = Push::new().unwrap();
        let sites = ALL.map(Site::new);
        let workers: Vec<Pull> = sites.iter().map(|_| Pull::new().unwrap()).collect();
        for (worker, site) in workers.iter().zip(&sites) {
            push.dial(worker.listen(site.address()).unwrap().address()).unwrap();
        }
        push.peers(3);
        push.send_many(["job"; 30]).unwrap();
        for worker in &workers {
            counts(worker, |stats| stats.received == 10);
        }
    });
}

#[over(ALL)]
fn dialing_twice_gives_two_pipes(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    let at = pull.listen(site.address()).unwrap();
    let (first, second) = (push.dial(at.address()).unwrap(), push.dial(at.address()).unwrap());
    push.peers(2);
    pull.peers(2);
    first.close();
    eventually(|| push.stats().pipes == 1 && pull.stats().pipes == 1);
    push.send("still there").unwrap();
    assert_eq!(pull.recv().unwrap(), "still there");
    second.close();
    eventually(|| push.stats().pipes == 0 && pull.stats().pipes == 0);
    assert_eq!((pull.stats().connected, pull.stats().disconnected), (2, 2));
}

#[over(WIRES)]
fn an_early_message_behind_the_greeting_is_kept(site: &Site) {
    let pull = Pull::new().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let peer = hubless_kit::peer::Peer::connect(at.address());
    let mut bytes = hubless_kit::peer::greeting(hubless_kit::peer::PUSH).to_vec();
    bytes.extend(peer.frame(b"one"));
    bytes.extend(peer.frame(b""));
    bytes.extend(peer.frame(&body(3, 10_000)));
    peer.write(&bytes);
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "one");
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "");
    assert!(pull.recv_timeout(SOON).unwrap() == body(3, 10_000));
}

#[over(ALL)]
fn a_listener_takes_as_many_peers_as_its_option_allows(site: &Site) {
    let pull = Pull::builder().max_connections(2).build().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let pushes: Vec<Push> = (0..3).map(|_| Push::new().unwrap()).collect();
    for push in &pushes[..2] {
        push.dial(at.address()).unwrap();
    }
    pull.wait_for_peers(2, SOON).unwrap();
    pushes[2].dial(at.address()).unwrap();
    counts(&pull, |stats| stats.refused.too_many > 0);
    assert_eq!(pull.stats().pipes, 2);
    assert!(at.status().last_error.is_some_and(|reason| reason.contains("`max_connections`")));
    // The third comes in when there is a place.
    pushes[0].close(SOON).unwrap();
    pushes[2].wait_for_peers(1, SOON).unwrap();
}
