use std::time::Duration;

use hubless::{Bus, Pair, Pub, Pull, Push, Rep, Req, Respondent, Stats, Sub, Surveyor};

/// What sockets of all patterns have in common.
pub(crate) trait Socket {
    /// What it has counted.
    fn counted(&self) -> Stats;
    /// Closes it at once.
    fn shut(&self);
}

macro_rules! sockets {
    ($($socket:ty),+) => {
        $(impl Socket for $socket {
            fn counted(&self) -> Stats {
                self.stats()
            }

            fn shut(&self) {
                let _ = self.close(Duration::ZERO);
            }
        })+
    };
}

sockets!(Bus, Pair, Pub, Pull, Push, Rep, Req, Respondent, Sub, Surveyor);
