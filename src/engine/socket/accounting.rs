//! What is counted of single pipes, and of the dialers and listeners they came through.

use std::collections::HashMap;
use std::sync::Arc;

use super::core::State;
use super::pipe::connection::Pipe;
use super::pipe::endpoint_counters::SourceEndpoint;
use super::pipe::table::Entry;
use super::shared::AnySocket;
use super::sys::ids::EndpointId;
use super::wait::block_on::Waitable;
use crate::monitor::EventKind;
use crate::traffic::{PipeStats, Traffic};

impl State {
    /// A pipe has come into being.
    pub(super) fn joined(&mut self, pipe: &Arc<Pipe>) {
        let source = &pipe.source;
        let mut counters = source.counters();
        counters.connected += 1;
        let again = counters.connected > 1 && matches!(source.id, EndpointId::Dialer(_));
        drop(counters);
        let stats = &mut self.counters.stats;
        stats.connected += 1;
        stats.reconnected += u64::from(again);
        self.tell(|| EventKind::Connected {
            pipe: pipe.id.number,
            peer: (*pipe.peer).clone(),
            via: source.via.clone(),
        });
    }

    /// A pipe has ended; what went through it stays with its source.
    pub(super) fn parted(&mut self, entry: &Entry) {
        self.counters.stats.disconnected += 1;
        entry.pipe.source.counters().past.add(&entry.traffic);
    }
}

impl AnySocket {
    /// The live pipes, in no order.
    pub(crate) fn pipes(&self) -> Vec<PipeStats> {
        if self.worker.is_forked() {
            return Vec::new();
        }
        let core = self.lock();
        let state = &core.state;
        let mut answers: HashMap<_, usize> = HashMap::new();
        for pipe in core.pattern.inboxes().pipes_of_answers() {
            *answers.entry(pipe).or_default() += 1;
        }
        let describe = |entry: &Entry| {
            let pipe = &entry.pipe;
            PipeStats {
                id: pipe.id.number,
                peer: (*pipe.peer).clone(),
                via: pipe.source.via.clone(),
                since: self.clock.instant_of(pipe.since),
                traffic: entry.traffic,
                send_queue: entry.queued.messages,
                recv_queue: entry.held.messages + answers.get(&pipe.id).copied().unwrap_or_default(),
            }
        };
        state.table.iter().map(describe).collect()
    }

    /// How many pipes a source has, and what went through those it has and had.
    pub(super) fn carried(&self, source: &SourceEndpoint) -> (usize, Traffic) {
        let core = self.lock();
        let mut traffic = source.counters().past;
        let mut pipes = 0;
        for entry in core.state.table.iter().filter(|entry| entry.pipe.source.id == source.id) {
            pipes += 1;
            traffic.add(&entry.traffic);
        }
        (pipes, traffic)
    }
}
