/// What a device has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceReport {
    /// Messages passed on from the front to the back; all of them, where a device has one socket.
    pub to_back: u64,
    /// Messages passed on from the back to the front: answers, and what the other side of a pair or a bus says.
    pub to_front: u64,
    /// Messages that went no further: what both sockets dropped while the device ran, which
    /// [`Stats::drops`](crate::Stats::drops) of each tells by reason, once for every peer that missed it; and what the
    /// device had taken when it ended and found no room for.
    pub dropped: u64,
}
