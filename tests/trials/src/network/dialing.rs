use std::thread;
use std::time::Duration;

use hubless::monitor::{EventKind, Failure};
use hubless::{DialerState, Pull, Push};

use super::{Conditions, Network, PATIENCE};
use crate::Trial;
use hubless_kit::eventually;

/// An attempt that nobody would wait for.
const ENDLESS: Duration = Duration::from_secs(3600);

/// The network swallows everything from the beginning, so that nobody answers a dialer. Each attempt ends by its deadline, and
/// the next follows; closing waits for none.
pub fn dialing_into_nothing(trial: &Trial) {
    let network = Network::new(trial, Conditions::good());
    let pull = Pull::builder().context(&network.there.context()).build().expect("a socket");
    network.there.enter(|| pull.listen(network.there.endpoint()).expect("a port"));
    network.cut();
    closing_while_dialing(&network);

    let push = Push::builder().context(&network.here.context()).build().expect("a socket");
    let monitor = push.monitor();
    let pauses = Duration::from_millis(50)..=Duration::from_millis(100);
    let hasty = network.there.endpoint().handshake_timeout(Duration::from_millis(300)).reconnect(pauses);
    let dialer = push.dial(hasty).expect("an address");
    let mut failures = Vec::new();
    while failures.len() < 3 {
        if let EventKind::ConnectionFailed { failure, .. } =
            monitor.recv_timeout(PATIENCE).expect("an event").kind
        {
            failures.push(failure);
        }
    }
    assert!(failures.iter().all(|failure| *failure == Failure::TooSlow), "{failures:?}");
    assert!(dialer.status().failed >= 2 && push.stats().connected == 0);

    network.mend();
    push.send_timeout("at last", PATIENCE).expect("a connection");
    assert_eq!(pull.recv_timeout(PATIENCE).expect("a message"), "at last");
}

/// Closing does not wait for an attempt that is under way, however long both may take.
fn closing_while_dialing(network: &Network) {
    let push = Push::builder().context(&network.here.context()).build().expect("a socket");
    let dialer = push.dial(network.there.endpoint().handshake_timeout(ENDLESS)).expect("an address");
    assert_eq!(dialer.status().state, DialerState::Connecting);
    let closing = thread::spawn(move || push.close(ENDLESS));
    eventually(|| closing.is_finished());
    closing.join().expect("a close").expect("a live background");
    assert_eq!(dialer.status().state, DialerState::Closed);
}
