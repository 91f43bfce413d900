//! Sending, as fast as it goes.

use std::thread;

use hubless::{Error, Message, SendSocket};

use super::bodies::Bodies;
use super::work::Work;
use crate::arguments::perf::{self, Batch};

/// How messages are sent: how many in one call, and what is done before each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    batch: u64,
    work: Work,
}

impl Pace {
    pub(super) fn new(batch: Batch, work: perf::Work) -> Self {
        Self { batch: batch.batch.into(), work: Work::new(work) }
    }
}

/// A socket and what it has sent so far.
#[derive(Debug)]
pub(super) struct Lane<'a, S> {
    socket: &'a S,
    bodies: Bodies,
    next: u64,
    pace: Pace,
}

impl<'a, S: SendSocket<Outgoing = Message>> Lane<'a, S> {
    pub(super) fn new(socket: &'a S, size: usize, lane: u16, pace: Pace) -> Self {
        Self { socket, bodies: Bodies::new(size, lane), next: 0, pace }
    }

    /// Sends this many messages more.
    pub(super) fn send(&mut self, count: u64) -> Result<(), Error> {
        let (mut next, end) = (self.next, self.next + count);
        self.next = end;
        let Pace { batch, work } = self.pace;
        if batch == 1 {
            for number in next..end {
                work.run();
                self.socket.send(self.bodies.message(number))?;
            }
            return Ok(());
        }
        while next < end {
            let batch = next..end.min(next + batch);
            next = batch.end;
            self.socket.send_many(batch.map(|number| {
                work.run();
                self.bodies.message(number)
            }))?;
        }
        Ok(())
    }
}

/// Has each lane send its share: one by itself, several on a thread each.
pub(super) fn send_all<S: SendSocket<Outgoing = Message>>(
    lanes: &mut [Lane<'_, S>],
    share: impl Fn(u64) -> u64 + Sync,
) -> Result<(), Error> {
    if let [lane] = lanes {
        return lane.send(share(0));
    }
    let share = &share;
    thread::scope(|scope| {
        let threads: Vec<_> =
            (0..).zip(lanes).map(|(number, lane)| scope.spawn(move || lane.send(share(number)))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or(Err(Error::Closed)))
    })
}
