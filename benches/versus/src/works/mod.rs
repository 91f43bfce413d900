//! The works: what is measured.

mod bursts;
mod idle;
mod own;
mod pub_sub;
mod push_pull;
mod req_rep;
mod sweeps;

use std::time::{Duration, Instant};

use crate::contestant::{Contestant, Floor, Library};
use crate::end::{Order, Role};
use crate::measure::{End, Trial, Trouble};
use crate::place::Transport;

/// A run that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(15);

/// All of them, in the order in which they are measured.
pub fn all() -> Vec<Box<dyn Trial>> {
    let mut trials = push_pull::trials();
    trials.extend(req_rep::trials());
    trials.extend(pub_sub::trials());
    trials.extend(sweeps::trials());
    trials.extend(idle::trials());
    trials.extend(own::trials());
    trials
}

fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

fn address(transport: Transport) -> Result<String, Trouble> {
    transport.address().map_err(|error| Trouble::Failed(error.to_string()))
}

/// Starts an end that runs anywhere.
fn start(contestant: Contestant, role: Role) -> Result<End, Trouble> {
    End::start(&Order { contestant, role, cpu: None })
}

/// The floor has several ways over tcp and ipc, and each of the others its own.
fn ways(contestant: Contestant, transport: Transport) -> Vec<Contestant> {
    match (contestant.library, transport) {
        (Library::Raw, Transport::Tcp | Transport::Ipc) => Floor::contestants(),
        _ => vec![contestant],
    }
}
