use std::time::Duration;

use hubless_protocol::patterns::{Balance, Reply, Req, ReqOptions, Role, Surveyor};

use crate::dice::Dice;
use crate::scenarios::Plan;
use crate::users::{Answerer, Asker, Interviewer};

/// More than any way here is long.
const TTL: u8 = 8;

/// REQ and REP.
pub(crate) fn requests(plan: &mut Plan, dice: &mut Dice) {
    let options = options(dice);
    let asks = move |ids| Req::new(ids, options);
    let clients: Vec<usize> = (0..dice.between(1, 2)).map(|_| plan.req(asks, Asker::new(options))).collect();
    let unique = options.resend.is_none();
    let servers: Vec<usize> = (0..dice.between(1, 3))
        .map(|_| plan.one(|_| Reply::new(Role::Rep, TTL), Answerer::new(unique)))
        .collect();
    let device = dice.one_in(3).then(|| plan.queue(TTL, options.balance));
    plan.join(&clients, device, &servers);
}

/// SURVEYOR and RESPONDENT.
pub(crate) fn surveys(plan: &mut Plan, dice: &mut Dice) {
    let (kept, early) = (dice.pick(&[1, 2, 100]), dice.one_in(2));
    let make = move |ids| {
        let surveyor = Surveyor::new(ids, kept);
        if early { surveyor.ending_early() } else { surveyor }
    };
    let surveyors: Vec<usize> =
        (0..dice.between(1, 2)).map(|_| plan.each(make, Interviewer::new(early))).collect();
    let respondents: Vec<usize> = (0..dice.between(1, 3))
        .map(|_| plan.one(|_| Reply::new(Role::Respondent, TTL), Answerer::new(false)))
        .collect();
    let device = dice.one_in(3).then(|| plan.survey(TTL));
    plan.join(&surveyors, device, &respondents);
}

/// What a REQ may be told.
pub(crate) fn options(dice: &mut Dice) -> ReqOptions {
    let chosen = |milliseconds: u64| (milliseconds > 0).then(|| Duration::from_millis(milliseconds));
    ReqOptions {
        resend: chosen(dice.pick(&[0, 1, 20, 200])),
        deadline: chosen(dice.pick(&[0, 0, 3, 50])),
        open: dice.pick(&[1, 3, 100]),
        balance: dice.pick(&[Balance::RoundRobin, Balance::LeastQueued]),
    }
}
