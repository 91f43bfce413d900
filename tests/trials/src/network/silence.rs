use std::fmt;
use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use hubless::monitor::{EventKind, Removal};
use hubless::{Keepalive, Monitor, Pull, Push, Tcp};

use super::{Conditions, Network, PATIENCE};
use crate::Trial;
use hubless_kit::now;

/// When a peer that has vanished is to be found out.
#[derive(Debug, Clone)]
pub struct Silence {
    /// The setting of both ends; without it they have none, and so the one that every endpoint has.
    pub keepalive: Option<Keepalive>,
    /// The time from when nothing gets through any more until the end knows.
    pub found_out: RangeInclusive<Duration>,
    /// The one that dials sends meanwhile, so that it is not keepalive that finds out: there is something to be confirmed.
    pub talking: bool,
}

/// When each end knew.
#[derive(Debug, Clone, Copy)]
pub struct FoundOut {
    /// The one that dials.
    pub here: Duration,
    /// The one that listens.
    pub there: Duration,
}

impl Silence {
    /// An endpoint with this setting.
    pub(super) fn set(&self, endpoint: Tcp) -> Tcp {
        match self.keepalive {
            Some(keepalive) => endpoint.keepalive(keepalive),
            None => endpoint,
        }
    }
}

impl fmt::Display for FoundOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "silence: the dialer knew after {:.1?}, the listener after {:.1?}", self.here, self.there)
    }
}

/// The network swallows everything, while nobody has anything to say or while one goes on talking. Both ends find out, and are
/// connected again once it is mended.
pub fn silence(trial: &Trial, silence: &Silence) -> FoundOut {
    let network = Network::new(trial, Conditions::good());
    let push = Push::builder().context(&network.here.context()).build().expect("a socket");
    let pull = Pull::builder().context(&network.there.context()).build().expect("a socket");
    let monitors = [push.monitor(), pull.monitor()];
    network.there.enter(|| pull.listen(silence.set(network.there.endpoint())).expect("a port"));
    let pauses = Duration::from_millis(50)..=Duration::from_millis(500);
    push.dial(silence.set(network.there.endpoint()).reconnect(pauses)).expect("an address");
    push.send("before").expect("a connection");
    assert_eq!(pull.recv_timeout(PATIENCE).expect("a message"), "before");

    network.settle();
    network.cut();
    let begin = now();
    if silence.talking {
        push.send("into nothing").expect("room");
    }
    let [here, there] = monitors.map(|monitor| end_of_silence(&monitor, begin));
    for time in [here, there] {
        assert!(silence.found_out.contains(&time), "found out after {time:?}: {silence:?}");
    }
    network.mend();
    push.send_timeout("after", PATIENCE).expect("another connection");
    assert_eq!(pull.recv_timeout(PATIENCE).expect("a message"), "after");
    FoundOut { here, there }
}

/// Waits until the connection has ended because nothing came. How long that took.
fn end_of_silence(monitor: &Monitor, begin: Instant) -> Duration {
    let removal = removal(monitor);
    assert!(matches!(&removal, Removal::Broken(cause) if cause.kind == ErrorKind::TimedOut), "{removal}");
    begin.elapsed()
}

/// Waits until a connection ends. Why it did.
pub(super) fn removal(monitor: &Monitor) -> Removal {
    loop {
        if let EventKind::Removed { removal, .. } = monitor.recv_timeout(PATIENCE).expect("an end").kind {
            return removal;
        }
    }
}
