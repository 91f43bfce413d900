use std::io::ErrorKind;

use hubless::monitor::Removal;
use hubless::{Keepalive, Pull, Push};

use super::silence::removal;
use super::{Conditions, Host, Network, PATIENCE};
use crate::Trial;

/// The host that is listened on fails and comes back, and knows nothing of its connections. The end over here finds out with the
/// next packet that it sends, which is the next message or, with a keepalive, a probe, and dials again.
pub fn reboot(trial: &Trial, keepalive: Option<Keepalive>) {
    let mut network = Network::new(trial, Conditions::good());
    let push = Push::builder().context(&network.here.context()).build().expect("a socket");
    let monitor = push.monitor();
    let pull = listen(&network.there);
    push.dial(network.there.endpoint().keepalive(keepalive)).expect("an address");
    push.send("before").expect("a connection");
    assert_eq!(pull.recv_timeout(PATIENCE).expect("a message"), "before");

    network.settle();
    let _failed = network.reboot_there();
    let heir = listen(&network.there);
    if keepalive.is_none() {
        push.send("lost with the connection").expect("one that nobody knows to be gone");
    }
    let removal = removal(&monitor);
    assert!(
        matches!(&removal, Removal::Broken(cause) if cause.kind == ErrorKind::ConnectionReset),
        "{removal}"
    );
    push.send_timeout("after", PATIENCE).expect("another connection");
    assert_eq!(heir.recv_timeout(PATIENCE).expect("a message"), "after");
    assert_eq!(push.stats().reconnected, 1);
}

/// A PULL on this host.
fn listen(host: &Host) -> Pull {
    let pull = Pull::builder().context(&host.context()).build().expect("a socket");
    host.enter(|| pull.listen(host.endpoint()).expect("a port"));
    pull
}
