//! Newcomers at two background threads, when there are as many connections as there may be: each takes the place of the oldest that has
//! said nothing, whichever thread that is at, while those go on to say something.

use std::collections::HashSet;

use hubless_protocol::patterns::Time;
use shuttle::sync::Arc;
use shuttle::thread;

use crate::check::{check, perhaps};
use crate::sys::line::Line;
use crate::sys::sync::Mutex;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The one who makes room stays in line, where others find it, too.
    StaysInLine,
    /// A thread is told which place to free, and not whose.
    PlaceIsAll,
    /// Another thread is not told.
    InSecret,
}

/// Connections that there may be.
const LIMIT: usize = 2;
const NEWCOMERS: u64 = 3;

/// A handshake: the thread, its place there, and which it is of all in that place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Who {
    thread: usize,
    place: usize,
    serial: u64,
}

#[derive(Debug)]
struct Process {
    line: Line<Who>,
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
    /// The handshakes under way, with their numbers in line.
    places: [Option<(Who, u64)>; LIMIT + 2],
    pipes: usize,
    serial: u64,
}

impl Side {
    fn run(mut self, process: &Process) -> Self {
        for _ in 0..NEWCOMERS {
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
        let Some(place) = self.places.iter().position(Option::is_none) else { return };
        let who = Who { thread: self.thread, place, serial: self.serial };
        *process.open.lock() += 1;
        self.places[place] = Some((who, process.line.enter(who, Time(0), None)));
    }

    fn make_room(&mut self, process: &Process) -> bool {
        let Some(oldest) = process.line.take_oldest(None, Time(0)) else { return false };
        if process.fault == Fault::StaysInLine {
            process.line.enter(oldest, Time(0), None);
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
        let Some((found, number)) = self.places[asked.place] else { return };
        if found != asked && process.fault != Fault::PlaceIsAll {
            return;
        }
        assert!(process.taken.lock().contains(&found), "it ends for nobody");
        self.places[asked.place] = None;
        process.line.leave(number);
        *process.open.lock() -= 1;
    }

    /// Somebody says who it is, and has a pipe.
    fn hear(&mut self, process: &Process) {
        if let Some((_, number)) = self.places.iter_mut().find_map(Option::take) {
            process.line.leave(number);
            self.pipes += 1;
        }
    }
}

fn newcomers(fault: Fault) {
    let commands = [Mutex::default(), Mutex::default()];
    let (line, open, taken) = (Line::default(), Mutex::default(), Mutex::default());
    let process = Arc::new(Process { line, open, commands, taken, fault });
    let start = |thread| {
        let process = Arc::clone(&process);
        let side = Side { thread, places: [None; LIMIT + 2], pipes: 0, serial: 0 };
        thread::spawn(move || side.run(&process))
    };
    let threads = [start(0), start(1)];
    let sides = threads.map(|thread| thread.join().expect("no panic"));
    let mut connections = 0;
    for mut side in sides {
        side.obey(&process);
        let left: Vec<Who> = side.places.iter().flatten().map(|(who, _)| *who).collect();
        let taken = process.taken.lock();
        assert!(left.iter().all(|who| !taken.contains(who)), "somebody was to leave and stayed");
        connections += left.len() + side.pipes;
    }
    assert_eq!(connections, *process.open.lock());
}

#[test]
fn each_who_makes_room_does_so_for_one_newcomer_and_nobody_else_ends() {
    check(|| newcomers(Fault::None));
}

#[test]
#[should_panic(expected = "two were let in for one")]
fn one_who_makes_room_twice_is_found() {
    check(|| newcomers(Fault::StaysInLine));
}

#[test]
#[should_panic(expected = "it ends for nobody")]
fn one_who_ends_in_place_of_its_predecessor_is_found() {
    check(|| newcomers(Fault::PlaceIsAll));
}

#[test]
#[should_panic(expected = "somebody was to leave and stayed")]
fn one_who_is_not_told_to_make_room_is_found() {
    check(|| newcomers(Fault::InSecret));
}
