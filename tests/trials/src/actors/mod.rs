//! The parts that the processes of a trial play. Each is a function that gets the words behind its name, says on its output where
//! it listens, and ends with its parent.

mod churner;
mod failing;
mod host;
mod namespace;
mod scarce;
mod sink;
mod victim;

pub(crate) use namespace::NOT_PERMITTED;

use hubless_kit::allow_descriptors;
use hubless_kit::child::end_with_parent;

use crate::attacks;

/// Messages that may wait to be received, where it is to be known how many are lost with their receiver.
pub(crate) const WAITING: usize = 16;

/// Plays a part, by name.
pub fn play(part: &str, words: &[String]) {
    allow_descriptors();
    end_with_parent();
    match part {
        "namespace" => namespace::play(words),
        "churner" => churner::play(words),
        "attack-target" => attacks::play_target(words),
        "attack-target-within" => attacks::play_target_within(words),
        "attacker" => attacks::play_attacker(words),
        "failing" => failing::play(words),
        "host" => host::play(words),
        "scarce" => scarce::play(words),
        "sink" => sink::play(words),
        "victim" => victim::play(words),
        _ => panic!("there is no part {part:?}"),
    }
}
