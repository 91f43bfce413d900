use std::time::Duration;

use hubless_protocol::patterns::Time;

use crate::clock::{Clock, Passing};
use crate::connection::{Connection, End};
use crate::dice::Dice;
use crate::fault::Fault;
use crate::journal::Journal;
use crate::law::Law;
use crate::node::Node;
use crate::scenarios::Plan;

/// Timers that may be rung one after the other before it counts as endless.
const MOST_RINGS: usize = 10_000;

/// Nodes, what is between them, and the time.
pub(crate) struct Network {
    pub(crate) nodes: Vec<Box<dyn Node>>,
    /// Who may be connected with whom.
    pub(crate) links: Vec<[usize; 2]>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) now: Time,
    clock: Clock,
    pub(crate) dice: Dice,
    pub(crate) journal: Journal,
    pub(crate) fault: Fault,
    /// How much trouble there is, of about 32.
    storm: usize,
    /// Of this many pipes that break with something to send, one does so in the middle of a message.
    cuts: usize,
    /// That of the last pipe.
    number: u32,
}

impl Network {
    /// Some of the connections have begun.
    pub(crate) fn new(plan: Plan, mut dice: Dice, clock: Clock) -> Self {
        let Plan { nodes, links, mut journal, fault, .. } = plan;
        journal.jumps = clock == Clock::Jumping;
        let storm = dice.pick(&[0, 1, 8]);
        let cuts = dice.pick(&[1, 3]);
        let (connections, now) = (Vec::new(), clock.start(&mut dice.clone()));
        let mut network =
            Self { nodes, links, connections, now, clock, dice, journal, fault, storm, cuts, number: 0 };
        network.set_clock(now);
        for link in 0..network.links.len() {
            if network.dice.one_in(2) {
                network.connect(link);
            }
        }
        network
    }

    /// Keeps in words what happens from now on.
    pub(crate) fn tell(&mut self) {
        self.journal.tell();
        for (index, node) in self.nodes.iter().enumerate() {
            self.journal.note(|| format!("node {index} is a {}", node.role()));
        }
    }

    /// Something happens, a moment later.
    pub(crate) fn step(&mut self) {
        self.pass_time();
        let connection = self.dice.below(self.connections.len());
        let side = self.dice.below(2);
        match self.dice.below(32 + self.storm) {
            0..=11 => self.user_acts(),
            12..=19 => drop(self.write(connection, side)),
            20..=28 => drop(self.deliver(connection, side) || self.see_end(connection, side)),
            29..=31 => self.connect_some(),
            _ => self.trouble(),
        }
        self.connections.retain(|connection| !connection.is_over());
    }

    fn pass_time(&mut self) {
        let microseconds = self.dice.pick(&[0, 0, 10, 100, 1_000, 10_000]);
        match self.clock.next(self.now, Duration::from_micros(microseconds), &mut self.dice) {
            Passing::Moment(now) => self.advance(now),
            Passing::Jump(now) => {
                self.journal.note(|| format!("the clock jumps to {now:?}"));
                self.set_clock(now);
            }
        }
    }

    /// Lets time pass until then; timers go off on the way.
    pub(crate) fn advance(&mut self, until: Time) {
        for _ in 0..MOST_RINGS {
            let next = self.nodes.iter().filter_map(|node| node.alarm()).min();
            let Some(at) = next.filter(|at| *at <= until) else { break };
            self.set_clock(self.now.max(at));
        }
        self.set_clock(until);
        let is_late = self.nodes.iter().any(|node| node.alarm().is_some_and(|at| at <= until));
        self.journal.claim(Law::Quiet, !is_late, || "timers ring for ever".into());
    }

    fn set_clock(&mut self, now: Time) {
        self.now = now;
        for node in &mut self.nodes {
            node.pass(now, &mut self.journal);
        }
    }

    fn user_acts(&mut self) {
        let node = self.dice.below(self.nodes.len());
        self.nodes[node].act(&mut self.dice, &mut self.journal);
    }

    /// A socket learns of a new connection.
    pub(crate) fn join(&mut self, index: usize, side: usize) {
        self.number += 1;
        let (number, connection) = (self.number, &mut self.connections[index]);
        let [node, peer] = [side, 1 - side].map(|side| connection.nodes[side]);
        self.journal.leads(number, u16::try_from(peer).unwrap_or(u16::MAX));
        let pipe = self.nodes[node].join(number, &mut self.journal);
        connection.ends[side] = pipe.map_or(End::Gone, End::Live);
        if pipe.is_none() {
            self.journal.accounts.died += connection.breaks(1 - side, 0);
        }
        self.journal.note(|| format!("node {node} gets pipe {number} to node {peer}"));
    }

    /// One message leaves from this end; whether one did.
    pub(crate) fn write(&mut self, index: usize, side: usize) -> bool {
        let Some(connection) = self.connections.get_mut(index) else { return false };
        let node = connection.nodes[side];
        let End::Live(pipe) = connection.ends[side] else { return false };
        if connection.broken || connection.wires[side].len() >= connection.capacity {
            return false;
        }
        let Some(packet) = self.nodes[node].write(pipe, &mut self.journal) else { return false };
        connection.wires[side].push_back(packet);
        self.journal.note(|| format!("node {node} writes to pipe {}", pipe.number));
        true
    }

    /// One message arrives at this end; whether one did.
    pub(crate) fn deliver(&mut self, index: usize, side: usize) -> bool {
        let Some(connection) = self.connections.get_mut(index) else { return false };
        let node = connection.nodes[side];
        let End::Live(pipe) = connection.ends[side] else { return false };
        if !connection.broken && !self.nodes[node].reads(pipe) {
            return false;
        }
        let Some(packet) = self.next_arrival(index, side) else { return false };
        self.journal.note(|| format!("node {node} reads from pipe {}", pipe.number));
        if !self.nodes[node].arrive(pipe, packet, &mut self.dice, &mut self.journal) {
            self.nodes[node].leave(pipe, false, &mut self.journal);
            let connection = &mut self.connections[index];
            connection.ends[side] = End::Gone;
            self.journal.accounts.died += connection.breaks(1 - side, 0);
        }
        true
    }

    /// A socket finds that a connection is broken, when everything that was sent before has arrived. Whether it did.
    pub(crate) fn see_end(&mut self, index: usize, side: usize) -> bool {
        let Some(connection) = self.connections.get_mut(index) else { return false };
        if !connection.broken || connection.ends[side] == End::Gone {
            return false;
        }
        match connection.ends[side] {
            End::Live(_) if !connection.wires[1 - side].is_empty() => return false,
            End::Live(pipe) => {
                let cut = self.dice.one_in(self.cuts);
                let node = connection.nodes[side];
                self.nodes[node].leave(pipe, cut, &mut self.journal);
                self.journal.note(|| format!("node {node} sees the end of pipe {}", pipe.number));
            }
            _ => self.journal.accounts.died += connection.breaks(1 - side, 0),
        }
        connection.ends[side] = End::Gone;
        true
    }
}
