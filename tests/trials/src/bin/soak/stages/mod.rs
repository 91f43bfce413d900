//! What is held, with the long figures.

mod coming;
mod connections;
mod hostile;
mod networks;
mod processes;

use std::path::PathBuf;

use hubless_trials::Trial;

/// One kind of trial.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    /// How often it is meant to be held in the three hours that the trials have of a run of five. No time takes more than some
    /// minutes, because none is cut short when the time is over.
    pub(crate) times: u64,
    /// What is judged by then, where the programme says how much that has to be.
    pub(crate) aim: Option<u64>,
    /// What that is a number of.
    pub(crate) judges: &'static str,
    /// Holds it. Panics when a law is broken.
    pub(crate) hold: fn(&Trial) -> Held,
}

impl Stage {
    /// The same, where the programme says how much has to be judged.
    const fn reaching(self, aim: u64) -> Self {
        Self { aim: Some(aim), ..self }
    }
}

/// What a stage did.
pub(crate) struct Held {
    /// What was judged, counted as the stage says.
    pub(crate) judged: u64,
    /// What its last part did, in a line.
    pub(crate) words: String,
}

impl Held {
    fn new(judged: u64, words: &impl ToString) -> Self {
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

/// All stages, in the order in which they are held first: the long ones early.
pub(crate) fn all() -> Vec<Stage> {
    let far = networks::STAGES.into_iter().chain(hostile::STAGES);
    far.chain(connections::STAGES).chain(coming::STAGES).chain(processes::STAGES).collect()
}

/// The program of the actors.
fn actor() -> PathBuf {
    beside("actor", "hubless-trials")
}

/// What cargo puts beside this program, when it builds this package.
fn beside(name: &str, package: &str) -> PathBuf {
    let file = std::env::current_exe().expect("a path").with_file_name(name);
    assert!(file.exists(), "{} is missing: cargo build --release --package {package}", file.display());
    file
}
