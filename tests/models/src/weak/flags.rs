//! A flag tells of what was done before it was raised.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;

use super::sys::flag::Flag;
use super::sys::sync::Raise;

impl Raise for Flag {
    fn raise(&self) {
        Self::raise(self);
    }
}

pub(crate) fn what_was_done_is_seen() {
    let (flag, done) = (Flag::default(), Arc::new(AtomicU32::new(0)));
    let (raised, doing) = (flag.clone(), Arc::clone(&done));
    let worker = thread::spawn(move || {
        doing.store(1, Ordering::Relaxed);
        raised.raise();
    });
    if flag.is_raised() {
        assert_eq!(done.load(Ordering::Relaxed), 1, "what was done is unseen");
    }
    worker.join().expect("it ends");
}
