//! Ports in use, dead connections, and the signal that must not come.

use std::io::{self, IoSlice};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use hubless_kit::child::{perform, write_without_signal, writing_sends_no_signal};
use hubless_kit::transport;
use hubless_tcp::TcpTransport;
use hubless_transport::{Connection, Listener, Transport};

fn listener(address: &str) -> Box<dyn Listener> {
    TcpTransport::new().listener(address).expect("a good address")
}

fn bound(address: &str) -> (Box<dyn Listener>, SocketAddr) {
    let listener = transport::bind(&TcpTransport::new(), address).expect("a free port");
    let address = listener.address().parse().expect("a literal address");
    (listener, address)
}

/// Accepts in a loop, since the connection may still be on its way.
fn accept(listener: &mut dyn Listener) -> Connection {
    loop {
        match transport::accept(listener) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::yield_now(),
            outcome => return outcome.expect("a connection"),
        }
    }
}

#[test]
fn a_port_in_use_is_refused_on_any_overlapping_address() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port();
    for host in ["127.0.0.1", "0.0.0.0", "*"] {
        let outcome = listener(&format!("{host}:{port}")).bind().map_err(|error| error.kind());
        assert_eq!(outcome, Err(io::ErrorKind::AddrInUse), "{host}");
    }
}

#[test]
fn an_address_of_another_machine_cannot_be_bound() {
    let outcome = listener("192.0.2.1:0").bind().map_err(|error| error.kind());
    assert_eq!(outcome, Err(io::ErrorKind::AddrNotAvailable));
}

#[test]
fn the_star_listens_on_both_families() {
    let (mut listener, address) = bound("*:0");
    let v4 = TcpStream::connect(("127.0.0.1", address.port())).expect("IPv4");
    accept(listener.as_mut());
    drop(v4);
    if TcpListener::bind("[::1]:0").is_ok() {
        let _v6 = TcpStream::connect(("::1", address.port())).expect("IPv6");
        accept(listener.as_mut());
    }
}

#[test]
fn a_name_is_left_to_the_caller_and_a_literal_is_not() {
    let name = TcpTransport::new().dialer("example.com:80").expect("a good address");
    assert_eq!(name.host(), Some(("example.com", 80)));
    let literal = TcpTransport::new().dialer("[::1]:80").expect("a good address");
    assert_eq!(literal.host(), None);
}

#[test]
fn a_listener_that_is_not_bound_says_so() {
    let mut listener = listener("127.0.0.1:0");
    let outcome = transport::accept(listener.as_mut()).map(drop).map_err(|error| error.kind());
    assert_eq!(outcome, Err(io::ErrorKind::NotConnected));
    assert_eq!(listener.address(), "127.0.0.1:0");
}

#[test]
fn connections_that_were_reset_in_the_queue_do_not_stop_the_listener() {
    let (mut listener, address) = bound("127.0.0.1:0");
    for _ in 0..20 {
        let doomed = socket2::SockRef::from(&TcpStream::connect(address).expect("room in the queue"))
            .set_linger(Some(Duration::ZERO));
        doomed.expect("a reset instead of an orderly end");
    }
    let live = TcpStream::connect(address).expect("room in the queue");
    let peer = format!("tcp://{}", live.local_addr().expect("an address"));
    loop {
        if let Connection::Stream(stream) = accept(listener.as_mut())
            && stream.peer().address == peer
        {
            break;
        }
    }
}

/// Writes to a peer that is gone until it fails.
fn write_to_nobody() {
    let (mut listener, address) = bound("127.0.0.1:0");
    drop(TcpStream::connect(address).expect("a connection"));
    let Connection::Stream(stream) = accept(listener.as_mut()) else { panic!("tcp has streams") };
    loop {
        match stream.write(&[IoSlice::new(b"anybody there?"), IoSlice::new(b"?")]) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::yield_now(),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return,
            // What comes first, and once, where the peer has reset the connection.
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn writing_to_a_closed_peer_sends_no_signal() {
    writing_sends_no_signal(write_to_nobody);
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|_| write_without_signal(write_to_nobody));
}
