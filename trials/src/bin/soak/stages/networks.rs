use hubless_trials::Trial;
use hubless_trials::network::{self, Plan, Report};

use super::{Held, Stage, all_of};

pub(super) const STAGES: [Stage; 1] =
    [Stage { name: "bad networks, one of thirty-six a round", every: 1, hold: bad_networks }];

impl From<Report> for Held {
    fn from(report: Report) -> Self {
        Self::new(report.received, &report)
    }
}

/// Every pattern over the network whose turn it is.
fn bad_networks(trial: &Trial) -> Held {
    let count = Plan::matrix().count();
    let turn = usize::try_from(trial.seed() % count as u64).expect("less than that");
    let plan = Plan::matrix().nth(turn).expect("one of them");
    all_of(network::every_pattern(trial, &plan).into_iter().map(Held::from))
}
