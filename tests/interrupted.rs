//! Signals that interrupt a thread, be it the caller's or the background one, end none of its calls.

use std::os::unix::thread::JoinHandleExt;
use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use handler::{catch_signals, caught};
use hubless::admission::Applicant;
use hubless::{Context, Endpoint, Error, Pull, Push};
use hubless_kit::{ALL, SOON, link, linked, over};
use nix::sys::pthread::{Pthread, pthread_kill, pthread_self};
use nix::sys::signal::{SigSet, Signal};

/// A signal that interrupts the thread that gets it. The safe crates have the system go on with an interrupted call by itself.
#[expect(unsafe_code, reason = "no safe crate handles a signal without SA_RESTART")]
mod handler {
    use std::sync::atomic::{AtomicU64, Ordering};

    use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

    static CAUGHT: AtomicU64 = AtomicU64::new(0);

    extern "C" fn count(_: i32) {
        CAUGHT.fetch_add(1, Ordering::Relaxed);
    }

    /// From now on the signal interrupts, and does nothing else but to be counted.
    pub(crate) fn catch_signals() {
        let action = SigAction::new(SigHandler::Handler(count), SaFlags::empty(), SigSet::empty());
        // SAFETY: the handler does nothing but to add to a number without a lock.
        unsafe { sigaction(Signal::SIGUSR1, &action) }.expect("a handler");
    }

    /// How many have come.
    pub(crate) fn caught() -> u64 {
        CAUGHT.load(Ordering::Relaxed)
    }
}

/// Interrupts these threads, and one that does not end, again and again until they have ended.
fn pester<T>(threads: &[JoinHandle<T>], beside: Option<Pthread>) {
    while threads.iter().any(|thread| !thread.is_finished()) {
        // One that has ended is still there to be signalled until it is joined; where the system sees it otherwise, so be it.
        for thread in threads.iter().map(JoinHandleExt::as_pthread_t).chain(beside) {
            let _ = pthread_kill(thread, Signal::SIGUSR1);
        }
        thread::park_timeout(Duration::from_micros(50));
    }
}

#[test]
fn senders_and_receivers_that_are_interrupted_lose_nothing() {
    const COUNT: usize = 2000;
    catch_signals();
    over(ALL, |site| {
        let push = Push::builder().send_buffer(1).build().unwrap();
        let pull = Pull::builder().recv_buffer(1).build().unwrap();
        link(site, &pull, &push);
        let sending = thread::spawn(move || {
            for number in 0..COUNT {
                push.send(number.to_string()).unwrap();
            }
            push.close(SOON).unwrap();
        });
        let receiving = thread::spawn(move || {
            for number in 0..COUNT {
                assert_eq!(pull.recv_timeout(SOON).unwrap(), number.to_string());
            }
        });
        let threads = [sending, receiving];
        pester(&threads, None);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// The background thread dials, accepts, greets, and moves what the callers do not, while it is interrupted all the time.
#[test]
fn a_background_thread_that_is_interrupted_loses_nothing() {
    const ROUNDS: usize = 20;
    const COUNT: usize = 100;
    catch_signals();
    over(ALL, |site| {
        let context = Context::new().unwrap();
        let pull = Pull::builder().context(&context).recv_buffer(1).build().unwrap();
        let (tell, told) = sync_channel(1);
        // A judge is called by that thread, which blocks signals until here.
        let judge = move |applicant: Applicant| {
            let mut interrupting = SigSet::empty();
            interrupting.add(Signal::SIGUSR1);
            interrupting.thread_unblock().unwrap();
            let _ = tell.try_send((pthread_self(), thread::current().name().map(str::to_owned)));
            applicant.accept()
        };
        let at = pull.listen(Endpoint::new(site.address()).admit(judge)).unwrap();
        let address = at.address().to_owned();
        let first = Push::builder().context(&context).build().unwrap();
        first.dial(&address).unwrap();
        let (background, name) = told.recv_timeout(SOON).unwrap();
        drop(first);
        assert!(name.is_some_and(|name| name.starts_with("hubless")));
        let before = caught();
        let talking = thread::spawn(move || {
            for round in 0..ROUNDS {
                let push = Push::builder().context(&context).send_buffer(1).build().unwrap();
                push.dial(&address).unwrap();
                let sending = thread::spawn(move || {
                    (0..COUNT).for_each(|number| push.send(format!("{round} {number}")).unwrap());
                    push.close(SOON).unwrap()
                });
                for number in 0..COUNT {
                    assert_eq!(pull.recv_timeout(SOON).unwrap(), format!("{round} {number}"));
                }
                assert_eq!(sending.join().unwrap().dropped, 0);
            }
            drop((pull, at));
            // It is there until the last handle has gone.
            context
        });
        let threads = [talking];
        pester(&threads, Some(background));
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(caught() - before > 100, "it has been interrupted");
    });
}

#[test]
fn a_call_with_a_time_limit_that_is_interrupted_takes_its_time() {
    const TIME: Duration = Duration::from_millis(200);
    catch_signals();
    over(ALL, |site| {
        let (pull, _push) = linked::<Pull, Push>(site);
        let waiting = thread::spawn(move || {
            let begin = hubless_kit::now();
            assert!(matches!(pull.recv_timeout(TIME), Err(Error::Timeout { .. })));
            assert!(begin.elapsed() >= TIME);
        });
        let threads = [waiting];
        pester(&threads, None);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}
