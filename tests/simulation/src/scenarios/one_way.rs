use hubless_protocol::patterns::{Balance, Overflow, Publish, Pull, Push, Subscribe};

use crate::dice::Dice;
use crate::scenarios::Plan;
use crate::users::{Listener, Reader, Speaker};

/// PUSH and PULL.
pub(crate) fn pipeline(plan: &mut Plan, dice: &mut Dice) {
    let balance = dice.pick(&[Balance::RoundRobin, Balance::LeastQueued]);
    let senders: Vec<usize> =
        (0..dice.between(1, 2)).map(|_| plan.one(move |_| Push::new(balance), Speaker::new(true))).collect();
    let receivers: Vec<usize> =
        (0..dice.between(1, 3)).map(|_| plan.one(|_| Pull::new(), Listener { unique: true })).collect();
    let device = dice.one_in(3).then(|| plan.streamer(balance));
    plan.join(&senders, device, &receivers);
}

/// PUB and SUB.
pub(crate) fn publishing(plan: &mut Plan, dice: &mut Dice) {
    let overflow = dice.pick(&[Overflow::DropNewest, Overflow::DropOldest, Overflow::Block]);
    let publishers: Vec<usize> = (0..dice.between(1, 2))
        .map(|_| plan.each(move |_| Publish::new(overflow), Speaker::new(false)))
        .collect();
    let subscribers: Vec<usize> =
        (0..dice.between(1, 3)).map(|_| plan.one(|_| Subscribe::new(), Reader::default())).collect();
    let device = dice.one_in(3).then(|| plan.forwarder());
    plan.join(&publishers, device, &subscribers);
}
