//! The little that the engine's files take from the patterns.

/// As the engine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Time(pub(crate) u64);

/// As the engine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PipeId {
    pub(crate) slot: u32,
    pub(crate) number: u32,
}
