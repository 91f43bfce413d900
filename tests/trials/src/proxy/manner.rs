use std::ops::RangeInclusive;
use std::time::Duration;

/// How a proxy treats what passes through it.
#[derive(Debug, Clone)]
pub struct Manner {
    pub(super) cutting: Cutting,
    pub(super) stalls: Option<Stalls>,
    pub(super) lifespan: Option<RangeInclusive<u64>>,
    pub(super) ending: Ending,
    pub(super) fault: Option<(u64, Fault)>,
}

/// Into what pieces a stream is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cutting {
    /// As it comes.
    Whole,
    /// One byte each.
    Bytes,
    /// From one byte to some packets.
    Odd,
    /// Held back until much has come together or nothing more comes, and then sent at once.
    Held,
    /// Now one, now the other.
    Mixed,
}

/// How often a proxy stands still before it writes, and how long.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Stalls {
    /// At one of so many pieces.
    pub one_in: u32,
    /// At most.
    pub most: Duration,
}

/// How a proxy breaks off a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// Both sides are told that nothing more comes, and what they still say is taken and thrown away.
    Orderly,
    /// Both sides are reset, and what was under way is lost.
    Reset,
}

/// What no proxy may do: so that it is seen that it would be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The last byte of a message becomes another.
    Flip,
    /// A message is passed on twice.
    Repeat,
    /// A message is not passed on.
    Lose,
}

impl Manner {
    /// Streams are cut like this, and else nothing happens to them.
    #[must_use]
    pub fn new(cutting: Cutting) -> Self {
        Self { cutting, stalls: None, lifespan: None, ending: Ending::Orderly, fault: None }
    }

    /// One piece in so many waits, at most as long as this.
    #[must_use]
    pub fn stalling(mut self, one_in: u32, most: Duration) -> Self {
        self.stalls = Some(Stalls { one_in, most });
        self
    }

    /// Connections are broken off after so many bytes, in the middle of whatever it is.
    #[must_use]
    pub fn breaking_off(mut self, after: RangeInclusive<u64>, ending: Ending) -> Self {
        (self.lifespan, self.ending) = (Some(after), ending);
        self
    }

    /// How connections are broken off, where they are.
    pub fn ending(&self) -> Ending {
        self.ending
    }

    /// The message of this number, counted from 0 on each connection, fares like this; once.
    #[must_use]
    pub fn faulty(mut self, number: u64, fault: Fault) -> Self {
        self.fault = Some((number, fault));
        self
    }
}
