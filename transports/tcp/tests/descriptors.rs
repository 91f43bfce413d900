//! What happens when the process has no descriptor left. Alone in its program, for the limit holds for all of it.

use std::fs::File;
use std::net::TcpStream;

use hubless_kit::limit_descriptors;
use hubless_tcp::TcpTransport;
use hubless_transport::{Offer, Transport};
use rustix::io::Errno;

fn is_out_of_descriptors<T>(outcome: std::io::Result<T>) -> bool {
    outcome.is_err_and(|error| Errno::from_io_error(&error) == Some(Errno::MFILE))
}

#[test]
fn running_out_of_descriptors_is_an_error_that_passes() {
    let offer = Offer::new("push", ["pull"]);
    let mut listener = TcpTransport::new().listener("127.0.0.1:0").expect("a good address");
    listener.bind().expect("a free port");
    let mut dialer = TcpTransport::new().dialer(&listener.address()).expect("a good address");
    let _waiting = TcpStream::connect(listener.address()).expect("a connection");

    let usual = limit_descriptors(64);
    let mut hoard = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        hoard.push(file);
    }
    for _ in 0..3 {
        assert!(is_out_of_descriptors(dialer.dial(None, &offer)));
        assert!(is_out_of_descriptors(listener.accept(&offer)));
        assert!(is_out_of_descriptors(TcpTransport::new().listener("*:0").expect("a good address").bind()));
    }
    drop(hoard);
    limit_descriptors(usual);
    listener.accept(&offer).expect("the connection has waited");
    dialer.dial(None, &offer).expect("an attempt");
}
