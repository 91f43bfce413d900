//! The timer of a socket's pattern: it fires or it is cancelled, never both, and never late.

use hubless_protocol::patterns::Time;
use shuttle::sync::{Arc, Condvar};

use crate::check::{check, mutants, pause, spawn};
use crate::control::socket_timer::SocketTimer;
use crate::deadlines::timers::{Due, Timers};
use crate::sys::sync::Mutex;
use crate::wait::command_queue::CommandBuffer;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The thread looks whether the timer is due, and fires it in another step.
    FiresLater,
    /// A timer that is earlier than the last one is not told of.
    EarlierInSecret,
    /// A thread that came too early does not come again.
    ComesOnce,
}

/// A request and when it ends without an answer.
#[derive(Debug, Default)]
struct Request {
    timer: SocketTimer,
    /// The time that is wanted.
    ends: Option<Time>,
    answered: u32,
    fired: u32,
}

impl Request {
    fn is_over(&self) -> bool {
        self.answered + self.fired > 0
    }
}

#[derive(Debug, Default)]
struct System {
    request: Mutex<Request>,
    commands: Mutex<CommandBuffer<Time>>,
    clock: Mutex<Clock>,
    changed: Condvar,
}

/// Time goes on only while the background thread sleeps to its end.
#[derive(Debug, Default)]
struct Clock {
    now: u64,
    woken: bool,
}

impl System {
    /// The request ends so much later, if it is not over. All the while time stands still, and the thread hears in time.
    fn set(&self, later: u64, fault: Fault) {
        let mut clock = self.clock.lock();
        let mut request = self.request.lock();
        if request.is_over() {
            return;
        }
        let at = Time(clock.now + later);
        let earlier = request.ends.is_some_and(|ends| at < ends);
        request.ends = Some(at);
        let ask = request.timer.set(Some(at)).filter(|_| !earlier || fault != Fault::EarlierInSecret);
        drop(request);
        if let Some(at) = ask {
            clock.woken |= self.commands.lock().push_for(at, at);
            self.changed.notify_all();
        }
    }

    /// The answer has come.
    fn answer(&self) {
        let mut request = self.request.lock();
        if request.fired == 0 {
            request.answered += 1;
            assert_eq!(request.timer.set(None), None, "nobody is asked to come for nothing");
        }
    }

    /// The thread comes at its time.
    fn come(&self, now: Time, fault: Fault) {
        let mut request = self.request.lock();
        let (due, again) = request.timer.fire(now);
        if due && fault == Fault::FiresLater {
            drop(request);
            request = self.request.lock();
        }
        if due {
            request.fired += 1;
            assert!(request.ends.is_none_or(|ends| now <= ends), "overslept");
        }
        drop(request);
        if let Some(at) = again.filter(|_| fault != Fault::ComesOnce) {
            assert!(!self.commands.lock().push_for(at, at), "it is awake");
        }
    }

    /// As the background thread, until the request is over.
    fn run(&self, fault: Fault) {
        let (mut timers, mut commands) = (Timers::default(), Vec::new());
        loop {
            let wakes = timers.next().unwrap_or(Time(u64::MAX));
            self.commands.lock().take(&mut commands, Some(wakes));
            if commands.is_empty() {
                self.sleep(wakes);
            }
            self.commands.lock().awake();
            commands.drain(..).for_each(|at| timers.set(at, Due::Pattern(0)));
            let now = Time(self.clock.lock().now);
            while timers.take(now).is_some() {
                self.come(now, fault);
            }
            if self.request.lock().is_over() {
                return;
            }
        }
    }

    /// Has the thread see that the request is over.
    fn look(&self) {
        let mut clock = self.clock.lock();
        clock.woken |= self.commands.lock().push(Time::default());
        self.changed.notify_all();
    }

    /// Until the time has come, or it is woken.
    fn sleep(&self, until: Time) {
        if until == Time(u64::MAX) {
            return self.clock.wait_until(&self.changed, |clock| std::mem::take(&mut clock.woken));
        }
        pause();
        let mut clock = self.clock.lock();
        if !std::mem::take(&mut clock.woken) {
            clock.now = clock.now.max(until.0);
        }
    }
}

/// A request that is given less time, then more, then is answered, perhaps in time.
fn a_request_ends(answers: bool, fault: Fault) {
    let system = Arc::new(System::default());
    let background = spawn(&system, move |running| running.run(fault));
    let asker = spawn(&system, move |asking| [20, 10, 30].into_iter().for_each(|at| asking.set(at, fault)));
    if answers {
        system.answer();
    }
    asker.join().expect("it ends");
    if answers {
        system.look();
    }
    background.join().expect("it ends");
    let request = system.request.lock();
    assert_eq!(request.answered + request.fired, 1, "it ends exactly once");
}

#[test]
fn a_timer_fires_or_is_cancelled_and_never_both() {
    check(|| a_request_ends(true, Fault::None));
}

#[test]
fn a_timer_that_is_not_cancelled_fires_in_time() {
    check(|| a_request_ends(false, Fault::None));
}

mutants! {
    a_timer_that_fires_outside_of_the_lock_is_found:
        "exactly once" => a_request_ends(true, Fault::FiresLater),
    an_earlier_time_that_is_kept_secret_is_found:
        "overslept" => a_request_ends(false, Fault::EarlierInSecret),
    a_thread_that_comes_in_vain_and_not_again_is_found: "deadlock" => a_request_ends(false, Fault::ComesOnce),
}
