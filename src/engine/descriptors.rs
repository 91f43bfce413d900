//! How many connections the process may have at all.

use rustix::process::{Resource, getrlimit};

use crate::monitor::Limit;

/// The part of the process's descriptors that connections may use, in percent: the rest is the program's.
const SHARE: u64 = 80;

/// The limit on connections of one background thread.
#[derive(Debug)]
pub(crate) struct Descriptors {
    limit: usize,
}

impl Descriptors {
    /// As the system has it now.
    pub(crate) fn from_system() -> Self {
        let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        Self { limit: usize::try_from(limit / 100 * SHARE + limit % 100 * SHARE / 100).unwrap_or(usize::MAX) }
    }

    /// Why there can be no further connection beside so many.
    pub(crate) fn limit_reached(&self, connections: usize) -> Option<Limit> {
        (connections >= self.limit).then_some(Limit::Descriptors { connections, percent: SHARE })
    }
}
