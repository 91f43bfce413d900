//! Who is there, and who may be connected with whom.

mod devices;
mod one_way;
mod plan;
mod questions;
mod rings;
mod symmetric;

use crate::dice::Dice;
use crate::fault::Fault;

pub(crate) use plan::Plan;

/// What is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scenario {
    /// PUSH and PULL, with a device in between or without.
    Pipelines,
    /// PUB and SUB, with each way to meet a full queue, with a device or without.
    Publishing,
    /// REQ and REP, with resends, deadlines or neither, with a device or without.
    Requests,
    /// SURVEYOR and RESPONDENT, with surveys that end early or not, with a device or without.
    Surveys,
    /// Several PAIRs that want the same one, of either version, with a device or without.
    Pairs,
    /// BUSes that are all connected with one another, or through a device that reflects.
    Buses,
    /// Devices in a ring, for REQ, SURVEYOR or PAIR of version 1.
    Rings,
}

impl Scenario {
    /// One of its kind.
    pub(crate) fn plan(self, dice: &mut Dice, fault: Fault) -> Plan {
        let mut plan = Plan::new(dice, fault);
        match self {
            Self::Pipelines => one_way::pipeline(&mut plan, dice),
            Self::Publishing => one_way::publishing(&mut plan, dice),
            Self::Requests => questions::requests(&mut plan, dice),
            Self::Surveys => questions::surveys(&mut plan, dice),
            Self::Pairs => symmetric::pairs(&mut plan, dice),
            Self::Buses => symmetric::buses(&mut plan, dice),
            Self::Rings => rings::ring(&mut plan, dice),
        }
        plan
    }
}
