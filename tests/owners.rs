//! A body may have an owner whose `drop` is the user's code: it calls sockets, or panics, and harms nobody.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hubless::{Bytes, Message, Overflow, Pub, Pull, Push, Rep, Req, Sub};
use hubless_kit::{ALL, LIMIT, SOON, Site, eventually, link, linked, over, passes, within};

/// Large enough to be kept as it is, over each transport.
const LARGE: usize = 100_000;

/// How often an owner was dropped.
#[derive(Clone, Default)]
struct Count(Arc<AtomicUsize>);

impl Count {
    fn is(&self, count: usize) -> bool {
        self.0.load(Ordering::Relaxed) == count
    }
}

type Call = Arc<dyn Fn() + Send + Sync>;

/// Calls something when it is dropped.
struct Owner {
    bytes: Vec<u8>,
    count: Count,
    call: Call,
}

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.count.0.fetch_add(1, Ordering::Relaxed);
        (self.call)();
    }
}

/// What owners do when they are dropped: they call a socket that is put in here later, or panic.
#[derive(Clone, Default)]
struct Deed {
    count: Count,
    call: Arc<Mutex<Option<Call>>>,
}

impl Deed {
    fn is(&self, call: impl Fn() + Send + Sync + 'static) {
        *self.call.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(call));
    }

    fn body(&self, size: usize) -> Message {
        let deed = Arc::clone(&self.call);
        let call = move || {
            let call = deed.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(call) = call {
                call();
            }
        };
        let owner = Owner { bytes: vec![7; size], count: self.count.clone(), call: Arc::new(call) };
        Bytes::from_owner(owner).into()
    }
}

fn panics() {
    panic!("an owner panics, as it is to");
}

#[over(ALL)]
fn the_owner_of_a_body_that_was_written_may_call_its_socket(site: &Site) {
    let (pull, push, deed) = (Pull::new().unwrap(), Push::new().unwrap(), Deed::default());
    link(site, &pull, &push);
    let (sender, receiver) = (push.clone(), pull.clone());
    deed.is(move || {
        let _ = (sender.stats(), receiver.stats(), sender.pipes(), receiver.pipes());
        let _ = sender.try_send("from an owner");
    });
    push.send(deed.body(LARGE)).unwrap();
    assert_eq!(pull.recv_timeout(SOON).unwrap().len(), LARGE);
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "from an owner");
    assert!(deed.count.is(1));
    deed.is(|| {});
}

#[over(ALL)]
fn an_owner_that_panics_costs_no_message_and_no_pipe(site: &Site) {
    let (pull, push, deed) = (Pull::new().unwrap(), Push::new().unwrap(), Deed::default());
    link(site, &pull, &push);
    if site.has_wire() {
        deed.is(panics);
    }
    for _ in 0..10 {
        push.send(deed.body(LARGE)).unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap().len(), LARGE);
    }
    eventually(|| deed.count.is(10));
    deed.is(|| {});
    assert_eq!((push.stats().disconnected, push.stats().drops.total()), (0, 0));
}

/// Over inproc the receiver drops what the sender owned.
#[test]
fn the_owner_of_what_nobody_subscribed_to_may_call_both_sockets_or_panic() {
    within(LIMIT, || {
        let site = Site::new("inproc");
        let (publisher, sub, deed) = (Pub::new().unwrap(), Sub::new().unwrap(), Deed::default());
        link(&site, &publisher, &sub);
        sub.subscribe("x").unwrap();
        let (from, to) = (publisher.clone(), sub.clone());
        deed.is(move || {
            let _ = (from.stats(), to.stats(), to.subscribe("y"), from.try_send("x from an owner"));
        });
        publisher.send(deed.body(1000)).unwrap();
        assert_eq!(sub.recv_timeout(SOON).unwrap(), "x from an owner");
        assert!(deed.count.is(1));
        deed.is(panics);
        publisher.send(deed.body(1000)).unwrap();
        passes(&publisher, &sub, "x after a panic");
        eventually(|| deed.count.is(2));
        deed.is(|| {});
        assert_eq!(sub.stats().drops.filtered, 2);
        assert_eq!(sub.stats().disconnected, 0);
    });
}

#[over(ALL)]
fn the_owner_of_a_message_that_is_dropped_for_a_newer_one_may_call_its_socket_or_panic(site: &Site) {
    let publisher = Pub::builder().overflow(Overflow::DropOldest).send_buffer(2).build().unwrap();
    let (sub, deed) = (Sub::builder().recv_buffer(1).build().unwrap(), Deed::default());
    link(site, &publisher, &sub);
    sub.subscribe("").unwrap();
    let from = publisher.clone();
    deed.is(move || drop((from.stats(), from.pipes())));
    while publisher.stats().drops.peer_full < 20 {
        publisher.send(deed.body(LARGE)).unwrap();
    }
    deed.is(panics);
    while publisher.stats().drops.peer_full < 40 {
        // What the caller itself drops last may panic there.
        let _ = catch_unwind(AssertUnwindSafe(|| publisher.send(deed.body(LARGE)).unwrap()));
    }
    deed.is(|| {});
    assert_eq!(publisher.stats().pipes, 1);
    publisher.close(Duration::ZERO).unwrap();
}

#[over(ALL)]
fn the_owners_of_what_a_close_throws_away_may_call_the_socket_or_panic(site: &Site) {
    let (pull, push, deed) = (Pull::new().unwrap(), Push::new().unwrap(), Deed::default());
    link(site, &pull, &push);
    for _ in 0..4 {
        push.send(deed.body(1000)).unwrap();
    }
    eventually(|| pull.stats().recv_queue == 4 || !site.has_wire() && pull.stats().received == 4);
    let socket = pull.clone();
    deed.is(move || {
        let _ = (socket.stats(), socket.try_recv().is_err());
        panics();
    });
    pull.close(SOON).unwrap();
    push.close(SOON).unwrap();
    eventually(|| deed.count.is(4));
    deed.is(|| {});
    // The background thread lives.
    let (pull, push) = linked::<Pull, Push>(site);
    passes(&push, &pull, "well");
}

#[over(ALL)]
fn the_owner_of_a_request_that_is_answered_or_given_up_may_call_its_socket_or_panic(site: &Site) {
    let (rep, req, deed) = (Rep::new().unwrap(), Req::new().unwrap(), Deed::default());
    link(site, &rep, &req);
    let socket = req.clone();
    deed.is(move || {
        let _ = (socket.stats(), socket.pipes());
        panics();
    });
    let pending = req.send(deed.body(LARGE)).unwrap();
    rep.recv_timeout(SOON).unwrap().reply("an answer").unwrap();
    assert_eq!(pending.recv_timeout(SOON).unwrap(), "an answer");
    drop(req.send(deed.body(LARGE)).unwrap());
    eventually(|| deed.count.0.load(Ordering::Relaxed) >= 1);
    let pending = req.send("goes on").unwrap();
    while let Ok(request) = rep.recv_timeout(SOON) {
        let last = *request == *b"goes on";
        // The panic of an owner that this thread drops is its own.
        let _ = catch_unwind(AssertUnwindSafe(|| request.reply("and on")));
        if last {
            break;
        }
    }
    assert_eq!(pending.recv_timeout(SOON).unwrap(), "and on");
    deed.is(|| {});
}

/// It keeps its place for ever: it is woken for a message, and does not come. The message is there for the next that does.
#[over(ALL)]
fn a_future_that_is_forgotten_costs_a_wake_and_no_message(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    let mut forgotten = Box::pin(pull.recv_async());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(forgotten.as_mut().poll(&mut context).is_pending());
    std::mem::forget(forgotten);
    let lonely = Push::new().unwrap();
    let mut sends = Box::pin(lonely.send_async("to nobody"));
    assert!(sends.as_mut().poll(&mut context).is_pending());
    std::mem::forget(sends);
    push.send("first").unwrap();
    push.send("second").unwrap();
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "first");
    assert_eq!(pollster::block_on(pull.recv_async()).unwrap(), "second");
    let (rep, req) = linked::<Rep, Req>(site);
    std::mem::forget(req.send("a question").unwrap());
    rep.recv_timeout(SOON).unwrap().reply("an answer that nobody takes").unwrap();
    let pending = req.send("another").unwrap();
    rep.recv_timeout(SOON).unwrap().reply("its answer").unwrap();
    assert_eq!(pending.recv_timeout(SOON).unwrap(), "its answer");
    req.close(SOON).unwrap();
    pull.close(SOON).unwrap();
    lonely.close(Duration::ZERO).unwrap();
}
