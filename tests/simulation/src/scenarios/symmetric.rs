use hubless_protocol::patterns::{Bus, Pair, Role};

use crate::dice::Dice;
use crate::scenarios::Plan;
use crate::users::{Belt, Speaker};

/// More than any way here is long.
const TTL: u8 = 8;

/// A PAIR, and several that want to be its peer.
pub(crate) fn pairs(plan: &mut Plan, dice: &mut Dice) {
    let role = dice.pick(&[Role::PairV0, Role::PairV1]);
    let mut pair = || plan.one(move |_| Pair::new(role, TTL), Speaker::new(true));
    let wanted = pair();
    let others: Vec<usize> = (0..dice.between(1, 3)).map(|_| pair()).collect();
    let device = dice.one_in(3).then(|| plan.between(role, TTL, 0));
    plan.join(&[wanted], device, &others);
}

/// BUSes.
pub(crate) fn buses(plan: &mut Plan, dice: &mut Dice) {
    let buses: Vec<usize> =
        (0..dice.between(2, 4)).map(|_| plan.each(|_| Bus::new(), Speaker::new(false))).collect();
    if dice.one_in(3) {
        let hub = plan.reflecting_bus(&Belt::default());
        return buses.into_iter().for_each(|bus| plan.link(bus, hub));
    }
    for (index, bus) in buses.iter().enumerate() {
        buses[..index].iter().for_each(|other| plan.link(*bus, *other));
    }
}
