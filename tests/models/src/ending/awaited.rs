//! A future waits for a close: the background thread ends that, unless it is held up, and so does the thread that keeps its time,
//! whichever comes first. It follows `closer`, `close_timer` and `completion` of the engine, of which the last is compiled in.

use std::task::Waker;

use shuttle::sync::Arc;
use shuttle::thread;

use super::completion::Completion;
use crate::check::{check, join_all, mutants, perhaps, spawn};
use crate::executor::waker;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The time is the background thread's alone.
    NobodyKeepsTheTime,
    /// The future looks, and leaves its waker later.
    LooksAndThenLeavesItsWaker,
}

/// Who ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Background,
    Timer,
}

fn a_close_is_awaited(fault: Fault) {
    let done = Arc::new(Completion::<By>::default());
    let ends = |by: By, does: bool| {
        spawn(&done, move |done| {
            if does && !done.is_finished() {
                done.finish(by);
            }
        })
    };
    // It is held up in some runs.
    let background = ends(By::Background, perhaps());
    let timer = ends(By::Timer, fault != Fault::NobodyKeepsTheTime);
    let awaits = spawn(&done, move |done| {
        let waker = waker();
        let mut polled =
            done.poll(if fault == Fault::LooksAndThenLeavesItsWaker { Waker::noop() } else { &waker });
        while polled.is_none() {
            thread::park();
            polled = done.poll(&waker);
        }
        assert_eq!(done.poll(&waker), None, "there is one report");
    });
    join_all([background, timer, awaits]);
}

#[test]
fn a_close_that_a_future_waits_for_ends_in_its_time_once() {
    check(|| a_close_is_awaited(Fault::None));
}

mutants! {
    a_close_whose_time_nobody_keeps_is_found: "deadlock" => a_close_is_awaited(Fault::NobodyKeepsTheTime),
    a_future_that_leaves_its_waker_too_late_is_found:
        "deadlock" => a_close_is_awaited(Fault::LooksAndThenLeavesItsWaker),
}
