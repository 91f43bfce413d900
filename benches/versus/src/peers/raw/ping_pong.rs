//! Blocking ping-pong: a write and a read at either end.

use super::wire::Wire;
use crate::Outcome;
use crate::end::Rounds;

/// More than any question.
const QUESTION: usize = 4096;

pub(super) fn ask(wire: &mut dyn Wire, rounds: &mut Rounds) -> Outcome<()> {
    let mut answer = [0; QUESTION];
    while let Some(question) = rounds.next() {
        let length = question.len();
        wire.write_all(question)?;
        wire.read_exact(&mut answer[..length])?;
        rounds.finish(&answer[..length]);
    }
    Ok(())
}

pub(super) fn answer(wire: &mut dyn Wire) -> Outcome<()> {
    let mut question = [0; QUESTION];
    loop {
        let length = wire.read(&mut question)?;
        if length == 0 {
            return Ok(());
        }
        wire.write_all(&question[..length])?;
    }
}
