//! NNG at the other end of connections that are cut to pieces and broken off.
//!
//! `cargo test --workspace -- --ignored` runs these; see `tests/interop_nng/main.rs` for what they need.

use std::time::Duration;

use hubless_kit::interop::{Host, Meeting, Nng, hosted_by, interop};
use hubless_trials::connections::{self, Plan};
use hubless_trials::{Cutting, Ending, Manner, Trial};

#[interop(hosted_by(Host::They))]
fn what_an_nng_pair_sends_back_is_what_we_sent(meeting: &Meeting) {
    let pair = Nng::start("Pair0");
    let address = pair.listen(&meeting.address());
    pair.begin("echo 20000");
    let manner = Manner::new(Cutting::Mixed).stalling(20_000, Duration::from_millis(300));
    let plan = Plan::new(meeting.site.transport, 20_000, 200 * 1024).through(manner);
    println!("{}", connections::echoes(&Trial::new("nng"), &plan, &address));
    pair.done();
}

#[interop(hosted_by(Host::They))]
fn an_nng_rep_answers_each_request_though_connections_break_off(meeting: &Meeting) {
    for ending in [Ending::Orderly, Ending::Reset] {
        let rep = Nng::start("Rep0");
        let address = rep.listen(&meeting.address());
        rep.run("serve 4");
        let manner = Manner::new(Cutting::Mixed).breaking_off(20_000..=100_000, ending);
        let plan = Plan::new(meeting.site.transport, 5_000, 4096).through(manner);
        let report = connections::answers(&Trial::new("nng"), &plan, &address);
        println!("{report}");
        assert!(report.cuts > 0, "nothing was broken off");
    }
}
