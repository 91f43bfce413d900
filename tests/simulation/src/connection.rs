use std::collections::VecDeque;

use hubless_protocol::patterns::PipeId;
use hubless_transport::Packet;

/// How far one end of a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The socket does not know of it yet.
    Coming,
    /// It is a pipe.
    Live(PipeId),
    /// The socket knows of it no more.
    Gone,
}

/// Two ends, and what is on its way between them.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The nodes at its ends.
    pub(crate) nodes: [usize; 2],
    pub(crate) ends: [End; 2],
    /// What was sent from each end and has not arrived at the other.
    pub(crate) wires: [VecDeque<Packet>; 2],
    /// How much may be on its way.
    pub(crate) capacity: usize,
    /// Nothing more is sent; what was can still arrive.
    pub(crate) broken: bool,
}

impl Connection {
    pub(crate) fn new(nodes: [usize; 2], capacity: usize) -> Self {
        Self {
            nodes,
            ends: [End::Coming; 2],
            wires: [VecDeque::new(), VecDeque::new()],
            capacity,
            broken: false,
        }
    }

    /// Whether neither socket knows of it.
    pub(crate) fn is_over(&self) -> bool {
        self.ends == [End::Gone; 2]
    }

    /// Breaks; of what was sent from this end, only so much still arrives. How much does not.
    pub(crate) fn breaks(&mut self, side: usize, arrives: usize) -> usize {
        self.broken = true;
        let lost = self.wires[side].len().saturating_sub(arrives);
        self.wires[side].truncate(arrives);
        lost
    }
}
