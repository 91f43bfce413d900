//! Where the system has no memory for a message that arrives, its pipe ends, and not the process.

mod common;

use common::child::{Child, task, tell};
use common::peer::{PUSH, Peer};
use common::{LIMIT, SOON, Site, WIRES, eventually, link, over_within};
use hubless::{Context, Pull, Push};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the process may have beyond what it has.
const MORE: u64 = 160 << 20;
/// The peer's message.
const HUGE: u64 = 1 << 30;

/// Each test is a process of its own, because the limit is that of the process.
const CHILD: &str = "this_is_the_child_process_of_the_tests_here";

#[test]
fn a_message_for_which_there_is_no_memory_ends_its_pipe_alone_and_is_counted() {
    over_within(LIMIT, WIRES, |site| {
        let mut process = Child::start(CHILD, &[site.transport]);
        assert_eq!(process.hear(), "done");
        assert!(process.wait().success());
    });
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    let Some(words) = task() else { return };
    let transport = WIRES.into_iter().find(|known| *known == words[0]).expect("a transport");
    let site = Site::new(transport);
    let context = Context::builder().max_memory(8 << 30).build().expect("a context");
    let pull = Pull::builder().context(&context).max_message(2 * HUGE).build().expect("a socket");
    let (other, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    link(&site, &other, &push);
    let at = pull.listen(site.address()).expect("an address");
    let monitor = pull.monitor();
    let mut peer = Peer::greeted(at.address(), PUSH);
    pull.wait_for_peers(1, SOON).expect("a peer");

    let status = std::fs::read_to_string("/proc/self/statm").expect("its size");
    let pages: u64 = status.split(' ').next().expect("a number").parse().expect("a number");
    let now = pages * u64::try_from(rustix::param::page_size()).expect("a size");
    let usual = getrlimit(Resource::As);
    setrlimit(Resource::As, Rlimit { current: Some(now + MORE), maximum: usual.maximum }).expect("a limit");
    let framing: &[u8] = if site.transport == "ipc" { &[1] } else { &[] };
    peer.write(&[framing, &HUGE.to_be_bytes()].concat());
    let piece = vec![7; 1 << 20];
    let mut sent = 0;
    while sent < HUGE && peer.try_write(&piece).is_ok() {
        sent += 1 << 20;
    }
    assert!(sent < HUGE, "the peer was never stopped");
    eventually(|| pull.stats().out_of_memory == 1 && pull.stats().pipes == 0);
    let told =
        std::iter::from_fn(|| monitor.try_recv().ok()).map(|event| event.to_string()).collect::<Vec<_>>();
    assert!(told.iter().any(|event| event.contains("no memory")), "{told:?}");
    push.send("the others go on").expect("room");
    assert_eq!(other.recv_timeout(SOON).expect("a message"), "the others go on");
    setrlimit(Resource::As, usual).expect("the usual limit");
    tell("done");
}
