//! A dialer or listener that is closed takes its pipes with it, some at a time: there may be thousands.

use std::collections::VecDeque;
use std::sync::Arc;

use hubless_protocol::patterns::Time;

use super::control::completion::Completion;
use super::control::managed_socket::ManagedSocket;
use super::sys::ids::EndpointId;
use super::worker::Worker;

/// The pipes of an endpoint that is closed.
#[derive(Debug)]
pub(super) struct Departure {
    socket: Arc<dyn ManagedSocket>,
    endpoint: EndpointId,
    /// How far they are gone, by their places in the socket's table.
    slot: usize,
    /// Who waits for that.
    done: Vec<Arc<Completion<()>>>,
}

/// Those that are not all gone.
pub(super) type Departures = VecDeque<Departure>;

impl Worker {
    /// Closes an endpoint. Who waits for that is told when its pipes are gone.
    pub(super) fn close_endpoint(&mut self, endpoint: EndpointId, done: Arc<Completion<()>>) {
        let socket = match endpoint {
            EndpointId::Dialer(key) => self.dialers.get(&key).map(|dialing| Arc::clone(&dialing.socket)),
            EndpointId::Listener(key) => {
                self.listeners.get(&key).map(|listening| Arc::clone(&listening.socket))
            }
        };
        match endpoint {
            EndpointId::Dialer(key) => self.close_dialer(key),
            EndpointId::Listener(key) => self.close_listener(key),
        }
        let running = self.departures.iter_mut().find(|departure| departure.endpoint == endpoint);
        match (socket, running) {
            (Some(socket), _) => {
                self.departures.push_back(Departure { socket, endpoint, slot: 0, done: vec![done] });
            }
            (None, Some(running)) => running.done.push(done),
            (None, None) => done.finish(()),
        }
    }

    /// Ends some pipes of the next endpoint that was closed.
    pub(super) fn depart_next(&mut self, _: Time) -> bool {
        let Some(mut departure) = self.departures.pop_front() else { return false };
        match departure.socket.remove_pipes_of(departure.endpoint, departure.slot) {
            Some(slot) => {
                departure.slot = slot;
                self.departures.push_back(departure);
            }
            None => departure.done.iter().for_each(|done| done.finish(())),
        }
        true
    }
}
