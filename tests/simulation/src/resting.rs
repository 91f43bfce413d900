//! The end of a run: no more trouble, nobody begins anything, and everything comes to rest.

use std::collections::VecDeque;

use crate::connection::End;
use crate::law::Law;
use crate::network::Network;

/// Rounds of everything that can happen after which it counts as endless.
const MOST_ROUNDS: usize = 3_000;

impl Network {
    /// Brings everything to rest with all connected, and looks at the laws.
    pub(crate) fn come_to_rest(&mut self) {
        self.journal.note(|| "there is no more trouble, and everything comes to rest".into());
        for node in &mut self.nodes {
            node.exhaust(false, &mut self.journal);
            node.settle();
        }
        let mut rounds = MOST_ROUNDS;
        self.drain(&mut rounds);
        for link in 0..self.links.len() {
            if !self.is_linked(link) {
                self.connect(link);
            }
        }
        self.drain(&mut rounds);
        while let Some(at) = self.nodes.iter().filter_map(|node| node.alarm()).min()
            && rounds > 0
            && self.journal.breach().is_none()
        {
            rounds -= 1;
            self.advance(at.max(self.now));
            self.drain(&mut rounds);
        }
        self.journal.claim(Law::Quiet, rounds > 0, || "there is always something going on".into());
        if self.journal.breach().is_none() {
            self.look_at_rest();
        }
    }

    fn drain(&mut self, rounds: &mut usize) {
        while *rounds > 0 && self.journal.breach().is_none() && self.round() {
            *rounds -= 1;
        }
    }

    /// Everybody does what can be done; whether anything happened.
    fn round(&mut self) -> bool {
        let mut moved = false;
        for index in 0..self.connections.len() {
            for side in 0..2 {
                let connection = &self.connections[index];
                if connection.ends[side] == End::Coming && !connection.broken {
                    self.join(index, side);
                    moved = true;
                }
                while self.write(index, side) || self.deliver(index, side) || self.see_end(index, side) {
                    moved = true;
                }
            }
        }
        self.connections.retain(|connection| !connection.is_over());
        for node in &mut self.nodes {
            moved |= node.act(&mut self.dice, &mut self.journal);
        }
        moved
    }

    fn look_at_rest(&mut self) {
        let on_wires: usize =
            self.connections.iter().flat_map(|connection| &connection.wires).map(VecDeque::len).sum();
        let at_nodes: usize = self.nodes.iter_mut().map(|node| node.rest(&mut self.journal)).sum();
        let balance = self.journal.accounts.balance(on_wires + at_nodes);
        let accounts = format!("{:?}, {on_wires} on the wires and {at_nodes} queued", self.journal.accounts);
        self.journal.claim(Law::Accounts, balance, || accounts);
    }
}
