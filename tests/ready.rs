//! Descriptors for the event loops of others: readable while a call is worth a try.

use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use hubless::{Bus, Error, Pair, Pub, Pull, Push, Ready, Rep, Req, Respondent, Sub, SurveyEnd, Surveyor};
use hubless_kit::executors::runtime;
use hubless_kit::{ALL, SOON, Site, body, eventually, link, linked, over, stays};
use mio::{Events, Interest, Poll, Token};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::retry_on_intr;

fn is_readable(ready: &Ready) -> bool {
    is_readable_within(ready, Duration::ZERO)
}

#[track_caller]
fn becomes_readable(ready: &Ready) {
    assert!(is_readable_within(ready, SOON), "it never becomes readable");
}

fn is_readable_within(ready: &Ready, limit: Duration) -> bool {
    let limit = limit.try_into().expect("a time that the system can count");
    let mut polled = [PollFd::from_borrowed_fd(ready.as_fd(), PollFlags::IN)];
    retry_on_intr(|| poll(&mut polled, Some(&limit))).expect("a descriptor") == 1
}

#[over(ALL)]
fn it_is_readable_from_the_first_message_until_there_is_none(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    let ready = pull.recv_ready().unwrap();
    for _ in 0..20 {
        assert!(!is_readable(&ready));
        push.send_many(["one", "two"]).unwrap();
        becomes_readable(&ready);
        assert_eq!(pull.recv().unwrap(), "one");
        assert!(is_readable(&ready));
        assert_eq!(pull.recv().unwrap(), "two");
        assert!(matches!(pull.try_recv(), Err(Error::Empty)));
        assert!(!is_readable(&ready));
    }
}

#[over(ALL)]
fn it_knows_of_messages_that_came_before_it(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    push.send("early").unwrap();
    eventually(|| pull.stats().recv_queue == 1);
    assert!(is_readable(&pull.recv_ready().unwrap()));
    let (first, second) = (pull.recv_ready().unwrap(), pull.recv_ready().unwrap());
    assert_eq!(pull.recv().unwrap(), "early");
    assert!(matches!(pull.try_recv(), Err(Error::Empty)));
    assert!(!is_readable(&first) && !is_readable(&second));
}

#[over(ALL)]
fn a_socket_that_nobody_calls_is_served_all_the_same(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    // A caller was there a moment ago, and has left the socket.
    assert!(matches!(pull.recv_timeout(Duration::from_millis(1)), Err(Error::Timeout { .. })));
    let ready = pull.recv_ready().unwrap();
    push.send("message").unwrap();
    becomes_readable(&ready);
    assert_eq!(pull.try_recv().unwrap(), "message");
}

#[over(ALL)]
fn no_message_is_missed_by_one_who_drains_and_waits(site: &Site) {
    const COUNT: usize = 20_000;
    let pull = Pull::builder().recv_buffer(16).build().unwrap();
    let push = Push::builder().send_buffer(16).build().unwrap();
    link(site, &pull, &push);
    let sending = thread::spawn(move || {
        for number in 0..COUNT {
            push.send(number.to_string()).unwrap();
        }
        push
    });
    let ready = pull.recv_ready().unwrap();
    let mut next = 0;
    while next < COUNT {
        becomes_readable(&ready);
        while let Ok(message) = pull.try_recv() {
            assert_eq!(message, next.to_string());
            next += 1;
        }
    }
    drop(sending.join());
}

#[over(ALL)]
fn no_edge_is_missed_under_an_edge_triggered_loop(site: &Site) {
    const COUNT: usize = 5000;
    let (pull, push) = (Pull::builder().recv_buffer(16).build().unwrap(), Push::new().unwrap());
    link(site, &pull, &push);
    let sending = thread::spawn(move || {
        for number in 0..COUNT {
            push.send(number.to_string()).unwrap();
        }
        push
    });
    let (mut event_loop, mut events) = (Poll::new().unwrap(), Events::with_capacity(4));
    let mut ready = pull.recv_ready().unwrap();
    event_loop.registry().register(&mut ready, Token(7), Interest::READABLE).unwrap();
    let mut next = 0;
    while next < COUNT {
        match event_loop.poll(&mut events, Some(SOON)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            outcome => outcome.unwrap(),
        }
        assert!(events.iter().all(|event| event.token() == Token(7)) && !events.is_empty());
        while let Ok(message) = pull.try_recv() {
            assert_eq!(message, next.to_string());
            next += 1;
        }
    }
    event_loop.registry().deregister(&mut ready).unwrap();
    drop(sending.join());
}

#[over(ALL)]
fn a_sender_is_told_of_room_after_it_was_refused(site: &Site) {
    let pull = Pull::builder().recv_buffer(1).build().unwrap();
    let push = Push::builder().send_buffer(2).build().unwrap();
    let ready = push.send_ready().unwrap();
    assert!(is_readable(&ready));
    assert!(matches!(push.try_send("nobody is there").unwrap_err().error, Error::Full));
    assert!(!is_readable(&ready));
    link(site, &pull, &push);
    becomes_readable(&ready);
    while push.try_send(body(0, 100_000)).is_ok() {}
    stays(|| push.try_send(body(0, 100_000)).is_ok() || !is_readable(&ready));
    let receiving = thread::spawn(move || pull.iter().take(1000).count());
    for _ in 0..500 {
        while push.try_send(body(0, 100_000)).is_err() {
            becomes_readable(&ready);
        }
    }
    drop(receiving);
}

#[over(ALL)]
fn a_socket_that_closes_is_readable_for_ever(site: &Site) {
    let pair = Pair::new().unwrap();
    pair.listen(site.address()).unwrap();
    let (receiving, sending) = (pair.recv_ready().unwrap(), pair.send_ready().unwrap());
    assert!(pair.try_send("refused").is_err());
    assert!(!is_readable(&receiving) && !is_readable(&sending));
    pair.close(Duration::ZERO).unwrap();
    for _ in 0..3 {
        becomes_readable(&receiving);
        becomes_readable(&sending);
        assert!(matches!(pair.try_recv(), Err(Error::Closed)));
        assert!(matches!(pair.try_send("unsent").unwrap_err().error, Error::Closed));
    }
    assert!(is_readable(&pair.recv_ready().unwrap()));
}

#[over(ALL)]
fn it_does_not_keep_the_socket_open(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    let ready = pull.recv_ready().unwrap();
    drop(pull);
    becomes_readable(&ready);
    eventually(|| push.stats().pipes == 0);
}

#[over(ALL)]
fn every_pattern_has_one(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    let (asked, asking) = (rep.recv_ready().unwrap(), req.send_ready().unwrap());
    assert!(is_readable(&asking));
    let pending = req.try_send("ping").unwrap();
    becomes_readable(&asked);
    rep.try_recv().unwrap().reply("pong").unwrap();
    assert_eq!(pending.recv().unwrap(), "pong");

    let (publisher, sub) = (Pub::new().unwrap(), Sub::new().unwrap());
    sub.subscribe("a").unwrap();
    link(site, &publisher, &sub);
    let ready = sub.recv_ready().unwrap();
    publisher.send_many(["b", "a"]).unwrap();
    becomes_readable(&ready);
    assert_eq!(sub.try_recv().unwrap(), "a");

    let (left, right) = linked::<Bus, Bus>(site);
    let ready = right.recv_ready().unwrap();
    left.send("all aboard").unwrap();
    becomes_readable(&ready);
    assert_eq!(right.try_recv().unwrap(), "all aboard");
}

#[over(ALL)]
fn descriptor_future_and_thread_share_a_socket(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    let ready = pull.recv_ready().unwrap();
    let runtime = runtime();
    let (by_task, by_thread) = (pull.clone(), pull.clone());
    let task = runtime.spawn(async move {
        let mut count = 0;
        while by_task.recv_async().await.is_ok() {
            count += 1;
        }
        count
    });
    let thread = thread::spawn(move || by_thread.iter().count());
    push.send_many((0..3000).map(|number: u32| number.to_string())).unwrap();
    let mut count = 0;
    eventually(|| {
        if is_readable(&ready) {
            count += std::iter::from_fn(|| pull.try_recv().ok()).count();
        }
        let stats = pull.stats();
        stats.received == 3000 && stats.recv_queue == 0
    });
    pull.close(Duration::ZERO).unwrap();
    assert_eq!(count + runtime.block_on(task).unwrap() + thread.join().unwrap(), 3000);
}

#[over(ALL)]
fn the_answer_to_a_request_has_a_descriptor_of_its_own(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    let (first, second) = (req.send("first").unwrap(), req.send("second").unwrap());
    let signs = [first.recv_ready().unwrap(), second.recv_ready().unwrap()];
    assert!(!is_readable(&signs[0]) && !is_readable(&signs[1]));
    let requests = [rep.recv().unwrap(), rep.recv().unwrap()];
    for request in requests {
        if request == "second" {
            request.reply("2").unwrap();
        } else {
            drop(request);
        }
    }
    becomes_readable(&signs[1]);
    assert_eq!(second.try_recv().unwrap(), "2");
    assert!(!is_readable(&signs[0]));
    req.close(SOON).unwrap();
    becomes_readable(&signs[0]);
    assert!(matches!(first.try_recv(), Err(Error::Closed)));
}

#[over(ALL)]
fn a_survey_has_a_descriptor_that_tells_of_answers_and_of_its_end(site: &Site) {
    let surveyor = Surveyor::builder().end_early().build().unwrap();
    let respondent = Respondent::new().unwrap();
    link(site, &surveyor, &respondent);
    let mut survey = surveyor.survey("who?", SOON).unwrap();
    let ready = survey.recv_ready().unwrap();
    assert!(matches!(survey.try_recv(), Err(Error::Empty)));
    assert!(!is_readable(&ready));
    respondent.recv().unwrap().reply("me").unwrap();
    becomes_readable(&ready);
    assert_eq!(survey.try_recv().unwrap().unwrap(), "me");
    becomes_readable(&ready);
    assert!(survey.try_recv().unwrap().is_none());
    assert_eq!(survey.end(), Some(SurveyEnd::Complete));
}

#[over(ALL)]
fn a_monitor_has_a_descriptor_that_is_readable_while_there_is_an_event(site: &Site) {
    let pull = Pull::new().unwrap();
    let monitor = pull.monitor();
    let ready = monitor.recv_ready().unwrap();
    assert!(!is_readable(&ready));
    pull.listen(site.address()).unwrap();
    becomes_readable(&ready);
    assert!(monitor.try_recv().is_ok());
    assert!(matches!(monitor.try_recv(), Err(Error::Empty)));
    assert!(!is_readable(&ready));
    pull.close(SOON).unwrap();
    becomes_readable(&ready);
    assert!(monitor.iter().count() > 0);
    assert!(is_readable(&ready), "its end is there for ever");
}
