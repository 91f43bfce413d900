//! What a judge of admission does wrong fills no log, however often a peer has it done. Alone in its program, for there is one
//! logger.

use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

use hubless::admission::{Applicant, Verdict};
use hubless::{Context, Endpoint, Pull};
use hubless_kit::lines::{self, Reading};
use hubless_kit::peer::{PUSH, Peer, greeting};
use hubless_kit::{LIMIT, Site, WIRES, counts, eventually_sees, now, within};

/// Beyond what is quick for a judge, which is 100 ms.
const LONG: Duration = Duration::from_millis(105);

/// So many strangers knock, one after the other, at a socket with this judge; what is written in the log meanwhile.
fn knock(times: u64, site: &Site, judge: fn(Applicant) -> Verdict, reason: &str) -> Reading {
    // Each context has its own limit.
    let context = Context::new().expect("a context");
    let pull = Pull::builder().context(&context).build().expect("a socket");
    let at = pull.listen(Endpoint::new(site.address()).admit(judge)).expect("an address to listen on");
    let written = Reading::begin();
    for _ in 0..times {
        let peer = Peer::connect(at.address());
        peer.write(&greeting(PUSH));
        peer.wait_for_end();
    }
    counts(&pull, |stats| stats.refused.denied == times);
    let status = eventually_sees(|| at.status(), |status| status.refused == times);
    assert!(status.last_error.is_some_and(|error| error.contains(reason)), "{reason}");
    written
}

#[track_caller]
fn mentions(written: &Reading, what: &str) {
    let lines = written.lines();
    assert!(lines.iter().any(|line| line.contains(what)), "nothing of {what} in {lines:?}");
}

/// Panics without a call to the program's own hook, which is not what is tested here.
fn panicking(_: Applicant) -> Verdict {
    resume_unwind(Box::new("planted"))
}

fn slow(applicant: Applicant) -> Verdict {
    let end = now() + LONG;
    while now() < end {
        thread::park_timeout(Duration::from_millis(1));
    }
    applicant.refuse("not on a Sunday")
}

#[test]
fn a_judge_that_panics_or_is_slow_lets_nobody_fill_the_log() {
    lines::keep();
    within(LIMIT, || {
        for transport in WIRES {
            let written = knock(300, &Site::new(transport), panicking, "panicked");
            written.is_short();
            mentions(&written, "the judge of admission panicked");
        }
        // Each of these is worth two lines: with the one about the judge unlimited, there would be twice as many as allowed.
        let written = knock(30, &Site::new("tcp"), slow, "not on a Sunday");
        written.is_short();
        mentions(&written, "a judge of admission took");
        mentions(&written, "not on a Sunday");
    });
}
