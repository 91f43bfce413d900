//! Sockets that share an allowance of memory: nobody who was refused goes on waiting when there is some.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::allowance::Allowance;
use super::sync::Mutex;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Fault {
    None,
    /// Looks whether there is memory, and marks itself as refused later.
    LooksBeforeItLocks,
    /// Who gives back tells nobody.
    GivenBackInSecret,
}

/// A socket, as far as memory goes.
#[derive(Debug, Default)]
struct Socket {
    refused: Mutex<bool>,
}

impl Socket {
    /// Tries until it is not refused, waiting in between. Whether it ever is granted.
    fn until_granted(&self, fault: Fault, granted: impl Fn() -> bool) -> bool {
        loop {
            let before = fault == Fault::LooksBeforeItLocks && granted();
            let mut refused = self.refused.lock();
            *refused = !(before || fault != Fault::LooksBeforeItLocks && granted());
            if !*refused {
                return true;
            }
            drop(refused);
            if !self.refused.wait_until(|refused| !*refused) {
                return false;
            }
        }
    }

    /// The background thread has come with word of memory.
    fn relieve(&self) {
        *self.refused.lock() = false;
    }
}

/// Two give back what only together is enough.
pub(in super::super) fn somebody_was_refused(fault: Fault) {
    let (allowance, socket) = (Arc::new(Allowance::new(1)), Arc::new(Socket::default()));
    let told = Arc::new(AtomicUsize::new(0));
    allowance.take(3);
    let givers = [(); 2].map(|()| {
        let (allowance, socket, told) = (Arc::clone(&allowance), Arc::clone(&socket), Arc::clone(&told));
        thread::spawn(move || {
            if allowance.give_back(1) && fault != Fault::GivenBackInSecret {
                told.fetch_add(1, Ordering::Relaxed);
                socket.relieve();
            }
        })
    });
    let granted = socket.until_granted(fault, || !allowance.is_exhausted());
    assert!(granted, "somebody waits for ever");
    for giver in givers {
        giver.join().expect("it ends");
    }
    assert_eq!((allowance.taken(), told.load(Ordering::Relaxed)), (1, 1), "it is told once");
}

/// Two pipes of two sockets have a large message half here, and one may finish at a time.
pub(in super::super) fn two_finish(fault: Fault) {
    let allowance = Arc::new(Allowance::new(0));
    let sockets = Arc::new([Socket::default(), Socket::default()]);
    let finishing = Arc::new(AtomicUsize::new(0));
    let finish = move |number: u32, own: usize| {
        let (allowance, sockets, finishing) =
            (Arc::clone(&allowance), Arc::clone(&sockets), Arc::clone(&finishing));
        move || {
            if !sockets[own].until_granted(fault, || allowance.may_finish(number)) {
                return false;
            }
            assert_eq!(finishing.fetch_add(1, Ordering::Relaxed), 0, "two finish at once");
            finishing.fetch_sub(1, Ordering::Relaxed);
            let locked = sockets[own].refused.lock();
            let relieved = allowance.finished(number);
            drop(locked);
            if relieved && fault != Fault::GivenBackInSecret {
                sockets[1 - own].relieve();
            }
            true
        }
    };
    let other = thread::spawn(finish(7, 0));
    let granted = finish(8, 1)();
    let other_granted = other.join().expect("it ends");
    assert!(granted && other_granted, "somebody waits for ever");
}
