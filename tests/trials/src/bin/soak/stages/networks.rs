use std::ops::RangeInclusive;
use std::time::Duration;

use hubless_trials::Trial;
use hubless_trials::network::{self, Plan, Silence};

use super::{Held, Stage, actor};

pub(super) const STAGES: [Stage; 2] = [
    Stage {
        name: "peers that vanish from the network, or seem to",
        times: 3,
        aim: None,
        judges: "peers",
        hold: vanishing,
    },
    Stage {
        name: "bad networks, every pattern over one of thirty-six",
        times: 36,
        aim: Some(36),
        judges: "networks",
        hold: bad_networks,
    },
];

/// Every pattern over the network whose turn it is.
fn bad_networks(trial: &Trial) -> Held {
    let count = Plan::matrix().count();
    let turn = usize::try_from(trial.seed() % count as u64).expect("less than that");
    let plan = Plan::matrix().nth(turn).expect("one of them");
    let reports = network::every_pattern(trial, &plan);
    Held::new(1, reports.last().expect("a report of each pattern"))
}

/// When one that has vanished is found out without any setting: within 35 s, and on a busy machine not much later.
const FOUND_OUT: RangeInclusive<Duration> = Duration::from_secs(25)..=Duration::from_secs(60);
/// For longer than that one stands still.
const STILL: Duration = Duration::from_secs(40);

fn vanishing(trial: &Trial) -> Held {
    let usual = Silence { keepalive: None, found_out: FOUND_OUT, talking: trial.seed().is_multiple_of(2) };
    network::dialing_into_nothing(trial);
    network::reboot(trial, None);
    network::slowness(trial, &actor(), &usual, STILL);
    Held::new(4, &network::silence(trial, &usual))
}
