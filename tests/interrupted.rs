//! Signals that interrupt a waiting thread end none of its calls.

mod common;

use std::os::unix::thread::JoinHandleExt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use common::{ALL, SOON, link, over};
use hubless::{Error, Pull, Push};
use nix::sys::pthread::pthread_kill;
use nix::sys::signal::Signal;
use signal_hook::consts::SIGUSR1;

/// From now on the signal interrupts whoever gets it, and does nothing else.
fn catch_signals() {
    signal_hook::flag::register(SIGUSR1, Arc::new(AtomicBool::new(false))).expect("a handler");
}

/// Interrupts these threads again and again until all have ended.
fn pester<T>(threads: &[JoinHandle<T>]) {
    while threads.iter().any(|thread| !thread.is_finished()) {
        for thread in threads {
            // One that has ended is still there to be signalled until it is joined; where the system sees it otherwise, so be it.
            let _ = pthread_kill(thread.as_pthread_t(), Signal::SIGUSR1);
        }
        thread::park_timeout(Duration::from_micros(100));
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
        pester(&threads);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_call_with_a_time_limit_that_is_interrupted_takes_its_time() {
    const TIME: Duration = Duration::from_millis(200);
    catch_signals();
    over(ALL, |site| {
        let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
        link(site, &pull, &push);
        let waiting = thread::spawn(move || {
            let begin = common::now();
            assert!(matches!(pull.recv_timeout(TIME), Err(Error::Timeout)));
            assert!(begin.elapsed() >= TIME);
        });
        let threads = [waiting];
        pester(&threads);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}
