//! A thread that reads commands dies. A caller that waits at a socket named in a command is told, or does not begin to wait.

use loom::sync::Arc;
use loom::thread;

use super::sys::sync::Mutex;
use super::wait::command_queue::CommandQueue;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// One that cannot wake the thread tells nobody.
    FailsInSecret,
    /// What was not read is forgotten.
    LeftUnread,
    /// Asks whether the thread lives, and writes to it later.
    AsksBeforeItWrites,
}

/// A socket, as far as its end goes.
#[derive(Debug, Default)]
struct Socket {
    over: Mutex<bool>,
}

impl Socket {
    fn give_up(&self) {
        *self.over.lock() = true;
    }
}

pub(crate) fn a_reader_dies(fault: Fault) {
    let commands = Arc::new(CommandQueue::default());
    let reading = Arc::clone(&commands);
    let reader = thread::spawn(move || {
        let mut read = Vec::new();
        reading.take(&mut read, None);
        close(&reading, read, fault);
    });
    let told = is_told(&commands, fault);
    reader.join().expect("it ends");
    assert!(told, "somebody waits for ever");
}

/// A thread that cannot be woken is taken for dead by one that has failed to wake it, while another writes to it. Its sleep has a
/// limit, which is over when the first has told, or not.
pub(crate) fn a_reader_cannot_be_woken(fault: Fault) {
    let commands = Arc::new(CommandQueue::default());
    let failing = Arc::clone(&commands);
    let waker = thread::spawn(move || {
        let _ = failing.push(Arc::default());
        if fault != Fault::FailsInSecret {
            failing.mark_dead();
        }
    });
    let reading = Arc::clone(&commands);
    let reader = thread::spawn(move || {
        let mut read = Vec::new();
        reading.take(&mut read, None);
        waker.join().expect("it ends");
        if reading.is_dead() {
            close(&reading, read, fault);
        }
    });
    let told = is_told(&commands, fault);
    reader.join().expect("it ends");
    assert!(told, "somebody waits for ever");
}

/// The thread is over. All sockets of which it has read or was told are given up.
fn close(commands: &CommandQueue<Arc<Socket>>, mut read: Vec<Arc<Socket>>, fault: Fault) {
    let unread = commands.close();
    if fault != Fault::LeftUnread {
        read.extend(unread);
    }
    for socket in read {
        socket.give_up();
    }
}

/// Tells the thread of a socket, and waits at that. Whether that ends.
fn is_told(commands: &CommandQueue<Arc<Socket>>, fault: Fault) -> bool {
    let socket = Arc::new(Socket::default());
    let asked = commands.is_dead();
    let _ = commands.push(Arc::clone(&socket));
    let dead = if fault == Fault::AsksBeforeItWrites { asked } else { commands.is_dead() };
    dead || socket.over.wait_until(|over| *over)
}
