//! Sockets are closed under threads that call them, and nobody stays behind in a call.

use hubless_trials::Trial;
use hubless_trials::closings::{self, Plan};

fn everybody_returns(transport: &'static str) {
    let report = closings::hold(&Trial::new("closings"), Plan { closes: 4_000 }, transport);
    println!("{report}");
    assert!(report.cut_off > 400, "hardly anybody was in a call: {report}");
}

#[test]
fn every_call_over_tcp_returns_when_its_socket_is_closed() {
    everybody_returns("tcp");
}

#[test]
fn every_call_over_ipc_returns_when_its_socket_is_closed() {
    everybody_returns("ipc");
}

#[test]
fn every_call_over_inproc_returns_when_its_socket_is_closed() {
    everybody_returns("inproc");
}
