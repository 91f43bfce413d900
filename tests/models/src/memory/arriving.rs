use std::collections::VecDeque;
use std::sync::Arc;

use hubless_protocol::patterns::Time;
use hubless_simulation::Dice;

use super::forwarder::Fault;
use super::rules::arriving::Arriving as Turn;
use super::rules::budget::Budget;
use super::rules::overcommit::{Plan, Waiting};
use super::rules::quota::{Quota, RESERVE};

/// What is read at once at most.
const READ: usize = 256 * 1024;

/// A peer that sends.
#[derive(Debug)]
struct Source {
    /// Of each message no more comes than this.
    stops: Option<usize>,
    /// The lengths of what it sends.
    messages: VecDeque<usize>,
    came: usize,
    done: u64,
    /// Delivered and not taken.
    held: VecDeque<usize>,
    starved: bool,
    finishing: Option<Turn>,
    plan: Option<Plan>,
    gone: bool,
}

impl Source {
    fn held(&self) -> usize {
        self.held.iter().sum()
    }

    /// What of it is beyond the limit.
    fn beyond(&self) -> usize {
        self.finishing.map_or(0, |turn| turn.beyond())
    }

    fn waits(&self) -> bool {
        self.starved && self.held.is_empty() && !self.gone
    }
}

/// The socket that receives.
#[derive(Debug)]
pub(super) struct Arriving {
    pub(super) quota: Quota,
    sources: Vec<Source>,
    /// By whom the messages came that wait.
    inbox: VecDeque<usize>,
    /// A source of which nothing is here is not read, or what came beyond the limit has taken from what was free.
    crowds: bool,
    fault: Fault,
}

impl Arriving {
    pub(super) fn new(budget: &Arc<Budget>, most: usize, fault: Fault, dice: &mut Dice) -> Self {
        let source = |dice: &mut Dice| {
            let messages = (0..dice.between(1, 6)).map(|_| dice.between(1, most)).collect();
            let stops = dice.one_in(2).then(|| dice.below(most));
            let (held, plan) = (VecDeque::new(), None);
            Source {
                stops,
                messages,
                came: 0,
                done: 0,
                held,
                starved: false,
                finishing: None,
                plan,
                gone: false,
            }
        };
        let sources: Vec<_> = (0..dice.between(1, 8)).map(|_| source(dice)).collect();
        let mut quota = Quota::of(Arc::clone(budget));
        quota.set_aside(sources.len());
        Self { quota, sources, inbox: VecDeque::new(), crowds: false, fault }
    }

    /// Bytes of messages that are here.
    pub(super) fn bytes(&self) -> usize {
        self.sources.iter().map(|source| source.came + source.held()).sum()
    }

    /// Whether the others have left a source nothing, or one that goes beyond the limit has taken from them.
    pub(super) fn crowds(&self) -> bool {
        self.crowds
    }

    pub(super) fn sources(&self) -> usize {
        self.sources.len()
    }

    /// Reads a source once, or delivers what has come of it. Whether anything happened.
    pub(super) fn read(&mut self, index: usize) -> bool {
        let (quota, source) = (&mut self.quota, &mut self.sources[index]);
        if source.starved || source.gone {
            return false;
        }
        let Some(&length) = source.messages.front() else { return false };
        let stops = source.stops.map_or(length, |stops| stops.min(length - 1));
        if source.came == length {
            if !source.held.is_empty() && !quota.has_room(source.held() + length, 0) {
                quota.want();
                source.starved = !quota.has_room(source.held() + length, 0);
                return !source.starved;
            }
            source.messages.pop_front();
            source.held.push_back(length);
            (source.came, source.done) = (0, source.done + 1);
            self.inbox.push_back(index);
            self.count_turn(index);
            return true;
        }
        let held = source.held() + source.came;
        let mut room = quota.room(held);
        if room < RESERVE {
            let beyond = self.fault != Fault::NothingArrivesBeyond;
            if source.held.is_empty() && source.came < RESERVE && self.fault != Fault::LeavesNoReserve {
                room = RESERVE - source.came;
            } else if source.held.is_empty()
                && beyond
                && quota.finishing.take(u32::try_from(index + 1).unwrap_or(0))
            {
                source.finishing.get_or_insert(Turn::begin(source.done, source.came));
                room = usize::MAX;
            } else {
                quota.want();
                source.starved = quota.room(held) < RESERVE;
                self.crowds |= source.starved && source.held.is_empty() && held < RESERVE;
                return !source.starved;
            }
        }
        let comes = room.min(READ).min(stops.max(source.came) - source.came);
        source.came += comes;
        let turn = source.finishing.is_some() && source.held.is_empty();
        let free = quota.room(0);
        self.count_turn(index);
        self.quota.add(comes);
        self.crowds |= turn && self.quota.room(0) < free;
        comes > 0
    }

    /// What has come of the message that a source may finish is beyond the limit.
    fn count_turn(&mut self, index: usize) {
        let source = &mut self.sources[index];
        let here = source.held() + source.came;
        if let Some(turn) = &mut source.finishing
            && self.fault != Fault::CountsWhatArrivesBeyond
        {
            let (before, now) = turn.grow(here, source.done);
            self.quota.goes_beyond(before, now);
        }
    }

    /// The user takes the oldest message.
    pub(super) fn take(&mut self) -> Option<usize> {
        let index = self.inbox.pop_front()?;
        let source = &mut self.sources[index];
        let length = source.held.pop_front()?;
        self.quota.subtract(length);
        let taken = source.held.is_empty();
        if source.starved && (taken || self.quota.has_room(source.held() + source.came, source.held() / 2)) {
            source.starved = false;
        }
        if source.gone {
            self.quota.take_up(length);
        } else if taken && source.finishing.is_some() {
            self.end_turn(index);
        } else {
            self.count_turn(index);
        }
        Some(length)
    }

    fn end_turn(&mut self, index: usize) {
        let source = &mut self.sources[index];
        self.quota.goes_beyond(source.beyond(), 0);
        (source.finishing, source.plan) = (None, None);
        if !self.quota.finishing.end(u32::try_from(index + 1).unwrap_or(0)) {
            return;
        }
        let waiting = self.sources.iter().enumerate().filter(|(_, source)| source.waits());
        let described = waiting.map(|(index, source)| Waiting {
            slot: u32::try_from(index).unwrap_or(0),
            ending: false,
            bytes: source.came,
        });
        // The order is the engine's business; here all look, and the one that is read first has it.
        let _ = self.quota.finishing.next(described);
        if self.fault == Fault::KeepsTurnsSecret {
            return;
        }
        for source in &mut self.sources {
            source.starved &= !source.waits();
        }
    }

    /// There is memory.
    pub(super) fn relieve(&mut self) {
        if self.sources.iter().any(|source| source.starved) {
            self.quota.want();
        }
        for source in &mut self.sources {
            let turn = source.held.is_empty() && self.quota.finishing.is_free();
            source.starved &= !turn && self.quota.room(source.held() + source.came) < RESERVE;
        }
    }

    /// Looks who is slow.
    pub(super) fn look(&mut self, now: Time) {
        for index in 0..self.sources.len() {
            let source = &mut self.sources[index];
            let number = u32::try_from(index + 1).unwrap_or(0);
            let judged = !source.starved && source.held.is_empty() && self.quota.finishing.holds_up(number);
            let missing = source.messages.front().map_or(0, |length| length - source.came);
            let before = source.plan.take();
            let judged = judged && source.came > 0;
            let plan = judged.then(|| Plan::look(before, now, source.done, Some(missing))).transpose();
            if plan.map(|plan| source.plan = plan).is_ok() || self.fault == Fault::JudgesNobody {
                continue;
            }
            source.gone = true;
            let stay = self.sources.iter().filter(|source| !source.gone).count();
            self.quota.set_aside(stay);
            let source = &mut self.sources[index];
            let came = std::mem::take(&mut source.came);
            let held = source.held();
            self.quota.subtract(came);
            self.quota.leave_behind(held);
            self.end_turn(index);
        }
    }

    /// What is left, though it should have gone through: messages of those who send all they have, and were not
    /// found slow while there was trouble.
    pub(super) fn left(&self) -> usize {
        let honest = self.sources.iter().filter(|source| source.stops.is_none() && !source.gone);
        self.inbox.len() + honest.map(|source| source.messages.len()).sum::<usize>()
    }
}
