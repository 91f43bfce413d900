use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::patterns::Key;
use crate::patterns::backtrace::ID;

/// What a map is keyed by ids of our own making: nobody else chooses them, so a cheap hash will do.
pub type IdMap<T> = HashMap<Key, T, BuildHasherDefault<IdHasher>>;

/// Spreads an id, most often the successor of the one before, over all bits.
#[derive(Debug, Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    #[inline]
    fn write_u32(&mut self, id: u32) {
        // 2^64 divided by the golden ratio: neighbours end up far apart.
        self.0 = (self.0 ^ u64::from(id)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// The ids of requests or surveys: one after the other from an unpredictable start, the top bit always set
/// (sp.md section 8.1).
#[derive(Debug)]
pub(super) struct Ids {
    next: Key,
}

impl Ids {
    /// Begins where the seed says.
    #[inline]
    pub(super) fn new(seed: u32) -> Self {
        Self { next: seed | ID }
    }

    /// The id that [`advance`](Self::advance) will hand out; those in use are passed over.
    #[inline]
    pub(super) fn peek(&mut self, is_used: impl Fn(Key) -> bool) -> Key {
        while is_used(self.next) {
            self.advance();
        }
        self.next
    }

    /// Goes on to the next id.
    #[inline]
    pub(super) fn advance(&mut self) {
        self.next = self.next.wrapping_add(1) | ID;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_top_bit_and_count_up_from_the_seed() {
        let mut ids = Ids::new(7);
        assert_eq!(ids.peek(|_| false), 0x8000_0007);
        ids.advance();
        assert_eq!(ids.peek(|_| false), 0x8000_0008);
    }

    #[test]
    fn ids_in_use_are_passed_over_and_the_last_is_followed_by_the_first() {
        let used = [0xffff_ffff, 0x8000_0000];
        assert_eq!(Ids::new(0xffff_ffff).peek(|key| used.contains(&key)), 0x8000_0001);
    }
}
