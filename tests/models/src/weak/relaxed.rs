//! The same with every ordering relaxed.

use loom::sync::atomic::Ordering as Orderings;

#[path = "room.rs"]
mod room;
pub(super) use room::*;

/// Whatever the engine asks for, it gets this.
pub(crate) struct Ordering;

#[allow(non_upper_case_globals, reason = "they stand in for those of the system")]
impl Ordering {
    pub(crate) const Acquire: Orderings = Self::Relaxed;
    pub(crate) const AcqRel: Orderings = Self::Relaxed;
    pub(crate) const Relaxed: Orderings = Orderings::Relaxed;
    pub(crate) const Release: Orderings = Self::Relaxed;
}
