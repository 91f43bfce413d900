//! `hubless perf`: how fast it is here, told by each end: in a summary on a terminal, in one line of JSON elsewhere.
//!
//! What is measured is what a program pays: every message is made anew ([`bodies`]), carries its number, and is checked by
//! who receives it ([`check`]). Throughput roles read the clock at the beginning and at the end only. Nothing else runs in
//! the process but a thread that looks three times a second whether the peers are still there ([`watch`]), and on a terminal
//! draws how far it is ([`bar`]).

mod bar;
mod bodies;
mod check;
mod inproc;
mod latency;
mod layout;
mod line;
mod load;
mod publish;
mod pull;
mod push;
mod receive;
mod reception;
mod rep;
mod req;
mod section;
mod send;
mod site;
mod subscribe;
mod summary;
mod surroundings;
mod watch;
mod work;

use crate::arguments::perf::Perf;
use crate::exit::Outcome;

/// Measures, and prints what came of it.
pub(crate) fn run(perf: Perf) -> Outcome {
    measure(perf).unwrap_or_else(|outcome| outcome)
}

fn measure(perf: Perf) -> Result<Outcome, Outcome> {
    match perf {
        Perf::Pull(pull) => pull::run(pull),
        Perf::Push(push) => push::run(push),
        Perf::Rep(rep) => rep::run(rep),
        Perf::Req(req) => req::run(req),
        Perf::Pub(publisher) => publish::run(publisher),
        Perf::Sub(subscribers) => subscribe::run(subscribers),
        Perf::InprocThr(throughput) => inproc::throughput(&throughput),
        Perf::InprocLat(latency) => inproc::latency(&latency),
    }
}
