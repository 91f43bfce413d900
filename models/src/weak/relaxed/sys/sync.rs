//! Stands in for the engine's `sync`, with every ordering relaxed.

pub(crate) use super::super::super::sync::*;
pub(crate) use super::flag::Flag;
pub(crate) type Alarm = super::super::super::sync::Alarm<Flag>;

/// Whatever the engine asks for, it gets this.
pub(crate) struct Ordering;

#[allow(non_upper_case_globals, reason = "they stand in for those of the system")]
impl Ordering {
    pub(crate) const Acquire: loom::sync::atomic::Ordering = Self::Relaxed;
    pub(crate) const AcqRel: loom::sync::atomic::Ordering = Self::Relaxed;
    pub(crate) const Relaxed: loom::sync::atomic::Ordering = loom::sync::atomic::Ordering::Relaxed;
    pub(crate) const Release: loom::sync::atomic::Ordering = Self::Relaxed;
}
