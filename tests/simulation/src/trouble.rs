//! What networks and machines are feared for.

use crate::connection::{Connection, End};
use crate::network::Network;

impl Network {
    /// A connection begins, or one end of one that has begun learns of it.
    pub(crate) fn connect_some(&mut self) {
        let coming = self
            .connections
            .iter()
            .position(|connection| !connection.broken && connection.ends.contains(&End::Coming));
        let link = self.dice.below(self.links.len());
        match coming {
            Some(index) => self.join_either(index),
            None if self.is_linked(link) && !self.dice.one_in(8) => {}
            None => self.connect(link),
        }
    }

    /// The nodes of this link are connected, once more if they are.
    pub(crate) fn connect(&mut self, link: usize) {
        let capacity = self.dice.between(1, 6);
        self.connections.push(Connection::new(self.links[link], capacity));
    }

    /// Whether the nodes of this link are connected.
    pub(crate) fn is_linked(&self, link: usize) -> bool {
        let nodes = self.links[link];
        self.connections.iter().any(|connection| connection.nodes == nodes && !connection.broken)
    }

    /// A pipe breaks, a socket begins anew, memory is exhausted or there is some again.
    pub(crate) fn trouble(&mut self) {
        let node = self.dice.below(self.nodes.len());
        match self.dice.below(8) {
            0..=3 => self.break_some(),
            4 => self.restart(node),
            5 => self.nodes[node].exhaust(true, &mut self.journal),
            _ => self.nodes[node].exhaust(false, &mut self.journal),
        }
    }

    fn join_either(&mut self, index: usize) {
        let first = self.dice.below(2);
        let side = if self.connections[index].ends[first] == End::Coming { first } else { 1 - first };
        self.join(index, side);
    }

    fn break_some(&mut self) {
        let index = self.dice.below(self.connections.len());
        let Some(connection) = self.connections.get_mut(index).filter(|connection| !connection.broken) else {
            return;
        };
        for side in 0..2 {
            let arrives = self.dice.below(connection.wires[side].len() + 1);
            self.journal.accounts.died += connection.breaks(side, arrives);
        }
        self.journal.note(|| format!("a connection of nodes {:?} breaks", connection.nodes));
    }

    fn restart(&mut self, node: usize) {
        for connection in &mut self.connections {
            let Some(side) = connection.nodes.iter().position(|other| *other == node) else { continue };
            let arrives = self.dice.below(connection.wires[side].len() + 1);
            self.journal.accounts.died += connection.breaks(side, arrives) + connection.breaks(1 - side, 0);
            connection.ends[side] = End::Gone;
        }
        self.nodes[node].restart(&mut self.dice, &mut self.journal);
        self.journal.note(|| format!("node {node} begins anew"));
    }
}
