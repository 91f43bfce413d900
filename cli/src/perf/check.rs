//! What is received is what was sent: each message, cheaply enough to be part of what is measured.
//!
//! Of each message the length, the number, and two bytes behind it are looked at: the one in the middle and the last.

use std::fmt;

use hubless::human::{count, counted};

use super::layout::{LANE_SHIFT, NUMBER, byte};
use super::load::Load;

/// Knows which message comes next over one socket.
#[derive(Debug)]
pub(super) struct Check {
    size: usize,
    /// Where one looks into a body, and what must be there.
    samples: [(usize, u8); 2],
    /// No number is as high.
    total: u64,
    /// The lowest number that has not been passed, for each lane.
    next: Vec<u64>,
    misfit: Option<Misfit>,
}

/// The first message of another size: the sender was started with another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Misfit {
    expected: usize,
    came: usize,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expected, came } = self;
        let (expected, came) = (counted(*expected, "byte"), count(*came));
        write!(f, "{expected} expected, but {came} came: is --size the same at both ends?")
    }
}

impl Check {
    /// For what comes from senders with this many sockets together.
    pub(super) fn new(load: &Load, lanes: u16) -> Self {
        let middle = usize::midpoint(NUMBER, load.size);
        let samples = [middle, load.size.saturating_sub(1)].map(|position| (position, byte(position)));
        Self { size: load.size, samples, total: load.total(), next: vec![0; lanes.into()], misfit: None }
    }

    /// The number of the next message, unless that is damaged, or comes after one that was sent later, or again. Numbers
    /// may be left out: a receiver need not be the only one.
    #[inline]
    pub(super) fn number(&mut self, body: &[u8]) -> Option<u64> {
        if body.len() != self.size {
            self.misfit.get_or_insert(Misfit { expected: self.size, came: body.len() });
            return None;
        }
        let Some((head, rest)) = body.split_first_chunk::<NUMBER>() else {
            return self.number_of_short(body);
        };
        if !rest.is_empty() && self.samples.iter().any(|&(position, byte)| body[position] != byte) {
            return None;
        }
        let head = u64::from_le_bytes(*head);
        let (lane, number) = (head >> LANE_SHIFT, head & ((1 << LANE_SHIFT) - 1));
        let next = self.next.get_mut(usize::try_from(lane).ok()?)?;
        pass(next, number, self.total)
    }

    /// Whether there was a message of another size.
    pub(super) fn misfit(&self) -> Option<Misfit> {
        self.misfit
    }

    /// A body that has room for a part of the number only. The rest of it is taken to be such that the number is as close
    /// to the last one as can be.
    fn number_of_short(&mut self, body: &[u8]) -> Option<u64> {
        let mut bytes = [0; NUMBER];
        bytes[..body.len()].copy_from_slice(body);
        let mask = (1 << (8 * body.len())) - 1;
        let next = self.next.first_mut()?;
        let ahead = u64::from_le_bytes(bytes).wrapping_sub(*next) & mask;
        if ahead > mask / 2 {
            return None;
        }
        pass(next, *next + ahead, self.total)
    }
}

/// The number, if it has not been passed and there is one so high.
#[inline]
fn pass(next: &mut u64, number: u64, total: u64) -> Option<u64> {
    (*next..total).contains(&number).then(|| {
        *next = number + 1;
        number
    })
}

#[cfg(test)]
mod tests {
    use super::super::bodies::Bodies;
    use super::*;

    const SIZES: [usize; 9] = [1, 2, 7, 8, 9, 10, 64, 100, 5000];

    fn check(size: usize) -> Check {
        Check::new(&Load { size, warmup: 0, count: 1000 }, 1)
    }

    #[test]
    fn what_was_sent_passes() {
        for size in [0].into_iter().chain(SIZES) {
            let (mut bodies, mut check) = (Bodies::new(size, 0), check(size));
            for number in 0..1000 {
                assert_eq!(check.number(&bodies.message(number)), Some(number), "{size} bytes");
            }
            assert_eq!(check.number(&bodies.message(1000)), None, "more than were to come");
        }
    }

    #[test]
    fn what_is_left_out_is_seen_by_the_number() {
        for size in SIZES {
            let (mut bodies, mut check) = (Bodies::new(size, 0), check(size));
            for number in [0, 100, 150, 151] {
                assert_eq!(check.number(&bodies.message(number)), Some(number), "{size} bytes");
            }
        }
    }

    #[test]
    fn what_comes_again_or_late_does_not_pass() {
        for size in SIZES {
            let (mut bodies, mut check) = (Bodies::new(size, 0), check(size));
            for (number, passes) in [(0, true), (1, true), (1, false), (3, true), (2, false), (4, true)] {
                assert_eq!(check.number(&bodies.message(number)).is_some(), passes, "{size} bytes");
            }
        }
    }

    #[test]
    fn what_is_damaged_does_not_pass() {
        for size in SIZES {
            let mut bodies = Bodies::new(size, 0);
            let body = bodies.message(3).into_vec();
            let longer = [&body, &[0][..]].concat();
            assert_eq!(check(size).number(&longer), None);
            assert_eq!(check(size).number(&body[1..]), None);
            let mut damaged = body.clone();
            damaged[size - 1] ^= 0x80;
            assert_eq!(check(size).number(&damaged), None, "{size} bytes");
        }
        assert_eq!(check(0).number(&[0]), None);
    }

    #[test]
    fn the_first_of_another_size_is_remembered() {
        let mut check = check(64);
        assert_eq!(check.number(&Bodies::new(64, 0).message(0)), Some(0));
        assert_eq!(check.misfit(), None);
        assert_eq!(check.number(&[0; 5]), None);
        assert_eq!(check.number(&[0; 6]), None);
        assert_eq!(check.misfit(), Some(Misfit { expected: 64, came: 5 }));
    }

    #[test]
    fn each_lane_has_numbers_of_its_own() {
        let mut check = Check::new(&Load { size: 8, warmup: 0, count: 10 }, 2);
        let (mut left, mut right, mut stranger) = (Bodies::new(8, 0), Bodies::new(8, 1), Bodies::new(8, 2));
        assert_eq!(check.number(&left.message(5)), Some(5));
        assert_eq!(check.number(&right.message(0)), Some(0));
        assert_eq!(check.number(&left.message(4)), None);
        assert_eq!(check.number(&stranger.message(0)), None);
    }
}
