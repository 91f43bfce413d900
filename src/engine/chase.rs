//! How closely the sends of one thread follow one another, whichever sockets they go to: a thread that sends to eight in turn
//! streams to each, though to none without a pause.

use std::cell::Cell;
use std::time::Duration;

use crate::patterns::Time;

/// A send so soon after the one before chases it.
const CHASE: Duration = Duration::from_nanos(2500);
/// So many in a row are a stream.
const CHASES: u8 = 4;

thread_local! {
    static CHASE_OF_THIS_THREAD: Cell<Chase> = const { Cell::new(Chase::NONE) };
}

/// What is known of the sends of one thread.
#[derive(Debug, Clone, Copy)]
struct Chase {
    /// When the last one was done.
    last: Time,
    /// How many in a row chased the one before.
    chases: u8,
}

impl Chase {
    const NONE: Self = Self { last: Time(0), chases: 0 };

    #[inline]
    fn send(self, now: Time) -> Self {
        let chases = if now.since(self.last) < CHASE { self.chases.saturating_add(1) } else { 0 };
        Self { last: now, chases }
    }

    fn wrote(self, now: Time) -> Self {
        Self { last: now, ..self }
    }

    fn is_stream(self) -> bool {
        self.chases >= CHASES
    }
}

/// The calling thread sends. Whether that makes a stream.
#[inline]
pub(crate) fn send(now: Time) -> bool {
    let chase = CHASE_OF_THIS_THREAD.get().send(now);
    CHASE_OF_THIS_THREAD.set(chase);
    chase.is_stream()
}

/// The calling thread has written what it sent: that took long, and is no pause.
#[inline]
pub(crate) fn wrote(now: Time) {
    CHASE_OF_THIS_THREAD.set(CHASE_OF_THIS_THREAD.get().wrote(now));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sends(times: impl IntoIterator<Item = u64>) -> Vec<bool> {
        let mut chase = Chase::NONE;
        let send = |time| {
            chase = chase.send(Time(time));
            chase.is_stream()
        };
        times.into_iter().map(send).collect()
    }

    #[test]
    fn four_sends_that_chase_one_another_make_a_stream() {
        assert_eq!(sends((10..16).map(|i| i * 2000)), [false, false, false, false, true, true]);
    }

    #[test]
    fn sends_with_pauses_never_do() {
        assert!(sends((1..100).map(|i| i * 3000)).iter().all(|stream| !stream));
    }

    #[test]
    fn a_pause_begins_the_count_anew() {
        assert_eq!(sends([5000, 6000, 7000, 8000, 11_000, 12_000, 13_000]), [false; 7]);
    }

    #[test]
    fn the_time_it_takes_to_write_is_no_pause() {
        let mut chase = Chase::NONE;
        for i in 1..6 {
            chase = chase.send(Time(i * 100_000)).wrote(Time(i * 100_000 + 99_000));
        }
        assert!(chase.is_stream());
    }
}
