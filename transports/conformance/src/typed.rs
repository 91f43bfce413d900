use hubless_transport::{Dialable, Listenable, Transport};

use crate::ends::{Bound, Pair, Subject, dial_with};
use crate::flow::{body, transfer};

/// Typed endpoints of the transport find each other: `listen` is a free one to listen on, and `dial` makes one of an address
/// with its scheme. Not part of the [`suite`](crate::suite), because a transport need not have any.
pub fn typed_endpoints_connect<D: Dialable>(
    transport: &dyn Transport,
    listen: impl Listenable,
    dial: impl FnOnce(&str) -> D,
) {
    let subject = Subject::new("typed endpoints connect", transport, &String::new);
    let check = subject.check;
    let mut events = subject.event_loop();
    let prefix = format!("{}://", transport.scheme());
    let plan = check.ok(listen.listening(), "an endpoint that can be listened on");
    let place = plan.address.strip_prefix(&prefix);
    check.require(place.is_some(), "the endpoint's address to begin with the scheme", &plan.address);
    let mut listener = plan.listener.unwrap_or_else(|| subject.listener(place.unwrap_or_default()));
    check.ok(listener.bind(), "to bind a free address");
    let token = events.watch_listener(listener.as_mut());
    let mut bound = Bound { listener, token };

    let address = format!("{prefix}{}", bound.listener.address());
    let plan = check.ok(dial(&address).dialing(), "an endpoint that can be dialed");
    check.require(plan.address == address, "the address it was made of", &plan.address);
    let dialed = match plan.dialer {
        Some(dialer) => dial_with(&mut events, dialer),
        None => subject.try_dial(&mut events, &bound.listener.address()),
    };
    let dialed = check.ok(dialed, "dialing a listener to succeed");
    let pair = Pair { dialed, accepted: bound.accept(&mut events) };
    pair.establish(&mut events);
    transfer(&mut events, &pair.dialed, &pair.accepted, &[body(1, 100)]);
    transfer(&mut events, &pair.accepted, &pair.dialed, &[body(2, 100)]);
}
