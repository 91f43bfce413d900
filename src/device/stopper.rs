use std::fmt;
use std::sync::Weak;

use super::sides::Sides;
use crate::engine::Flag;
use crate::socket::End;

/// Stops a device, from any thread; made by [`Device::stopper`](crate::Device::stopper).
///
/// ```
/// use hubless::{Device, raw};
///
/// let device = Device::streamer(raw::Pull::new()?, raw::Push::new()?);
/// let stopper = device.stopper();
/// std::thread::spawn(move || stopper.stop());
/// assert_eq!(device.run()?.to_back, 0); // returns when it is stopped
/// # Ok::<(), hubless::Error>(())
/// ```
#[derive(Clone)]
pub struct Stopper {
    off: Flag,
    sides: [Weak<dyn End>; 2],
}

impl Stopper {
    pub(super) fn new(sides: &Sides, off: &Flag) -> Self {
        Self { off: off.clone(), sides: sides.downgrade() }
    }

    /// Has the device take no further message. What it has taken is passed on as far as there is room; the rest is
    /// counted in [`DeviceReport::dropped`](crate::DeviceReport::dropped). Returns at once; the device's own end tells
    /// that it has stopped. A device that was stopped before it runs ends at once. Stopping again does nothing.
    pub fn stop(&self) {
        for side in self.sides.iter().filter_map(Weak::upgrade) {
            side.cancel_waits(&self.off);
        }
    }
}

impl fmt::Debug for Stopper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopper").field("stopped", &self.off.is_raised()).finish_non_exhaustive()
    }
}
