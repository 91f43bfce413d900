//! The little that the engine's files take from the patterns.

/// As the engine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Time(pub(crate) u64);

#[cfg(test)]
impl Time {
    /// As the engine's.
    pub(crate) fn since(self, earlier: Self) -> std::time::Duration {
        std::time::Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// As the engine's.
    pub(crate) fn after(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)))
    }
}

/// As the engine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PipeId {
    pub(crate) slot: u32,
    pub(crate) number: u32,
}
