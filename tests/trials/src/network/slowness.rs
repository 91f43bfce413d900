use std::path::Path;
use std::thread;
use std::time::Duration;

use hubless::Push;
use rustix::process::Signal;

use super::flow::Flow;
use super::{Conditions, Network, Plan, Silence};
use crate::Trial;
use hubless_kit::{Child, eventually, holds_within};

/// More than both ends have room for, so that the sender stands still, too.
const FLOOD: Plan = Plan {
    conditions: Conditions { loss: 0, delay: Duration::ZERO, reorder: 0, duplicate: 0, tamper: 0 },
    partition: Duration::ZERO,
    messages: 2000,
    length: 20_000,
};

/// The process at the other end stands still, for longer than a peer may be gone: once while nothing is to be said, and once while
/// it is sent more than it has room for. Its system still answers, so it is kept.
pub fn slowness(trial: &Trial, actor: &Path, silence: &Silence, still: Duration) {
    let network = Network::new(trial, Conditions::good());
    let push = Push::builder().context(&network.here.context()).build().expect("a socket");
    let (address, run) = (network.there.endpoint().to_string(), trial.seed().to_string());
    push.dial(silence.set(network.there.endpoint())).expect("an address");
    network.there.enter(|| {
        let mut sink = Child::program(actor, &["sink", &address, &run]);
        sink.hear();
        push.wait_for_peers(1, FLOOD.patience()).expect("the process");
        sink.signal(Signal::STOP);
        stays(&push, still);

        let (flow, sending) = (Flow::new(trial, 1, &FLOOD), push.clone());
        let sending = thread::spawn(move || flow.send(|message, _| sending.send(message)));
        stays(&push, still);
        assert!(!sending.is_finished(), "the process has taken everything while it stood still");
        sink.signal(Signal::CONT);
        eventually(|| {
            sink.say("count");
            sink.hear() == format!("{} 0", FLOOD.messages)
        });
        sending.join().expect("a sender");
    });
    assert_eq!((push.stats().connected, push.stats().disconnected), (1, 0));
}

/// The connection lives all this time.
fn stays(push: &Push, time: Duration) {
    let ends = holds_within(time, || push.stats().disconnected > 0);
    assert!(!ends, "one that is merely slow was given up");
}
