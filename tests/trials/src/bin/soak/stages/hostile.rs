use std::time::Duration;

use hubless_trials::Trial;
use hubless_trials::attacks::{Plan, attacks, run_attack};

use super::{Held, Stage, actor, all_of};

pub(super) const STAGES: [Stage; 1] =
    [Stage { name: "hostile peers, every attack", times: 3, aim: None, judges: "attacks", hold: attacked }];

const TIME: Duration = Duration::from_secs(3);
const PEACE: Duration = Duration::from_secs(1);

fn attacked(trial: &Trial) -> Held {
    let actor = actor();
    all_of(
        attacks().flat_map(|attack| attack.transports.iter().map(move |transport| (attack, transport))).map(
            |(attack, transport)| {
                let plan = Plan { attack, transport, time: TIME, peace: PEACE, lax: false };
                match run_attack(&actor, trial, &plan) {
                    Ok(report) => Held::new(1, &report),
                    Err(fallen) => panic!("{fallen}"),
                }
            },
        ),
    )
}
