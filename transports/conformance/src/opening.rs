use std::io;

use hubless_transport::{Connection, Readiness, Transport};

use crate::ends::{DIALER, LISTENER, Subject};
use crate::flow::{body, transfer};

/// A listener tells an address that can be dialed, accepts, and both ends learn about each other.
pub fn connects_and_accepts(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("connects and accepts", transport, addresses);
    let check = subject.check;
    let mut events = subject.event_loop();
    let (mut bound, pair) = subject.pair(&mut events);
    let prefix = format!("{}://", transport.scheme());
    for end in [&pair.dialed, &pair.accepted] {
        let address = end.link().peer().address;
        check.require(address.starts_with(&prefix), "the peer's address to begin with the scheme", address);
    }
    for (end, other) in [(&pair.dialed, LISTENER), (&pair.accepted, DIALER)] {
        if let Connection::Messages(messages) = &end.connection {
            check.require(messages.offered() == other, "what the other end offered", messages.offered());
        }
    }
    transfer(&mut events, &pair.dialed, &pair.accepted, &[body(1, 100)]);
    transfer(&mut events, &pair.accepted, &pair.dialed, &[body(2, 100)]);
    check.require(bound.try_accept(&mut events).is_none(), "no second connection", "one");
    pair.dialed.link().unwatch(events.registry());
    bound.listener.unwatch(events.registry());
}

/// An address that a live listener has is refused to another, and the first one goes on.
pub fn binding_twice_is_refused(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("binding twice is refused", transport, addresses);
    let mut events = subject.event_loop();
    let mut bound = subject.listen(&mut events);
    for _ in 0..2 {
        let outcome = subject.listener(&bound.listener.address()).bind();
        let kind = outcome.map_err(|error| error.kind());
        subject.check.require(kind == Err(io::ErrorKind::AddrInUse), "`AddrInUse`", kind);
        let pair = subject.pair_on(&mut events, &mut bound);
        transfer(&mut events, &pair.dialed, &pair.accepted, &[body(3, 100)]);
    }
}

/// An address can be taken again once its listener is dropped, even while a connection made through it lives.
pub fn the_address_is_free_after_a_drop(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("the address is free after a drop", transport, addresses);
    let mut events = subject.event_loop();
    let (bound, old) = subject.pair(&mut events);
    let address = bound.listener.address();
    drop(bound);
    for _ in 0..3 {
        let mut again = subject.listen_on(&mut events, &address);
        let new = subject.pair_on(&mut events, &mut again);
        transfer(&mut events, &new.dialed, &new.accepted, &[body(4, 100)]);
        transfer(&mut events, &old.accepted, &old.dialed, &[body(5, 100)]);
    }
}

/// Dialing an address without a listener fails; or, where the transport says so, waits until there is one.
pub fn dialing_without_a_listener_fails_or_waits(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("dialing without a listener fails or waits", transport, addresses);
    let check = subject.check;
    let mut events = subject.event_loop();
    let bound = subject.listen(&mut events);
    let address = bound.listener.address();
    drop(bound);
    let dialed = match subject.try_dial(&mut events, &address) {
        Ok(end) => end,
        Err(error) => {
            let kind = error.kind();
            check.require(kind != io::ErrorKind::WouldBlock, "a failure, not `WouldBlock`", kind);
            return;
        }
    };
    loop {
        match dialed.link().establish() {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
            Err(_) if !dialed.link().establishes_promptly() => break,
            Err(_) => events.await_edge(dialed.token, Readiness::Writable),
            Ok(()) => check.fail("no connection without a listener", "one"),
        }
    }
    let mut late = subject.listen_on(&mut events, &address);
    let accepted = late.accept(&mut events);
    accepted.establish(&mut events);
    events.await_edge(dialed.token, Readiness::Writable);
    dialed.establish(&mut events);
    transfer(&mut events, &dialed, &accepted, &[body(6, 100)]);
}

/// Addresses that make no sense are refused with an explanation, or turn out unusable later; nothing panics.
pub fn bad_addresses_are_refused(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("bad addresses are refused", transport, addresses);
    let endless = "x".repeat(100_000);
    for address in ["", &endless] {
        let shown = &address[..address.len().min(10)];
        let refusals = [transport.dialer(address).map(drop), transport.listener(address).map(drop)];
        for refusal in refusals {
            let explained = refusal.as_ref().is_err_and(|error| !error.reason().is_empty());
            subject.check.require(explained, "an `AddressError` with a reason", shown);
        }
    }
    let odd = [
        " ",
        "\0",
        "\n",
        ":",
        "::",
        ":::::",
        "[",
        "]",
        "[]",
        "[]:",
        "[:",
        "]:1",
        "%",
        "[%]:1",
        "[::1%]:1",
        "@",
        "@\0",
        "*",
        "*:",
        "-1",
        ":-1",
        "a:99999999999999999999",
        "/",
        "//",
        "..",
        "/..",
        "\u{1f600}",
        "\u{1f600}:1",
        "a\u{0}b",
        "%00",
        "[\u{e9}]:1",
        "?",
        "#",
        "\u{202e}:80",
        "[::1%\u{1f600}]:1",
    ];
    for address in odd {
        // Whichever it is, it must not panic.
        let _ = transport.dialer(address);
        let _ = transport.listener(address);
    }
}
