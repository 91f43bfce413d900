//! Two hosts and a network between them that is ours: each is a namespace of the system with a device of its own (TUN), and a
//! thread carries the packets from one to the other, as well or badly as it is told to. So tcp is the system's own, with all
//! its timers, and what becomes of the first packet, the second, and each after it follows from the seed.

mod carrier;
mod conditions;
mod dialing;
mod every_pattern;
mod flow;
mod host;
mod line;
mod permission;
mod plan;
mod publishing;
mod reboot;
mod report;
mod requests;
mod silence;
mod slowness;
mod streams;
mod surveys;

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

pub use conditions::Conditions;
pub use dialing::dialing_into_nothing;
pub use every_pattern::every_pattern;
pub use host::Host;
pub use line::Line;
pub use permission::where_permitted;
pub use plan::Plan;
pub use publishing::publishing;
pub use reboot::reboot;
pub use report::Report;
pub use requests::requests;
pub use silence::{FoundOut, Silence, silence};
pub use slowness::slowness;
pub use streams::{pair, push_pull};
pub use surveys::surveys;

use crate::Trial;
use carrier::Carrier;
use hubless_kit::{eventually, now};

/// Long enough for everything that is not about time.
const PATIENCE: Duration = Duration::from_secs(120);
/// A cut that nobody mends lasts longer than any trial.
const FOR_GOOD: Duration = Duration::from_secs(1 << 20);

/// Two hosts and what is between them.
pub struct Network {
    /// The host that dials, where it is not said otherwise.
    pub here: Host,
    /// The host that listens, where it is not said otherwise.
    pub there: Host,
    carrier: Carrier,
}

impl Network {
    /// A network in these conditions.
    pub fn new(trial: &Trial, conditions: Conditions) -> Self {
        Self::try_new(trial, conditions).expect("a network, which needs root")
    }

    fn try_new(trial: &Trial, conditions: Conditions) -> io::Result<Self> {
        let (here, there) = (Host::new(ADDRESSES[0])?, Host::new(ADDRESSES[1])?);
        let ends = [&here, &there].map(|host| Arc::clone(&host.device));
        let lines = [1, 2].map(|way| Line::new(conditions, trial.chance(way)));
        Ok(Self { here, there, carrier: Carrier::start(ends, lines) })
    }

    /// From now on nothing gets through, in silence.
    pub fn cut(&self) {
        self.cut_for(FOR_GOOD);
    }

    /// Nothing gets through for this time.
    pub fn cut_for(&self, time: Duration) {
        self.carrier.cut(Some(now() + time));
    }

    /// Packets get through again.
    pub fn mend(&self) {
        self.carrier.cut(None);
    }

    /// Waits until the other end has confirmed all that either has sent.
    pub(crate) fn settle(&self) {
        eventually(|| self.here.has_all_confirmed() && self.there.has_all_confirmed());
    }

    /// Another host takes the place and the address of the one over there, and knows nothing of its connections, as after a
    /// power failure. The one that was there is given back, cut off from all.
    pub fn reboot_there(&mut self) -> Host {
        let another = Host::new(self.there.address()).expect("a host");
        self.carrier.plug(1, Arc::clone(&another.device));
        std::mem::replace(&mut self.there, another)
    }
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network")
            .field("here", &self.here)
            .field("there", &self.there)
            .finish_non_exhaustive()
    }
}

/// Namespaces know nothing of each other, so all networks can have the same.
const ADDRESSES: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 77, 0, 1), Ipv4Addr::new(10, 77, 0, 2)];
