//! How many messages there are, computed alike at both ends.

use crate::arguments::perf;

/// The messages of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Load {
    /// Bytes of each.
    pub(super) size: usize,
    /// Messages before those that are measured.
    pub(super) warmup: u64,
    /// Messages that are measured.
    pub(super) count: u64,
}

impl Load {
    pub(super) fn new(load: perf::Load) -> Self {
        Self { size: load.size, warmup: (load.count / 20).min(20_000), count: load.count }
    }

    pub(super) fn total(&self) -> u64 {
        self.warmup + self.count
    }

    /// What lane `lane` of `lanes` sends of it: an equal part, and the first lanes one more.
    pub(super) fn share(&self, lane: u64, lanes: u64) -> Self {
        let part = |whole: u64| whole / lanes + u64::from(lane < whole % lanes);
        Self { size: self.size, warmup: part(self.warmup), count: part(self.count) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(count: u64) -> Load {
        Load::new(perf::Load { size: 64, count })
    }

    #[test]
    fn the_warm_up_is_a_twentieth_and_bounded() {
        assert_eq!(load(1).warmup, 0);
        assert_eq!(load(1000).warmup, 50);
        assert_eq!(load(10_000_000).warmup, 20_000);
    }

    #[test]
    fn the_shares_make_the_whole() {
        for (count, lanes) in [(1, 1), (1, 3), (1000, 7), (1001, 8)] {
            let whole = load(count);
            let shares = || (0..lanes).map(|lane| whole.share(lane, lanes));
            assert_eq!(shares().map(|share| share.count).sum::<u64>(), whole.count);
            assert_eq!(shares().map(|share| share.warmup).sum::<u64>(), whole.warmup);
        }
    }
}
