//! New connections at two background threads, when there are as many connections as there may be: each evicts the oldest that has
//! said nothing, whichever thread that is at, while those go on to say something.

use std::collections::HashSet;

use hubless_protocol::patterns::Time;
use shuttle::sync::Arc;
use shuttle::thread;

use crate::check::{check, mutants, perhaps};
use crate::sys::eviction_queue::EvictionQueue;
use crate::sys::sync::Mutex;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// One that is evicted stays in the queue, where others find it, too.
    StaysQueued,
    /// A thread is told which slot to free, and not whose.
    SlotIsAll,
    /// Another thread is not told.
    InSecret,
}

/// Connections that there may be.
const LIMIT: usize = 2;
const NEW_CONNECTIONS: u64 = 3;

/// A handshake: the thread, its slot there, and which it is of all in that slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Who {
    thread: usize,
    slot: usize,
    serial: u64,
}

#[derive(Debug)]
struct Process {
    queue: EvictionQueue<Who>,
    open: Mutex<usize>,
    commands: [Mutex<Vec<Who>>; 2],
    /// Those in whose place somebody was let in.
    taken: Mutex<HashSet<Who>>,
    fault: Fault,
}

/// What a background thread has.
#[derive(Debug)]
struct Side {
    thread: usize,
    /// The handshakes under way, with their numbers in the queue.
    slots: [Option<(Who, u64)>; LIMIT + 2],
    pipes: usize,
    serial: u64,
}

impl Side {
    fn run(mut self, process: &Process) -> Self {
        for _ in 0..NEW_CONNECTIONS {
            self.obey(process);
            if perhaps() {
                self.hear(process);
            }
            self.let_in(process);
        }
        self
    }

    fn let_in(&mut self, process: &Process) {
        if *process.open.lock() >= LIMIT && !self.make_room(process) {
            return;
        }
        self.serial += 1;
        let Some(slot) = self.slots.iter().position(Option::is_none) else { return };
        let who = Who { thread: self.thread, slot, serial: self.serial };
        *process.open.lock() += 1;
        self.slots[slot] = Some((who, process.queue.push(who, Time(0), None)));
    }

    fn make_room(&mut self, process: &Process) -> bool {
        let Some(oldest) = process.queue.take_oldest(None, Time(0)) else { return false };
        if process.fault == Fault::StaysQueued {
            process.queue.push(oldest, Time(0), None);
        }
        assert!(process.taken.lock().insert(oldest), "two were let in for one");
        if oldest.thread == self.thread {
            self.end(process, oldest);
        } else if process.fault != Fault::InSecret {
            process.commands[oldest.thread].lock().push(oldest);
        }
        true
    }

    fn obey(&mut self, process: &Process) {
        let commands = std::mem::take(&mut *process.commands[self.thread].lock());
        for who in commands {
            self.end(process, who);
        }
    }

    fn end(&mut self, process: &Process, asked: Who) {
        let Some((found, number)) = self.slots[asked.slot] else { return };
        if found != asked && process.fault != Fault::SlotIsAll {
            return;
        }
        assert!(process.taken.lock().contains(&found), "it ends for nobody");
        self.slots[asked.slot] = None;
        process.queue.remove(number);
        *process.open.lock() -= 1;
    }

    /// Somebody says who it is, and has a pipe.
    fn hear(&mut self, process: &Process) {
        if let Some((_, number)) = self.slots.iter_mut().find_map(Option::take) {
            process.queue.remove(number);
            self.pipes += 1;
        }
    }
}

fn new_connections(fault: Fault) {
    let commands = [Mutex::default(), Mutex::default()];
    let (queue, open, taken) = (EvictionQueue::default(), Mutex::default(), Mutex::default());
    let process = Arc::new(Process { queue, open, commands, taken, fault });
    let start = |thread| {
        let process = Arc::clone(&process);
        let side = Side { thread, slots: [None; LIMIT + 2], pipes: 0, serial: 0 };
        thread::spawn(move || side.run(&process))
    };
    let threads = [start(0), start(1)];
    let sides = threads.map(|thread| thread.join().expect("no panic"));
    let mut connections = 0;
    for mut side in sides {
        side.obey(&process);
        let left: Vec<Who> = side.slots.iter().flatten().map(|(who, _)| *who).collect();
        let taken = process.taken.lock();
        assert!(left.iter().all(|who| !taken.contains(who)), "somebody was to leave and stayed");
        connections += left.len() + side.pipes;
    }
    assert_eq!(connections, *process.open.lock());
}

#[test]
fn each_eviction_is_for_one_new_connection_and_nobody_else_ends() {
    check(|| new_connections(Fault::None));
}

mutants! {
    one_that_is_evicted_twice_is_found: "two were let in for one" => new_connections(Fault::StaysQueued),
    one_that_ends_in_place_of_its_predecessor_is_found:
        "it ends for nobody" => new_connections(Fault::SlotIsAll),
    one_that_is_not_told_of_its_eviction_is_found:
        "somebody was to leave and stayed" => new_connections(Fault::InSecret),
}
