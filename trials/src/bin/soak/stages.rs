use hubless_trials::Trial;

/// One kind of trial.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    /// Every how many rounds it is held: some take long.
    pub(crate) every: u64,
    /// Holds it; what it did, in a line, and how many messages it judged. Panics when a law is broken.
    pub(crate) hold: fn(&Trial) -> (u64, String),
}

/// All stages, in the order in which a round holds them.
pub(crate) fn all() -> Vec<Stage> {
    vec![]
}
