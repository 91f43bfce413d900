//! Sockets that share an counter of memory: nobody who was refused goes on waiting when there is some.

use loom::sync::Arc;
use loom::thread;

use super::memory_room::counter::MemoryCounter;
use super::sys::sync::Mutex;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Says that it wants memory and looks whether there is some, and marks itself as refused later.
    LooksBeforeItLocks,
    /// Says that it wants memory, and does not look once more.
    LooksOnce,
    /// Who gives back tells nobody.
    GivenBackInSecret,
}

/// A socket, as far as memory goes.
#[derive(Debug, Default)]
struct Socket {
    refused: Mutex<bool>,
}

impl Socket {
    /// Tries until there is as much memory as it needs, waiting in between. Whether there ever is.
    fn until_granted(&self, fault: Fault, counter: &MemoryCounter, needs: usize) -> bool {
        let granted = || counter.free_with(0) >= needs;
        loop {
            let before = fault == Fault::LooksBeforeItLocks && {
                counter.want();
                granted()
            };
            let mut refused = self.refused.lock();
            if before || fault != Fault::LooksBeforeItLocks && granted() {
                return true;
            }
            if fault != Fault::LooksBeforeItLocks {
                counter.want();
                if fault != Fault::LooksOnce && granted() {
                    return true;
                }
            }
            *refused = true;
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

/// Two give back what only together is enough for a third.
pub(crate) fn somebody_was_refused(fault: Fault) {
    let (counter, socket) = (Arc::new(MemoryCounter::new(2)), Arc::new(Socket::default()));
    counter.take(2);
    let givers = [(); 2].map(|()| {
        let (counter, socket) = (Arc::clone(&counter), Arc::clone(&socket));
        thread::spawn(move || {
            if counter.give_back(1) && fault != Fault::GivenBackInSecret {
                socket.relieve();
            }
        })
    });
    let granted = socket.until_granted(fault, &counter, 2);
    assert!(granted, "somebody waits for ever");
    for giver in givers {
        giver.join().expect("it ends");
    }
    assert!(counter.holds(2) && !counter.holds(3), "all of it is back");
}
