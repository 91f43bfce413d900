//! What a close says became of the messages: every one that was sent was received or is in the report.

use std::thread;
use std::time::Duration;

use hubless::{Bus, CloseReport, Context, Error, Pair, Pub, Pull, Push, Rep, Req, Respondent, Sub, Surveyor};
use hubless_kit::child::{Child, perform};
use hubless_kit::peer::{Host, PULL};
use hubless_kit::{ALL, SOON, Site, Socket, WIRES, body, counts, eventually, link, linked, now, over};

/// More messages than fit into any system's buffers.
const MANY: usize = 150;

/// One with room for all of them.
fn sender(context: &Context) -> Push {
    Push::builder().context(context).send_buffer_bytes(64 << 20).build().expect("a socket")
}

/// One that takes hardly anything as long as nobody receives.
fn idler(context: &Context) -> Pull {
    Pull::builder().context(context).recv_buffer(1).build().expect("a socket")
}

/// Nobody can use it any more.
fn is_closed(socket: &Push) -> bool {
    matches!(socket.wait_for_peers(0, Duration::ZERO), Err(Error::Closed))
}

/// Two that are linked: one that has as much queued as nobody reads, and one that has read nothing yet.
fn stalled(site: &Site) -> (Push, Pull) {
    // Its memory is shared with no other test.
    let context = Context::new().expect("a context");
    let (push, pull) = (sender(&context), idler(&context));
    link(site, &pull, &push);
    for number in 0..MANY {
        push.send(body(number, 100_000)).expect("room");
    }
    counts(&pull, |stats| stats.recv_queue == 1);
    (push, pull)
}

/// Receives until the peer is gone and everything it sent has come; how many that were.
fn drain<T>(socket: &impl Socket, receive: impl Fn() -> Result<T, Error>) -> usize {
    let mut received = 0;
    eventually(|| {
        while receive().is_ok() {
            received += 1;
        }
        socket.stats().pipes == 0 && socket.stats().recv_queue == 0
    });
    received
}

fn is_consistent(socket: &impl Socket, report: &CloseReport) {
    let drops = socket.stats().drops;
    assert_eq!(report.dropped as u64, drops.closed + drops.pipe_lost, "{report:?}");
    assert_eq!(report.unreceived as u64, drops.unreceived, "{report:?}");
    assert!(report.orphaned <= report.dropped, "{report:?}");
}

#[over(ALL)]
fn what_a_peer_that_never_reads_did_not_get_is_dropped_at_the_end_of_the_time(site: &Site) {
    for time in [Duration::ZERO, Duration::from_millis(100)] {
        let (push, pull) = stalled(site);
        let queued = push.stats().send_queue;
        let begin = now();
        let report = push.close(time).unwrap();
        assert!(begin.elapsed() >= time, "the peer might have read on");
        is_consistent(&push, &report);
        assert_eq!((report.rerouted, report.orphaned, report.unreceived), (0, 0, 0));
        assert!(report.dropped > 0 && report.written + report.dropped <= queued, "{report:?} of {queued}");
        assert_eq!(drain(&pull, || pull.try_recv()), MANY - report.dropped);
    }
}

#[over(ALL)]
fn what_arrives_while_a_socket_closes_was_received_and_not_taken(site: &Site) {
    let (push, pull) = stalled(site);
    let report = pull.close(SOON).unwrap();
    let stats = pull.stats();
    assert_eq!((stats.received, stats.recv_queue), (report.unreceived as u64, 0));
    assert_eq!(stats.drops.unreceived, stats.received);
    push.close(Duration::ZERO).unwrap();
}

#[over(ALL)]
fn what_a_peer_reads_in_time_is_written(site: &Site) {
    let (push, pull) = stalled(site);
    let queued = push.stats().send_queue;
    let closing = {
        let push = push.clone();
        thread::spawn(move || push.close(SOON).unwrap())
    };
    eventually(|| is_closed(&push));
    assert_eq!(drain(&pull, || pull.recv_timeout(Duration::from_millis(10))), MANY);
    let report = closing.join().unwrap();
    is_consistent(&push, &report);
    assert_eq!((report.rerouted, report.dropped), (0, 0));
    assert!(report.written > 0 && report.written <= queued, "{report:?} of {queued}");
}

#[over(ALL)]
fn what_is_left_of_a_peer_that_goes_during_the_close_has_no_other(site: &Site) {
    let (push, pull) = stalled(site);
    let closing = {
        let push = push.clone();
        thread::spawn(move || push.close(SOON).unwrap())
    };
    eventually(|| is_closed(&push));
    pull.close(Duration::ZERO).unwrap();
    let report = closing.join().unwrap();
    is_consistent(&push, &report);
    assert!(report.dropped > 0 && report.orphaned == report.dropped, "{report:?}");
}

/// One that distributes has a peer that reads nothing and one that does; when the one goes during the close, the other gets
/// what was its.
fn rerouted(site: &Site, leave: impl FnOnce(), push: &Push, reader: &Pull) {
    const MESSAGES: usize = 2 * MANY;
    let reading = {
        let reader = reader.clone();
        thread::spawn(move || drain_when_sent(&reader, MESSAGES))
    };
    for number in 0..MESSAGES {
        push.send(body(number, 100_000)).expect("room");
    }
    eventually(|| push.pipes().iter().any(|pipe| pipe.send_queue == 0));
    let queued = push.stats().send_queue;
    assert!(queued > 0, "{}", site.transport);
    let share = push.pipes().iter().find(|pipe| pipe.send_queue == 0).expect("the reader's").traffic.sent;
    let closing = {
        let push = push.clone();
        thread::spawn(move || push.close(SOON).expect("an end"))
    };
    eventually(|| is_closed(push));
    leave();
    let report = closing.join().expect("no panic");
    is_consistent(push, &report);
    assert!(report.rerouted > 0 && report.rerouted <= queued, "{report:?} of {queued}");
    assert_eq!((report.dropped, report.orphaned), (0, 0));
    let received = reading.join().expect("no panic");
    assert_eq!(received, usize::try_from(share).expect("a few") + report.rerouted);
    assert_eq!(push.stats().sent, (MESSAGES + report.rerouted) as u64);
}

/// Receives until a peer has come and gone.
fn drain_when_sent(reader: &Pull, most: usize) -> usize {
    let first = usize::from(reader.recv_timeout(SOON).is_ok());
    let received = first + drain(reader, || reader.try_recv());
    assert!(received <= most);
    received
}

#[over(ALL)]
fn what_is_left_of_a_peer_that_goes_during_the_close_is_given_to_another(site: &Site) {
    let context = Context::new().unwrap();
    let (push, stalled) = (sender(&context), idler(&context));
    let reader = Pull::builder().context(&context).build().unwrap();
    link(site, &stalled, &push);
    reader.dial(push.listen(site.address()).unwrap().address()).unwrap();
    push.wait_for_peers(2, SOON).unwrap();
    let leaving = stalled.clone();
    rerouted(
        site,
        move || {
            leaving.close(Duration::ZERO).unwrap();
        },
        &push,
        &reader,
    );
}

#[over(WIRES)]
fn what_is_left_of_a_connection_that_breaks_during_the_close_is_given_to_another(site: &Site) {
    let host = Host::new(site);
    let push = sender(&Context::new().unwrap());
    push.dial(host.address()).unwrap();
    let stalled = host.greeted(PULL);
    let reader = Pull::new().unwrap();
    reader.dial(push.listen(site.address()).unwrap().address()).unwrap();
    push.wait_for_peers(2, SOON).unwrap();
    rerouted(site, move || drop(stalled), &push, &reader);
}

/// Of what one sent to another that reads nothing, each message is received in the end or in the report of the close.
fn none_is_forgotten<T>(
    site: &Site,
    sender: &impl Socket,
    receiver: &impl Socket,
    send: impl Fn(Vec<u8>) -> bool,
    receive: impl Fn() -> Result<T, Error>,
) {
    link(site, receiver, sender);
    for number in 0..300 {
        if !send(body(number, 50_000)) {
            break;
        }
    }
    let report = sender.close(Duration::ZERO).expect("an end");
    is_consistent(sender, &report);
    let arrived = drain(receiver, receive);
    let queued = sender.stats().sent;
    assert_eq!(arrived as u64 + report.dropped as u64, queued, "{sender:?} over {}", site.transport);
    assert!(queued > 0);
}

#[over(ALL)]
fn every_pattern_reports_what_its_close_dropped(site: &Site) {
    let (one, other) = (Pub::new().unwrap(), Sub::builder().recv_buffer(1).build().unwrap());
    other.subscribe("").unwrap();
    none_is_forgotten(site, &one, &other, |body| one.send(body).is_ok(), || other.try_recv());

    let (one, other) = (Pair::new().unwrap(), Pair::builder().recv_buffer(1).build().unwrap());
    none_is_forgotten(site, &one, &other, |body| one.try_send(body).is_ok(), || other.try_recv());

    let (one, other) = (Bus::new().unwrap(), Bus::builder().recv_buffer(1).build().unwrap());
    none_is_forgotten(site, &one, &other, |body| one.send(body).is_ok(), || other.try_recv());

    let (one, other) = (Req::new().unwrap(), Rep::builder().recv_buffer(1).build().unwrap());
    let asked = std::cell::RefCell::new(Vec::new());
    let ask = |body| one.try_send(body).map(|pending| asked.borrow_mut().push(pending)).is_ok();
    none_is_forgotten(site, &one, &other, ask, || other.try_recv());

    let (one, other) = (Surveyor::new().unwrap(), Respondent::builder().recv_buffer(1).build().unwrap());
    let asked = std::cell::RefCell::new(Vec::new());
    let ask = |body| one.survey(body, SOON).map(|survey| asked.borrow_mut().push(survey)).is_ok();
    none_is_forgotten(site, &one, &other, ask, || other.try_recv());
}

#[over(ALL)]
fn answers_that_did_not_leave_are_reported(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    let pending: Vec<_> = (0..20).map(|_| req.send("?").unwrap()).collect();
    for request in rep.iter().take(20) {
        request.reply(body(0, 100_000)).unwrap();
    }
    let sent = rep.stats().sent;
    let report = rep.close(Duration::ZERO).unwrap();
    is_consistent(&rep, &report);
    counts(&req, |stats| stats.pipes == 0 && stats.received == sent - report.dropped as u64);
    drop(pending);
}

#[over(ALL)]
fn what_was_not_received_is_reported(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    push.send_many(["unread"; 10]).unwrap();
    counts(&pull, |stats| stats.recv_queue == 10);
    let report = pull.close(SOON).unwrap();
    assert_eq!((report.unreceived, report.written, report.dropped), (10, 0, 0));
}

#[over(ALL)]
fn a_context_reports_the_sum_of_its_sockets(site: &Site) {
    let context = Context::new().unwrap();
    let links = [(); 2].map(|()| (sender(&context), idler(&context)));
    for (push, pull) in &links {
        link(site, pull, push);
        for number in 0..MANY {
            push.send(body(number, 100_000)).unwrap();
        }
        counts(pull, |stats| stats.recv_queue == 1);
    }
    let report = context.close(Duration::ZERO);
    let dropped: u64 = links.iter().map(|(push, _)| push.stats().drops.closed).sum();
    let unreceived: u64 = links.iter().map(|(_, pull)| pull.stats().drops.unreceived).sum();
    assert!(report.dropped > 0);
    assert_eq!((report.dropped as u64, report.unreceived as u64), (dropped, unreceived));
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| close_everything(&Site::new(words[0])));
}

fn close_everything(site: &Site) {
    let links = [(); 2].map(|()| stalled(site));
    let report = hubless::close_all(Duration::ZERO);
    let dropped: u64 = links.iter().map(|(push, _)| push.stats().drops.closed).sum();
    let unreceived: u64 = links.iter().map(|(_, pull)| pull.stats().drops.unreceived).sum();
    assert!(report.dropped > 0);
    assert_eq!((report.dropped as u64, report.unreceived as u64), (dropped, unreceived));
}

#[over(ALL)]
fn a_process_reports_the_sum_of_its_contexts(site: &Site) {
    // In a process of its own, because all its sockets are closed.
    let mut child = Child::start(&[site.transport]);
    assert_eq!(child.hear(), "done");
    assert!(child.wait().success());
}
