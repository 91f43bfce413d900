//! Who is attacked.

use hubless::{Builder, Listener, Pull, Push, Stats};
use hubless_kit::peer::Peer;
use hubless_kit::{Site, counts, link, passes};

/// A PULL with an honest PUSH, at an address where others come as well.
pub(crate) struct Served {
    pub(crate) pull: Pull,
    pub(crate) push: Push,
    pub(crate) at: Listener,
}

impl Served {
    pub(crate) fn new(site: &Site) -> Self {
        Self::with(site, Pull::builder())
    }

    pub(crate) fn with(site: &Site, options: Builder<Pull>) -> Self {
        let (pull, push) = (options.build().expect("a socket"), Push::new().expect("a socket"));
        let (at, _) = link(site, &pull, &push);
        Self { pull, push, at }
    }

    /// The honest peer is still served, over the connection it always had.
    #[track_caller]
    pub(crate) fn honest(&self) {
        passes(&self.push, &self.pull, "honest");
        assert_eq!(self.push.stats().connected, 1);
    }

    /// The dishonest one is shut out, and this counts it.
    #[track_caller]
    pub(crate) fn refuses(&self, peer: &Peer, counted: impl Fn(&Stats) -> bool) {
        peer.wait_for_end();
        counts(&self.pull, counted);
        assert_eq!(self.pull.stats().connected, 1);
        self.honest();
    }
}
