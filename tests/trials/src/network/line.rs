use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use super::Conditions;

/// Packets that are on their way at once. Beyond, they are lost, as in any router.
const ROOM: usize = 4096;

/// A packet that is overtaken is late by this at least.
const LATE: Duration = Duration::from_millis(1);

/// One direction of a network: what is put into it comes out later, in another order, twice, or never.
#[derive(Debug)]
pub struct Line {
    conditions: Conditions,
    chance: fastrand::Rng,
    /// Packets by the time at which they come out and, of the same time, by their number.
    under_way: BinaryHeap<Reverse<(Instant, u64, Vec<u8>)>>,
    taken: u64,
}

impl Line {
    /// Nothing is in it yet.
    pub fn new(conditions: Conditions, chance: fastrand::Rng) -> Self {
        Self { conditions, chance, under_way: BinaryHeap::new(), taken: 0 }
    }

    /// Takes a packet, at this time.
    pub fn take(&mut self, mut packet: Vec<u8>, now: Instant) {
        if self.happens(self.conditions.loss) {
            return;
        }
        if self.happens(self.conditions.tamper) {
            swap_words(&mut packet, &mut self.chance);
        }
        if self.happens(self.conditions.duplicate) {
            self.carry(packet.clone(), now);
        }
        self.carry(packet, now);
    }

    /// What comes out by this time, a packet at a time.
    pub fn come_out(&mut self, now: Instant) -> Option<Vec<u8>> {
        let Reverse((at, _, _)) = self.under_way.peek()?;
        if *at > now {
            return None;
        }
        self.under_way.pop().map(|Reverse((_, _, packet))| packet)
    }

    /// When the next packet comes out.
    pub fn next(&self) -> Option<Instant> {
        self.under_way.peek().map(|Reverse((at, _, _))| *at)
    }

    fn carry(&mut self, packet: Vec<u8>, now: Instant) {
        if self.under_way.len() >= ROOM {
            return;
        }
        let delay = self.conditions.delay;
        let overtaken = self.happens(self.conditions.reorder);
        let late = if overtaken { LATE + delay.mul_f64(2.0 * self.chance.f64()) } else { Duration::ZERO };
        self.taken += 1;
        self.under_way.push(Reverse((now + delay + late, self.taken, packet)));
    }

    fn happens(&mut self, percent: u8) -> bool {
        self.chance.u8(..100) < percent
    }
}

/// Swaps two words of what a tcp packet carries. Its sum is one of words, so it stays what it was.
fn swap_words(packet: &mut [u8], chance: &mut fastrand::Rng) {
    let Some(begin) = payload(packet) else { return };
    let words = packet.len().saturating_sub(begin) / 2;
    if words == 0 {
        return;
    }
    let (one, other) = (begin + 2 * chance.usize(..words), begin + 2 * chance.usize(..words));
    packet.swap(one, other);
    packet.swap(one + 1, other + 1);
}

/// Where that begins which tcp carries, in a packet of IPv4.
fn payload(packet: &[u8]) -> Option<usize> {
    let header = usize::from(packet.first()? & 0x0f) * 4;
    let is_tcp = *packet.get(9)? == 6;
    let tcp_header = usize::from(packet.get(header + 12)? >> 4) * 4;
    is_tcp.then_some(header + tcp_header)
}
