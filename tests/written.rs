//! Written is not received: what a job that was handed to the system comes to when its worker dies, and what a request does.

mod common;

use common::peer::{PULL, Peer, REP};
use common::{Peers, SOON, WIRES, counts, over};
use hubless::{Pull, Push, Rep, Req};

#[test]
fn a_job_that_a_worker_has_and_dies_with_is_lost_and_no_counter_knows() {
    over(WIRES, |site| {
        let push = Push::new().unwrap();
        let at = push.listen(site.address()).unwrap();
        let mut worker = Peer::greeted(at.address(), PULL);
        push.peers(1);
        push.send("taken along").unwrap();
        assert_eq!(worker.recv(), b"taken along");
        drop(worker);
        counts(&push, |stats| stats.pipes == 0);
        let next = Pull::new().unwrap();
        next.dial(at.address()).unwrap();
        push.send("for the next").unwrap();
        assert_eq!(next.recv_timeout(SOON).unwrap(), "for the next");
        assert_eq!(push.close(SOON).unwrap().dropped, 0);
        let stats = push.stats();
        assert_eq!((stats.sent, stats.drops.total()), (2, 0));
    });
}

#[test]
fn a_request_that_a_server_has_and_dies_with_is_asked_again() {
    over(WIRES, |site| {
        let req = Req::new().unwrap();
        let at = req.listen(site.address()).unwrap();
        let mut server = Peer::greeted(at.address(), REP);
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
    });
}
