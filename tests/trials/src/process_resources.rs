use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use stats_alloc::INSTRUMENTED_SYSTEM;

use hubless_kit::{Gauge, holds_within};

/// What has ended is let go of within this time.
const SOON: Duration = Duration::from_secs(20);
/// Nothing changes any more when it has not for so many looks, of two milliseconds each.
const STILL: usize = 25;

/// What a process has, or by how much that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessResources {
    /// Open descriptors.
    pub descriptors: i64,
    /// Bytes that were asked for and not given back.
    pub bytes: i64,
    /// In so many pieces.
    pub pieces: i64,
    /// Memory in use, in KiB.
    pub resident_kib: i64,
}

impl ProcessResources {
    /// What this process has. Its allocator must be the one that counts.
    pub fn own() -> Self {
        let counted = INSTRUMENTED_SYSTEM.stats();
        let gauge = Gauge::own();
        let difference =
            |more: usize, less: usize| i64::try_from(more).unwrap_or(0) - i64::try_from(less).unwrap_or(0);
        Self {
            descriptors: difference(gauge.descriptors, 0),
            bytes: difference(counted.bytes_allocated, counted.bytes_deallocated),
            pieces: difference(counted.allocations, counted.deallocations),
            resident_kib: i64::try_from(gauge.resident_kib).unwrap_or(i64::MAX),
        }
    }

    /// The same when nothing goes any more.
    pub fn at_rest() -> Self {
        let mut last = Self::own();
        let mut same = 0;
        holds_within(SOON, || {
            let now = Self::own();
            same = if last.is_like(now) { same + 1 } else { 0 };
            last = now;
            same == STILL
        });
        last
    }

    /// How much more this is.
    pub(crate) fn since(self, before: Self) -> Self {
        self.with(before, |now, before| now - before)
    }

    /// The more of each.
    pub(crate) fn or_more(self, other: Self) -> Self {
        self.with(other, i64::max)
    }

    /// The less of each.
    pub(crate) fn or_less(self, other: Self) -> Self {
        self.with(other, i64::min)
    }

    /// Whether all that can be counted is the same.
    pub(crate) fn is_like(self, other: Self) -> bool {
        Self { resident_kib: 0, ..self } == Self { resident_kib: 0, ..other }
    }

    fn with(self, other: Self, combine: impl Fn(i64, i64) -> i64) -> Self {
        Self {
            descriptors: combine(self.descriptors, other.descriptors),
            bytes: combine(self.bytes, other.bytes),
            pieces: combine(self.pieces, other.pieces),
            resident_kib: combine(self.resident_kib, other.resident_kib),
        }
    }
}

impl fmt::Display for ProcessResources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { descriptors, bytes, pieces, resident_kib } = self;
        write!(f, "{descriptors} descriptors, {bytes} bytes, {pieces} pieces, {resident_kib} KiB resident")
    }
}

impl FromStr for ProcessResources {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Vec<i64> = text.split(' ').filter_map(|word| word.parse().ok()).collect();
        let [descriptors, bytes, pieces, resident_kib] = numbers[..] else { return Err(text.into()) };
        Ok(Self { descriptors, bytes, pieces, resident_kib })
    }
}
