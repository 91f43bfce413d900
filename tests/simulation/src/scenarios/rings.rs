use std::time::Duration;

use hubless_protocol::patterns::{Balance, Reply, Req, ReqOptions, Role, Surveyor};

use crate::dice::Dice;
use crate::scenarios::Plan;
use crate::scenarios::devices::Sides;
use crate::users::{Answerer, Asker, Interviewer};

/// Devices of which each sends to the next and the last to the first. What is asked can be answered by somebody in between, or
/// goes round.
pub(crate) fn ring(plan: &mut Plan, dice: &mut Dice) {
    let (count, ttl) = (dice.between(1, 3), dice.pick(&[1, 2, 5, 8]));
    let kind = dice.below(3);
    // A survey is copied where two nodes are connected twice.
    plan.journal.most_hops = (kind != 1).then_some(usize::from(ttl));
    match kind {
        0 => {
            let devices: Vec<Sides> = (0..count).map(|_| plan.queue(ttl, Balance::RoundRobin)).collect();
            let options = ReqOptions {
                resend: None,
                deadline: Some(Duration::from_millis(50)),
                open: 3,
                balance: Balance::RoundRobin,
            };
            let client = plan.req(move |ids| Req::new(ids, options), Asker::new(options));
            let server = plan.one(|_| Reply::new(Role::Rep, 8), Answerer::new(false));
            close(plan, &devices, client, server);
        }
        1 => {
            let devices: Vec<Sides> = (0..count).map(|_| plan.survey(ttl)).collect();
            let surveyor = plan.each(|ids| Surveyor::new(ids, 100), Interviewer::new(false));
            let respondent = plan.one(|_| Reply::new(Role::Respondent, 8), Answerer::new(false));
            close(plan, &devices, surveyor, respondent);
        }
        _ => {
            let devices: Vec<Sides> =
                (0..count).map(|_| plan.between(Role::PairV1, ttl, dice.between(1, 3))).collect();
            link(plan, &devices);
        }
    }
}

/// Links a ring in which one asks at the front of the first device and another answers at the back of the last.
fn close(plan: &mut Plan, devices: &[Sides], asks: usize, answers: usize) {
    link(plan, devices);
    if let ([[front, _], ..], [.., [_, back]]) = (devices, devices) {
        plan.link(asks, *front);
        plan.link(*back, answers);
    }
}

fn link(plan: &mut Plan, devices: &[Sides]) {
    for (index, [_, back]) in devices.iter().enumerate() {
        let [next, _] = devices[(index + 1) % devices.len()];
        plan.link(*back, next);
    }
}
