use std::sync::Arc;

use hubless_protocol::patterns::Time;
use hubless_simulation::Dice;

use super::forwarder::Fault;
use super::rules::budget::Budget;
use super::rules::leaving::Leaving as Beyond;
use super::rules::overcommit::Plan;
use super::rules::quota::{Quota, RESERVE};

/// A peer that receives.
#[derive(Debug)]
struct Sink {
    /// It takes nothing once it has been sent so much.
    freezes: Option<usize>,
    taken: usize,
    queued: Vec<usize>,
    /// Of the oldest message.
    written: usize,
    beyond: Option<Beyond>,
    plan: Option<Plan>,
    gone: bool,
}

impl Sink {
    fn queued(&self) -> usize {
        self.queued.iter().sum::<usize>() - self.written
    }
}

/// The socket that sends.
#[derive(Debug)]
pub(super) struct Leaving {
    pub(super) quota: Quota,
    sinks: Vec<Sink>,
    turn: usize,
    /// Came back from those who are gone.
    returned: Vec<usize>,
    /// Nobody has told of room or memory since the last refusal.
    refused: bool,
    /// One that went beyond the limit has taken from what was free.
    crowds: bool,
    fault: Fault,
}

impl Leaving {
    pub(super) fn new(budget: &Arc<Budget>, most: usize, fault: Fault, dice: &mut Dice) -> Self {
        let sink = |freezes| Sink {
            freezes,
            taken: 0,
            queued: Vec::new(),
            written: 0,
            beyond: None,
            plan: None,
            gone: false,
        };
        let mut sinks = vec![sink(None)];
        sinks.extend((0..dice.below(4)).map(|_| sink(dice.one_in(2).then(|| dice.below(most)))));
        let mut quota = Quota::of(Arc::clone(budget));
        quota.set_aside(sinks.len());
        Self { quota, sinks, turn: 0, returned: Vec::new(), refused: false, crowds: false, fault }
    }

    /// Bytes of messages that are queued, or came back.
    pub(super) fn bytes(&self) -> usize {
        self.sinks.iter().map(Sink::queued).sum::<usize>() + self.returned.iter().sum::<usize>()
    }

    /// Whether one that went beyond the limit has taken from the others.
    pub(super) fn crowds(&self) -> bool {
        self.crowds
    }

    pub(super) fn sinks(&self) -> usize {
        self.sinks.len()
    }

    /// Sends what came back, or this message; whether it did. Who was refused waits to be told.
    pub(super) fn send(&mut self, message: &mut Option<usize>) -> bool {
        if self.refused {
            return false;
        }
        let came_back = self.returned.pop();
        let Some(length) = came_back.or(*message) else { return false };
        if came_back.is_some() {
            self.count_returned(length, false);
        }
        self.refused = !self.queue(length);
        match came_back {
            Some(length) if self.refused => self.keep(length),
            None if !self.refused => *message = None,
            _ => {}
        }
        !self.refused
    }

    /// A message came back.
    fn keep(&mut self, length: usize) {
        self.returned.push(length);
        self.count_returned(length, true);
    }

    fn count_returned(&mut self, length: usize, comes: bool) {
        if self.fault != Fault::CountsWhatComesBack {
            self.quota.keep_returned(self.returned.iter().sum());
        } else if comes {
            self.quota.add(length);
        } else {
            self.quota.take_out(length);
        }
    }

    fn queue(&mut self, length: usize) -> bool {
        for step in 0..self.sinks.len() {
            let index = (self.turn + step) % self.sinks.len();
            let sink = &mut self.sinks[index];
            if sink.gone {
                continue;
            }
            let queued = sink.queued();
            let free = self.quota.room(0);
            let mut goes_beyond = false;
            let small = queued + length <= RESERVE;
            if !small && !self.quota.fits(queued, length) && !self.quota.has_room(queued, length) {
                let beyond = self.fault != Fault::NothingLeavesBeyond;
                if queued == 0 && beyond && self.quota.excess.take(None, true) {
                    let counted = self.fault == Fault::CountsWhatLeavesBeyond;
                    let beyond = Beyond::begin(0, queued, if counted { 0 } else { length });
                    self.quota.goes_beyond(0, beyond.beyond());
                    sink.beyond = Some(beyond);
                    goes_beyond = true;
                } else {
                    self.quota.want();
                    if !self.quota.has_room(queued, length) {
                        continue;
                    }
                }
            }
            sink.queued.push(length);
            self.quota.add(length);
            self.crowds |= goes_beyond && self.quota.room(0) < free;
            self.turn = index + 1;
            return true;
        }
        false
    }

    /// A sink takes some of what is queued for it; whether it did.
    pub(super) fn write(&mut self, index: usize, dice: &mut Dice) -> bool {
        let sink = &mut self.sinks[index];
        let Some(&oldest) = sink.queued.first() else { return false };
        let takes = sink.freezes.map_or(usize::MAX, |most| most.saturating_sub(sink.taken));
        let written = takes.min(oldest - sink.written).min(dice.between(1, oldest));
        sink.taken += written;
        sink.written += written;
        let change = sink.beyond.as_mut().map_or((0, 0), |beyond| beyond.some_left(written));
        self.quota.subtract_beyond(written, change);
        if sink.written == oldest {
            sink.queued.remove(0);
            sink.written = 0;
            if sink.queued.is_empty() && sink.beyond.take().is_some() {
                self.quota.give_back_excess();
            }
        }
        self.refused &= written == 0;
        written > 0
    }

    /// There is memory.
    pub(super) fn relieve(&mut self) {
        self.refused = false;
    }

    /// Looks who takes nothing. What was for it goes to others.
    pub(super) fn look(&mut self, now: Time) {
        let mut unsent = Vec::new();
        let free = self.quota.room(0);
        for sink in self.sinks.iter_mut().filter(|sink| !sink.gone) {
            let queued = sink.queued();
            let beyond = sink.beyond.map_or(0, |beyond| beyond.beyond());
            if sink.beyond.is_some() && self.quota.has_room(queued + beyond, 0) {
                sink.beyond = None;
                self.quota.goes_beyond(beyond, 0);
                self.quota.give_back_excess();
            }
            let judged = sink.beyond.is_some() && self.quota.excess.is_wanted();
            let before = sink.plan.take();
            let plan = judged.then(|| Plan::look(before, now, 0, Some(queued))).transpose();
            if plan.map(|plan| sink.plan = plan).is_ok() || self.fault == Fault::JudgesNobody {
                continue;
            }
            sink.gone = true;
            // It stays counted until it is kept.
            self.quota.subtract_beyond(0, (beyond, 0));
            self.quota.take_out(queued);
            self.quota.give_back_excess();
            unsent.append(&mut sink.queued);
            sink.written = 0;
            self.refused = false;
        }
        if unsent.is_empty() {
            return;
        }
        // One that is larger than its share.
        let alone = self.returned.is_empty() && unsent.len() == 1 && unsent[0] > free;
        for length in unsent {
            self.keep(length);
        }
        // What they took beside.
        self.quota.subtract(0);
        self.quota.set_aside(self.sinks.iter().filter(|sink| !sink.gone).count());
        self.crowds |= alone && self.quota.room(0) < free;
    }

    /// Whether somebody is there who takes everything.
    pub(super) fn has_taker(&self) -> bool {
        self.sinks.iter().any(|sink| sink.freezes.is_none() && !sink.gone)
    }

    /// Messages that came back and wait.
    pub(super) fn left(&self) -> usize {
        self.returned.len()
    }
}
