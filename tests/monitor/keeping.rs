//! What a monitor keeps until it is asked, what it tells of dropped messages, and who shares it.

use std::time::SystemTime;

use hubless::Event;

use super::*;

#[over(ALL)]
fn dropped_messages_are_told_together_and_none_is_forgotten(site: &Site) {
    let publisher = Pub::builder().overflow(Overflow::DropNewest).send_buffer(1).build().unwrap();
    let sub = Sub::builder().recv_buffer(1).build().unwrap();
    sub.subscribe("").unwrap();
    link(site, &publisher, &sub);
    let drop_one = || {
        let before = publisher.stats().drops.peer_full;
        while publisher.stats().drops.peer_full == before {
            publisher.send(body(0, 10_000)).unwrap();
        }
    };
    drop_one();
    let unwatched = publisher.stats().drops.peer_full;
    let monitor = publisher.monitor();
    for _ in 0..10_000 {
        drop_one();
    }
    // The first are told while the socket lives.
    let told_first = told(&monitor, |event| match event {
        EventKind::Dropped { drops, .. } => Some(drops.peer_full),
        _ => None,
    });
    drop_one();
    publisher.close(Duration::ZERO).unwrap();
    let rest = all(&monitor);
    let sums: Vec<u64> = rest
        .iter()
        .filter_map(|event| match event {
            EventKind::Dropped { drops, .. } => Some(drops.peer_full),
            _ => None,
        })
        .collect();
    let stats = publisher.stats();
    assert_eq!(told_first + sums.iter().sum::<u64>(), stats.drops.peer_full - unwatched);
    assert!(sums.len() < 1000, "{} events", sums.len());
}

#[over(ALL)]
fn what_was_dropped_before_a_monitor_was_made_is_not_told_to_it(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    drop(rep.monitor());
    let earlier = rep.monitor();
    let _pending = req.send("not answered").unwrap();
    drop(rep.recv_timeout(SOON).unwrap());
    let later = rep.monitor();
    rep.close(Duration::ZERO).unwrap();
    let unanswered = |monitor| {
        let drops = all(monitor).into_iter().filter_map(|event| match event {
            EventKind::Dropped { drops, .. } => Some(drops.unanswered),
            _ => None,
        });
        drops.sum::<u64>()
    };
    assert_eq!((unanswered(&earlier), unanswered(&later)), (1, 0));
}

#[over(ALL)]
fn a_monitor_that_nobody_asks_keeps_the_newest_and_says_how_many_it_lost(site: &Site) {
    let pull = Pull::new().unwrap();
    let (small, large) = (pull.monitor_with_capacity(3), pull.monitor());
    for _ in 0..20 {
        pull.listen(site.address()).unwrap().close();
    }
    pull.close(SOON).unwrap();
    let everything = all(&large);
    assert_eq!(everything.len(), 41);
    match &all(&small)[..] {
        [EventKind::Lost(38), newest @ ..] => assert_eq!(newest, &everything[38..]),
        other => panic!("{other:?}"),
    }
}

#[over(ALL)]
fn every_monitor_gets_everything_and_one_that_is_dropped_is_missed_by_nobody(site: &Site) {
    let pull = Pull::new().unwrap();
    let monitors: [Monitor; 3] = std::array::from_fn(|_| pull.monitor());
    let [first, second, third] = monitors;
    pull.listen(site.address()).unwrap();
    drop(second);
    pull.listen(site.address()).unwrap();
    pull.close(SOON).unwrap();
    let events: Vec<Event> = first.iter().collect();
    assert_eq!(events.len(), 5);
    assert_eq!(events, third.iter().collect::<Vec<_>>());
}

#[test]
fn an_event_has_the_time_when_it_happened_whenever_it_is_taken() {
    let pull = Pull::new().unwrap();
    let (one, other) = (pull.monitor(), pull.monitor());
    pull.listen(Site::new("inproc").address()).unwrap();
    let event = one.recv().unwrap();
    // The clock of the system may jump a little.
    let age = SystemTime::now().duration_since(event.at).unwrap_or_else(|jump| jump.duration());
    assert!(age < Duration::from_secs(3600), "{event}");
    for _ in 0..3 {
        pull.listen(Site::new("inproc").address()).unwrap();
    }
    assert_eq!(other.recv().unwrap(), event);
}

#[over(ALL)]
fn a_monitor_is_asked_as_a_socket_is(site: &Site) {
    let pull = Pull::new().unwrap();
    let monitor = pull.monitor();
    assert!(matches!(monitor.try_recv(), Err(Error::Empty)));
    assert!(matches!(monitor.recv_timeout(Duration::ZERO), Err(Error::Timeout { .. })));
    assert!(matches!(monitor.recv_timeout(Duration::from_millis(1)), Err(Error::Timeout { .. })));
    let listening = thread::spawn({
        let (pull, address) = (pull.clone(), site.address());
        move || pull.listen(address).unwrap()
    });
    assert!(matches!(monitor.recv().unwrap().kind, EventKind::Listening { .. }));
    let listener = listening.join().unwrap();
    let ending = thread::spawn(move || (monitor.iter().count(), monitor));
    pull.close(SOON).unwrap();
    let (count, monitor) = ending.join().unwrap();
    assert_eq!(count, 2);
    assert!(matches!(monitor.try_recv(), Err(Error::Closed)));
    assert!(matches!(monitor.recv(), Err(Error::Closed)));
    assert!(matches!(pull.monitor().recv(), Err(Error::Closed)));
    drop(listener);
}

#[over(ALL)]
fn a_monitor_keeps_no_socket_open(site: &Site) {
    let pull = Pull::new().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let monitor = pull.monitor();
    drop(pull);
    assert_eq!(all(&monitor).last(), Some(&EventKind::Closed));
    eventually(|| at.status().closed);
}
