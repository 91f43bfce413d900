use std::time::Duration;

use hubless::{Error, Message, SendError};

use super::Plan;
use crate::Trial;
use hubless_kit::{Ledger, Stamp};

/// What one sender sends and one receiver is to get.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow {
    pub(super) run: u64,
    pub(super) sender: u32,
    pub(super) plan: Plan,
}

impl Flow {
    pub(super) fn new(trial: &Trial, sender: u32, plan: &Plan) -> Self {
        Self { run: trial.seed(), sender, plan: *plan }
    }

    /// The message of this number, about another one or about nothing (0).
    pub(super) fn message(&self, seq: u64, about: u64) -> Message {
        let Self { run, sender, plan } = *self;
        Stamp { run, sender, incarnation: 0, seq, about }.encode(plan.length)
    }

    /// Sends all, in order.
    pub(super) fn send(&self, mut send: impl FnMut(Message, Duration) -> Result<(), SendError>) {
        for seq in 0..self.plan.messages {
            send(self.message(seq, 0), self.plan.patience()).expect("room, in the end");
        }
    }

    /// Receives until the last has come, and says after each how many there are.
    pub(super) fn receive(
        &self,
        mut receive: impl FnMut(Duration) -> Result<Message, Error>,
        mut came: impl FnMut(u64),
    ) -> Ledger {
        let mut ledger = Ledger::new(self.run);
        loop {
            let message = receive(self.plan.patience())
                .unwrap_or_else(|error| panic!("message {}: {error}", ledger.received));
            let stamp = ledger.enter(&message).unwrap_or_else(|breach| panic!("{breach}"));
            came(ledger.received);
            if stamp.seq == self.plan.messages - 1 {
                return ledger;
            }
        }
    }
}
