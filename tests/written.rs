//! Written is not received: what a job that was handed to the system comes to when its worker dies, and what a request does.

use hubless::{Pull, Push, Rep, Req};
use hubless_kit::peer::{PULL, Peer, REP};
use hubless_kit::{Peers, SOON, Site, WIRES, counts, over, passes};

#[over(WIRES)]
fn a_job_that_a_worker_has_and_dies_with_is_lost_and_no_counter_knows(site: &Site) {
    let push = Push::new().unwrap();
    let at = push.listen(site.address()).unwrap();
    let worker = Peer::greeted(at.address(), PULL);
    push.peers(1);
    push.send("taken along").unwrap();
    assert_eq!(worker.recv(), b"taken along");
    drop(worker);
    counts(&push, |stats| stats.pipes == 0);
    let next = Pull::new().unwrap();
    next.dial(at.address()).unwrap();
    passes(&push, &next, "for the next");
    assert_eq!(push.close(SOON).unwrap().dropped, 0);
    let stats = push.stats();
    assert_eq!((stats.sent, stats.drops.total()), (2, 0));
}

#[over(WIRES)]
fn a_request_that_a_server_has_and_dies_with_is_asked_again(site: &Site) {
    let req = Req::new().unwrap();
    let at = req.listen(site.address()).unwrap();
    let server = Peer::greeted(at.address(), REP);
    req.peers(1);
    let job = req.send("do it").unwrap();
    assert!(server.recv().ends_with(b"do it"));
    drop(server);
    let next = Rep::new().unwrap();
    next.dial(at.address()).unwrap();
    let request = next.recv_timeout(SOON).unwrap();
    assert!(request.ends_with(b"do it"));
    request.reply("done").unwrap();
    assert_eq!(job.recv_timeout(SOON).unwrap(), "done");
}
