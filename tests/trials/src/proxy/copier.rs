use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::fault::Saboteur;
use super::frames::Frames;
use super::link::Link;
use super::manner::{Cutting, Manner};
use super::wire::in_vain;

/// How much is read at once, and how much is held back.
const BUFFER: usize = 64 * 1024;
const HELD: usize = 4 * BUFFER;

/// Passes on one way of a connection.
#[derive(Debug)]
pub(super) struct Copier {
    link: Arc<Link>,
    /// Which of the wires is read; the other is written.
    way: usize,
    manner: Manner,
    chance: fastrand::Rng,
    taken: Frames,
    passed: Frames,
    /// Messages that were taken whole and not yet passed on.
    inside: u64,
    saboteur: Option<Saboteur>,
    /// Bytes until it is broken off.
    left: u64,
}

impl Copier {
    pub(super) fn new(link: Arc<Link>, way: usize, manner: Manner, mut chance: fastrand::Rng) -> Self {
        let prefix = link.wires[way].prefix();
        let left = manner.lifespan.clone().map_or(u64::MAX, |lifespan| chance.u64(lifespan));
        let saboteur = manner.fault.map(|(number, fault)| Saboteur::new(prefix, number, fault));
        let (taken, passed) = (Frames::new(prefix), Frames::new(prefix));
        Self { link, way, manner, chance, taken, passed, inside: 0, saboteur, left }
    }

    /// Passes on until the stream ends or is broken off; then takes what still comes, where that is to be known.
    pub(super) fn run(mut self) {
        let mut buffer = Vec::with_capacity(HELD + BUFFER);
        while self.read(&mut buffer) {
            self.inside += self.taken.count(&buffer);
            if let Some(saboteur) = &mut self.saboteur {
                let counts = &self.link.counts;
                buffer = saboteur.spoil(&buffer, || !counts.faulty.swap(true, Ordering::SeqCst));
            }
            self.pass(&buffer);
            buffer.clear();
        }
        self.link.counts.swallowed.fetch_add(self.inside, Ordering::SeqCst);
        self.link.wires[1 - self.way].shutdown(Shutdown::Write);
    }

    /// Whether anything came before the end.
    fn read(&mut self, buffer: &mut Vec<u8>) -> bool {
        let most = if self.holds_back() { HELD } else { 1 };
        let mut piece = vec![0; BUFFER];
        while buffer.len() < most && !self.link.is_over() {
            match self.link.wires[self.way].read(&mut piece) {
                Ok(0) => break,
                Ok(count) => buffer.extend_from_slice(&piece[..count]),
                Err(error) if in_vain(&error) && buffer.is_empty() => {}
                Err(_) => break,
            }
        }
        !buffer.is_empty()
    }

    fn holds_back(&mut self) -> bool {
        match self.manner.cutting {
            Cutting::Held => true,
            Cutting::Mixed => self.chance.u8(..8) == 0,
            _ => false,
        }
    }

    fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.link.is_broken_off() {
            let piece = self.piece(bytes.len());
            self.stall();
            let within = usize::try_from(self.left).map_or(piece, |left| left.min(piece));
            if within == 0 {
                return self.link.break_off();
            }
            match self.link.wires[1 - self.way].write(&bytes[..within]) {
                Ok(count) => {
                    self.inside = self.inside.saturating_sub(self.passed.count(&bytes[..count]));
                    self.left = self.left.saturating_sub(count as u64);
                    bytes = &bytes[count..];
                }
                Err(error) if in_vain(&error) => {}
                // An end that does not listen any more is gone, and the other one is to know.
                Err(_) => self.link.break_off(),
            }
        }
    }

    /// How much of what there is makes the next piece.
    fn piece(&mut self, there: usize) -> usize {
        let most = match self.manner.cutting {
            Cutting::Whole | Cutting::Held => there,
            Cutting::Bytes => 1,
            Cutting::Odd => self.chance.usize(1..=4000),
            Cutting::Mixed => match self.chance.u8(..16) {
                0..4 => 1,
                4..8 => self.chance.usize(1..=9),
                8..13 => self.chance.usize(1..=4000),
                _ => there,
            },
        };
        most.min(there)
    }

    fn stall(&mut self) {
        let Some(stalls) = self.manner.stalls else { return };
        if self.chance.u32(..stalls.one_in) == 0 {
            let most = u64::try_from(stalls.most.as_micros()).unwrap_or(u64::MAX);
            thread::park_timeout(Duration::from_micros(self.chance.u64(..=most)));
        }
    }
}
