use std::time::Duration;

use hubless::Stats;

/// A socket of any pattern, where sockets of several are kept together.
pub(crate) trait AnySocket {
    /// What it has counted.
    fn counted(&self) -> Stats;
    /// Closes it at once.
    fn shut(&self);
}

impl<S: hubless::Socket> AnySocket for S {
    fn counted(&self) -> Stats {
        self.stats()
    }

    fn shut(&self) {
        let _ = self.close(Duration::ZERO);
    }
}
