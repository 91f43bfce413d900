//! Futures: each is polled by a thread of its own, which is its executor. It polls when it is woken, or gives up.

use std::sync::Arc as Plain;
use std::task::{Wake, Waker};

use shuttle::sync::Arc;
use shuttle::thread::{self, JoinHandle, Thread};

use crate::check::{pause, perhaps, spawn};
use crate::host::{Outcome, Socket};
use crate::wait::poll_wait::WaitSlot;

/// Wakes the thread that polls.
struct Executor(Thread);

impl Wake for Executor {
    fn wake(self: Plain<Self>) {
        self.0.unpark();
    }
}

/// Wakes the thread that calls this.
pub(crate) fn waker() -> Waker {
    Plain::new(Executor(thread::current())).into()
}

/// Polls until it is done.
pub(crate) fn run<T>(mut poll: impl FnMut(&Waker) -> Option<T>) -> T {
    let waker = waker();
    loop {
        if let Some(done) = poll(&waker) {
            return done;
        }
        thread::park();
    }
}

/// Receives a message.
pub(crate) fn receive(socket: &Arc<Socket>) -> JoinHandle<Outcome<u32>> {
    spawn(socket, |socket| {
        let mut slot = WaitSlot::default();
        run(|waker| socket.poll_recv(&mut slot, waker))
    })
}

/// Sends a message.
pub(crate) fn send(socket: &Arc<Socket>, message: u32) -> JoinHandle<Outcome<()>> {
    spawn(socket, move |socket| {
        let mut slot = WaitSlot::default();
        run(|waker| socket.poll_send(&mut slot, waker, message))
    })
}

/// Polls once or twice to receive, and drops the future; what it got it gives back.
pub(crate) fn give_up(socket: &Arc<Socket>) -> JoinHandle<()> {
    spawn(socket, |socket| {
        let mut slot = WaitSlot::default();
        let got = socket.poll_recv(&mut slot, &waker());
        pause();
        let again = got.is_none() && perhaps();
        let got = if again { socket.poll_recv(&mut slot, &waker()) } else { got };
        pause();
        socket.leave(&mut slot);
        if let Some(Outcome::Done(message)) = got {
            socket.peer_sends(message);
        }
    })
}
