//! The primitives of the threads that meet here. A model checker puts its own in their place.

pub(crate) use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
