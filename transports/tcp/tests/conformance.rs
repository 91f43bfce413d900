//! The kit, over both families and every form of address that a listener takes.

use hubless_tcp::{Tcp, TcpTransport};

fn run(address: &str) {
    hubless_conformance::suite(&TcpTransport::new(), &|| address.to_owned());
}

#[test]
fn tcp_conforms_on_ipv4() {
    run("127.0.0.1:0");
}

#[test]
fn tcp_conforms_on_every_interface() {
    run("*:0");
}

#[test]
fn tcp_conforms_under_a_name() {
    run("localhost:0");
}

#[test]
fn tcp_conforms_on_ipv6() {
    if std::net::TcpListener::bind("[::1]:0").is_ok() {
        run("[::1]:0");
    }
}

#[test]
fn typed_endpoints_conform() {
    let endpoints = [Tcp::new("127.0.0.1", 0).backlog(5), Tcp::new("localhost", 0).backlog(5), Tcp::any(0)];
    for listened in endpoints {
        hubless_conformance::typed_endpoints_connect(&TcpTransport::new(), listened, |address| {
            address.parse::<Tcp>().expect("an address").nodelay(false).keepalive(None)
        });
    }
}
