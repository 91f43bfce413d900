//! How a device holds its senders up, and how it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use hubless::transport::Packet;
use hubless::{Device, DeviceReport, Error, Message, Pull, Push, Rep, Req, raw};
use hubless_kit::{ALL, SOON, Site, body, counts, eventually, link, over, stalled};

/// Messages that are more than all buffers on the way hold.
const MESSAGES: usize = 4000;
const LENGTH: usize = 10_000;

fn packet(body: &str) -> Packet {
    Packet::from(Message::from(body))
}

/// The sockets of a streamer with small buffers, and its peers.
fn streamer(site: &Site) -> (Push, raw::Pull, raw::Push, Pull) {
    let front = raw::Pull::builder().recv_buffer(10).build().expect("a socket");
    let back = raw::Push::builder().send_buffer(10).build().expect("a socket");
    let push = Push::builder().send_buffer(10).build().expect("a socket");
    let pull = Pull::builder().recv_buffer(10).build().expect("a socket");
    link(site, &front, &push);
    link(site, &back, &pull);
    (push, front, back, pull)
}

#[over(ALL)]
fn a_back_without_room_is_felt_by_who_sends_to_the_front_and_nothing_is_lost(site: &Site) {
    let (push, front, back, pull) = streamer(site);
    let device = Device::streamer(front.clone(), back).spawn().unwrap();
    let sent = Arc::new(AtomicUsize::new(0));
    let progress = Arc::clone(&sent);
    let sending = thread::spawn(move || {
        for number in 0..MESSAGES {
            push.send(body(number, LENGTH)).unwrap();
            progress.fetch_add(1, Ordering::Relaxed);
        }
        push.close(SOON).unwrap()
    });
    let held = stalled(|| sent.load(Ordering::Relaxed));
    assert!(held < MESSAGES, "the sender must have been held up");
    assert!(front.stats().recv_queue <= 10);
    for number in 0..MESSAGES {
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, LENGTH), "message {number}");
    }
    assert_eq!(sending.join().unwrap().dropped, 0);
    let report = device.stop().unwrap();
    assert_eq!((report.to_back, report.dropped), (MESSAGES as u64, 0));
}

#[over(ALL)]
fn a_device_that_waits_for_messages_stops(site: &Site) {
    let (_push, front, back, _pull) = streamer(site);
    let device = Device::streamer(front, back).spawn().unwrap();
    assert!(!device.is_finished());
    assert_eq!(device.stop().unwrap(), DeviceReport::default());

    let (front, back, req, rep) =
        (raw::Rep::new().unwrap(), raw::Req::new().unwrap(), Req::new().unwrap(), Rep::new().unwrap());
    link(site, &front, &req);
    link(site, &back, &rep);
    let device = Device::queue(front, back).spawn().unwrap();
    assert_eq!(device.stop().unwrap(), DeviceReport::default());
}

#[over(ALL)]
fn a_device_that_waits_for_room_stops_and_counts_what_it_has_taken(site: &Site) {
    let (front, back, push) = (raw::Pull::new().unwrap(), raw::Push::new().unwrap(), Push::new().unwrap());
    link(site, &front, &push);
    let device = Device::streamer(front.clone(), back.clone()).spawn().unwrap();
    push.send_many(["1", "2", "3"]).unwrap();
    counts(&front, |stats| stats.received == 3 && stats.recv_queue < 3);
    let report = device.stop().unwrap();
    let left = std::iter::from_fn(|| front.try_recv().ok()).count() as u64;
    assert_eq!((report.to_back, report.dropped + left), (0, 3));
    assert!(report.dropped > 0);
    assert_eq!(back.stats().send_queue, 0);
}

#[over(ALL)]
fn stopping_loses_nothing_where_there_is_room_and_another_device_goes_on(site: &Site) {
    const MANY: usize = 5_000;
    let (push, front, back, pull) = streamer(site);
    let receiving = thread::spawn(move || {
        let numbers = (0..MANY).map(|_| pull.recv_timeout(SOON).map(|body| body.as_str().unwrap().parse()));
        numbers.collect::<Result<Result<Vec<usize>, _>, _>>().unwrap().unwrap()
    });
    let sending = thread::spawn(move || {
        push.send_many((0..MANY).map(|number| number.to_string())).unwrap();
        push.close(SOON).unwrap();
    });
    let mut passed = 0;
    while !receiving.is_finished() {
        let device = Device::streamer(front.clone(), back.clone()).spawn().unwrap();
        let least = passed + 100;
        eventually(|| back.stats().sent >= least || receiving.is_finished());
        let report = device.stop().unwrap();
        // It may have taken what there was no room for at that moment; then it is ours to pass on.
        passed += report.to_back + report.dropped;
        for _ in 0..report.dropped {
            back.send(packet("0")).unwrap();
        }
    }
    sending.join().unwrap();
    assert_eq!(passed, MANY as u64);
    let received = receiving.join().unwrap();
    let in_order: Vec<_> = received.iter().filter(|number| **number != 0).collect();
    assert!(in_order.is_sorted());
}

#[over(ALL)]
fn closing_either_socket_ends_a_device_without_an_error(site: &Site) {
    for closes_front in [true, false] {
        let (_push, front, back, _pull) = streamer(site);
        let device = Device::streamer(front.clone(), back.clone()).spawn().unwrap();
        let closed = if closes_front { front.close(Duration::ZERO) } else { back.close(Duration::ZERO) };
        closed.unwrap();
        assert_eq!(device.join().unwrap(), DeviceReport::default());
        assert_eq!(Device::streamer(front, back).run().unwrap(), DeviceReport::default());
    }
}

#[over(ALL)]
fn closing_either_socket_of_a_queue_ends_both_ways(site: &Site) {
    for closes_front in [true, false] {
        let (front, back, req, rep) =
            (raw::Rep::new().unwrap(), raw::Req::new().unwrap(), Req::new().unwrap(), Rep::new().unwrap());
        link(site, &front, &req);
        link(site, &back, &rep);
        let device = Device::queue(front.clone(), back.clone()).spawn().unwrap();
        let closed = if closes_front { front.close(Duration::ZERO) } else { back.close(Duration::ZERO) };
        closed.unwrap();
        assert_eq!(device.join().unwrap(), DeviceReport::default());
    }
}

#[over(ALL)]
fn closing_the_socket_whose_room_is_waited_for_ends_a_device_and_counts_what_it_has_taken(site: &Site) {
    let (front, back, push) = (raw::Pull::new().unwrap(), raw::Push::new().unwrap(), Push::new().unwrap());
    link(site, &front, &push);
    let device = Device::streamer(front.clone(), back.clone()).spawn().unwrap();
    push.send("stuck").unwrap();
    counts(&front, |stats| stats.received == 1 && stats.recv_queue == 0);
    back.close(Duration::ZERO).unwrap();
    let report = device.join().unwrap();
    assert_eq!((report.to_back, report.dropped), (0, 1));
}

#[over(ALL)]
fn what_others_wait_for_on_the_same_sockets_is_still_waited_for(site: &Site) {
    let (push, front, back, _pull) = streamer(site);
    let other = front.clone();
    let waiting = thread::spawn(move || other.recv());
    let device = Device::streamer(front, back).spawn().unwrap();
    assert_eq!(device.stop().unwrap().to_back, 0);
    assert!(!waiting.is_finished());
    push.send("for whoever is left").unwrap();
    assert_eq!(waiting.join().unwrap().unwrap().body, "for whoever is left");
}

#[over(ALL)]
fn a_device_that_is_dropped_while_it_runs_lets_go_of_its_sockets(site: &Site) {
    let (push, front, back, pull) = streamer(site);
    drop(Device::streamer(front, back).spawn().unwrap());
    counts(&push, |stats| stats.pipes == 0);
    counts(&pull, |stats| stats.pipes == 0);
}

#[over(ALL)]
fn a_device_runs_on_the_thread_of_its_caller_until_another_stops_it(site: &Site) {
    let (req, rep) = (Req::new().unwrap(), Rep::new().unwrap());
    let (front, back) = (raw::Rep::new().unwrap(), raw::Req::new().unwrap());
    link(site, &front, &req);
    link(site, &back, &rep);
    let device = Device::queue(front, back);
    let stopper = device.stopper();
    let asking = thread::spawn(move || {
        let pending = req.send("ping").unwrap();
        rep.recv_timeout(SOON).unwrap().reply("pong").unwrap();
        let answer = pending.recv_timeout(SOON);
        stopper.stop();
        answer
    });
    let report = device.run().unwrap();
    assert_eq!(asking.join().unwrap().unwrap(), "pong");
    assert_eq!((report.to_back, report.to_front, report.dropped), (1, 1, 0));
}

#[over(ALL)]
fn a_stopper_does_not_keep_sockets_open_and_stops_a_device_that_has_not_begun(site: &Site) {
    let (push, front, back, _pull) = streamer(site);
    let device = Device::streamer(front.clone(), back);
    let stopper = device.stopper();
    stopper.stop();
    assert_eq!(device.run().unwrap(), DeviceReport::default());
    assert!(matches!(front.try_recv(), Err(Error::Empty)));
    drop(front);
    counts(&push, |stats| stats.pipes == 0);
    stopper.stop();
}
