//! The calls of a transport, as those make them who test one without a socket above it.

use std::io;

use hubless::transport::{Connection, Listener, Offer, Stream, Transport};

/// Listens at an address that is good.
pub fn bind(transport: &impl Transport, address: &str) -> io::Result<Box<dyn Listener>> {
    let mut listener = transport.listener(address).expect("a good address");
    listener.bind().map(|()| listener)
}

/// Dials an address that is good, as a PUSH.
pub fn dial(transport: &impl Transport, address: &str) -> io::Result<Connection> {
    transport.dialer(address).expect("a good address").dial(None, &Offer::new("push", ["pull"]))
}

/// Accepts, as a PULL.
pub fn accept(listener: &mut dyn Listener) -> io::Result<Connection> {
    listener.accept(&Offer::new("pull", ["push"]))
}

/// The stream that a connection is.
pub fn stream(connection: io::Result<Connection>) -> io::Result<Box<dyn Stream>> {
    match connection? {
        Connection::Stream(stream) => Ok(stream),
        other => panic!("not a stream: {other:?}"),
    }
}
