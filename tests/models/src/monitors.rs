//! The queue of a monitor: nobody sleeps beside an event, or beyond the end, and what was dropped is told.

use std::sync::Arc as Plain;

use shuttle::sync::Arc;
use shuttle::thread;

use crate::check::{check, join_all, mutants, spawn};
use crate::executor::waker;
use crate::host::Looks;
use crate::wait::deferred_wakeups::Wake;
use crate::wait::event_queue::{EventQueue, EventSlot, Next};
use crate::wait::readiness::{ReadinessObserver, ReadinessSignal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// Who puts something in wakes nobody.
    PutInSecret,
    /// Who ends the queue wakes nobody.
    EndsInSecret,
}

fn wake(wakes: Vec<Wake>, secretly: bool) {
    if !secretly {
        wakes.into_iter().for_each(Wake::wake);
    }
}

/// Takes until the end; how many events there were, lost ones included.
fn take_all(queue: &EventQueue<u64>, deadline: impl Fn() -> Looks) -> u64 {
    let mut events = 0;
    loop {
        match queue.take(&deadline()) {
            Some(Next::Event(_)) => events += 1,
            Some(Next::Lost(count)) => events += count,
            Some(Next::Over) => return events,
            None => {}
        }
    }
}

/// Two put in more than there is room for, two take: one who waits for ever, one who gives up now and then.
fn events_come(fault: Fault) {
    let queue = Arc::new(EventQueue::new(2));
    let takers = [
        spawn(&queue, |queue| take_all(queue, || Looks::FOREVER)),
        spawn(&queue, |queue| take_all(queue, Looks::some)),
    ];
    let putters = [0, 10].map(|first| {
        spawn(&queue, move |queue| {
            for event in first..first + 3 {
                wake(queue.put(event), fault == Fault::PutInSecret);
            }
        })
    });
    join_all(putters);
    wake(queue.end(), fault == Fault::EndsInSecret);
    let taken = takers.map(|taker| taker.join().expect("who takes comes to the end"));
    assert_eq!(taken.iter().sum::<u64>(), 6, "each event is taken once or counted as lost");
}

/// One event, and nothing after it.
fn one_event_comes(fault: Fault) {
    let queue = Arc::new(EventQueue::new(1));
    let taker = spawn(&queue, move |queue| assert_eq!(queue.take(&Looks::FOREVER), Some(Next::Event(7))));
    wake(queue.put(7), fault == Fault::PutInSecret);
    taker.join().expect("it is taken");
}

/// Polls until the end, as one future after another; how many events there were.
fn await_all(queue: &EventQueue<u64>) -> u64 {
    let (waker, mut events) = (waker(), 0);
    let mut slot = EventSlot::default();
    loop {
        match queue.poll_take(&mut slot, &waker) {
            Some(Next::Event(_)) => events += 1,
            Some(Next::Lost(count)) => events += count,
            Some(Next::Over) => return events,
            None => thread::park(),
        }
    }
}

/// A future polls once and is dropped, a second goes on to the end, and a thread takes beside it.
fn futures_wait(fault: Fault) {
    let queue = Arc::new(EventQueue::new(2));
    let gone = spawn(&queue, move |queue| {
        let mut slot = EventSlot::default();
        let taken = queue.poll_take(&mut slot, &waker());
        queue.leave(&mut slot);
        match taken {
            Some(Next::Event(_)) => 1,
            Some(Next::Lost(count)) => count,
            _ => 0,
        }
    });
    let awaits = spawn(&queue, move |queue| await_all(queue));
    let blocks = spawn(&queue, move |queue| take_all(queue, || Looks::FOREVER));
    for event in 0..3 {
        wake(queue.put(event), fault == Fault::PutInSecret);
    }
    wake(queue.end(), fault == Fault::EndsInSecret);
    let taken = [gone, awaits, blocks].map(|taker| taker.join().expect("who takes comes to the end"));
    assert_eq!(taken.iter().sum::<u64>(), 3, "each event is taken once or counted as lost");
}

/// What an event loop sees.
#[derive(Debug)]
struct Sign(Arc<crate::sys::sync::Mutex<bool>>);

impl ReadinessObserver for Sign {
    fn changed(&self, ready: bool) {
        *self.0.lock() = ready;
    }
}

/// Two look until there is nothing while something is put in. The sign shows in the end what there is.
fn observers_look(fault: Fault) {
    let queue = Arc::new(EventQueue::new(4));
    let shown = Arc::new(crate::sys::sync::Mutex::new(false));
    queue.subscribe(Plain::new(ReadinessSignal::new(Box::new(Sign(Arc::clone(&shown))))));
    let lookers = [(); 2].map(|()| spawn(&queue, move |queue| while queue.try_take().is_some() {}));
    wake(queue.put(1), fault == Fault::PutInSecret);
    join_all(lookers);
    let left = queue.is_ready();
    assert_eq!(*shown.lock(), left, "the sign shows something else than there is");
}

#[test]
fn a_future_that_waits_for_an_event_is_woken_though_another_is_dropped() {
    check(|| futures_wait(Fault::None));
}

#[test]
fn the_sign_of_a_monitor_shows_whether_there_is_an_event() {
    check(|| observers_look(Fault::None));
}

#[test]
fn every_event_is_taken_or_counted_and_nobody_sleeps_beside_one() {
    check(|| events_come(Fault::None));
    check(|| one_event_comes(Fault::None));
}

mutants! {
    a_future_that_nobody_wakes_is_found: "deadlock" => futures_wait(Fault::EndsInSecret),
    a_sign_that_nobody_sets_is_found: "the sign shows something else" => observers_look(Fault::PutInSecret),
    an_event_that_wakes_nobody_is_found: "deadlock" => one_event_comes(Fault::PutInSecret),
    an_end_that_wakes_nobody_is_found: "deadlock" => events_come(Fault::EndsInSecret),
}
