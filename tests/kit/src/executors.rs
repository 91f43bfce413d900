//! Executors that the tests of futures run under, and futures that are not polled to their end.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake};

use crate::Site;

/// Runs a test on tokio and on smol.
pub fn on_executors<'a, F: Future<Output = ()> + 'a>(site: &'a Site, test: fn(&'a Site) -> F) {
    runtime().block_on(test(site));
    smol::block_on(test(site));
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime")
}

/// Counts how often a future was woken.
#[derive(Debug, Default)]
pub struct Wakes(AtomicUsize);

impl Wakes {
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Whether it was woken since this was asked last.
    pub fn take(&self) -> bool {
        self.0.swap(0, Ordering::SeqCst) > 0
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Polls a future at most so many times, and drops it.
pub fn poll_times<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let waker = Arc::new(Wakes::default()).into();
    let mut future = pin!(future);
    (0..times).find_map(|_| match future.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}
