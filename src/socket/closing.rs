//! Closing many sockets at once, as a future.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::Duration;

use crate::Context;
use crate::engine::{CloseReport, Completion, begin_close_all};

/// Closes several sockets, and waits for what becomes of their messages: the sum of their reports. Its time begins when it is first
/// polled. Dropped after that, the sockets close all the same, in the same time.
#[must_use = "a future does nothing unless it is polled"]
pub struct CloseSockets {
    /// Without one it closes the sockets of all.
    context: Option<Context>,
    timeout: Duration,
    /// Those that are under way, from the first poll on.
    left: Option<Vec<Arc<Completion<CloseReport>>>>,
    /// Of those that are done.
    report: CloseReport,
}

impl Context {
    /// Closes every socket of this context, as [`close`](Context::close) does, and blocks no thread: a future. Its time begins when it is
    /// first polled.
    pub fn close_async(&self, timeout: Duration) -> CloseSockets {
        CloseSockets::new(Some(self.clone()), timeout)
    }
}

/// Closes every socket of every context of the process, as [`close_all`](crate::close_all) does, and blocks no thread: a future. Its
/// time begins when it is first polled.
///
/// ```
/// # use std::time::Duration;
/// # pollster::block_on(async {
/// let report = hubless::close_all_async(Duration::from_secs(1)).await;
/// assert_eq!(report.dropped, 0);
/// # });
/// ```
pub fn close_all_async(timeout: Duration) -> CloseSockets {
    CloseSockets::new(None, timeout)
}

impl Future for CloseSockets {
    type Output = CloseReport;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<CloseReport> {
        let this = &mut *self;
        let left = this.left.get_or_insert_with(|| match &this.context {
            Some(context) => context.begin_close(this.timeout),
            None => begin_close_all(this.timeout),
        });
        while let Some(done) = left.last() {
            let Some(one) = done.poll(context.waker()) else {
                return Poll::Pending;
            };
            this.report.add(one);
            left.pop();
        }
        Poll::Ready(this.report)
    }
}

impl CloseSockets {
    fn new(context: Option<Context>, timeout: Duration) -> Self {
        Self { context, timeout, left: None, report: CloseReport::default() }
    }
}

impl fmt::Debug for CloseSockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CloseSockets")
    }
}
