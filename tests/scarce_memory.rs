//! Where the system has no memory for a message that arrives, its pipe ends, and not the process.

use hubless::{Context, Pull, Push};
use hubless_kit::child::{in_own_process, perform};
use hubless_kit::peer::{PUSH, Peer};
use hubless_kit::{SOON, Site, WIRES, eventually, linked, over, passes};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the process may have beyond what it has.
const MORE: u64 = 160 << 20;
/// The peer's message.
const HUGE: u64 = 1 << 30;

/// Each test is a process of its own, because the limit is that of the process.

#[over(WIRES)]
fn a_message_for_which_there_is_no_memory_ends_its_pipe_alone_and_is_counted(site: &Site) {
    in_own_process(&[site.transport]);
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| receive_too_much(&Site::new(words[0])));
}

fn receive_too_much(site: &Site) {
    let context = Context::builder().max_memory(8 << 30).build().expect("a context");
    let pull = Pull::builder().context(&context).max_message(2 * HUGE).build().expect("a socket");
    let (other, push) = linked::<Pull, Push>(site);
    let at = pull.listen(site.address()).expect("an address");
    let monitor = pull.monitor();
    let peer = Peer::greeted(at.address(), PUSH);
    pull.wait_for_peers(1, SOON).expect("a peer");

    let status = std::fs::read_to_string("/proc/self/statm").expect("its size");
    let pages: u64 = status.split(' ').next().expect("a number").parse().expect("a number");
    let now = pages * u64::try_from(rustix::param::page_size()).expect("a size");
    let usual = getrlimit(Resource::As);
    setrlimit(Resource::As, Rlimit { current: Some(now + MORE), maximum: usual.maximum }).expect("a limit");
    peer.write(&peer.announcement(HUGE));
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
    passes(&push, &other, "the others go on");
    setrlimit(Resource::As, usual).expect("the usual limit");
}
