//! The subscribers of one process: each notes what it hears, and they end together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::broadcast::{CALL, END};
use super::letters::{Reach, Stream, number_of};
use super::{Figures, as_figure};
use crate::Outcome;
use crate::system::clock;

/// What the line of an end says when all its subscribers have heard the publisher.
pub const GATHERED: &str = "gathered";
/// Threads that receive, where a call waits for one socket.
const THREADS: usize = 2;
/// The clock is read once for at most so many messages: it costs about as much as one.
const CLOCK: u64 = 64;
/// And for at most this part of all.
const PART: u64 = 1_000;

/// All subscribers of this process.
#[derive(Debug)]
pub struct Audience {
    seats: usize,
    here: AtomicUsize,
    stream: Stream,
    clock: u64,
}

/// One subscriber.
#[derive(Debug)]
pub struct Listener {
    audience: Arc<Audience>,
    called: bool,
    done: bool,
    expected: u64,
    delivered: u64,
    /// The same when its last turn ended.
    delivered_before: u64,
    wrong: u64,
    last: u64,
}

/// What one subscriber has heard.
#[derive(Debug)]
pub struct Heard {
    delivered: u64,
    wrong: u64,
    last: u64,
}

impl Audience {
    pub fn new(seats: usize, stream: Stream) -> Arc<Self> {
        let clock = (stream.count / PART).clamp(1, CLOCK);
        Arc::new(Self { seats, here: AtomicUsize::new(0), stream, clock })
    }

    pub fn seats(&self) -> usize {
        self.seats
    }

    /// Whether each hears everything, or a part.
    pub fn reach(&self) -> Reach {
        self.stream.reach
    }

    /// Octets of a body.
    pub fn size(&self) -> usize {
        self.stream.size
    }

    pub fn listener(self: &Arc<Self>) -> Listener {
        Listener {
            audience: Arc::clone(self),
            called: false,
            done: false,
            expected: 0,
            delivered: 0,
            delivered_before: 0,
            wrong: 0,
            last: 0,
        }
    }

    /// Lets a few threads take turns at all sockets; a turn waits for one message and takes what else is there. Every
    /// socket gets the same messages, so none waits long for its turn.
    pub fn attend<S: Send>(
        self: &Arc<Self>,
        sockets: Vec<S>,
        turn: impl Fn(&mut S, &mut Listener) -> Outcome<()> + Sync,
    ) -> Outcome<Vec<Heard>> {
        let mut seats: Vec<_> = sockets.into_iter().map(|socket| (socket, self.listener())).collect();
        let share = seats.len().div_ceil(THREADS);
        let outcomes: Vec<Outcome<()>> = thread::scope(|scope| {
            let rows = seats.chunks_mut(share);
            let threads: Vec<_> = rows.map(|row| scope.spawn(|| take_turns(row, &turn))).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| Err("panicked".into())))
                .collect()
        });
        outcomes.into_iter().collect::<Outcome<()>>()?;
        Ok(seats.into_iter().map(|(_, listener)| listener.heard()).collect())
    }

    /// Until when anybody heard something that was measured, and how much all did.
    pub fn figures(&self, heard: &[Heard]) -> Figures {
        let ended = heard.iter().map(|heard| heard.last).max().unwrap_or_default();
        let delivered: u64 = heard.iter().map(|heard| heard.delivered).sum();
        let wrong: u64 = heard.iter().map(|heard| heard.wrong).sum();
        let each = if self.stream.reach == Reach::All { self.seats as u64 } else { 1 };
        let sent = self.stream.count * each;
        Figures::from([
            ("messages", as_figure(self.stream.count)),
            ("ended", as_figure(ended)),
            ("delivered", as_figure(delivered)),
            ("lost", 1.0 - as_figure(delivered) / as_figure(sent)),
            ("wrong", as_figure(wrong)),
        ])
    }
}

fn take_turns<S>(
    row: &mut [(S, Listener)],
    turn: &(impl Fn(&mut S, &mut Listener) -> Outcome<()> + Sync),
) -> Outcome<()> {
    let mut busy = true;
    while busy {
        busy = false;
        for (socket, listener) in row.iter_mut() {
            if !listener.done {
                busy = true;
                turn(socket, listener)?;
                listener.end_turn();
            }
        }
    }
    Ok(())
}

impl Listener {
    /// Whether it has not heard the end.
    #[inline]
    pub fn wanted(&self) -> bool {
        !self.done
    }

    /// One message has been received.
    #[inline]
    pub fn note(&mut self, body: &[u8]) {
        let number = number_of(body).unwrap_or_default();
        if number >= END {
            return self.sign(number);
        }
        // Messages may be missing, but none comes twice or late.
        self.wrong += u64::from(number < self.expected || body.len() != self.audience.stream.size);
        self.expected = number + 1;
        if number >= self.audience.stream.warm {
            self.delivered += 1;
            if number.is_multiple_of(self.audience.clock) || number + 1 == self.audience.stream.end() {
                self.last = clock::nanoseconds();
            }
        }
    }

    /// The last message of this turn is here: of a stream that others share, it may be the last of all for this listener.
    fn end_turn(&mut self) {
        if self.delivered != self.delivered_before {
            self.delivered_before = self.delivered;
            self.last = clock::nanoseconds();
        }
    }

    #[cold]
    fn sign(&mut self, number: u64) {
        if number == CALL && !self.called {
            self.called = true;
            if self.audience.here.fetch_add(1, Ordering::Relaxed) + 1 == self.audience.seats {
                println!("{GATHERED}");
            }
        }
        self.done |= number == END;
    }

    pub fn heard(self) -> Heard {
        Heard { delivered: self.delivered, wrong: self.wrong, last: self.last }
    }
}
