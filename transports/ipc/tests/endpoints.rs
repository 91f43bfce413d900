//! Typed endpoints: their addresses, and what their settings do.

use std::os::unix::fs::PermissionsExt;

use hubless_ipc::Ipc;
use hubless_transport::side::MayListen;
use hubless_transport::{Dialable, EndpointError, Listenable, Listener};

fn bound<S: MayListen>(endpoint: Ipc<S>) -> Box<dyn Listener> {
    let mut listener = endpoint.listening().expect("a good endpoint").listener.expect("one of its own");
    listener.bind().expect("a free path");
    listener
}

#[test]
fn an_endpoint_is_shown_as_the_address_it_could_be_parsed_from() {
    let mut shown =
        vec![(Ipc::path("/run/jobs.sock"), "ipc:///run/jobs.sock"), (Ipc::path("@jobs"), "ipc://./@jobs")];
    if cfg!(target_os = "linux") {
        shown.push((Ipc::abstract_name("jobs"), "ipc://@jobs"));
    }
    for (endpoint, shown) in shown {
        assert_eq!(endpoint.to_string(), shown);
        assert_eq!(shown.parse::<Ipc>().expect(shown).to_string(), shown);
        assert_eq!(endpoint.dialing().expect(shown).address, shown);
    }
}

#[test]
fn what_is_wrong_is_pointed_at() {
    let error = "/run/jobs.sock".parse::<Ipc>().expect_err("no scheme");
    assert!(error.reason().contains("write `ipc:///run/jobs.sock`"), "{error}");
    assert_eq!(<Ipc>::try_from("ipc://a\0b").expect_err("a NUL").part(), Some(7..8));
    for endpoint in [Ipc::path(""), Ipc::path("x".repeat(200)), Ipc::abstract_name("a\0b")] {
        assert!(matches!(endpoint.dialing(), Err(EndpointError::Address(_))));
    }
}

#[test]
fn the_file_gets_the_mode_that_is_set_and_else_is_its_owners() {
    let directory = tempfile::tempdir().expect("a directory");
    for (mode, expected) in [(Some(0o660), 0o660), (Some(0o666), 0o666), (None, 0o600)] {
        let path = directory.path().join(format!("{expected:o}"));
        let endpoint = Ipc::path(&path);
        let _listener = match mode {
            Some(mode) => bound(endpoint.mode(mode)),
            None => bound(endpoint),
        };
        let found = std::fs::metadata(&path).expect("the socket").permissions().mode() & 0o777;
        assert_eq!(found, expected, "{found:o}");
    }
}

#[test]
fn a_setting_that_makes_no_sense_is_refused_and_named() {
    for (endpoint, name) in [
        (Ipc::path("/x").mode(0o1777), "mode"),
        (Ipc::abstract_name("x").mode(0o600), "mode"),
        (Ipc::path("/x").backlog(0), "backlog"),
        (Ipc::path("/x").system_send_buffer(0).max_connections(1), "system_send_buffer"),
    ] {
        let refusal = endpoint.listening();
        assert!(matches!(refusal, Err(EndpointError::Setting(error)) if error.setting == name), "{name}");
    }
}
