use hubless_transport::Message;

use crate::patterns::peers::Peers;
use crate::patterns::{Effects, Full, Loss, PipeId, Refusal};

/// The live pipes of a socket, or some of them.
#[derive(Debug, Default)]
pub(super) struct Pipes {
    /// The number of the pipe in each slot; 0, which no pipe has, where there is none.
    numbers: Vec<u32>,
}

impl Pipes {
    /// A pipe came.
    #[inline]
    pub(super) fn insert(&mut self, pipe: PipeId) {
        let place = pipe.slot as usize;
        if place >= self.numbers.len() {
            self.numbers.resize(place + 1, 0);
        }
        self.numbers[place] = pipe.number;
    }

    /// A pipe left.
    #[inline]
    pub(super) fn remove(&mut self, pipe: PipeId) {
        if self.contains(pipe) {
            self.numbers[pipe.slot as usize] = 0;
            while self.numbers.last() == Some(&0) {
                self.numbers.pop();
            }
        }
    }

    /// Whether there is none.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Whether this very pipe is alive.
    #[inline]
    pub(super) fn contains(&self, pipe: PipeId) -> bool {
        pipe.number != 0 && self.numbers.get(pipe.slot as usize) == Some(&pipe.number)
    }

    /// All of them.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = PipeId> {
        (0..)
            .zip(&self.numbers)
            .filter(|(_, number)| **number != 0)
            .map(|(slot, &number)| PipeId { slot, number })
    }

    /// A copy to every pipe but the one with the number `except`. One that is full loses it; `taken` is told of the
    /// others.
    #[inline]
    pub(super) fn broadcast<O>(
        &self,
        header: &[u8],
        body: &Message,
        except: Option<u32>,
        fx: &mut impl Effects<O>,
        mut taken: impl FnMut(PipeId),
    ) {
        for pipe in self.iter().filter(|pipe| Some(pipe.number) != except) {
            match fx.push_shared(pipe, header, body) {
                Ok(()) => taken(pipe),
                Err(Full) => fx.count_for(pipe, Loss::PeerFull),
            }
        }
    }
}

impl Peers for Pipes {
    #[inline]
    fn add<O>(&mut self, pipe: PipeId, _fx: &mut impl Effects<O>) -> Result<(), Refusal> {
        self.insert(pipe);
        Ok(())
    }

    #[inline]
    fn remove(&mut self, pipe: PipeId) {
        Self::remove(self, pipe);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipe;

    #[test]
    fn a_pipe_is_known_by_its_number_too() {
        let mut pipes = Pipes::default();
        pipes.insert(pipe(3));
        pipes.insert(pipe(1));
        let later = PipeId { slot: 1, number: 7 };
        assert!(pipes.contains(pipe(1)) && !pipes.contains(later));
        pipes.remove(later);
        assert_eq!(pipes.iter().collect::<Vec<_>>(), [pipe(1), pipe(3)]);
        pipes.remove(pipe(1));
        pipes.insert(later);
        pipes.remove(pipe(3));
        assert_eq!(pipes.iter().collect::<Vec<_>>(), [later]);
        assert!(!pipes.is_empty());
        pipes.remove(later);
        assert!(pipes.is_empty());
    }
}
