//! From an address to a connection that may become a pipe, as plain data: which transport, which options, which address of a name
//! next, who is let in, and who has the one place of a socket that has one.
//!
//! Knows pipes and what is below. What happens when is decided in `background`.

pub(super) mod addresses;
pub(super) mod addressing;
pub(super) mod admission;
pub(super) mod newcomer;
pub(super) mod options;
pub(super) mod places;

use super::{pipe, sys};
