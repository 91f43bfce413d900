//! The program's signals are its own: no thread of the library takes one. Each test is a process of its own, because a signal is for
//! all of it.

use std::collections::BTreeMap;
use std::ffi::{CString, OsStr};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use hubless::admission::Applicant;
use hubless::{Device, Endpoint, Pull, Push, raw};
use hubless_kit::child::{in_own_process, perform};
use hubless_kit::{ALL, SOON, Site, eventually, eventually_sees, linked, over, passes};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::{Pid, execve};

#[over(ALL)]
fn a_program_that_waits_for_a_signal_gets_it_though_its_sockets_were_there_first(site: &Site) {
    in_own_process(&["waits", site.transport]);
}

#[over(ALL)]
fn every_thread_of_the_library_blocks_all_but_the_signals_of_faults_and_profilers(site: &Site) {
    in_own_process(&["threads", site.transport]);
}

#[over(ALL)]
fn a_program_that_is_started_on_a_thread_of_the_library_begins_with_the_signals_blocked_there(site: &Site) {
    in_own_process(&["starts", site.transport]);
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| {
        let site = Site::new(words[1]);
        match words[0] {
            "waits" => waits(&site),
            "starts" => starts(&site),
            _ => threads(&site),
        }
    });
}

/// As a daemon does: it opens its sockets, blocks the signals in its own threads, and one of those waits for them.
fn waits(site: &Site) {
    let mut awaited = SigSet::empty();
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGUSR1] {
        awaited.add(signal);
    }
    block_in_every_thread(&awaited);
    awaited.thread_unblock().expect("a mask");
    let (pull, push) = linked::<Pull, Push>(site);
    awaited.thread_block().expect("a mask");
    for signal in &awaited {
        kill(Pid::this(), signal).expect("a process of ours");
        assert_eq!(awaited.wait().expect("a signal"), signal);
    }
    passes(&push, &pull, "and the sockets go on");
}

/// The main thread of a test program is not to be had from here, but it blocks what was blocked when its program began.
fn block_in_every_thread(signals: &SigSet) {
    const BEGUN: &str = "HUBLESS_TEST_BEGUN_ANEW";
    if std::env::var_os(BEGUN).is_some() {
        return;
    }
    signals.thread_block().expect("a mask");
    let text = |text: &OsStr| CString::new(text.as_bytes()).expect("no zero");
    let program = text(std::env::current_exe().expect("a path").as_os_str());
    let words: Vec<CString> = std::env::args_os().map(|word| text(&word)).collect();
    let variables = std::env::vars_os().map(|(name, value)| [name, value].join(OsStr::new("=")));
    let variables: Vec<CString> =
        variables.chain([format!("{BEGUN}=").into()]).map(|variable| text(&variable)).collect();
    let Err(error) = execve(&program, &words, &variables);
    panic!("the program does not begin anew: {error}");
}

/// A judge of admission runs on the background thread.
fn starts(site: &Site) {
    let (tell, told) = sync_channel(1);
    let judge = move |applicant: Applicant| {
        let own = fs::read_to_string("/proc/thread-self/status").expect("a thread");
        let started = Command::new("cat").arg("/proc/self/status").output().expect("a program");
        let _ = tell.try_send([own, String::from_utf8(started.stdout).expect("text")]);
        applicant.accept()
    };
    let pull = Pull::new().expect("a socket");
    let at = pull.listen(Endpoint::new(site.address()).admit(judge)).expect("an address");
    let push = Push::new().expect("a socket");
    push.dial(at.address()).expect("an address");
    let [own, started] = told.recv_timeout(SOON).expect("it is asked").map(|status| blocked(&status));
    assert_ne!(own, 0);
    assert_eq!(started, own);
}

/// The signals that are blocked, of the status of a thread.
fn blocked(status: &str) -> u64 {
    let blocked = status.lines().find_map(|line| line.strip_prefix("SigBlk:")).expect("a mask").trim();
    u64::from_str_radix(blocked, 16).expect("a number")
}

/// Which signals each thread of the process blocks, by the thread's name.
fn masks() -> BTreeMap<String, Vec<u64>> {
    let mut masks = BTreeMap::<_, Vec<u64>>::new();
    for task in fs::read_dir("/proc/self/task").expect("threads").flatten() {
        // One that ends meanwhile has none.
        let read = |file: &str| fs::read_to_string(task.path().join(file));
        let (Ok(name), Ok(status)) = (read("comm"), read("status")) else { continue };
        masks.entry(name.trim().to_owned()).or_default().push(blocked(&status));
    }
    masks
}

fn threads(site: &Site) {
    let before = SigSet::thread_get_mask().expect("a mask");
    let (pull, push) = linked::<Pull, Push>(site);
    // A name has to be looked up, which is done by a thread of its own.
    push.dial("tcp://localhost:1").expect("an address");
    let ends = (raw::Rep::new().expect("a socket"), raw::Req::new().expect("a socket"));
    let device = Device::queue(ends.0, ends.1).spawn().expect("threads");
    let count = |prefix: &str| {
        masks()
            .iter()
            .filter(|(name, _)| name.starts_with(prefix))
            .map(|(_, masks)| masks.len())
            .sum::<usize>()
    };
    eventually(|| count("hubless-0") == 1 && count("hubless-names") == 1 && count("queue") == 2);
    // The C library blocks all signals in a thread for as long as it starts another.
    eventually_sees(wrong_masks, Vec::is_empty);
    assert_eq!(SigSet::thread_get_mask().expect("a mask"), before, "the callers' threads have theirs");
    device.stop().expect("an end");
    pull.close(Duration::ZERO).expect("an end");
}

/// Threads of the library that block a signal which they should not, or do not block one which they should.
fn wrong_masks() -> Vec<(String, Signal)> {
    let ours = masks().into_iter().filter(|(name, _)| name.starts_with("hubless-") || name == "queue");
    let each = ours.flat_map(|(name, masks)| masks.into_iter().map(move |mask| (name.clone(), mask)));
    each.flat_map(|(name, mask)| {
        let is_wrong = move |signal: &Signal| {
            let left = matches!(
                signal,
                Signal::SIGKILL
                    | Signal::SIGSTOP
                    | Signal::SIGSEGV
                    | Signal::SIGBUS
                    | Signal::SIGFPE
                    | Signal::SIGILL
                    | Signal::SIGTRAP
                    | Signal::SIGSYS
                    | Signal::SIGPROF
            );
            (mask & (1 << (*signal as i32 - 1)) != 0) == left
        };
        Signal::iterator().filter(is_wrong).map(move |signal| (name.clone(), signal)).collect::<Vec<_>>()
    })
    .collect()
}
