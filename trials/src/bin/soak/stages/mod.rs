//! What a round holds, with the long figures.

mod connections;
mod hostile;
mod networks;
mod processes;

use std::path::{Path, PathBuf};

use hubless_trials::Trial;

/// One kind of trial.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    /// It is held in the first round and then in one of so many: some take long.
    pub(crate) every: u64,
    /// Holds it. Panics when a law is broken.
    pub(crate) hold: fn(&Trial) -> Held,
}

/// What a stage did.
pub(crate) struct Held {
    /// Messages, connections or attacks that were judged.
    pub(crate) judged: u64,
    /// What its last part did, in a line.
    pub(crate) words: String,
}

impl Held {
    fn new(judged: u64, words: impl ToString) -> Self {
        Self { judged, words: words.to_string() }
    }

    /// One of several.
    fn and(self, other: Self) -> Self {
        Self { judged: self.judged + other.judged, words: other.words }
    }
}

/// All of these, which are some.
fn all_of(held: impl IntoIterator<Item = Held>) -> Held {
    held.into_iter().reduce(Held::and).expect("a stage does something")
}

/// All stages, in the order in which a round holds them.
pub(crate) fn all() -> Vec<Stage> {
    let near = connections::STAGES.into_iter().chain(processes::STAGES);
    near.chain(networks::STAGES).chain(hostile::STAGES).collect()
}

/// The program of the actors, which cargo puts beside this one.
fn actor() -> PathBuf {
    let actor = std::env::current_exe().expect("a path").with_file_name("actor");
    assert!(
        Path::new(&actor).exists(),
        "{} is missing: cargo build --package hubless-trials",
        actor.display()
    );
    actor
}
