//! Sockets that share an allowance of memory: nobody who was refused goes on waiting when there is some.

use loom::sync::Arc;
use loom::thread;

use super::pipe::allowance::Allowance;
use super::sys::sync::Mutex;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Fault {
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
    fn until_granted(&self, fault: Fault, allowance: &Allowance, needs: usize) -> bool {
        let granted = || allowance.free() >= needs;
        loop {
            let before = fault == Fault::LooksBeforeItLocks && {
                allowance.want();
                granted()
            };
            let mut refused = self.refused.lock();
            if before || fault != Fault::LooksBeforeItLocks && granted() {
                return true;
            }
            if fault != Fault::LooksBeforeItLocks {
                allowance.want();
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
pub(in super::super) fn somebody_was_refused(fault: Fault) {
    let (allowance, socket) = (Arc::new(Allowance::new(2)), Arc::new(Socket::default()));
    allowance.take(2);
    let givers = [(); 2].map(|()| {
        let (allowance, socket) = (Arc::clone(&allowance), Arc::clone(&socket));
        thread::spawn(move || {
            if allowance.give_back(1) && fault != Fault::GivenBackInSecret {
                socket.relieve();
            }
        })
    });
    let granted = socket.until_granted(fault, &allowance, 2);
    assert!(granted, "somebody waits for ever");
    for giver in givers {
        giver.join().expect("it ends");
    }
    assert!(allowance.holds(2) && !allowance.holds(3), "all of it is back");
}
