//! How everybody talks to the background thread, and it to sockets: commands and their mailbox, answers that are waited for, the
//! handles of dialers and listeners, and the trait by which the thread sees a socket of any pattern.
//!
//! Knows what is handed over, and neither end: sockets are above, and so is the thread. Protocols: commands, completion.

pub(super) mod attended;
pub(super) mod close_report;
pub(super) mod closer;
pub(super) mod completion;
pub(super) mod endpoint;
pub(super) mod mailbox;
pub(super) mod new_endpoints;
pub(super) mod tokens;
pub(super) mod until;

use super::{connect, pipe, sys, wait};
