use std::fmt;
use std::panic::resume_unwind;
use std::thread::JoinHandle;

use super::{DeviceReport, Stopper};
use crate::error::Error;

/// A device on a thread of its own; made by [`Device::spawn`](crate::Device::spawn). Dropping it stops the device and does
/// not wait for that.
#[must_use = "dropping it stops the device"]
pub struct RunningDevice {
    stopper: StopsWhenDropped,
    thread: JoinHandle<Result<DeviceReport, Error>>,
}

struct StopsWhenDropped(Stopper);

impl Drop for StopsWhenDropped {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl RunningDevice {
    pub(super) fn new(stopper: Stopper, thread: JoinHandle<Result<DeviceReport, Error>>) -> Self {
        Self { stopper: StopsWhenDropped(stopper), thread }
    }

    /// Something that stops it from any thread.
    pub fn stopper(&self) -> Stopper {
        self.stopper.0.clone()
    }

    /// Stops it, as [`Stopper::stop`] does, and waits until it has.
    ///
    /// # Errors
    /// As [`Device::run`](crate::Device::run).
    pub fn stop(self) -> Result<DeviceReport, Error> {
        self.stopper.0.stop();
        self.join()
    }

    /// Waits until it is stopped or one of its sockets is closed.
    ///
    /// # Errors
    /// As [`Device::run`](crate::Device::run).
    pub fn join(self) -> Result<DeviceReport, Error> {
        self.thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }
}

impl fmt::Debug for RunningDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningDevice").field("finished", &self.is_finished()).finish_non_exhaustive()
    }
}
