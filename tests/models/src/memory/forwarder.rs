use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::Time;
use hubless_simulation::Dice;

use super::arriving::Arriving;
use super::leaving::Leaving;
use super::rules::Told;
use super::rules::budget::Budget;

/// What each socket has beside the limit.
const PIECE: usize = 64 * 1024;
/// Time between two looks.
const LOOK: Duration = Duration::from_secs(5);
/// Rounds of everything that can happen after which it counts as endless.
const MOST_ROUNDS: usize = 100_000;
/// Looks without anything happening after which nothing will.
const MOST_LOOKS: usize = 40;

/// A mistake in what is around the rules of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is none.
    None,
    /// No message leaves beyond the limit.
    NothingLeavesBeyond,
    /// No message arrives beyond the limit.
    NothingArrivesBeyond,
    /// Who has a place beyond the limit keeps it, however slow it is.
    JudgesNobody,
    /// What others hold may leave nothing for a small message.
    LeavesNoReserve,
    /// A message that arrives beyond the limit takes from the others what it has.
    CountsWhatArrivesBeyond,
    /// A message that leaves beyond the limit takes from the others what it has.
    CountsWhatLeavesBeyond,
    /// A message that came back and was beyond the limit takes from the others what it has.
    CountsWhatComesBack,
    /// Who waits for its turn beyond the limit does not hear that it has come.
    KeepsTurnsSecret,
    /// Nobody hears that there is memory.
    KeepsMemorySecret,
}

/// Runs a forwarder from a seed. It receives whatever comes and sends it on, so it always gets on: what comes from peers that send all they
/// have goes out by those who take it. And its memory has a bound.
/// Says what did not hold.
pub(super) fn forward(seed: u64, fault: Fault) -> Result<(), String> {
    let mut dice = Dice::new(seed);
    let mut forwarder = Forwarder::new(fault, &mut dice);
    for _ in 0..dice.between(0, 400) {
        forwarder.step(&mut dice);
        forwarder.look_at_bound()?;
    }
    let mut looks = 0;
    for _ in 0..MOST_ROUNDS {
        let moved = forwarder.round(&mut dice);
        forwarder.look_at_bound()?;
        looks = if moved { 0 } else { looks + 1 };
        if looks > MOST_LOOKS {
            return forwarder.look_at_rest();
        }
        if !moved {
            forwarder.look();
        }
    }
    Err("there is always something going on".into())
}

/// Two sockets of one context, and a thread that takes from one and gives to the other.
struct Forwarder {
    arriving: Arriving,
    leaving: Leaving,
    /// The message that the user has.
    hand: Option<usize>,
    word: Arc<Told>,
    bound: usize,
    now: Time,
    fault: Fault,
}

impl Forwarder {
    fn new(fault: Fault, dice: &mut Dice) -> Self {
        let limit = dice.between(1, 40) * PIECE;
        let most = dice.between(1, 2 * limit);
        let (budget, word) = (Arc::new(Budget::new(limit)), Arc::new(Told::default()));
        budget.tell(vec![Arc::clone(&word) as _]);
        let arriving = Arriving::new(&budget, most, fault, dice);
        let leaving = Leaving::new(&budget, most, fault, dice);
        // What has a place beyond the limit may come after everything else, and two sockets have a first piece each.
        let bound = limit + 2 * PIECE + 2 * most;
        Self { arriving, leaving, hand: None, word, bound, now: Time(0), fault }
    }

    fn step(&mut self, dice: &mut Dice) {
        match dice.below(16) {
            0..=6 => drop(self.arriving.read(dice.below(self.arriving.sources()))),
            7..=9 => drop(self.forward()),
            10..=13 => drop(self.leaving.write(dice.below(self.leaving.sinks()), dice)),
            14 if dice.one_in(8) => self.look(),
            _ => drop(self.hear()),
        }
    }

    fn round(&mut self, dice: &mut Dice) -> bool {
        let mut moved = false;
        for index in 0..self.arriving.sources() {
            moved |= self.arriving.read(index);
        }
        moved |= self.forward();
        for index in 0..self.leaving.sinks() {
            moved |= self.leaving.write(index, dice);
        }
        moved | self.hear()
    }

    fn forward(&mut self) -> bool {
        if self.hand.is_none() {
            self.hand = self.arriving.take();
        }
        self.leaving.send(&mut self.hand)
    }

    /// Word of memory, if there is some.
    fn hear(&mut self) -> bool {
        let reliefs = [self.arriving.quota.take_relief(), self.leaving.quota.take_relief()];
        reliefs.into_iter().flatten().for_each(|budget| budget.announce());
        let told = self.word.take() && self.fault != Fault::KeepsMemorySecret;
        if told {
            self.arriving.relieve();
            self.leaving.relieve();
        }
        told
    }

    fn look(&mut self) {
        self.now = self.now.after(LOOK);
        self.arriving.look(self.now);
        self.leaving.look(self.now);
    }

    fn look_at_bound(&self) -> Result<(), String> {
        let bytes = self.arriving.bytes() + self.leaving.bytes();
        if bytes > self.bound {
            return Err(format!("{bytes} bytes, and the bound is {}", self.bound));
        }
        if self.arriving.crowds() || self.leaving.crowds() {
            return Err(
                "others leave a source nothing, or one that is beyond the limit takes from them".into()
            );
        }
        Ok(())
    }

    fn look_at_rest(&self) -> Result<(), String> {
        // Where the peer that takes was found slow while there was trouble, there is nobody to receive.
        if !self.leaving.has_taker() {
            return Ok(());
        }
        let left = self.arriving.left() + self.leaving.left() + usize::from(self.hand.is_some());
        if left == 0 { Ok(()) } else { Err(format!("{left} messages do not get on, with {self:?}")) }
    }
}

impl std::fmt::Debug for Forwarder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#?}, {:?}, {:?} in hand", self.arriving, self.leaving, self.hand)
    }
}
