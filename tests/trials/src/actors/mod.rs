//! The parts that the processes of a trial play. Each is a function that gets the words behind its name, says on its output where
//! it listens, and ends with its parent.

mod churner;
mod failing;
mod host;
mod namespace;
mod scarce;
mod sink;
mod victim;

use std::io::{BufRead, Write};

pub(crate) use namespace::NOT_PERMITTED;

use crate::attacks;

/// Messages that may wait to be received, where it is to be known how many are lost with their receiver.
pub(crate) const WAITING: usize = 16;

/// Plays a part, by name.
///
/// # Panics
///
/// When there is no such part, or it cannot be played as it is told to.
pub fn play(part: &str, words: &[String]) {
    allow_descriptors();
    // Whoever was started by a trial that was killed does not stay behind.
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL)).expect("a signal");
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

/// Tells the trial something.
pub(crate) fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").expect("the trial listens");
    out.flush().expect("the trial listens");
}

/// Waits until the trial says something; nothing when it has gone.
fn hear() -> Option<String> {
    let mut line = String::new();
    let count = std::io::stdin().lock().read_line(&mut line).ok()?;
    (count > 0).then(|| line.trim_end().into())
}

/// Allows this process as many descriptors as it may have.
pub(crate) fn allow_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("the limit that may be had");
}
