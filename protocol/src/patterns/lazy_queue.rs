use std::collections::VecDeque;

/// How many entries may be stale before it is worth a look.
const SLACK: usize = 64;

/// Entries in the order they came, most of which are over before their turn. What is over is not searched for but left
/// until it would make up more than half.
#[derive(Debug)]
pub(super) struct LazyQueue<T>(VecDeque<T>);

impl<T> Default for LazyQueue<T> {
    #[inline]
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T> LazyQueue<T> {
    /// Appends an entry. `alive` is how many entries are not over, which `is_alive` tells of each.
    #[inline]
    pub(super) fn push(&mut self, entry: T, alive: usize, is_alive: impl FnMut(&T) -> bool) {
        if self.0.len() >= alive.saturating_mul(2).saturating_add(SLACK) {
            self.0.retain(is_alive);
        }
        self.0.push_back(entry);
    }

    /// The first entry that is not over.
    #[inline]
    pub(super) fn first(&mut self, is_alive: impl Fn(&T) -> bool) -> Option<&T> {
        while !is_alive(self.0.front()?) {
            self.0.pop_front();
        }
        self.0.front()
    }

    /// All entries, those that are over among them.
    #[inline]
    pub(super) fn take(&mut self) -> VecDeque<T> {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_are_over_do_not_pile_up() {
        let mut turns = LazyQueue::default();
        for entry in 0..100_000 {
            turns.push(entry, 2, |other| *other == 0 || *other == entry - 1);
            assert!(turns.0.len() <= 2 * 2 + SLACK);
        }
        assert_eq!(turns.first(|entry| *entry == 99_999), Some(&99_999));
    }
}
