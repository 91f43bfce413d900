//! A socket that is closed lets go of what it had: connections and messages, whichever thread was at it meanwhile, and of nothing before its time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::task::{Context as Look, Wake};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use hubless::{Bus, CloseReport, Context, Pair, Pull, Push, Rep, Req};
use hubless_kit::{ALL, SOON, Site, WIRES, body, counts, eventually_sees, link, over, send_until_refused};

/// Counts the messages that somebody still holds.
#[derive(Clone, Default)]
struct Held(Arc<AtomicUsize>);

/// The memory of one message.
struct Owned {
    bytes: [u8; 128],
    held: Held,
}

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.held.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Held {
    fn message(&self) -> Bytes {
        self.0.fetch_add(1, Ordering::Relaxed);
        Bytes::from_owner(Owned { bytes: [7; 128], held: self.clone() })
    }

    #[track_caller]
    fn are_let_go(&self) {
        eventually_sees(|| self.0.load(Ordering::Relaxed), |held| *held == 0);
    }
}

/// Several that send without pause, and one that receives until it is closed under the thread that drives it.
fn closed_under_its_driver(site: &Site, close: impl Fn(&Context, &Pull) -> CloseReport) {
    const PIPES: usize = 8;
    for _ in 0..8 {
        let held = Held::default();
        let context = Context::new().expect("a context");
        let pull = Pull::builder().context(&context).build().expect("a socket");
        let at = pull.listen(site.address()).expect("an address");
        let pushes = [(); PIPES].map(|()| Push::builder().context(&context).build().expect("a socket"));
        for push in &pushes {
            push.dial(at.address()).expect("a dialer");
        }
        pull.wait_for_peers(PIPES, SOON).expect("the peers come");
        let sending = pushes.each_ref().map(|push| {
            let (push, held) = (push.clone(), held.clone());
            thread::spawn(move || while push.send(held.message()).is_ok() {})
        });
        let receiving = {
            let pull = pull.clone();
            thread::spawn(move || pull.iter().count())
        };
        counts(&pull, |stats| stats.received > 200);
        close(&context, &pull);
        receiving.join().expect("the receiver ends");
        context.close(Duration::ZERO);
        for sender in sending {
            sender.join().expect("a sender ends");
        }
        // The handles are still there: it is the close that lets go, and not their end.
        held.are_let_go();
        drop((pull, pushes, at));
    }
}

#[over(ALL)]
fn a_socket_that_is_closed_under_its_driver_keeps_no_message(site: &Site) {
    closed_under_its_driver(site, |_, pull| pull.close(SOON).expect("a report"));
}

#[over(ALL)]
fn neither_does_one_whose_context_is_closed_under_its_driver(site: &Site) {
    closed_under_its_driver(site, |context, _| context.close(Duration::ZERO));
}

#[over(ALL)]
fn sockets_that_are_dropped_with_messages_on_their_way_both_ways_keep_none(site: &Site) {
    let held = Held::default();
    let context = Context::new().expect("a context");
    for _ in 0..10 {
        let bus = || Bus::builder().context(&context).recv_buffer(8).linger(Duration::ZERO).build().unwrap();
        let pair =
            || Pair::builder().context(&context).recv_buffer(8).linger(Duration::ZERO).build().unwrap();
        let (buses, pairs) = ([bus(), bus()], [pair(), pair()]);
        link(site, &buses[0], &buses[1]);
        link(site, &pairs[0], &pairs[1]);
        for _ in 0..300 {
            for bus in &buses {
                bus.send(held.message()).expect("a bus never waits");
            }
            for pair in &pairs {
                let _ = pair.try_send(held.message());
            }
        }
        let driving = buses.each_ref().map(|bus| {
            let bus = bus.clone();
            thread::spawn(move || bus.recv_timeout(SOON).is_ok())
        });
        for driver in driving {
            assert!(driver.join().expect("it ends"), "nothing came");
        }
    }
    held.are_let_go();
}

#[over(ALL)]
fn questions_and_answers_that_nobody_waits_for_any_more_are_let_go(site: &Site) {
    let held = Held::default();
    let context = Context::new().expect("a context");
    for _ in 0..10 {
        let rep = Rep::builder().context(&context).linger(Duration::ZERO).build().unwrap();
        let req = Req::builder().context(&context).linger(Duration::ZERO).build().unwrap();
        link(site, &rep, &req);
        let answering = {
            let (rep, held) = (rep.clone(), held.clone());
            thread::spawn(move || {
                while let Ok(request) = rep.recv() {
                    let _ = request.reply(held.message());
                }
            })
        };
        let pending: Vec<_> = (0..50).map(|_| req.send(held.message()).expect("room")).collect();
        counts(&rep, |stats| stats.received > 10);
        rep.close(Duration::ZERO).expect("a report");
        answering.join().expect("it ends");
        req.close(Duration::ZERO).expect("a report");
        drop((pending, req));
    }
    held.are_let_go();
}

/// Says that it is woken, and comes back when the handle is dropped.
struct UntilDropped(SyncSender<()>, Mutex<Receiver<()>>);

impl Wake for UntilDropped {
    fn wake(self: Arc<Self>) {
        let _ = self.0.try_send(());
        let _ = self.1.lock().map(|dropped| dropped.recv_timeout(SOON));
    }
}

#[over(WIRES)]
fn a_handle_that_is_dropped_while_a_close_begins_does_not_shorten_it(site: &Site) {
    let context = Context::new().unwrap();
    let push = Push::builder().context(&context).linger(Duration::ZERO).build().unwrap();
    let pull = Pull::builder().recv_buffer(1).build().unwrap();
    link(site, &pull, &push);
    let sent = send_until_refused(&push, 200_000);
    // A future that is forgotten is woken as the close begins, before the background thread is told of it.
    let ((begins, begun), (drops, dropped)) = (sync_channel(1), sync_channel(1));
    let waker = Arc::new(UntilDropped(begins, Mutex::new(dropped))).into();
    let mut waiting = Box::pin(push.wait_for_peers_async(9));
    assert!(waiting.as_mut().poll(&mut Look::from_waker(&waker)).is_pending());
    std::mem::forget(waiting);
    let closing = thread::spawn(move || context.close(SOON));
    begun.recv_timeout(SOON).unwrap();
    drop(push);
    drops.send(()).unwrap();
    for number in 0..sent {
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, 200_000), "message {number} of {sent}");
    }
    assert_eq!(closing.join().unwrap().dropped, 0);
}
