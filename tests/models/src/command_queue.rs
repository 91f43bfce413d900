//! Commands to the background thread: none waits while it sleeps without a limit, or beyond its time.

use hubless_protocol::patterns::Time;
use shuttle::sync::{Arc, Condvar};

use crate::check::{check, join_all, mutants, pause, perhaps, spawn};
use crate::sys::sync::Mutex;
use crate::wait::command_queue::CommandBuffer;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The thread looks, and declares itself asleep later.
    LooksTooEarly,
    /// A command for later wakes nobody.
    LaterIsNever,
    /// A command wakes nobody.
    PushedInSecret,
}

/// How long the thread sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sleeps {
    WithoutEnd,
    ToATime,
    Either,
}

#[derive(Debug)]
enum Command {
    Now,
    By(Time),
}

#[derive(Debug, Default)]
struct WorkerHandle {
    inside: Mutex<Inside>,
    woken: Mutex<bool>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inside {
    commands: CommandBuffer<Command>,
    /// Lie in the box, and the thread has not seen them.
    unseen: Vec<Command>,
    now: u64,
}

impl WorkerHandle {
    fn tell(&self, fault: Fault) {
        let mut inside = self.inside.lock();
        let needed = inside.commands.push(Command::Now);
        // Still locked, because in the model time must not pass in between.
        self.wake(needed && fault != Fault::PushedInSecret);
        drop(inside);
    }

    fn tell_timer(&self, fault: Fault) {
        let mut inside = self.inside.lock();
        let at = Time(inside.now + 5);
        let needed = inside.commands.push_for(at, Command::By(at));
        self.wake(needed && fault != Fault::LaterIsNever);
        drop(inside);
    }

    fn wake(&self, needed: bool) {
        if needed {
            *self.woken.lock() = true;
            self.changed.notify_all();
        }
    }

    /// Takes three commands, sleeping to a time of its own at most, or for ever.
    fn attend(&self, sleeps: Sleeps, fault: Fault) {
        let (mut commands, mut taken) = (Vec::new(), 0);
        while taken < 3 {
            let mut inside = self.inside.lock();
            commands.append(&mut inside.unseen);
            let to_a_time = sleeps == Sleeps::ToATime || (sleeps == Sleeps::Either && perhaps());
            let wakes = if to_a_time { Time(inside.now + 10) } else { Time(u64::MAX) };
            if fault == Fault::LooksTooEarly {
                inside.commands.take(&mut commands, None);
                drop(inside);
                inside = self.inside.lock();
                if commands.is_empty() {
                    inside.declare_asleep(wakes);
                }
            } else {
                inside.commands.take(&mut commands, Some(wakes));
            }
            let now = Time(inside.now);
            drop(inside);
            taken += commands.len();
            let idle = commands.is_empty();
            for command in commands.drain(..) {
                if let Command::By(at) = command {
                    assert!(now <= at, "overslept");
                }
            }
            if idle {
                self.sleep(wakes);
            }
            self.inside.lock().commands.awake();
        }
    }

    /// Until woken, or the time has come.
    fn sleep(&self, until: Time) {
        if until == Time(u64::MAX) {
            return self.woken.wait_until(&self.changed, std::mem::take);
        }
        pause();
        let mut inside = self.inside.lock();
        if !std::mem::take(&mut *self.woken.lock()) {
            inside.now = until.0;
        }
    }
}

impl Inside {
    /// What `take` would do if it did not look.
    fn declare_asleep(&mut self, wakes: Time) {
        self.commands.take(&mut self.unseen, None);
        self.commands.take(&mut Vec::new(), Some(wakes));
    }
}

fn commands_come(sleeps: Sleeps, fault: Fault) {
    let handle = Arc::new(WorkerHandle::default());
    let tellers = [
        spawn(&handle, move |handle| handle.tell(fault)),
        spawn(&handle, move |handle| {
            handle.tell_timer(fault);
            handle.tell(fault);
        }),
    ];
    handle.attend(sleeps, fault);
    join_all(tellers);
}

#[test]
fn a_command_is_taken_before_any_sleep_without_end_and_a_timer_by_its_time() {
    check(|| commands_come(Sleeps::Either, Fault::None));
}

mutants! {
    a_look_before_the_sleep_is_declared_is_found:
        "deadlock" => commands_come(Sleeps::WithoutEnd, Fault::LooksTooEarly),
    a_timer_that_wakes_nobody_is_found: "overslept" => commands_come(Sleeps::ToATime, Fault::LaterIsNever),
    a_command_that_wakes_nobody_is_found:
        "deadlock" => commands_come(Sleeps::WithoutEnd, Fault::PushedInSecret),
}
