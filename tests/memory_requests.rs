//! What is kept to be sent again counts, and is sent again where memory is short.

use std::time::Duration;

use hubless::{Builder, Context, Error, Rep, Req};
use hubless_kit::peer::{Host, REP};
use hubless_kit::{ALL, SOON, Site, WIRES, body, counts, link, over};

const MEGABYTE: usize = 1 << 20;

#[over(WIRES)]
fn a_request_larger_than_its_share_is_sent_again_when_its_server_dies_and_small_ones_pass_it(site: &Site) {
    // Beyond any share, at the half of all, and below.
    for size in [10, 8, 3].map(|megabytes| megabytes * MEGABYTE) {
        let context = Context::builder().max_memory(16 * MEGABYTE).build().unwrap();
        let req = Req::builder().context(&context).build().unwrap();
        let first = Rep::new().unwrap();
        req.dial(first.listen(site.address()).unwrap().address()).unwrap();
        let large = req.send_timeout(body(1, size), SOON).unwrap();
        let unanswered = first.recv_timeout(SOON).unwrap();
        drop((unanswered, first));
        counts(&req, |stats| stats.pipes == 0);

        let second = Rep::new().unwrap();
        req.dial(second.listen(site.address()).unwrap().address()).unwrap();
        let again = second.recv_timeout(SOON).unwrap();
        assert!(*again.message() == body(1, size), "{size}");
        for number in 0..5 {
            let small = req.send_timeout(body(number, 9), SOON).unwrap();
            second.recv_timeout(SOON).unwrap().reply("small").unwrap();
            assert_eq!(small.recv_timeout(SOON).unwrap(), "small");
        }
        again.reply("large").unwrap();
        assert_eq!(large.recv_timeout(SOON).unwrap(), "large");
    }
}

/// A server, and a client in a memory of 16 MiB.
fn client_and_server(site: &Site, options: fn(Builder<Req>) -> Builder<Req>) -> (Req, Rep) {
    let context = Context::builder().max_memory(16 * MEGABYTE).build().expect("it is made");
    let req = options(Req::builder().context(&context)).build().expect("it is made");
    let rep = Rep::new().expect("it is made");
    req.dial(rep.listen(site.address()).expect("an address").address()).expect("an address");
    req.wait_for_peers(1, SOON).expect("the peer comes");
    (req, rep)
}

#[over(WIRES)]
fn a_second_request_larger_than_its_share_waits_until_the_first_is_answered_or_given_up(site: &Site) {
    let (req, rep) = client_and_server(site, |builder| builder);
    let first = req.send_timeout(body(1, 10 * MEGABYTE), SOON).unwrap();
    let request = rep.recv_timeout(SOON).unwrap();
    assert!(req.try_send(body(2, 10 * MEGABYTE)).is_err(), "the first is kept and not answered");
    std::thread::scope(|scope| {
        let second = scope.spawn(|| req.send_timeout(body(2, 10 * MEGABYTE), SOON).unwrap());
        request.reply("done").unwrap();
        assert_eq!(first.recv_timeout(SOON).unwrap(), "done");
        let second = second.join().unwrap();
        assert!(*rep.recv_timeout(SOON).unwrap().message() == body(2, 10 * MEGABYTE));
        assert!(req.try_send(body(3, 10 * MEGABYTE)).is_err(), "the second is kept and not answered");
        drop(second);
    });
    let _third = req.send_timeout(body(3, 10 * MEGABYTE), SOON).unwrap();
    assert!(*rep.recv_timeout(SOON).unwrap().message() == body(3, 10 * MEGABYTE));
}

#[over(WIRES)]
fn a_deadline_bounds_how_long_an_unanswered_request_holds_up_those_larger_than_their_share(site: &Site) {
    let (req, rep) = client_and_server(site, |builder| builder.deadline(Duration::from_secs(1)));
    let first = req.send_timeout(body(1, 10 * MEGABYTE), SOON).unwrap();
    let _unanswered = rep.recv_timeout(SOON).unwrap();
    let _second = req.send_timeout(body(2, 10 * MEGABYTE), SOON).unwrap();
    assert!(*rep.recv_timeout(SOON).unwrap().message() == body(2, 10 * MEGABYTE));
    assert!(matches!(first.recv_timeout(SOON), Err(Error::Deadline)));
}

#[over(WIRES)]
fn requests_that_are_not_kept_go_one_after_the_other_however_large_they_are(site: &Site) {
    let (req, rep) = client_and_server(site, Builder::no_resend);
    let (mut asked, mut unanswered) = (Vec::new(), Vec::new());
    for number in 0..4 {
        asked.push(req.send_timeout(body(number, 10 * MEGABYTE), SOON).unwrap());
        unanswered.push(rep.recv_timeout(SOON).unwrap());
        assert!(*unanswered[number].message() == body(number, 10 * MEGABYTE));
    }
    for (asked, request) in asked.into_iter().zip(unanswered) {
        request.reply("done").unwrap();
        assert_eq!(asked.recv_timeout(SOON).unwrap(), "done");
    }
}

#[over(WIRES)]
fn small_requests_pass_a_large_one_that_is_to_be_sent_again_behind_itself(site: &Site) {
    let context = Context::builder().max_memory(160 * MEGABYTE).build().unwrap();
    let options = Req::builder().context(&context).send_buffer_bytes(200 * MEGABYTE);
    let req = options.resend(Duration::from_millis(1)).build().unwrap();
    let host = Host::new(site);
    req.dial(host.address().as_str()).unwrap();
    let slow = host.greeted(REP);
    req.wait_for_peers(1, SOON).unwrap();
    let _large = req.send(vec![7; 90 * MEGABYTE]).unwrap();
    // Its time to be sent again has come long since, and some of it is still queued, so that there is no memory for another copy.
    slow.read(60 * MEGABYTE);
    for _ in 0..10 {
        req.send_timeout("small", SOON).map(drop).unwrap();
    }
}

#[over(ALL)]
fn requests_that_are_kept_to_be_sent_again_count_until_they_are_answered(site: &Site) {
    let context = Context::builder().max_memory(4 * MEGABYTE).build().unwrap();
    let rep = Rep::builder().context(&context).build().unwrap();
    let req = Req::builder().context(&context).build().unwrap();
    link(site, &rep, &req);
    let mut open = Vec::new();
    while open.len() < 1000
        && let Ok(pending) = req.send_timeout(body(open.len(), 100_000), Duration::from_millis(500))
    {
        open.push(pending);
        rep.recv_timeout(SOON).unwrap().reply("done").unwrap();
    }
    assert_eq!(open.len(), 1000, "an answered request counts no more");
    drop(open);

    let (mut open, mut unanswered) = (Vec::new(), Vec::new());
    while open.len() < 1000
        && let Ok(pending) = req.send_timeout(body(open.len(), 100_000), Duration::from_millis(500))
    {
        open.push(pending);
        unanswered.push(rep.recv_timeout(SOON).unwrap());
    }
    assert!(open.len() < 100, "{} requests are open", open.len());
    for request in unanswered {
        request.reply("late").unwrap();
    }
    for pending in open {
        assert_eq!(pending.recv_timeout(SOON).unwrap(), "late");
    }
    req.send_timeout("room again", SOON).map(drop).unwrap();
}
