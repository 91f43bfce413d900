//! Typed endpoints: their addresses and the limits of their settings.

use std::time::Duration;

use hubless_tcp::{Keepalive, Tcp};
use hubless_transport::side::Listens;
use hubless_transport::{Dialable, EndpointError, Listenable};

#[test]
fn an_endpoint_is_shown_as_the_address_it_could_be_parsed_from() {
    for (endpoint, shown) in [
        (Tcp::new("localhost", 5555), "tcp://localhost:5555"),
        (Tcp::new("::1", 5555), "tcp://[::1]:5555"),
        (Tcp::new("[::1]", 5555), "tcp://[::1]:5555"),
        (Tcp::new("fe80::1%lo", 5555), "tcp://[fe80::1%lo]:5555"),
        (Tcp::new(std::net::Ipv6Addr::LOCALHOST, 5555), "tcp://[::1]:5555"),
        (Tcp::from(std::net::SocketAddr::from(([127, 0, 0, 1], 5555))), "tcp://127.0.0.1:5555"),
    ] {
        assert_eq!(endpoint.to_string(), shown);
        assert_eq!(shown.parse::<Tcp>().expect(shown).to_string(), shown);
        assert_eq!(endpoint.dialing().expect(shown).address, shown);
    }
    assert_eq!(Tcp::<Listens>::try_from("tcp://*:0").expect("for listeners").to_string(), "tcp://*:0");
}

#[test]
fn an_address_that_is_none_is_refused_where_it_is_parsed() {
    for (address, reason, part) in [
        ("localhost:5555", "the scheme is missing: write `tcp://localhost:5555`", 0..0),
        ("ipc://localhost:5555", "this is another scheme: write `tcp://localhost:5555`", 0..6),
        ("tcp://localhost:99999", "too large", 16..21),
        ("tcp://localhost", "the port is missing", 15..15),
    ] {
        let error = address.parse::<Tcp>().expect_err(address);
        assert!(error.reason().contains(reason), "{error}");
        assert_eq!((error.part(), error.address()), (Some(part), Some(address)));
    }
}

#[test]
fn a_host_that_is_none_is_refused_where_it_is_dialed() {
    for (host, part) in [("a b", 6..9), ("a:b", 6..9), ("", 6..6)] {
        match Tcp::new(host, 5555).dialing() {
            Err(EndpointError::Address(error)) => {
                assert_eq!(error.part(), Some(part), "{error}");
                assert_eq!(error.address(), Some(format!("tcp://{host}:5555").as_str()));
            }
            other => panic!("{host:?} gives {other:?}"),
        }
    }
    assert!(matches!(Tcp::new("localhost", 0).dialing(), Err(EndpointError::Address(_))));
}

#[test]
fn a_setting_that_makes_no_sense_is_refused_and_named() {
    let at = || Tcp::new("localhost", 5555);
    let (zero, second, day) = (Duration::ZERO, Duration::from_secs(1), Duration::from_secs(86_400));
    for (endpoint, name) in [
        (at().keepalive(Keepalive::new().idle(zero)), "keepalive"),
        (at().keepalive(Keepalive::new().interval(day)), "keepalive"),
        (at().keepalive(Keepalive::new().probes(0)), "keepalive"),
        (at().interface(""), "interface"),
        (at().interface("much too long a name"), "interface"),
        (at().system_send_buffer(0), "system_send_buffer"),
        (at().system_recv_buffer(usize::MAX), "system_recv_buffer"),
        (at().handshake_timeout(zero), "handshake_timeout"),
    ] {
        let refusals = [endpoint.clone().dialing().map(drop), endpoint.listening().map(drop)];
        for refusal in refusals {
            assert!(
                matches!(&refusal, Err(EndpointError::Setting(error)) if error.setting == name),
                "{name}: {refusal:?}"
            );
        }
    }
    for pauses in [zero..=second, day..=second] {
        let refusal = at().reconnect(pauses).dialing();
        assert!(matches!(refusal, Err(EndpointError::Setting(error)) if error.setting == "reconnect"));
    }
    for (endpoint, name) in [
        (at().backlog(0), "backlog"),
        (at().max_connections(0), "max_connections"),
        (at().max_connections_per_address(0), "max_connections_per_address"),
    ] {
        let refusal = endpoint.listening();
        assert!(matches!(refusal, Err(EndpointError::Setting(error)) if error.setting == name), "{name}");
    }
}
