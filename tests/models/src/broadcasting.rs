//! Senders whose messages go to all pipes or to none wait for the last of those that are full.
//!
//! What is modelled is whom a pipe tells that has room again, or that is gone. How a pipe comes to have room is modelled
//! elsewhere, so here it is somebody who takes a message from its queue.

use std::collections::{BTreeSet, VecDeque};

use shuttle::sync::{Arc, Condvar};
use shuttle::thread;

use crate::bare::Bare;
use crate::check::{check, join_all, mutants, spawn};
use crate::host::Looks;
use crate::pipe::flush_state::FlushState;
use crate::sys::sync::Mutex;
use crate::wait::block_on::{self, Waitable};
use crate::wait::deferred_wakeups::DeferredWakeups;
use crate::wait::wait_queue::WaitQueue;

/// Messages that a pipe may have queued.
const LIMIT: usize = 2;
/// What all senders send together.
const ALL: [u32; 4] = [0, 1, 10, 11];

/// One mistake that a mutant makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// A pipe that has room tells of it while another is full, and the last one tells nobody.
    TheFirstTells,
    /// A pipe is full, and is not asked to tell when it no longer is.
    FullUnasked,
    /// A pipe goes, and those who wait for it are not told.
    GoesInSilence,
}

#[derive(Debug)]
struct Socket {
    core: Mutex<Core>,
    queued: Condvar,
    fault: Fault,
}

#[derive(Debug)]
struct Core {
    wait_queue: WaitQueue<(), Want>,
    pipes: Vec<Pipe>,
    full: BTreeSet<usize>,
    fault: Fault,
}

#[derive(Debug, Default)]
struct Pipe {
    flush_state: FlushState,
    queue: VecDeque<u32>,
    gone: bool,
}

/// What one can wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Want {
    Room,
}

impl Socket {
    fn new(fault: Fault) -> Arc<Self> {
        let pipes = (0..2).map(|_| Pipe::default()).collect();
        let core = Core { wait_queue: WaitQueue::new(()), pipes, full: BTreeSet::new(), fault };
        Arc::new(Self { core: Mutex::new(core), queued: Condvar::new(), fault })
    }

    fn send(&self, message: u32) {
        let attempt = |core: &mut Core| core.send(message).then_some(((), true));
        block_on::block_on(self, Want::Room, &Looks::FOREVER, attempt).expect("it waits for ever");
        self.queued.notify_all();
    }

    /// A message leaves the pipe, when there is one.
    fn take(&self, pipe: usize) -> u32 {
        let mut left = None;
        let mut wakeups = None;
        self.core.wait_until(&self.queued, |core| {
            left = core.take(pipe);
            wakeups = core.wait_queue.take_wakeups();
            left.is_some()
        });
        wakeups.into_iter().for_each(DeferredWakeups::wake);
        left.expect("it was waited for")
    }

    /// The pipe ends. What it had is nobody's any more.
    fn remove(&self, pipe: usize) {
        let mut core = self.core.lock();
        core.pipes[pipe].gone = true;
        core.full.remove(&pipe);
        self.release(core);
        let mut core = self.core.lock();
        if self.fault != Fault::GoesInSilence {
            core.wait_queue.notify_one(Want::Room);
        }
        self.release(core);
    }
}

impl Core {
    /// Whether all pipes had room.
    fn send(&mut self, message: u32) -> bool {
        if !self.full.is_empty() {
            return false;
        }
        for (number, pipe) in self.pipes.iter_mut().enumerate().filter(|(_, pipe)| !pipe.gone) {
            pipe.queue.push_back(message);
            assert!(pipe.queue.len() <= LIMIT, "a pipe had no room");
            if pipe.queue.len() == LIMIT {
                self.full.insert(number);
                if self.fault != Fault::FullUnasked {
                    pipe.flush_state.refuse();
                }
            }
        }
        true
    }

    fn take(&mut self, number: usize) -> Option<u32> {
        let pipe = &mut self.pipes[number];
        let message = pipe.queue.pop_front()?;
        if pipe.flush_state.take_writable_notice(pipe.queue.len() * 2 <= LIMIT) {
            self.full.remove(&number);
            if self.full.is_empty() != (self.fault == Fault::TheFirstTells) {
                self.wait_queue.notify_one(Want::Room);
            }
        }
        Some(message)
    }
}

impl Bare for Socket {
    type Core = Core;
    type Want = Want;

    fn core(&self) -> &Mutex<Core> {
        &self.core
    }

    fn wait_queue(core: &mut Core) -> &mut WaitQueue<(), Want> {
        &mut core.wait_queue
    }
}

fn senders(socket: &Arc<Socket>) -> Vec<thread::JoinHandle<()>> {
    let start = |messages: &'static [u32]| {
        spawn(socket, move |socket| messages.iter().for_each(|message| socket.send(*message)))
    };
    ALL.chunks(2).map(start).collect()
}

fn all_of(socket: &Arc<Socket>, pipe: usize) -> thread::JoinHandle<Vec<u32>> {
    spawn(socket, move |socket| ALL.iter().map(|_| socket.take(pipe)).collect())
}

/// Two senders, and two pipes that get on as they like.
fn all_or_none(fault: Fault) {
    let socket = Socket::new(fault);
    let senders = senders(&socket);
    let [one, other] = [0, 1].map(|pipe| all_of(&socket, pipe));
    let mut got = one.join().expect("a peer gets everything");
    assert_eq!(other.join().expect("a peer gets everything"), got);
    join_all(senders);
    got.sort_unstable();
    assert_eq!(got, ALL);
}

/// The same, but from one pipe nothing is taken, and it goes.
fn one_goes(fault: Fault) {
    let socket = Socket::new(fault);
    let senders = senders(&socket);
    let other = all_of(&socket, 1);
    socket.remove(0);
    other.join().expect("a peer gets everything");
    join_all(senders);
}

#[test]
fn whoever_waits_for_all_pipes_is_told_by_the_last() {
    check(|| all_or_none(Fault::None));
}

#[test]
fn a_pipe_that_goes_is_waited_for_no_longer() {
    check(|| one_goes(Fault::None));
}

mutants! {
    a_last_pipe_that_tells_nobody_is_found: "deadlock" => all_or_none(Fault::TheFirstTells),
    a_full_pipe_that_was_not_asked_to_tell_is_found: "deadlock" => all_or_none(Fault::FullUnasked),
    a_pipe_that_goes_in_silence_is_found: "deadlock" => one_goes(Fault::GoesInSilence),
}
