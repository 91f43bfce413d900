//! The time of a close is the caller's: it returns, and says what became of everything, whatever holds up the background
//! thread.
//!
//! Over inproc, which joins sockets of one context, there is nobody at the other end while its background thread is held up.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

use bytes::Bytes;
use hubless::{CloseReport, Context, Endpoint, Error, Pull, Push};
use hubless_kit::child::{Child, perform};
use hubless_kit::executors::poll_times;
use hubless_kit::{SOON, Site, WIRES, body, counts, eventually, link, over};

/// Little time, and enough for nothing that is held up.
const SHORT: Duration = Duration::from_millis(50);

/// The background thread of a context, held up until this is dropped.
struct HeldUp {
    _release: SyncSender<()>,
    _sockets: (Pull, Push),
}

impl HeldUp {
    /// By a judge of a socket that nobody else uses.
    fn by_a_judge(site: &Site, context: &Context) -> Self {
        let (release, wait) = sync_channel::<()>(1);
        let (entered, enters) = sync_channel(1);
        let wait = Mutex::new(wait);
        let pull = Pull::builder().context(context).build().expect("a socket");
        let judged = Endpoint::new(site.address()).admit(move |applicant: hubless::admission::Applicant| {
            let _ = entered.send(());
            let _ = wait.lock().expect("one at a time").recv();
            applicant.accept()
        });
        let at = pull.listen(judged).expect("an address");
        let push = Push::builder().context(&Context::new().expect("a context")).build().expect("a socket");
        push.dial(at.address()).expect("a dialer");
        enters.recv_timeout(SOON).expect("somebody is judged");
        Self { _release: release, _sockets: (pull, push) }
    }

    /// By the waker of a future.
    fn by_a_waker(site: &Site, context: &Context) -> Self {
        struct Slow(SyncSender<()>, Mutex<Receiver<()>>);
        impl Wake for Slow {
            fn wake(self: Arc<Self>) {
                let _ = self.0.send(());
                let _ = self.1.lock().expect("one at a time").recv();
            }
        }
        let (release, wait) = sync_channel::<()>(1);
        let (entered, enters) = sync_channel(1);
        let pull = Pull::builder().context(context).build().expect("a socket");
        let push = Push::builder().context(&Context::new().expect("a context")).build().expect("a socket");
        link(site, &pull, &push);
        let waker: Waker = Arc::new(Slow(entered, Mutex::new(wait))).into();
        let sender = push.clone();
        let mut receiving = Box::pin(pull.recv_async());
        assert!(pin!(&mut receiving).poll(&mut std::task::Context::from_waker(&waker)).is_pending());
        let sending = thread::spawn(move || sender.send("wakes somebody"));
        enters.recv_timeout(SOON).expect("the future is woken");
        drop(receiving);
        drop(sending);
        Self { _release: release, _sockets: (pull, push) }
    }
}

/// One that has much queued for one who reads hardly anything, of which the second is not held up.
fn stalled(site: &Site, context: &Context) -> (Push, Pull) {
    let elsewhere = Context::new().expect("a context");
    let push = Push::builder().context(context).send_buffer_bytes(64 << 20).build().expect("a socket");
    let pull = Pull::builder().context(&elsewhere).recv_buffer(1).build().expect("a socket");
    link(site, &pull, &push);
    for number in 0..150 {
        push.send(body(number, 100_000)).expect("room");
    }
    counts(&pull, |stats| stats.recv_queue == 1);
    (push, pull)
}

/// It is over, and the report says what the counters say.
fn is_over(push: &Push, report: CloseReport) {
    let stats = push.stats();
    assert!(report.dropped > 0, "{report:?}");
    assert_eq!((stats.drops.closed, stats.pipes, stats.send_queue), (report.dropped as u64, 0, 0));
    assert!(matches!(push.send("more"), Err(refused) if matches!(refused.error, Error::Closed)));
}

#[over(WIRES)]
fn a_close_returns_by_its_time_though_a_judge_holds_up_the_background_thread(site: &Site) {
    for time in [Duration::ZERO, SHORT] {
        let context = Context::new().unwrap();
        let (push, _pull) = stalled(site, &context);
        let idle = Pull::builder().context(&context).build().unwrap();
        let waiting = idle.clone();
        let waiting = thread::spawn(move || waiting.recv());
        let held_up = HeldUp::by_a_judge(site, &context);
        is_over(&push, push.close(time).unwrap());
        assert_eq!(idle.close(time).unwrap(), CloseReport::default());
        assert!(matches!(waiting.join().unwrap(), Err(Error::Closed)));
        drop(held_up);
    }
}

#[over(WIRES)]
fn a_close_returns_by_its_time_though_a_waker_holds_up_the_background_thread(site: &Site) {
    let context = Context::new().unwrap();
    let (push, _pull) = stalled(site, &context);
    let held_up = HeldUp::by_a_waker(site, &context);
    is_over(&push, push.close(SHORT).unwrap());
    drop(held_up);
}

#[over(WIRES)]
fn so_does_that_of_a_context(site: &Site) {
    let context = Context::builder().threads(2).build().unwrap();
    let links = [(); 3].map(|()| stalled(site, &context));
    let held_up = HeldUp::by_a_judge(site, &context);
    let report = context.close(SHORT);
    let dropped: u64 = links.iter().map(|(push, _)| push.stats().drops.closed).sum();
    assert_eq!((report.dropped > 0, report.dropped as u64), (true, dropped));
    drop(held_up);
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| close_everything(&Site::new(words[0])));
}

fn close_everything(site: &Site) {
    let contexts = [(); 3].map(|()| Context::new().expect("a context"));
    let links = contexts.each_ref().map(|context| stalled(site, context));
    let held_up = contexts.each_ref().map(|context| HeldUp::by_a_judge(site, context));
    let report = hubless::close_all(SHORT);
    let dropped: u64 = links.iter().map(|(push, _)| push.stats().drops.closed).sum();
    assert_eq!((report.dropped > 0, report.dropped as u64), (true, dropped));
    drop(held_up);
}

#[over(WIRES)]
fn so_does_that_of_a_process(site: &Site) {
    // In a process of its own, because all its sockets are closed.
    let mut child = Child::start(&[site.transport]);
    assert_eq!(child.hear(), "done");
    assert!(child.wait().success());
}

#[over(WIRES)]
fn what_was_closed_meanwhile_is_let_go_of_when_the_background_thread_goes_on(site: &Site) {
    let context = Context::new().unwrap();
    let (push, pull) = stalled(site, &context);
    let held_up = HeldUp::by_a_judge(site, &context);
    let taken = Pull::builder().context(&context).build().unwrap();
    let at = taken.listen(site.address()).unwrap();
    taken.close(Duration::ZERO).unwrap();
    let report = push.close(Duration::ZERO).unwrap();
    drop(held_up);
    eventually(|| at.status().closed);
    counts(&pull, |stats| stats.pipes == 0 || stats.recv_queue == 1);
    while pull.recv_timeout(SHORT).is_ok() {}
    let stats = counts(&pull, |stats| stats.pipes == 0);
    assert_eq!(stats.received + report.dropped as u64, 150);
}

#[over(WIRES)]
fn judges_that_close_each_others_sockets_come_to_an_end(site: &Site) {
    let contexts = [(); 2].map(|()| Context::new().unwrap());
    let pulls = [0, 1].map(|n| Pull::builder().context(&contexts[n]).build().unwrap());
    let both = Arc::new(std::sync::Barrier::new(2));
    let (told, tells) = sync_channel(1);
    let push = Push::new().unwrap();
    for n in 0..2 {
        let (other, both, told) = (pulls[1 - n].clone(), Arc::clone(&both), told.clone());
        let judged = Endpoint::new(site.address()).admit(move |applicant: hubless::admission::Applicant| {
            both.wait();
            let _ = told.send(other.close(Duration::MAX).unwrap());
            applicant.accept()
        });
        let at = pulls[n].listen(judged).unwrap();
        push.dial(at.address()).unwrap();
    }
    for _ in 0..2 {
        assert_eq!(tells.recv_timeout(SOON).expect("both judge"), CloseReport::default());
    }
    for context in &contexts {
        context.close(SOON);
    }
}

#[over(WIRES)]
fn a_judge_that_closes_a_socket_of_its_own_thread_sends_what_is_queued_and_says_so(site: &Site) {
    let context = Context::new().unwrap();
    let (push, pull) = stalled(site, &context);
    let (told, tells) = sync_channel(1);
    let (closing, queued) = (push.clone(), push.stats().send_queue);
    let judging = Pull::builder().context(&context).build().unwrap();
    let judged = Endpoint::new(site.address()).admit(move |applicant: hubless::admission::Applicant| {
        let _ = told.send(closing.close(SOON).unwrap());
        applicant.accept()
    });
    let at = judging.listen(judged).unwrap();
    let other = Push::builder().context(&Context::new().unwrap()).build().unwrap();
    other.dial(at.address()).unwrap();
    eventually(|| matches!(push.wait_for_peers(0, Duration::ZERO), Err(Error::Closed)));
    for number in 0..150 {
        assert!(pull.recv_timeout(SOON).unwrap() == body(number, 100_000), "message {number}");
    }
    let report = tells.recv_timeout(SOON).unwrap();
    assert_eq!(report.dropped, 0);
    assert!(report.written > 0 && report.written <= queued, "{report:?} of {queued}");
}

#[over(WIRES)]
fn listeners_and_dialers_are_closed_in_a_while_though_the_background_thread_is_held_up(site: &Site) {
    let context = Context::new().unwrap();
    let (pull, push) = (
        Pull::builder().context(&context).build().unwrap(),
        Push::builder().context(&context).build().unwrap(),
    );
    let (listener, dialer) = link(site, &pull, &push);
    let held_up = HeldUp::by_a_judge(site, &context);
    listener.close();
    dialer.close();
    assert!(!listener.status().closed, "nobody was there to close it");
    drop(held_up);
    eventually(|| listener.status().closed && push.stats().pipes == 0);
}

/// The memory of a message, which tells who drops it.
struct Owned {
    bytes: [u8; 128],
    by: Arc<(ThreadId, AtomicUsize, AtomicUsize)>,
}

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let (closer, here, elsewhere) = &*self.by;
        let count = if thread::current().id() == *closer { here } else { elsewhere };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

#[over(["inproc"])]
fn whoever_closes_does_not_drop_the_messages_of_a_deep_queue(site: &Site) {
    const DEEP: usize = 20_000;
    let context = Context::new().unwrap();
    let by = Arc::new((thread::current().id(), AtomicUsize::new(0), AtomicUsize::new(0)));
    let message = || Bytes::from_owner(Owned { bytes: [7; 128], by: Arc::clone(&by) });
    let deep = || Push::builder().context(&context).send_buffer(DEEP).build().unwrap();
    let pull = |depth| Pull::builder().context(&context).recv_buffer(depth).build().unwrap();
    let (unsent, narrow, sent, wide) = (deep(), pull(1), deep(), pull(DEEP));
    link(site, &narrow, &unsent);
    link(site, &wide, &sent);
    for _ in 0..DEEP {
        sent.send(message()).unwrap();
        unsent.send(message()).unwrap();
    }
    counts(&wide, |stats| stats.recv_queue == DEEP);
    unsent.close(Duration::ZERO).unwrap();
    wide.close(Duration::ZERO).unwrap();
    narrow.close(Duration::ZERO).unwrap();
    let (_, here, elsewhere) = &*by;
    eventually(|| here.load(Ordering::Relaxed) + elsewhere.load(Ordering::Relaxed) == 2 * DEEP);
    let here = here.load(Ordering::Relaxed);
    assert!(here <= 2048, "{here} of {} were dropped by the one who closed", 2 * DEEP);
}

#[over(WIRES)]
fn a_close_that_is_awaited_keeps_its_time_though_the_background_thread_is_held_up(site: &Site) {
    for time in [Duration::ZERO, SHORT] {
        let context = Context::new().unwrap();
        let (push, _pull) = stalled(site, &context);
        let held_up = HeldUp::by_a_judge(site, &context);
        is_over(&push, pollster::block_on(push.close_async(time)).unwrap());
        drop(held_up);
    }
}

#[over(WIRES)]
fn so_does_one_that_is_awaited_by_what_holds_it_up(site: &Site) {
    let context = Context::new().unwrap();
    let (push, _pull) = stalled(site, &context);
    let (tell, told) = sync_channel(1);
    let closing = push.clone();
    let judged = Pull::builder().context(&context).build().unwrap();
    let at = judged.listen(Endpoint::new(site.address()).admit(
        move |applicant: hubless::admission::Applicant| {
            let _ = tell.try_send(pollster::block_on(closing.close_async(SHORT)));
            applicant.accept()
        },
    ));
    let comes = Push::builder().context(&Context::new().unwrap()).build().unwrap();
    comes.dial(at.unwrap().address()).unwrap();
    is_over(&push, told.recv_timeout(SOON).unwrap().unwrap());
}

#[over(WIRES)]
fn an_awaited_close_that_is_dropped_ends_in_its_time_all_the_same(site: &Site) {
    let context = Context::new().unwrap();
    let (push, _pull) = stalled(site, &context);
    let held_up = HeldUp::by_a_judge(site, &context);
    drop(push.close_async(SHORT));
    push.try_send("open, for nobody has polled it").unwrap();
    assert!(poll_times(1, push.close_async(SHORT)).is_none());
    assert!(matches!(push.try_send("x"), Err(refused) if matches!(refused.error, Error::Closed)));
    eventually(|| push.stats().drops.closed > 0);
    drop(held_up);
}
