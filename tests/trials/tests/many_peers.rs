//! Very many peers of one listener: they come back without a storm, and are served all.

use std::path::Path;
use std::time::Duration;

use hubless_trials::{Trial, crowd, reconnect_storm};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");
/// However busy the machine is.
const LONG: Duration = Duration::from_secs(60);

#[test]
fn clients_that_lost_their_server_together_come_back_and_not_all_at_once() {
    let plan = reconnect_storm::Plan {
        clients: 200,
        kills: 1,
        outage: Duration::from_secs(3),
        back: LONG,
        most_percent: 30,
    };
    println!("{}", reconnect_storm::hold(&Trial::new("storm"), plan, Path::new(ACTOR)));
}

#[test]
fn every_connection_of_a_crowd_gets_every_message_and_costs_little() {
    let plan = crowd::Plan { connections: 500, messages: 100, idle_kib: 16, close: LONG };
    println!("{}", crowd::hold(&Trial::new("crowd"), plan, Path::new(ACTOR)));
}
