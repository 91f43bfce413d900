use std::fmt;

use crate::human::{count, counted};

/// What a device has done. Printed: `1,200 messages to the back, 340 to the front, 2 dropped`.
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

impl fmt::Display for DeviceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { to_back, to_front, dropped } = *self;
        write!(f, "{} to the back", counted(to_back, "message"))?;
        if to_front > 0 {
            write!(f, ", {} to the front", count(to_front))?;
        }
        if dropped > 0 { write!(f, ", {} dropped", count(dropped)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_which_way_messages_went_and_what_was_dropped() {
        assert_eq!(DeviceReport::default().to_string(), "0 messages to the back");
        let report = DeviceReport { to_back: 1200, to_front: 340, dropped: 2 };
        assert_eq!(report.to_string(), "1,200 messages to the back, 340 to the front, 2 dropped");
        let report = DeviceReport { to_back: 1, ..DeviceReport::default() };
        assert_eq!(report.to_string(), "1 message to the back");
    }
}
