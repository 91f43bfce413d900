//! The works: what is measured.

mod idle;
mod own;
mod pub_sub;
mod push_pull;
mod req_rep;

use std::time::{Duration, Instant};

use crate::contestant::Contestant;
use crate::end::{Order, Role};
use crate::measure::{End, Trial, Trouble};
use crate::place::Transport;

/// A run that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(15);
/// Connections that one address is given: hubless takes some 4,000 at each, the others as many as there are.
const AT_ONE_ADDRESS: usize = 4_000;

/// All of them, in the order in which they are measured.
pub fn all() -> Vec<Box<dyn Trial>> {
    let mut trials = push_pull::trials();
    trials.extend(req_rep::trials());
    trials.extend(pub_sub::trials());
    trials.extend(idle::trials());
    trials.extend(own::trials());
    trials
}

fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// A size as people write it.
fn size_name(octets: usize) -> String {
    match octets {
        0..1024 => format!("{octets} B"),
        1024..1_048_576 => format!("{} KiB", octets / 1024),
        _ => format!("{} MiB", octets / 1_048_576),
    }
}

fn address(transport: Transport) -> Result<String, Trouble> {
    transport.address().map_err(|error| Trouble::Failed(error.to_string()))
}

/// As many addresses as so many connections need.
fn addresses(connections: usize) -> Result<Vec<String>, Trouble> {
    (0..connections.div_ceil(AT_ONE_ADDRESS)).map(|_| address(Transport::Tcp)).collect()
}

/// Starts an end that runs anywhere.
fn start(contestant: Contestant, role: Role) -> Result<End, Trouble> {
    End::start(&Order { contestant, role, cpu: None })
}
