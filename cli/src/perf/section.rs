//! The part of a run that is measured: time and processor time.

use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use crate::clock::now;

/// What had been used when it began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section {
    begun: Instant,
    cpu: Option<Cpu>,
}

/// Processor time of all threads of the process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cpu {
    pub(super) user: Duration,
    pub(super) system: Duration,
}

impl Section {
    pub(super) fn begin() -> Self {
        let cpu = cpu();
        Self { begun: now(), cpu }
    }

    /// The time since the beginning.
    pub(super) fn time(&self) -> Duration {
        now().saturating_duration_since(self.begun)
    }

    /// The processor time since the beginning; `None` if the system does not say.
    pub(super) fn cpu(&self) -> Option<Cpu> {
        let (before, after) = (self.cpu?, cpu()?);
        Some(Cpu {
            user: after.user.saturating_sub(before.user),
            system: after.system.saturating_sub(before.system),
        })
    }
}

fn cpu() -> Option<Cpu> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    Some(Cpu { user: duration(usage.user_time())?, system: duration(usage.system_time())? })
}

fn duration(time: TimeVal) -> Option<Duration> {
    let seconds = Duration::from_secs(time.tv_sec().try_into().ok()?);
    Some(seconds + Duration::from_micros(time.tv_usec().try_into().ok()?))
}
