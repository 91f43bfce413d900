//! The queue of a monitor: nobody sleeps beside an event, or beyond the end, and what was dropped is told.

use shuttle::sync::Arc;
use shuttle::thread;

use crate::check::check;
use crate::host::Looks;
use crate::sys::sync::Parker;
use crate::wait::event_queue::{EventQueue, Next};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// Who puts something in wakes nobody.
    PutInSecret,
    /// Who ends the queue wakes nobody.
    EndsInSecret,
}

fn wake(parkers: &[Parker], secretly: bool) {
    if !secretly {
        parkers.iter().for_each(Parker::unpark);
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
        thread::spawn({
            let queue = Arc::clone(&queue);
            move || take_all(&queue, || Looks::FOREVER)
        }),
        thread::spawn({
            let queue = Arc::clone(&queue);
            move || take_all(&queue, Looks::some)
        }),
    ];
    let putters = [0, 10].map(|first| {
        let queue = Arc::clone(&queue);
        thread::spawn(move || {
            for event in first..first + 3 {
                wake(&queue.put(event), fault == Fault::PutInSecret);
            }
        })
    });
    for putter in putters {
        putter.join().expect("who puts something in never waits");
    }
    wake(&queue.end(), fault == Fault::EndsInSecret);
    let taken = takers.map(|taker| taker.join().expect("who takes comes to the end"));
    assert_eq!(taken.iter().sum::<u64>(), 6, "each event is taken once or counted as lost");
}

/// One event, and nothing after it.
fn one_event_comes(fault: Fault) {
    let queue = Arc::new(EventQueue::new(1));
    let taker = thread::spawn({
        let queue = Arc::clone(&queue);
        move || assert_eq!(queue.take(&Looks::FOREVER), Some(Next::Event(7)))
    });
    wake(&queue.put(7), fault == Fault::PutInSecret);
    taker.join().expect("it is taken");
}

#[test]
fn every_event_is_taken_or_counted_and_nobody_sleeps_beside_one() {
    check(|| events_come(Fault::None));
    check(|| one_event_comes(Fault::None));
}

#[test]
#[should_panic(expected = "deadlock")]
fn an_event_that_wakes_nobody_is_found() {
    check(|| one_event_comes(Fault::PutInSecret));
}

#[test]
#[should_panic(expected = "deadlock")]
fn an_end_that_wakes_nobody_is_found() {
    check(|| events_come(Fault::EndsInSecret));
}
