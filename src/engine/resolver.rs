//! Looks up names without holding anything up: a few threads on demand, which end when there is nothing to do.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use super::endpoint::EndpointId;
use super::mailbox::{Command, Mailbox};
use super::sync::{Condvar, Mutex, start_thread};

/// Threads at the most.
const THREADS: usize = 4;
/// A thread without work ends after this.
const IDLE: Duration = Duration::from_secs(5);

/// Shared by the background threads of a context.
#[derive(Debug, Default, Clone)]
pub(crate) struct Resolver {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
}

/// A host and a port.
type Name = (String, u16);

#[derive(Debug, Default)]
struct State {
    /// Names nobody looks up yet, oldest first.
    waiting: VecDeque<Name>,
    /// Who asked for a name that is waiting or being looked up: one look-up serves them all.
    asked: HashMap<Name, Vec<(EndpointId, Arc<Mailbox>)>>,
    threads: usize,
    idle: usize,
}

impl Resolver {
    /// Has `host` looked up; the answer goes to the mailbox.
    pub(crate) fn look_up(&self, host: &str, port: u16, endpoint: EndpointId, mailbox: &Arc<Mailbox>) {
        let name = (host.to_owned(), port);
        let mut state = self.shared.state.lock();
        let asked = state.asked.entry(name.clone()).or_default();
        asked.push((endpoint, Arc::clone(mailbox)));
        if asked.len() > 1 {
            return;
        }
        state.waiting.push_back(name);
        if state.waiting.len() > state.idle && state.threads < THREADS {
            state.threads += 1;
            drop(state);
            self.start_thread();
        } else {
            self.shared.work.notify_one();
        }
    }

    fn start_thread(&self) {
        let shared = Arc::clone(&self.shared);
        if let Err(error) = start_thread("hubless-names".into(), move || shared.work()) {
            // Without a thread the look-ups fail; the dialers report that and try again.
            let mut state = self.shared.state.lock();
            state.threads -= 1;
            if state.threads == 0 {
                while let Some(name) = state.waiting.pop_front() {
                    state.answer(&name, &Err(io::Error::new(error.kind(), error.to_string())));
                }
            }
        }
    }
}

impl Shared {
    fn work(&self) {
        let mut state = self.state.lock();
        loop {
            if let Some(name) = state.waiting.pop_front() {
                drop(state);
                let result = (name.0.as_str(), name.1).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
                state = self.state.lock();
                state.answer(&name, &result);
                continue;
            }
            state.idle += 1;
            let (again, in_vain) = self.work.wait_timeout(state, IDLE);
            state = again;
            state.idle -= 1;
            if in_vain && state.waiting.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }
}

impl State {
    fn answer(&mut self, name: &Name, result: &io::Result<Vec<SocketAddr>>) {
        for (endpoint, mailbox) in self.asked.remove(name).unwrap_or_default() {
            let result = match result {
                Ok(addresses) => Ok(addresses.clone()),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            };
            mailbox.tell(Command::Resolved { endpoint, result });
        }
    }
}
