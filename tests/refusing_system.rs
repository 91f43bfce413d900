//! What the system refuses, once or for good, is told once, and leaves nothing behind. Each test is a process of its own, with limits
//! and a log of its own.

use std::fs;
use std::time::Duration;

use hubless::{Context, Error, EventKind, Pull, Push};
use hubless_kit::child::{in_own_process, perform};
use hubless_kit::lines::{self, Reading};
use hubless_kit::{LIMIT, SOON, Site, WIRES, eventually, limit_descriptors, link, linked, now, over, passes};

#[over(["tcp"])]
fn a_context_that_cannot_be_made_leaves_neither_threads_nor_descriptors(site: &Site) {
    in_own_process(&["context", site.transport]);
}

#[over(WIRES)]
fn a_context_whose_event_loop_fails_for_good_ends_its_sockets_and_says_so_once(site: &Site) {
    in_own_process(&["context's loop", site.transport]);
}

#[over(WIRES)]
fn a_socket_whose_event_loop_fails_for_good_ends_and_the_others_go_on(site: &Site) {
    in_own_process(&["socket's loop", site.transport]);
}

#[over(WIRES, 2 * LIMIT)]
fn a_listener_without_descriptors_says_so_when_that_begins_and_when_it_ends(site: &Site) {
    in_own_process(&["descriptors", site.transport]);
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| {
        lines::keep();
        let site = Site::new(words[1]);
        match words[0] {
            "context" => context(),
            "context's loop" => loop_of_context(&site),
            "socket's loop" => loop_of_socket(&site),
            _ => descriptors(&site),
        }
    });
}

fn count(folder: &str) -> usize {
    fs::read_dir(folder).expect("a folder").count()
}

fn context() {
    const ROUNDS: usize = 3;
    let before = (count("/proc/self/task"), count("/proc/self/fd"));
    for _ in 0..ROUNDS {
        let usual = limit_descriptors(40);
        assert!(matches!(Context::builder().threads(64).build(), Err(Error::System { .. })));
        limit_descriptors(usual);
        eventually(|| (count("/proc/self/task"), count("/proc/self/fd")) == before);
    }
    Context::builder().threads(64).build().expect("descriptors").close(SOON);
}

/// The event loops of the process, by descriptor.
fn event_loops() -> Vec<i32> {
    let loops = fs::read_dir("/proc/self/fd").expect("a folder").flatten().filter(|entry| {
        fs::read_link(entry.path()).is_ok_and(|target| target.to_string_lossy().contains("eventpoll"))
    });
    let mut loops: Vec<i32> =
        loops.map(|entry| entry.file_name().to_string_lossy().parse().expect("a number")).collect();
    loops.sort_unstable();
    loops
}

/// As a program does that closes descriptors it does not know; the numbers are then those of what is returned.
fn close(descriptors: &[i32]) -> Vec<fs::File> {
    const HOLES: usize = 50;
    for descriptor in descriptors {
        nix::unistd::close(*descriptor).expect("a descriptor");
    }
    (0..HOLES).map(|_| fs::File::open("/dev/null").expect("a file")).collect()
}

/// What is dead says so, and few lines of log do.
fn ends(written: &Reading, mut call: impl FnMut() -> Error) {
    const LINES: usize = 6;
    let mut last = call();
    let begin = now();
    while !matches!(last, Error::Dead) {
        assert!(begin.elapsed() < SOON, "the answer is still {last}");
        last = call();
    }
    let lines = written.lines();
    assert!((1..=LINES).contains(&lines.len()), "{lines:#?}");
}

fn loop_of_context(site: &Site) {
    let context = Context::new().expect("a context");
    let loops = event_loops();
    let (pull, push) = (
        Pull::builder().context(&context).build().expect("a socket"),
        Push::builder().context(&context).build().expect("a socket"),
    );
    link(site, &pull, &push);
    let written = Reading::begin();
    let taken = close(&loops);
    ends(&written, || pull.recv_timeout(Duration::from_millis(20)).expect_err("nobody sends"));
    assert!(matches!(push.send("m").map_err(Error::from), Err(Error::Dead)));
    let (pull, push) = linked::<Pull, Push>(site);
    passes(&push, &pull, "elsewhere all is well");
    // The dead have closed those numbers once more.
    std::mem::forget(taken);
}

fn loop_of_socket(site: &Site) {
    let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    let before = event_loops();
    let broken = Pull::new().expect("a socket");
    let at = broken.listen(site.address()).expect("an address");
    push.dial(at.address()).expect("an address");
    push.wait_for_peers(1, SOON).expect("a peer");
    broken.wait_for_peers(1, SOON).expect("a peer");
    push.close(SOON).expect("an end");
    let push = Push::new().expect("a socket");
    link(site, &pull, &push);
    let all: Vec<i32> = event_loops();
    let own: Vec<i32> = all.into_iter().filter(|descriptor| !before.contains(descriptor)).collect();
    let written = Reading::begin();
    // Those of all sockets, the broken one's among them; that of the context is left.
    let taken = close(&own);
    ends(&written, || broken.recv_timeout(Duration::from_millis(20)).expect_err("nobody sends"));
    let (pull, push) = linked::<Pull, Push>(site);
    passes(&push, &pull, "elsewhere all is well");
    // As above.
    std::mem::forget(taken);
}

fn descriptors(site: &Site) {
    const PAUSES: usize = 9;
    let pull = Pull::new().expect("a socket");
    let at = pull.listen(site.address()).expect("an address");
    let monitor = pull.monitor();
    let written = Reading::begin();
    let usual = limit_descriptors(64);
    let mut files: Vec<_> = std::iter::from_fn(|| fs::File::open("/dev/null").ok()).collect();
    files.pop();
    let knocking = hubless_kit::peer::Peer::connect(at.address());
    for _ in 0..PAUSES {
        while !matches!(monitor.recv_timeout(SOON).expect("an event").kind, EventKind::AcceptingPaused { .. })
        {
        }
    }
    let paused = |line: &String| line.contains("accepting on") && line.contains("pauses");
    let goes_on = |line: &String| line.contains("accepting on") && line.contains("goes on");
    assert_eq!(written.lines().iter().filter(|line| paused(line)).count(), 1, "{:#?}", written.lines());
    limit_descriptors(usual);
    eventually(|| written.lines().iter().any(goes_on));
    assert_eq!(written.lines().iter().filter(|line| paused(line)).count(), 1, "{:#?}", written.lines());
    drop((files, knocking));
}
