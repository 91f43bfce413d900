use std::collections::BTreeMap;

use hubless_protocol::patterns::{Balance, PipeId};

use super::World;

/// Whose turn it is among pipes with room.
#[derive(Debug)]
pub(crate) struct Rounds {
    balance: Balance,
    /// How often the second was served since the first was, or came in.
    served: BTreeMap<(PipeId, PipeId), u32>,
}

impl Rounds {
    pub(crate) fn new(balance: Balance) -> Self {
        Self { balance, served: BTreeMap::new() }
    }

    /// A message of the user went to this pipe. In turn, nobody is served twice while another waits; by load, nobody who has
    /// more to do than another. `load` is what each had to do before.
    #[track_caller]
    pub(crate) fn served<O>(&mut self, pipe: PipeId, world: &World<O>, load: impl Fn(PipeId) -> usize) {
        let others = world.pipes.iter().filter(|(other, line)| **other != pipe && !line.refused);
        for other in others.map(|(other, _)| *other) {
            if self.balance == Balance::LeastQueued {
                assert!(load(pipe) <= load(other), "{pipe:?} had more to do than {other:?}");
                continue;
            }
            let times = self.served.entry((other, pipe)).or_default();
            *times += 1;
            assert!(*times <= 1, "{pipe:?} had two turns and {other:?} none");
        }
        self.served.retain(|(waits, _), _| *waits != pipe);
    }

    /// The machine has sent of itself, and nobody's place in the round is known any more.
    pub(crate) fn disturbed(&mut self) {
        self.served.clear();
    }

    /// Who was refused is out of the round, and comes in last when there is room.
    pub(crate) fn settle<O>(&mut self, world: &World<O>) {
        self.served.retain(|(waits, _), _| world.pipes.get(waits).is_some_and(|line| !line.refused));
    }
}
