//! Waiting for several sockets in one call.

use std::thread;
use std::time::Duration;

use hubless::{Bus, Error, Pair, Poller, Pub, Pull, Push, Rep, Req, Respondent, Sub, Surveyor};
use hubless_kit::{ALL, SOON, Site, body, eventually, link, linked, over};

#[over(ALL)]
fn it_waits_for_sockets_of_every_pattern(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    let (rep, req) = (Rep::new().unwrap(), Req::new().unwrap());
    let (sub, publisher) = (Sub::new().unwrap(), Pub::new().unwrap());
    let (surveyor, respondent) = (Surveyor::new().unwrap(), Respondent::new().unwrap());
    let (left, right) = (Pair::new().unwrap(), Pair::new().unwrap());
    let (one, other) = (Bus::new().unwrap(), Bus::new().unwrap());
    sub.subscribe("").unwrap();
    link(site, &pull, &push);
    link(site, &rep, &req);
    link(site, &sub, &publisher);
    link(site, &surveyor, &respondent);
    link(site, &left, &right);
    link(site, &one, &other);

    let mut poller = Poller::new();
    poller.add_recv(&pull, "pull");
    poller.add_recv(&rep, "rep");
    poller.add_recv(&sub, "sub");
    poller.add_recv(&respondent, "respondent");
    poller.add_recv(&left, "pair");
    poller.add_recv(&one, "bus");
    assert_eq!(poller.wait_timeout(Duration::ZERO), None);
    let mut wait = || poller.wait_timeout(SOON).expect("something came");

    push.send("message").unwrap();
    assert_eq!(wait(), "pull");
    assert_eq!(pull.try_recv().unwrap(), "message");
    let pending = req.send("ping").unwrap();
    assert_eq!(wait(), "rep");
    rep.try_recv().unwrap().reply("pong").unwrap();
    publisher.send("news").unwrap();
    assert_eq!(wait(), "sub");
    assert_eq!(sub.try_recv().unwrap(), "news");
    let mut survey = surveyor.survey("who?", SOON).unwrap();
    assert_eq!(wait(), "respondent");
    respondent.try_recv().unwrap().reply("me").unwrap();
    right.send("over").unwrap();
    assert_eq!(wait(), "pair");
    assert_eq!(left.try_recv().unwrap(), "over");
    other.send("all aboard").unwrap();
    assert_eq!(wait(), "bus");
    assert_eq!(one.try_recv().unwrap(), "all aboard");

    let mut poller = Poller::new();
    poller.add_recv(&pending, "answer");
    assert_eq!(poller.wait_timeout(SOON), Some("answer"));
    assert_eq!(pending.try_recv().unwrap(), "pong");
    poller.remove(&"answer");
    poller.add_recv(&survey, "survey");
    assert_eq!(poller.wait_timeout(SOON), Some("survey"));
    assert_eq!(survey.try_recv().unwrap().unwrap(), "me");
    assert_eq!(poller.wait_timeout(Duration::ZERO), None);
}

#[over(ALL)]
fn a_socket_that_is_always_busy_starves_nobody(site: &Site) {
    let (busy, quiet) = (Pull::new().unwrap(), Pull::new().unwrap());
    let (loud, soft) = (Push::new().unwrap(), Push::new().unwrap());
    link(site, &busy, &loud);
    link(site, &quiet, &soft);
    loud.send_many((0..500).map(|number: u32| number.to_string())).unwrap();
    soft.send_many((0..10).map(|number: u32| number.to_string())).unwrap();
    eventually(|| busy.stats().recv_queue == 500 && quiet.stats().recv_queue == 10);
    let mut poller = Poller::new();
    poller.add_recv(&busy, 'b');
    poller.add_recv(&quiet, 'q');
    let mut turns = String::new();
    for _ in 0..20 {
        let key = poller.wait_timeout(SOON).unwrap();
        let socket = if key == 'b' { &busy } else { &quiet };
        socket.try_recv().unwrap();
        turns.push(key);
    }
    assert_eq!(turns, "bq".repeat(10));
}

#[over(ALL)]
fn no_message_is_missed_whichever_socket_it_comes_to(site: &Site) {
    const EACH: usize = 5000;
    let pulls: Vec<Pull> = (0..4).map(|_| Pull::builder().recv_buffer(8).build().unwrap()).collect();
    let mut poller = Poller::new();
    let mut sending = Vec::new();
    for (key, pull) in pulls.iter().enumerate() {
        let push = Push::builder().send_buffer(8).build().unwrap();
        link(site, pull, &push);
        poller.add_recv(pull, key);
        sending.push(thread::spawn(move || {
            for number in 0..EACH {
                push.send(number.to_string()).unwrap();
            }
            push
        }));
    }
    let mut next = [0; 4];
    while next.iter().sum::<usize>() < 4 * EACH {
        let key = poller.wait_timeout(SOON).expect("a message");
        for message in std::iter::from_fn(|| pulls[key].try_recv().ok()).take(3) {
            assert_eq!(message, next[key].to_string());
            next[key] += 1;
        }
    }
    for sending in sending {
        drop(sending.join());
    }
}

#[over(ALL)]
fn it_tells_of_room_after_a_send_was_refused(site: &Site) {
    let (pull, push) =
        (Pull::builder().recv_buffer(1).build().unwrap(), Push::builder().send_buffer(2).build().unwrap());
    link(site, &pull, &push);
    let mut poller = Poller::new();
    poller.add_send(&push, ());
    let receiving = thread::spawn(move || (0..200).map(|_| pull.recv().unwrap().len()).sum::<usize>());
    for _ in 0..200 {
        let mut message = body(0, 100_000).into();
        while let Err(refused) = push.try_send(message) {
            assert!(matches!(refused.error, Error::Full));
            message = refused.message;
            assert_eq!(poller.wait_timeout(SOON), Some(()));
        }
    }
    assert_eq!(receiving.join().unwrap(), 200 * 100_000);
}

#[over(ALL)]
fn a_closed_socket_is_ready_until_it_is_removed(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    let mut poller = Poller::new();
    poller.add_recv(&pull, 1);
    poller.add_send(&push, 2);
    poller.remove(&2);
    let closing = pull.clone();
    let closing = thread::spawn(move || closing.close(Duration::ZERO).map(drop));
    for _ in 0..3 {
        assert_eq!(poller.wait_timeout(SOON), Some(1));
        assert!(matches!(pull.try_recv(), Err(Error::Closed)));
    }
    poller.remove(&1);
    assert_eq!(poller.wait(), None);
    closing.join().unwrap().unwrap();
}

#[test]
fn a_wait_ends_by_its_time() {
    let mut poller = Poller::new();
    poller.add_recv(&Pull::new().unwrap(), ());
    let mut quiet = Poller::new();
    let pull = Pull::new().unwrap();
    quiet.add_recv(&pull, ());
    assert_eq!(quiet.wait_timeout(Duration::from_millis(20)), None);
    // This one's socket was dropped with its last handle, and is closed.
    assert_eq!(poller.wait_timeout(SOON), Some(()));
}
