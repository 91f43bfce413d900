use std::time::Duration;

use hubless_transport::SettingError;
use socket2::TcpKeepalive;

/// What the system takes for a time, in seconds, and for a number of probes.
const SECONDS: std::ops::RangeInclusive<u64> = 1..=32_767;
const PROBES: std::ops::RangeInclusive<u32> = 1..=127;

/// How it is found out that a silent peer is gone: after so much silence the system probes it, so often, and gives the
/// connection up when nothing comes back. Where something that was sent waits to be confirmed, the system does not probe but
/// repeats it; on Linux such a peer is given up after as much silence, and 5 s more at most. Times are in whole seconds.
///
/// ```
/// use std::time::Duration;
/// use hubless::{Keepalive, Tcp};
///
/// let patient = Keepalive::new().idle(Duration::from_secs(60)).probes(5);
/// let at = Tcp::new("localhost", 5555).keepalive(patient);
/// let never = Tcp::new("localhost", 5555).keepalive(None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keepalive {
    idle: Duration,
    interval: Duration,
    probes: u32,
}

impl Default for Keepalive {
    fn default() -> Self {
        Self::new()
    }
}

impl Keepalive {
    /// After 15 s, every 5 s, three times: a peer is found to be gone within 30 s.
    pub const fn new() -> Self {
        Self { idle: Duration::from_secs(15), interval: Duration::from_secs(5), probes: 3 }
    }

    /// The silence before the first probe; default 15 s.
    #[must_use]
    pub const fn idle(self, idle: Duration) -> Self {
        Self { idle, ..self }
    }

    /// The time between two probes; default 5 s.
    #[must_use]
    pub const fn interval(self, interval: Duration) -> Self {
        Self { interval, ..self }
    }

    /// Probes without an answer after which the peer is gone; default 3.
    #[must_use]
    pub const fn probes(self, probes: u32) -> Self {
        Self { probes, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), SettingError> {
        let times = [self.idle, self.interval];
        if let Some(time) = times.iter().find(|time| !SECONDS.contains(&time.as_secs())) {
            let reason = "the system takes times from 1 to 32767 s";
            return Err(SettingError::new("keepalive", format!("{time:?}"), reason));
        }
        if !PROBES.contains(&self.probes) {
            let shown = format!("{} probes", self.probes);
            return Err(SettingError::new("keepalive", shown, "the system makes 1 to 127 probes"));
        }
        Ok(())
    }

    /// The silence after which the last probe leaves.
    pub(crate) fn last_probe(&self) -> Duration {
        self.idle.saturating_add(self.interval.saturating_mul(self.probes.saturating_sub(1)))
    }

    pub(crate) fn to_system(self) -> TcpKeepalive {
        TcpKeepalive::new().with_time(self.idle).with_interval(self.interval).with_retries(self.probes)
    }
}
