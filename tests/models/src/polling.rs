//! One thread waits for several sockets at once.

use shuttle::sync::Arc;
use shuttle::thread;

use crate::check::{check, join_all, mutants};
use crate::sys::sync::Mutex;
use crate::wait::readiness::ReadinessSignal;
use crate::wait::ready_queue::{ReadyEntry, ReadyQueue};

/// A socket as far as the poller sees it.
struct Source {
    /// How many messages there are, and whether the signal is set.
    state: Mutex<(usize, bool)>,
    signal: ReadinessSignal,
}

impl Source {
    fn arrive(&self) {
        let mut state = self.state.lock();
        state.0 += 1;
        let sets = !std::mem::replace(&mut state.1, true);
        self.change(sets, true);
        drop(state);
        self.signal.report();
    }

    /// Whether there is something; if not, the signal is cleared, unless that is forgotten.
    fn look(&self, forgets: bool) -> bool {
        let mut state = self.state.lock();
        let met = state.0 > 0;
        let clears = !met && !forgets && std::mem::take(&mut state.1);
        self.change(clears, false);
        drop(state);
        self.signal.report();
        met
    }

    fn take(&self) -> bool {
        let mut state = self.state.lock();
        let some = state.0 > 0;
        state.0 -= usize::from(some);
        some
    }

    fn change(&self, changes: bool, ready: bool) {
        if changes {
            self.signal.change(ready);
        }
    }
}

/// Two sockets get two messages each, and somebody else takes one of them, perhaps.
fn one_waits_for_two(forgets: bool) {
    let ready = Arc::new(ReadyQueue::default());
    let sources: Vec<_> = (0..2)
        .map(|entry| {
            let signal = ReadinessSignal::new(Box::new(ReadyEntry { queue: Arc::clone(&ready), entry }));
            Arc::new(Source { state: Mutex::default(), signal })
        })
        .collect();
    let mut threads = Vec::new();
    for source in &sources {
        let source = Arc::clone(source);
        threads.push(thread::spawn(move || (0..2).for_each(|_| source.arrive())));
    }
    let visited = Arc::clone(&sources[0]);
    let visitor = thread::spawn(move || {
        if visited.take() {
            visited.arrive();
        }
    });
    threads.push(visitor);
    let mut got = 0;
    while got < 4 {
        let Some(entry) = ready.pop() else {
            ReadyQueue::sleep(None);
            continue;
        };
        let source = &sources[usize::try_from(entry).expect("a small number")];
        if source.look(forgets) {
            ready.push(entry);
            got += usize::from(source.take());
        }
    }
    join_all(threads);
}

#[test]
fn one_who_waits_for_several_misses_nothing() {
    check(|| one_waits_for_two(false));
}

mutants! {
    a_signal_that_stays_set_after_nothing_was_found_is_found: "deadlock" => one_waits_for_two(true),
}
