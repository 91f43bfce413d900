//! One thread waits for several sockets at once.

use shuttle::sync::Arc;
use shuttle::thread;

use crate::check::check;
use crate::sys::sync::Mutex;
use crate::wait::lamp::Lamp;
use crate::wait::rota::{Listing, Rota};

/// A socket as far as the poller sees it.
struct Source {
    /// How many messages there are, and whether the lamp is to be lit.
    state: Mutex<(usize, bool)>,
    lamp: Lamp,
}

impl Source {
    fn arrive(&self) {
        let mut state = self.state.lock();
        state.0 += 1;
        let lights = !std::mem::replace(&mut state.1, true);
        self.decide(lights, true);
        drop(state);
        self.lamp.settle();
    }

    /// Whether there is something; if not, the lamp is put out, unless that is forgotten.
    fn look(&self, forgets: bool) -> bool {
        let mut state = self.state.lock();
        let met = state.0 > 0;
        let goes_out = !met && !forgets && std::mem::take(&mut state.1);
        self.decide(goes_out, false);
        drop(state);
        self.lamp.settle();
        met
    }

    fn take(&self) -> bool {
        let mut state = self.state.lock();
        let some = state.0 > 0;
        state.0 -= usize::from(some);
        some
    }

    fn decide(&self, changes: bool, lit: bool) {
        if changes {
            self.lamp.decide(lit);
        }
    }
}

/// Two sockets get two messages each, and somebody else takes one of them, perhaps.
fn one_waits_for_two(forgets: bool) {
    let rota = Arc::new(Rota::default());
    let sources: Vec<_> = (0..2)
        .map(|entry| {
            let lamp = Lamp::new(Box::new(Listing { rota: Arc::clone(&rota), entry }));
            Arc::new(Source { state: Mutex::default(), lamp })
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
        let Some(entry) = rota.take() else {
            Rota::sleep(None);
            continue;
        };
        let source = &sources[usize::try_from(entry).expect("a small number")];
        if source.look(forgets) {
            rota.list(entry);
            got += usize::from(source.take());
        }
    }
    for thread in threads {
        thread.join().expect("it ends");
    }
}

#[test]
fn one_who_waits_for_several_misses_nothing() {
    check(|| one_waits_for_two(false));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_lamp_that_burns_on_after_a_look_in_vain_is_found() {
    check(|| one_waits_for_two(true));
}
