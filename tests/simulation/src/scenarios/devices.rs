use hubless_protocol::patterns::raw::{RawPair, RawPublish, RawPull, RawPush, RawReply, RawReq, RawSurveyor};
use hubless_protocol::patterns::{Balance, Role};

use crate::scenarios::Plan;
use crate::users::{Belt, Carrier};

/// A device: the node whose peers begin, and the other.
pub(crate) type Sides = [usize; 2];

impl Plan {
    /// What is published to the front goes to all at the back.
    pub(crate) fn forwarder(&mut self) -> Sides {
        let [front, back] = self.carriers();
        [self.one(|_| RawPull::new(Role::Sub), front), self.each(|_| RawPublish::new(), back)]
    }

    /// What is pushed to the front goes to one at the back.
    pub(crate) fn streamer(&mut self, balance: Balance) -> Sides {
        let [front, back] = self.carriers();
        [self.one(|_| RawPull::new(Role::Pull), front), self.one(move |_| RawPush::new(balance), back)]
    }

    /// Requests from the front go to one at the back, and answers return.
    pub(crate) fn queue(&mut self, ttl: u8, balance: Balance) -> Sides {
        let [front, back] = self.carriers();
        let front = self.one(move |_| RawReply::new(Role::Rep, ttl), front);
        [front, self.one(move |_| RawReq::new(balance), back)]
    }

    /// Surveys from the front go to all at the back, and answers return.
    pub(crate) fn survey(&mut self, ttl: u8) -> Sides {
        let [front, back] = self.carriers();
        let front = self.one(move |_| RawReply::new(Role::Respondent, ttl), front);
        [front, self.each(|_| RawSurveyor::new(), back)]
    }

    /// What comes from the peer of one goes to that of the other; `primed` messages are on their way from the front already.
    pub(crate) fn between(&mut self, role: Role, ttl: u8, primed: usize) -> Sides {
        let belts = [Belt::default(), Belt::default()];
        (0..primed).for_each(|_| self.prime(&belts[0]));
        let [front, back] = self.carriers_of(&belts);
        [self.one(move |_| RawPair::new(role, ttl), front), self.one(move |_| RawPair::new(role, ttl), back)]
    }

    fn carriers(&mut self) -> [Carrier; 2] {
        self.carriers_of(&[Belt::default(), Belt::default()])
    }

    fn carriers_of(&mut self, [there, back]: &[Belt; 2]) -> [Carrier; 2] {
        self.journal.devices = true;
        [Carrier::new(there, back), Carrier::new(back, there)]
    }
}
