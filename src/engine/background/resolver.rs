//! Looks up names without holding anything up: a few threads on demand, which end when there is nothing to do.
//!
//! A name server that does not answer holds a thread for half a minute. So that the names it knows nothing of do not wait for it,
//! `localhost` has a lane of its own, and of the other threads some are left to names whose last look-up was quick or that
//! were never looked up.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use super::control::worker_handle::{Command, WorkerHandle};
use super::sys::clock::Clock;
use super::sys::ids::EndpointId;
use super::sys::sync::{Condvar, Mutex, start_thread};

/// Threads at the most, but for the one of `localhost`.
const THREADS: usize = 8;
/// Of them for names that were slow.
const FOR_SLOW: usize = 4;
/// A look-up that takes longer is slow.
const SLOW: Duration = Duration::from_millis(500);
/// Slow names that are remembered.
const REMEMBERED: usize = 1024;
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

/// Which thread looks a name up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// The one for `localhost`, of which the system knows without asking anybody.
    Local,
    Unknown,
    /// The last time it took long.
    Slow,
}

#[derive(Debug, Default)]
struct State {
    /// Names nobody looks up yet, oldest first.
    waiting: VecDeque<Name>,
    /// Who asked for a name that is waiting or being looked up: one look-up serves them all.
    asked: HashMap<Name, Vec<(EndpointId, Arc<WorkerHandle>)>>,
    /// Hosts whose last look-up was slow.
    slow: HashSet<String>,
    /// Threads that look up a name now.
    local: usize,
    unknown: usize,
    slowly: usize,
    threads: usize,
    idle: usize,
}

impl Resolver {
    /// Has `host` looked up; the answer goes to that background thread.
    pub(super) fn look_up(&self, host: &str, port: u16, endpoint: EndpointId, handle: &Arc<WorkerHandle>) {
        let name = (host.to_owned(), port);
        let mut state = self.shared.state.lock();
        let asked = state.asked.entry(name.clone()).or_default();
        asked.push((endpoint, Arc::clone(handle)));
        if asked.len() > 1 {
            return;
        }
        state.waiting.push_back(name);
        if !state.has_work() {
            // The first that is done takes it.
        } else if state.threads <= THREADS && state.waiting.len() > state.idle {
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
        let clock = Clock::start();
        let mut state = self.state.lock();
        loop {
            if let Some((name, lane)) = state.begin() {
                drop(state);
                let began = clock.now();
                let result = (name.0.as_str(), name.1).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
                let took = clock.now().since(began);
                state = self.state.lock();
                state.end(&name, lane, took);
                state.answer(&name, &result);
                continue;
            }
            state.idle += 1;
            let (again, in_vain) = self.work.wait_timeout(state, IDLE);
            state = again;
            state.idle -= 1;
            if in_vain && !state.has_work() {
                state.threads -= 1;
                return;
            }
        }
    }
}

impl State {
    fn lane(&self, host: &str) -> Lane {
        let host = host.strip_suffix('.').unwrap_or(host);
        let last = host.rsplit('.').next().unwrap_or(host);
        if last.eq_ignore_ascii_case("localhost") {
            Lane::Local
        } else if self.slow.contains(host) {
            Lane::Slow
        } else {
            Lane::Unknown
        }
    }

    fn has_place(&self, lane: Lane) -> bool {
        match lane {
            Lane::Local => self.local == 0,
            Lane::Unknown => self.unknown + self.slowly < THREADS,
            Lane::Slow => self.slowly < FOR_SLOW && self.unknown + self.slowly < THREADS,
        }
    }

    /// The first that waits and has a thread to look it up: those that were slow come behind all others.
    fn first(&self) -> Option<(usize, Lane)> {
        let waiting = self.waiting.iter().enumerate().map(|(index, name)| (index, self.lane(&name.0)));
        let fit = waiting.filter(|(_, lane)| self.has_place(*lane));
        fit.min_by_key(|(index, lane)| (*lane == Lane::Slow, *index))
    }

    fn has_work(&self) -> bool {
        self.first().is_some()
    }

    fn looking_up(&mut self, lane: Lane) -> &mut usize {
        match lane {
            Lane::Local => &mut self.local,
            Lane::Unknown => &mut self.unknown,
            Lane::Slow => &mut self.slowly,
        }
    }

    /// Takes a name to look up.
    fn begin(&mut self) -> Option<(Name, Lane)> {
        let (index, lane) = self.first()?;
        let name = self.waiting.remove(index)?;
        *self.looking_up(lane) += 1;
        Some((name, lane))
    }

    /// A name was looked up, and it took so long.
    fn end(&mut self, (host, _): &Name, lane: Lane, took: Duration) {
        *self.looking_up(lane) -= 1;
        let host = host.strip_suffix('.').unwrap_or(host);
        if took < SLOW {
            self.slow.remove(host);
        } else if !self.slow.contains(host) {
            if self.slow.len() >= REMEMBERED
                && let Some(other) = self.slow.iter().next().cloned()
            {
                self.slow.remove(&other);
            }
            self.slow.insert(host.to_owned());
        }
    }

    fn answer(&mut self, name: &Name, result: &io::Result<Vec<SocketAddr>>) {
        for (endpoint, handle) in self.asked.remove(name).unwrap_or_default() {
            let result = match result {
                Ok(addresses) => Ok(addresses.clone()),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            };
            handle.tell(Command::Resolved { endpoint, result });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(host: &str) -> Name {
        (host.to_owned(), 5555)
    }

    /// What is begun while nothing ends.
    fn begun(state: &mut State) -> Vec<(String, Lane)> {
        std::iter::from_fn(|| state.begin()).map(|((host, _), lane)| (host, lane)).collect()
    }

    #[test]
    fn localhost_waits_for_no_other_name() {
        let mut state = State::default();
        state.waiting.extend((0..100).map(|number| name(&format!("host{number}.example"))));
        assert_eq!(begun(&mut state).len(), THREADS);
        for host in ["localhost", "LocalHost.", "db.localhost"] {
            state.waiting.push_back(name(host));
            let (found, lane) = state.begin().expect("a lane of its own");
            assert_eq!((found.0.as_str(), lane), (host, Lane::Local));
            state.end(&found, lane, Duration::ZERO);
        }
        assert_eq!(state.waiting.len(), 100 - THREADS);
    }

    #[test]
    fn a_name_that_is_slow_is_remembered_though_many_were_before() {
        let mut state = State::default();
        for number in 0..2 * REMEMBERED {
            let host = format!("slow{number}.example");
            state.waiting.push_back(name(&host));
            let (found, lane) = state.begin().expect("a thread");
            state.end(&found, lane, SLOW);
            assert_eq!(state.lane(&host), Lane::Slow);
            assert!(state.slow.len() <= REMEMBERED);
        }
    }

    #[test]
    fn names_that_were_slow_leave_threads_to_the_others() {
        let mut state = State::default();
        state.waiting.extend((0..THREADS).map(|number| name(&format!("slow{number}.example"))));
        for (host, lane) in begun(&mut state) {
            state.end(&name(&host), lane, SLOW);
            state.waiting.push_back(name(&host));
        }
        state.waiting.push_back(name("other.example"));
        let begun = begun(&mut state);
        assert_eq!(begun[0], ("other.example".into(), Lane::Unknown), "it comes first");
        assert_eq!(begun.iter().filter(|(_, lane)| *lane == Lane::Slow).count(), FOR_SLOW);
        // A name that was quick is slow no more.
        let (first, lane) = &begun[1];
        state.end(&name(first), *lane, Duration::ZERO);
        assert_eq!(state.lane(first), Lane::Unknown);
    }
}
