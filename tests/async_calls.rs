//! What is awaited of sockets beside single messages: many at a time, the end of a socket, and the events of a monitor. None of it
//! blocks an executor, and being dropped costs nothing that somebody still had.

use std::collections::VecDeque;
use std::time::Duration;

use hubless::monitor::EventKind;
use hubless::transport::Packet;
use hubless::{
    Bus, CloseReport, Context, Error, Message, Monitor, Pair, Poller, Pub, Pull, Push, Rep, Req, Sub, raw,
};
use hubless_kit::executors::poll_times;
use hubless_kit::{ALL, SOON, Site, WHILE, WIRES, counts, eventually, link, linked, over};

fn numbered(count: usize) -> VecDeque<Message> {
    (0..count).map(|number| number.to_string().into()).collect()
}

#[over(ALL)]
async fn many_messages_that_are_sent_by_one_future_arrive_in_order_though_there_is_room_for_few(site: &Site) {
    const COUNT: usize = 3000;
    let pull = Pull::builder().recv_buffer(8).build().unwrap();
    let push = Push::builder().send_buffer(4).build().unwrap();
    link(site, &pull, &push);
    let sending = smol::spawn(async move {
        let mut messages = numbered(COUNT);
        let sent = push.send_many_async(&mut messages).await.unwrap();
        assert_eq!((sent, messages.len()), (COUNT, 0));
        push
    });
    for number in 0..COUNT {
        assert_eq!(pull.recv_async().await.unwrap(), number.to_string());
    }
    drop(sending.await);
}

#[over(ALL)]
fn a_send_of_many_that_is_dropped_has_sent_the_first_of_them_and_leaves_the_others(site: &Site) {
    const COUNT: usize = 500;
    let pull = Pull::builder().recv_buffer(5).build().unwrap();
    let push = Push::builder().send_buffer(5).send_buffer_bytes(1 << 30).build().unwrap();
    link(site, &pull, &push);
    let mut messages: VecDeque<Message> = numbered(COUNT);
    // Each is far too large for the buffers of the system to hold all.
    for message in &mut messages {
        let mut body = message.to_vec();
        body.resize(100_000, b' ');
        *message = body.into();
    }
    assert!(poll_times(3, push.send_many_async(&mut messages)).is_none());
    let sent = usize::try_from(push.stats().sent).unwrap();
    assert!(sent > 0 && sent < COUNT, "{sent} were sent");
    assert_eq!(messages.len(), COUNT - sent, "what was not sent is still there");
    let begins = |message: &Message, number: usize| message.starts_with(format!("{number} ").as_bytes());
    assert!(begins(&messages[0], sent), "the first that was not sent is the first that is left");
    std::thread::scope(|scope| {
        scope.spawn(|| pollster::block_on(push.send_many_async(&mut messages)).unwrap());
        for number in 0..COUNT {
            assert!(begins(&pull.recv_timeout(SOON).unwrap(), number), "number {number}");
        }
    });
}

#[over(ALL)]
fn a_send_of_many_that_fails_leaves_what_was_not_sent(site: &Site) {
    let push = Push::builder().send_buffer(5).build().unwrap();
    let mut messages = numbered(7);
    let closing = push.clone();
    // Nobody is there to take them, and then the socket is closed.
    let sending = std::thread::spawn(move || {
        let sent = pollster::block_on(push.send_many_async(&mut messages));
        (sent, messages)
    });
    eventually(|| closing.close(Duration::ZERO).is_ok());
    let (sent, messages) = sending.join().unwrap();
    assert!(matches!(sent, Err(Error::Closed)));
    assert_eq!(messages, numbered(7));
    let _ = site;
}

#[over(ALL)]
fn every_socket_that_sends_and_receives_does_so_for_many_at_a_time(site: &Site) {
    let (left, right) = (raw::Pair::new().unwrap(), raw::Pair::new().unwrap());
    link(site, &left, &right);
    let packet = |text: &str| Packet::from(Message::from(text));
    right.send_many(["a", "b"].map(packet)).unwrap();
    let mut more: VecDeque<Packet> = ["c", "d"].map(packet).into();
    assert_eq!(pollster::block_on(right.send_many_async(&mut more)).unwrap(), 2);
    let mut received = Vec::new();
    while received.len() < 4 {
        received.extend(left.recv_many(3).unwrap().into_iter().map(|packet| packet.body));
    }
    assert_eq!(received, ["a", "b", "c", "d"]);
    let (rep, req) = linked::<Rep, Req>(site);
    let asked = ["1", "2", "3"].map(|text| req.send(text).unwrap());
    counts(&rep, |stats| stats.recv_queue == 3);
    for request in rep.recv_many(10).unwrap() {
        let answer = request.message().clone();
        request.reply(answer).unwrap();
    }
    assert_eq!(asked.map(|pending| pending.recv().unwrap()), ["1", "2", "3"]);
}

#[over(ALL)]
fn a_close_that_is_awaited_lets_the_other_futures_of_its_thread_go_on(site: &Site) {
    const COUNT: usize = 200;
    let pull = Pull::builder().recv_buffer(2).build().unwrap();
    let push = Push::builder().send_buffer(COUNT).build().unwrap();
    link(site, &pull, &push);
    push.send_many(numbered(COUNT)).unwrap();
    // On one thread: what is queued can leave only while the close waits for it.
    let receiving = async {
        for number in 0..COUNT {
            assert_eq!(pull.recv_async().await.unwrap(), number.to_string());
        }
    };
    let (report, ()) = smol::block_on(smol::future::zip(push.close_async(SOON), receiving));
    let report = report.unwrap();
    assert_eq!((report.dropped, push.stats().drops.total()), (0, 0), "{report:?}");
    assert!(
        matches!(pollster::block_on(push.send_async("more")), Err(refused) if matches!(refused.error, Error::Closed))
    );
}

#[over(WIRES)]
fn all_sockets_of_a_context_are_closed_by_one_future_which_lets_others_go_on(site: &Site) {
    const COUNT: usize = 50;
    let context = Context::new().unwrap();
    let pull = Pull::builder().recv_buffer(2).build().unwrap();
    let sockets = [0; 3].map(|_| {
        let push = Push::builder().context(&context).send_buffer(COUNT).build().unwrap();
        link(site, &pull, &push);
        push.send_many(numbered(COUNT)).unwrap();
        push
    });
    drop(context.close_async(Duration::ZERO)); // it was never polled
    let receiving = async {
        for _ in 0..3 * COUNT {
            pull.recv_async().await.unwrap();
        }
    };
    let (report, ()) = smol::block_on(smol::future::zip(context.close_async(SOON), receiving));
    assert_eq!(report.dropped, 0, "{report:?}");
    assert!(
        sockets.iter().all(
            |push| matches!(push.try_send("more"), Err(refused) if matches!(refused.error, Error::Closed))
        )
    );
}

#[over(ALL)]
fn a_socket_is_closed_by_two_futures_and_a_thread_at_once(site: &Site) {
    let (_pull, push) = linked::<Pull, Push>(site);
    let both = smol::future::zip(push.close_async(SOON), push.close_async(SOON));
    let other = push.clone();
    let thread = std::thread::spawn(move || other.close(SOON));
    let (one, another) = smol::block_on(both);
    assert_eq!((one.unwrap(), another.unwrap()), (CloseReport::default(), CloseReport::default()));
    thread.join().unwrap().unwrap();
}

/// The names of the events of a monitor to its end.
async fn story(monitor: &Monitor) -> Vec<&'static str> {
    let mut names = Vec::new();
    loop {
        names.push(match monitor.recv_async().await.map(|event| event.kind) {
            Ok(EventKind::Listening { .. }) => "listening",
            Ok(EventKind::Connected { .. }) => "connected",
            Ok(EventKind::Removed { .. }) => "removed",
            Ok(EventKind::EndpointClosed { .. }) => "endpoint closed",
            Ok(EventKind::Closed) => "closed",
            Ok(_) => continue,
            Err(Error::Closed) => return names,
            Err(error) => panic!("{error}"),
        });
    }
}

#[over(ALL)]
async fn the_events_of_a_monitor_can_be_awaited_to_the_end(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    let monitor = pull.monitor();
    let watching = smol::spawn(async move { story(&monitor).await });
    link(site, &pull, &push);
    push.close_async(SOON).await.unwrap();
    smol::unblock({
        let pull = pull.clone();
        move || counts(&pull, |stats| stats.pipes == 0)
    })
    .await;
    pull.close_async(SOON).await.unwrap();
    assert_eq!(watching.await, ["listening", "connected", "removed", "endpoint closed", "closed"]);
}

#[over(ALL)]
fn a_future_of_a_monitor_that_is_dropped_takes_no_event_and_keeps_none_from_others(site: &Site) {
    let pull = Pull::new().unwrap();
    let (monitor, other) = (pull.monitor(), pull.monitor());
    assert!(poll_times(2, monitor.recv_async()).is_none());
    let waits = std::thread::spawn(move || pollster::block_on(other.recv_async()));
    pull.listen(site.address()).unwrap();
    assert!(matches!(waits.join().unwrap().unwrap().kind, EventKind::Listening { .. }));
    assert!(matches!(monitor.try_recv().unwrap().kind, EventKind::Listening { .. }));
    assert!(matches!(monitor.recv_deadline(hubless_kit::now()), Err(Error::Timeout { .. })));
}

#[over(ALL)]
fn a_poller_waits_for_a_monitor_beside_sockets(site: &Site) {
    let (sub, publisher) = (Sub::new().unwrap(), Pub::new().unwrap());
    sub.subscribe("").unwrap();
    let monitor = sub.monitor();
    let mut poller = Poller::new();
    poller.add_recv(&monitor, "event");
    poller.add_recv(&sub, "message");
    assert_eq!(poller.wait_timeout(Duration::ZERO), None);
    link(site, &sub, &publisher);
    let mut events = 0;
    while events < 2 {
        assert_eq!(poller.wait_timeout(SOON), Some("event"));
        while monitor.try_recv().is_ok() {
            events += 1;
        }
    }
    assert_eq!(poller.wait_timeout(Duration::ZERO), None);
    publisher.send("news").unwrap();
    assert_eq!(poller.wait(), Some("message"));
    assert_eq!(sub.try_recv().unwrap(), "news");
    sub.close(SOON).unwrap();
    poller.remove(&"message");
    assert_eq!(poller.wait_deadline(hubless_kit::now() + SOON), Some("event"));
    let mut rest = monitor.iter();
    assert!(matches!(rest.by_ref().last().unwrap().kind, EventKind::Closed));
    assert!(matches!(rest.error(), Some(Error::Closed)));
    // Its end is an event for ever.
    assert_eq!(poller.wait(), Some("event"));
    assert!(matches!(monitor.try_recv(), Err(Error::Closed)));
}

#[over(ALL)]
fn a_loop_over_a_socket_ends_with_an_error_that_can_be_seen(site: &Site) {
    let pull = Pull::builder().recv_timeout(WHILE).build().unwrap();
    let push = Push::new().unwrap();
    link(site, &pull, &push);
    push.send_many(["a", "b"]).unwrap();
    let mut jobs = pull.iter();
    assert!(jobs.error().is_none());
    assert_eq!(jobs.by_ref().collect::<Vec<_>>(), ["a", "b"]);
    assert!(matches!(jobs.error(), Some(Error::Timeout { .. })));
    push.send("c").unwrap();
    eventually(|| pull.stats().recv_queue == 1);
    assert!(jobs.next().is_none(), "what has ended stays so");
    let mut seen = Vec::new();
    for job in &pull {
        seen.push(job);
        pull.close(Duration::ZERO).unwrap();
    }
    assert_eq!(seen, ["c"]);
    let mut over = pull.iter();
    assert!(over.next().is_none());
    assert!(matches!(over.into_error(), Some(Error::Closed)));
}

#[over(ALL)]
fn sockets_of_any_type_are_used_by_code_that_is_generic(site: &Site) {
    use hubless::{RecvSocket, SendSocket, Socket};

    fn pass<S, R>(site: &Site, from: &S, to: &R)
    where
        S: SendSocket<Outgoing = Message>,
        R: RecvSocket<Incoming = Message>,
    {
        link(site, to, from);
        from.send("one").unwrap();
        pollster::block_on(from.send_async("two")).unwrap();
        from.send_many(["three", "four"]).unwrap();
        let mut all = vec![to.recv_timeout(SOON).unwrap(), pollster::block_on(to.recv_async()).unwrap()];
        while all.len() < 4 {
            all.extend(to.recv_many(2).unwrap());
        }
        assert_eq!(all, ["one", "two", "three", "four"]);
        assert!(matches!(to.try_recv(), Err(Error::Empty)));
        assert_eq!(Socket::stats(from).sent, 4);
        assert_eq!(pollster::block_on(from.close_async(SOON)).unwrap().dropped, 0);
        to.close(SOON).unwrap();
    }

    pass(site, &Push::new().unwrap(), &Pull::new().unwrap());
    pass(site, &Pair::new().unwrap(), &<Pair as Socket>::new().unwrap());
    pass(site, &Bus::new().unwrap(), &Bus::builder().build().unwrap());
    let sub = Sub::new().unwrap();
    sub.subscribe("").unwrap();
    pass(site, &Pub::new().unwrap(), &sub);
}
