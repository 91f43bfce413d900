//! Stands in for the engine's `sync`.

pub(crate) use loom::sync::atomic::Ordering;

pub(crate) use super::super::super::sync::*;
pub(crate) use super::flag::Flag;
pub(crate) type Alarm = super::super::super::sync::Alarm<Flag>;
