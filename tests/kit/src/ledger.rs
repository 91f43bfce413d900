use std::collections::HashMap;
use std::fmt;

use crate::Stamp;

/// What one receiver has got. It finds whatever is not as every pattern must have it: each message intact, of this trial, and
/// from each life of each sender in order and once.
#[derive(Debug)]
pub struct Ledger {
    run: u64,
    last: HashMap<(u32, u32), u64>,
    /// Messages that came.
    pub received: u64,
    /// Serial numbers that were passed over: what was lost, or what others got.
    pub missing: u64,
}

/// How a message was not as it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Breach {
    /// It is not what was sent.
    Corrupt,
    /// It belongs to another trial.
    Foreign(Stamp),
    /// It came after one that was sent later, or twice.
    Disorder {
        /// What came.
        came: Stamp,
        /// The serial number that had come last.
        after: u64,
    },
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt => write!(f, "a message is not what was sent"),
            Self::Foreign(stamp) => write!(f, "a message of another trial: {stamp:?}"),
            Self::Disorder { came, after } => write!(f, "{came:?} came after number {after}"),
        }
    }
}

impl std::error::Error for Breach {}

impl Ledger {
    /// Nothing has come yet.
    pub fn new(run: u64) -> Self {
        Self { run, last: HashMap::new(), received: 0, missing: 0 }
    }

    /// Enters a message.
    ///
    /// # Errors
    ///
    /// When it is not what it must be.
    pub fn enter(&mut self, bytes: &[u8]) -> Result<Stamp, Breach> {
        let stamp = Stamp::decode(bytes).ok_or(Breach::Corrupt)?;
        if stamp.run != self.run {
            return Err(Breach::Foreign(stamp));
        }
        let last = self.last.insert((stamp.sender, stamp.incarnation), stamp.seq);
        if let Some(after) = last.filter(|last| *last >= stamp.seq) {
            return Err(Breach::Disorder { came: stamp, after });
        }
        self.received += 1;
        self.missing += stamp.seq - last.map_or(0, |last| last + 1);
        Ok(stamp)
    }
}
