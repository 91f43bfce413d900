//! A pipe ends and another takes its place, while events, readers and writers of the first are still under way.

use std::collections::VecDeque;

use hubless_protocol::patterns::PipeId;
use shuttle::sync::Arc;
use shuttle::thread;

use crate::check::{check, join_all, mutants};
use crate::pipe::slots::{Slots, Slotted, word};
use crate::sys::sync::Mutex;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// What comes with an id is for any pipe in that slot.
    PlaceIsAll,
    /// What an event finds is taken for the pipe that it was asked for, and that has ended.
    EventsAreBelieved,
    /// An event names a place, and not the pipe that it was asked for.
    EventsNamePlaces,
}

/// A connection, and what its peer has sent.
#[derive(Debug)]
struct Pipe {
    id: PipeId,
    arriving: Mutex<VecDeque<u32>>,
    ended: Mutex<bool>,
}

#[derive(Debug)]
struct Entry {
    pipe: Arc<Pipe>,
    delivered: Vec<u32>,
    /// An event has told of its end: it is read on, however much waits.
    ending: bool,
}

impl Slotted for Entry {
    fn id(&self) -> PipeId {
        self.pipe.id
    }
}

#[derive(Debug)]
struct Socket {
    slots: Mutex<Slots<Entry>>,
    fault: Fault,
}

impl Socket {
    fn insert(&self, number: u32) -> Arc<Pipe> {
        let mut slots = self.slots.lock();
        let id = slots.insert(number, |id| {
            let pipe = Pipe { id, arriving: Mutex::default(), ended: Mutex::default() };
            Entry { pipe: Arc::new(pipe), delivered: Vec::new(), ending: false }
        });
        Arc::clone(&slots.get(id).expect("it is there").pipe)
    }

    fn find<'a>(&self, slots: &'a mut Slots<Entry>, id: PipeId) -> Option<&'a mut Entry> {
        if self.fault == Fault::PlaceIsAll { at(slots, id) } else { slots.get_mut(id) }
    }

    /// An event, which tells of the end or not: the pipe is read, and if that finds the end, removed.
    fn look_at(&self, event: PipeId, ends: bool) {
        let mut slots = self.slots.lock();
        let entry = match self.fault {
            Fault::None => slots.known_as(word(event)),
            _ => at(&mut slots, event),
        };
        let Some(entry) = entry else { return };
        entry.ending |= ends;
        let pipe = Arc::clone(&entry.pipe);
        drop(slots);
        let message = pipe.arriving.lock().pop_front();
        if let Some(message) = message
            && let Some(entry) = self.find(&mut self.slots.lock(), pipe.id)
        {
            entry.delivered.push(message);
        }
        if *pipe.ended.lock() || (message.is_none() && self.fault == Fault::EventsAreBelieved) {
            self.remove(pipe.id);
        }
    }

    /// Whether it was there.
    fn remove(&self, id: PipeId) -> bool {
        let mut slots = self.slots.lock();
        let Some(id) = self.find(&mut slots, id).map(|entry| entry.id()) else { return false };
        slots.remove(id).is_some()
    }
}

/// The pipe in its slot.
fn at(slots: &mut Slots<Entry>, id: PipeId) -> Option<&mut Entry> {
    slots.iter_mut().find(|entry| entry.id().slot == id.slot)
}

fn a_pipe_has_a_successor(fault: Fault) {
    let socket = Arc::new(Socket { slots: Mutex::new(Slots::new()), fault });
    let first = socket.insert(1);
    first.arriving.lock().push_back(10);
    let events = [(); 2].map(|()| {
        let (socket, id) = (Arc::clone(&socket), first.id);
        thread::spawn(move || socket.look_at(id, true))
    });
    // A writer finds it broken, and so does the thread that closes what it came from.
    let broken = Arc::clone(&socket);
    let id = first.id;
    let writer = thread::spawn(move || broken.remove(id));
    let removed = socket.remove(first.id);
    *first.ended.lock() = true;
    let second = socket.insert(2);
    assert_eq!(second.id.slot, first.id.slot, "the place is used again");
    second.arriving.lock().extend([20, 21]);
    (0..2).for_each(|_| socket.look_at(second.id, false));
    join_all(events);
    let also_removed = writer.join().expect("it ends");
    assert!(!(removed && also_removed), "a pipe is removed once, and its successor not in its stead");
    let slots = socket.slots.lock();
    let seen = slots.get(second.id).map(|entry| (entry.delivered.clone(), entry.ending));
    let (mut delivered, ending) = seen.expect("the successor stays");
    assert!(!ending, "an event has told the successor of an end that is not its own");
    delivered.sort_unstable();
    assert_eq!(delivered, [20, 21], "the successor gets what is its own, and all of that");
}

#[test]
fn what_comes_late_for_a_pipe_leaves_its_successor_alone() {
    check(|| a_pipe_has_a_successor(Fault::None));
}

mutants! {
    a_late_event_that_is_believed_is_found:
        "successor stays" => a_pipe_has_a_successor(Fault::EventsAreBelieved),
    an_event_that_names_a_place_is_found:
        "an end that is not its own" => a_pipe_has_a_successor(Fault::EventsNamePlaces),
    an_id_of_which_only_the_place_counts_is_found: "successor" => a_pipe_has_a_successor(Fault::PlaceIsAll),
}
