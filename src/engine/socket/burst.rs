//! Whether one thread sends in a burst, whichever sockets it sends to: a thread that sends to eight in turn streams to each, though
//! to none without a pause.
//!
//! A send belongs to the *burst* of the one before if the writes that followed that took more than a third of the time from one to
//! the other. So what makes a burst is a share of time, and holds on a fast machine as on a slow one: batching pays where writing
//! costs a good part of what a sender does. What a write costs is measured on this thread, with the times that are taken anyway. A
//! thread that waits for a message between two sends sends no burst: the time went into waiting, and somebody waits for each message.

use std::cell::Cell;

use hubless_protocol::patterns::Time;

/// Sends in a burst after which a socket streams.
const STREAM: u8 = 4;
/// A send belongs to a burst if the pause before it is shorter than this many times the cost of the writes of a send.
const PAUSE: u64 = 2;
/// The cost is the median of this many, so that a write that was interrupted does not count, nor what was long ago.
const KEPT: usize = 5;
/// Looks for a message that found none and did not wait: this many count as a wait.
const LOOKS: u8 = 8;

thread_local! {
    static BURST_OF_THIS_THREAD: Cell<Burst> = const { Cell::new(Burst::NONE) };
}

/// What is known of the sends of one thread.
#[derive(Debug, Clone, Copy)]
struct Burst {
    /// When the last send began.
    began: Time,
    /// When it was done, with the writes that followed.
    done: Time,
    /// How many in a row belong to the burst.
    sends: u8,
    /// Looks that found no message since.
    looks: u8,
    costs: Costs,
}

/// What the writes of the last sends that wrote have cost, in nanoseconds, and the middle one of that: each send of the thread
/// copies this and asks for it, so it is small, and known.
#[derive(Debug, Clone, Copy)]
struct Costs {
    kept: [u32; KEPT],
    /// Which one is the oldest.
    oldest: u8,
    middle: u32,
}

impl Costs {
    const NONE: Self = Self { kept: [0; KEPT], oldest: 0, middle: 0 };

    fn add(&mut self, cost: u64) {
        let oldest = usize::from(self.oldest);
        self.kept[oldest] = u32::try_from(cost).unwrap_or(u32::MAX);
        self.oldest = if oldest + 1 < KEPT { self.oldest + 1 } else { 0 };
        let mut sorted = self.kept;
        sorted.sort_unstable();
        self.middle = sorted[KEPT / 2];
    }

    fn is_pause(self, time: u64) -> bool {
        time >= u64::from(self.middle) * PAUSE
    }
}

impl Burst {
    const NONE: Self = Self { began: Time(0), done: Time(0), sends: 0, looks: 0, costs: Costs::NONE };

    #[inline]
    fn send(mut self, now: Time) -> Self {
        let cost = nanos(self.began, self.done);
        if cost > 0 {
            self.costs.add(cost);
        }
        let continues = self.looks < LOOKS && !self.costs.is_pause(nanos(self.done, now));
        let sends = if continues { self.sends.saturating_add(1) } else { 0 };
        Self { began: now, done: now, sends, looks: 0, ..self }
    }

    /// While it waits, it writes for others, too.
    fn wrote(self, now: Time) -> Self {
        if self.looks >= LOOKS { self } else { Self { done: now, ..self } }
    }

    fn waited(self) -> Self {
        Self { looks: LOOKS, ..self }
    }

    fn looked(self) -> Self {
        Self { looks: self.looks.saturating_add(1), ..self }
    }

    fn is_stream(self) -> bool {
        self.sends >= STREAM
    }
}

/// How long it is from one to the other.
#[inline]
fn nanos(from: Time, to: Time) -> u64 {
    to.0.saturating_sub(from.0)
}

/// The calling thread sends. Whether that makes a stream.
#[inline]
pub(super) fn note_send(now: Time) -> bool {
    let burst = BURST_OF_THIS_THREAD.get().send(now);
    BURST_OF_THIS_THREAD.set(burst);
    burst.is_stream()
}

/// The calling thread has written what it sent.
#[inline]
pub(super) fn note_write(now: Time) {
    BURST_OF_THIS_THREAD.set(BURST_OF_THIS_THREAD.get().wrote(now));
}

/// The calling thread waits for a message.
pub(super) fn note_wait() {
    BURST_OF_THIS_THREAD.set(BURST_OF_THIS_THREAD.get().waited());
}

/// The calling thread has looked for a message, found none, and does not wait.
pub(super) fn note_empty_look() {
    BURST_OF_THIS_THREAD.set(BURST_OF_THIS_THREAD.get().looked());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thread on a machine where writing costs so much.
    struct Sender {
        burst: Burst,
        now: u64,
        write: u64,
    }

    impl Sender {
        fn where_writing_takes(write: u64) -> Self {
            Self { burst: Burst::NONE, now: 1_000_000, write }
        }

        /// Works so long, and sends; whether that was part of a stream, and so is not written at once.
        fn send_after(&mut self, work: u64) -> bool {
            self.now += work;
            self.burst = self.burst.send(Time(self.now));
            if !self.burst.is_stream() {
                self.now += self.write;
                self.burst = self.burst.wrote(Time(self.now));
            }
            self.burst.is_stream()
        }

        /// Whether this many sends with this work between them end in a stream.
        fn streams(&mut self, sends: usize, work: u64) -> bool {
            (0..sends).map(|_| self.send_after(work)).last() == Some(true)
        }
    }

    const MACHINES: [u64; 6] = [300, 1_000, 3_000, 10_000, 25_000, 50_000];
    const WORKS: [u64; 10] = [50, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 30_000, 50_000];

    #[test]
    fn what_makes_a_stream_is_the_share_of_time_that_writing_takes_on_any_machine() {
        for write in MACHINES {
            for work in WORKS {
                let streams = Sender::where_writing_takes(write).streams(20, work);
                assert_eq!(streams, work < 2 * write, "{work} ns between writes of {write} ns");
            }
        }
    }

    #[test]
    fn a_few_sends_in_a_burst_make_a_stream_and_a_pause_begins_the_count_anew() {
        let mut sender = Sender::where_writing_takes(10_000);
        // What a write costs is known when most of those that are kept were measured.
        let steps: Vec<_> = (0..8).map(|_| sender.send_after(100)).collect();
        assert_eq!(steps, [false, false, false, false, false, false, true, true]);
        let steps: Vec<_> = [30_000, 100, 100, 100, 100].map(|work| sender.send_after(work)).into();
        assert_eq!(steps, [false, false, false, false, true]);
    }

    #[test]
    fn a_write_that_was_interrupted_is_forgotten() {
        let mut sender = Sender::where_writing_takes(1_000);
        assert!(!sender.streams(20, 10_000));
        sender.now += 5_000_000;
        sender.burst = sender.burst.wrote(Time(sender.now));
        assert!((0..20).all(|_| !sender.send_after(10_000)));
    }

    #[test]
    fn writes_that_become_cheap_or_dear_are_known_after_a_few() {
        let mut sender = Sender::where_writing_takes(50_000);
        assert!(sender.streams(20, 20_000));
        // The stream is over, as one is after a pause.
        sender.write = 1_000;
        sender.send_after(1_000_000);
        assert!((0..20).all(|_| !sender.send_after(20_000)));
        sender.write = 50_000;
        assert!(sender.streams(20, 20_000));
    }

    #[test]
    fn one_that_waits_for_a_message_between_two_sends_is_no_stream_on_any_machine() {
        for write in MACHINES {
            let mut sender = Sender::where_writing_takes(write);
            for _ in 0..50 {
                assert!(!sender.send_after(write));
                sender.burst = sender.burst.waited();
            }
            assert!(sender.streams(20, write / 2), "and is one as soon as it does not");
        }
    }

    #[test]
    fn one_that_looks_for_a_message_again_and_again_waits_and_one_that_looks_once_does_not() {
        for (looks, stream) in [(1, true), (100, false)] {
            let mut sender = Sender::where_writing_takes(10_000);
            for _ in 0..20 {
                sender.send_after(5_000);
                (0..looks).for_each(|_| sender.burst = sender.burst.looked());
            }
            assert_eq!(sender.burst.is_stream(), stream, "{looks} looks");
        }
    }
}
