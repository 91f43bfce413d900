//! The kit, over both families and every form of address that a listener takes.

use hubless_tcp::Tcp;

fn run(address: &str) {
    hubless_conformance::suite(&Tcp::new(), &|| address.to_owned());
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
