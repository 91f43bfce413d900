use std::collections::VecDeque;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hubless::{Pending, Rep, Req};

use super::flow::Flow;
use super::{Network, Plan, Report};
use crate::Trial;
use hubless_kit::{Stamp, now};

/// Requests that are open at once.
const OPEN: usize = 100;

/// A request is not asked again because the network was cut: what comes twice then is tcp's fault, or ours.
const NEVER: Duration = Duration::from_secs(1 << 20);

/// A REQ asks a REP, and the network is cut meanwhile.
pub fn requests(trial: &Trial, plan: &Plan) -> Report {
    let network = Network::new(trial, plan.conditions);
    let req = Req::builder().resend(NEVER).context(&network.here.context()).build().expect("a socket");
    let rep = Rep::builder().context(&network.there.context()).build().expect("a socket");
    network.there.enter(|| rep.listen(plan.endpoint(&network.there)).expect("a port"));
    req.dial(plan.endpoint(&network.there)).expect("an address");

    let ([asking, answering], begin) = ([1, 2].map(|sender| Flow::new(trial, sender, plan)), now());
    let server = serve(rep.clone(), answering);
    let cut_at = plan.cut_at(trial);
    let mut open = VecDeque::with_capacity(OPEN);
    for seq in 0..plan.messages {
        if open.len() == OPEN {
            take(open.pop_front(), plan);
        }
        if seq == cut_at {
            network.cut_for(plan.partition);
        }
        open.push_back((seq, req.send(asking.message(seq, 0)).expect("room")));
    }
    while !open.is_empty() {
        take(open.pop_front(), plan);
    }

    let (asked, worked) = (req.stats(), rep.stats());
    let disconnected = asked.disconnected + worked.disconnected;
    let report = Report {
        what: "req/rep",
        plan: *plan,
        sent: plan.messages,
        received: plan.messages,
        lost: 0,
        counted: asked.drops.total() + worked.drops.total(),
        disconnected,
        time: begin.elapsed(),
    };
    let once = worked.received == plan.messages && report.counted == 0;
    assert!(once || disconnected > 0, "{} worked on: {report}", worked.received);
    rep.close(Duration::ZERO).expect("a live background");
    server.join().expect("a server");
    report
}

/// Waits for the answer to the request of this number.
fn take(asked: Option<(u64, Pending)>, plan: &Plan) {
    let Some((seq, pending)) = asked else { return };
    let answer = pending.recv_timeout(plan.patience()).expect("an answer");
    let stamp = Stamp::decode(&answer).expect("an answer as it was sent");
    assert_eq!((stamp.sender, stamp.about), (2, seq), "another's answer to request {seq}: {stamp:?}");
}

/// Answers until the socket is closed.
fn serve(rep: Rep, answers: Flow) -> JoinHandle<()> {
    thread::spawn(move || {
        for (seq, request) in (0..).zip(rep.iter()) {
            let asked = Stamp::decode(request.message()).expect("a request as it was sent");
            assert_eq!((asked.run, asked.sender), (answers.run, 1), "{asked:?}");
            request.reply(answers.message(seq, asked.seq)).expect("a live socket");
        }
    })
}
