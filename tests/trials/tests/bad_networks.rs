//! tcp over networks that lose, delay, reorder, repeat, cut and swallow.

use std::panic;
use std::path::Path;
use std::time::Duration;

use hubless::Keepalive;
use hubless_trials::Trial;
use hubless_trials::network::{self, Conditions, Plan, Report, Silence};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

/// Runs a test on networks of its own.
fn permitted(test: impl FnOnce()) {
    network::where_permitted(Path::new(ACTOR), test);
}

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A poor network, which is cut for 3 s.
fn poor(messages: u64) -> Plan {
    Plan { conditions: Conditions::poor(), partition: seconds(3), messages, length: 48 }
}

/// The connections outlived the cut, so that the laws of those that live applied.
fn lived(report: &Report) {
    println!("{report}");
    assert_eq!(report.disconnected, 0, "{report}");
    assert!(report.time > seconds(3), "it was over before the network was mended");
}

#[test]
fn a_push_over_a_poor_network_loses_nothing() {
    permitted(|| lived(&network::push_pull(&Trial::new("network push/pull"), &poor(200_000))));
}

#[test]
fn a_pair_over_a_poor_network_loses_nothing_either_way() {
    permitted(|| lived(&network::pair(&Trial::new("network pair"), &poor(100_000))));
}

#[test]
fn every_request_over_a_poor_network_is_answered_once() {
    permitted(|| lived(&network::requests(&Trial::new("network req/rep"), &poor(20_000))));
}

#[test]
fn what_a_subscriber_misses_over_a_poor_network_is_counted() {
    permitted(|| {
        let report = network::publishing(&Trial::new("network pub/sub"), &poor(100_000));
        lived(&report);
        assert!(report.lost > 0, "nothing was too much for the network");
    });
}

#[test]
fn a_survey_over_a_poor_network_gets_its_own_answers_and_in_time() {
    permitted(|| lived(&network::surveys(&Trial::new("network surveys"), &poor(60))));
}

#[test]
fn a_network_that_changes_what_it_carries_is_found_out() {
    permitted(|| {
        let conditions = Conditions { tamper: 20, ..Conditions::good() };
        let plan = Plan { conditions, partition: Duration::ZERO, messages: 10_000, length: 1000 };
        let found = panic::catch_unwind(|| network::push_pull(&Trial::new("network twin"), &plan));
        let found = found.expect_err("nobody noticed");
        let reason = found.downcast::<String>().expect("a reason");
        assert!(reason.contains("a message is not what was sent"), "{reason}");
    });
}

/// A peer that has vanished is found out after 4 s, and on however busy a machine long before the system's own two hours.
fn short() -> Silence {
    let keepalive = Keepalive::new().idle(seconds(1)).interval(seconds(1)).probes(3);
    Silence { keepalive: Some(keepalive), found_out: seconds(2)..=seconds(60), talking: false }
}

/// As it is where nobody says anything about it: within 35 s, and on however busy a machine not much later.
fn usual() -> Silence {
    Silence { keepalive: None, found_out: seconds(25)..=seconds(60), talking: false }
}

#[test]
fn a_peer_that_vanishes_is_found_out_by_both_ends_and_comes_back() {
    permitted(|| println!("{}", network::silence(&Trial::new("network silence"), &short())));
}

#[test]
#[ignore = "takes half a minute"]
fn a_peer_that_vanishes_is_found_out_within_35_s() {
    permitted(|| println!("{}", network::silence(&Trial::new("network silence"), &usual())));
}

#[test]
fn a_peer_that_vanishes_while_it_is_talked_to_is_found_out_too() {
    let talking = Silence { talking: true, ..short() };
    permitted(|| println!("{}", network::silence(&Trial::new("network silence"), &talking)));
}

#[test]
#[ignore = "takes half a minute"]
fn a_peer_that_vanishes_while_it_is_talked_to_is_found_out_in_time_too() {
    let talking = Silence { talking: true, ..usual() };
    permitted(|| println!("{}", network::silence(&Trial::new("network silence"), &talking)));
}

#[test]
fn a_peer_that_stands_still_is_kept() {
    permitted(|| network::slowness(&Trial::new("network slowness"), Path::new(ACTOR), &short(), seconds(6)));
}

/// The system asks it ever more seldom, at last after half a minute: so long is its silence, and longer than one may be gone.
#[test]
#[ignore = "takes a minute and a half"]
fn a_peer_that_stands_still_for_longer_than_one_may_be_gone_is_kept() {
    permitted(|| network::slowness(&Trial::new("network slowness"), Path::new(ACTOR), &short(), seconds(40)));
}

#[test]
fn a_peer_whose_host_has_failed_and_come_back_is_found_out_by_the_next_message() {
    permitted(|| network::reboot(&Trial::new("network reboot"), None));
}

#[test]
fn a_peer_whose_host_has_failed_and_come_back_is_found_out_by_a_probe() {
    permitted(|| network::reboot(&Trial::new("network reboot"), short().keepalive));
}

#[test]
fn a_dialer_that_nobody_answers_tries_again_and_can_be_closed() {
    permitted(|| network::dialing_into_nothing(&Trial::new("network dialing")));
}
