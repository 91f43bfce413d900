//! When the messages of a stream are sent.

use std::hint;
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rhythm {
    /// One right after the other.
    #[default]
    Steady,
    /// After this much work each.
    Paced(Duration),
    /// This many right after each other, and a pause before each burst.
    Bursts { messages: u64, pause: Duration },
}

impl Rhythm {
    /// Messages of a burst, or 0 where there are no bursts.
    pub(super) fn burst(self) -> u64 {
        if let Self::Bursts { messages, .. } = self { messages } else { 0 }
    }

    /// Does what comes before the message of this number; whether a burst begins with it.
    pub(super) fn wait(self, number: u64) -> bool {
        match self {
            Self::Steady => false,
            Self::Paced(work) => {
                keep_busy(work);
                false
            }
            Self::Bursts { messages, pause } => {
                let begins = number.is_multiple_of(messages);
                if begins {
                    thread::sleep(pause);
                }
                begins
            }
        }
    }
}

/// Uses the processor for this long, as a program does that makes its next message.
fn keep_busy(work: Duration) {
    if work.is_zero() {
        return;
    }
    let began = Instant::now();
    while began.elapsed() < work {
        hint::spin_loop();
    }
}
