//! REQ and REP: each request gets its own answer, whatever happens to peers on the way.

use std::thread;
use std::time::Duration;

use hubless::{Error, Message, Rep, Req};
use hubless_kit::peer::{Host, Peer, REP, REQ};
use hubless_kit::{ALL, Peers, SOON, Site, WHILE, WIRES, counts, eventually, link, linked, over, stays};

fn pair(site: &Site) -> (Rep, Req) {
    let (rep, req) = linked::<Rep, Req>(site);
    (rep, req)
}

/// The number of a request that came over the wire, and its body.
fn split(payload: &[u8]) -> (&[u8], &[u8]) {
    payload.split_at(4)
}

#[over(ALL)]
fn each_request_gets_its_answer(site: &Site) {
    let (rep, req) = pair(site);
    let answering = thread::spawn(move || {
        for request in rep.iter().take(1000) {
            let echo = request.message().clone();
            request.reply(echo).unwrap();
        }
        rep.close(SOON).unwrap();
    });
    for number in 0..1000 {
        assert_eq!(req.request(number.to_string()).unwrap(), number.to_string());
    }
    answering.join().unwrap();
    assert_eq!(req.stats().drops.total(), 0);
}

#[over(ALL)]
fn many_requests_are_open_at_once_and_answered_in_any_order(site: &Site) {
    let (rep, req) = pair(site);
    let pending: Vec<_> = (0..200).map(|number| req.send(number.to_string()).unwrap()).collect();
    let mut requests: Vec<_> = rep.iter().take(200).collect();
    requests.reverse();
    for request in requests {
        let answer = format!("re: {}", request.as_str().unwrap());
        request.reply(answer).unwrap();
    }
    for (number, pending) in pending.into_iter().enumerate().rev() {
        assert_eq!(pending.recv().unwrap(), format!("re: {number}"));
    }
}

#[over(ALL)]
fn an_empty_request_and_an_empty_answer_arrive(site: &Site) {
    let (rep, req) = pair(site);
    let pending = req.send("").unwrap();
    let request = rep.recv().unwrap();
    assert_eq!(request, "");
    request.reply(Message::new()).unwrap();
    assert_eq!(pending.recv().unwrap(), "");
}

#[over(ALL)]
fn a_request_is_a_value_that_another_thread_may_answer(site: &Site) {
    let (rep, req) = pair(site);
    let pending: Vec<_> = (0..8).map(|number| req.send(number.to_string()).unwrap()).collect();
    let workers: Vec<_> = rep
        .iter()
        .take(8)
        .map(|request| {
            thread::spawn(move || {
                let answer = format!("{} done", request.as_str().unwrap());
                request.reply(answer).unwrap();
            })
        })
        .collect();
    drop(rep);
    for (number, pending) in pending.iter().enumerate() {
        assert_eq!(pending.recv().unwrap(), format!("{number} done"));
    }
    for worker in workers {
        worker.join().unwrap();
    }
}

#[over(ALL)]
fn a_dropped_pending_is_cancelled_and_its_answer_counted(site: &Site) {
    let (rep, req) = pair(site);
    drop(req.send("never mind").unwrap());
    rep.recv().unwrap().reply("too late").unwrap();
    counts(&req, |stats| stats.drops.stray == 1);
    let pending = req.send("next").unwrap();
    rep.recv().unwrap().reply("answer").unwrap();
    assert_eq!(pending.recv().unwrap(), "answer");
}

#[over(ALL)]
fn an_answer_is_taken_once(site: &Site) {
    let (rep, req) = pair(site);
    let pending = req.send("q").unwrap();
    assert!(matches!(pending.try_recv(), Err(Error::Empty)));
    assert!(matches!(pending.recv_timeout(Duration::from_millis(10)), Err(Error::Timeout { .. })));
    rep.recv().unwrap().reply("a").unwrap();
    assert_eq!(pending.recv().unwrap(), "a");
    assert!(matches!(pending.recv(), Err(Error::Answered)));
    assert!(matches!(pending.try_recv(), Err(Error::Answered)));
}

#[over(ALL)]
fn a_pending_keeps_its_socket_open(site: &Site) {
    let (rep, req) = pair(site);
    let pending = req.send("q").unwrap();
    drop(req);
    let request = rep.recv().unwrap();
    drop(rep);
    request.reply("a").unwrap();
    assert_eq!(pending.recv().unwrap(), "a");
}

#[over(ALL)]
fn a_request_dropped_unanswered_is_counted_and_ends_by_its_deadline(site: &Site) {
    let (rep, req) =
        (Rep::new().unwrap(), Req::builder().deadline(Duration::from_millis(200)).build().unwrap());
    link(site, &rep, &req);
    let pending = req.send("q").unwrap();
    drop(rep.recv().unwrap());
    assert_eq!(rep.stats().drops.unanswered, 1);
    assert!(matches!(pending.recv(), Err(Error::Deadline)));
    assert!(matches!(req.request("nobody listens"), Err(Error::Deadline)));
}

#[over(ALL)]
fn an_answer_after_the_deadline_is_counted(site: &Site) {
    let (rep, req) =
        (Rep::new().unwrap(), Req::builder().deadline(Duration::from_millis(50)).build().unwrap());
    link(site, &rep, &req);
    let pending = req.send("q").unwrap();
    let request = rep.recv().unwrap();
    assert!(matches!(pending.recv(), Err(Error::Deadline)));
    request.reply("a").unwrap();
    counts(&req, |stats| stats.drops.stray == 1);
}

#[over(ALL)]
fn an_answer_for_somebody_who_left_is_counted(site: &Site) {
    let (rep, req) = pair(site);
    let pending = req.send("q").unwrap();
    let request = rep.recv().unwrap();
    drop(pending);
    req.close(Duration::ZERO).unwrap();
    eventually(|| rep.stats().pipes == 0);
    request.reply("a").unwrap();
    assert_eq!(rep.stats().drops.requester_gone, 1);
}

#[over(WIRES)]
fn a_requester_that_takes_no_answers_loses_them_and_the_others_do_not_notice(site: &Site) {
    let rep = Rep::builder().send_buffer(10).build().unwrap();
    let at = rep.listen(site.address()).unwrap();
    let slow = Peer::greeted(at.address(), REQ);
    let honest = Req::new().unwrap();
    honest.dial(at.address()).unwrap();
    rep.peers(2);
    let answering = rep.clone();
    let server = thread::spawn(move || {
        while let Ok(request) = answering.recv() {
            let answer = if request.message() == "honest" { vec![1] } else { vec![0; 500_000] };
            request.reply(answer).unwrap();
        }
    });
    for number in 0..50_u32 {
        slow.send(&[(0x8000_0000 | number).to_be_bytes().as_slice(), b"slow"].concat());
    }
    counts(&rep, |stats| stats.drops.peer_full > 0);
    for _ in 0..100 {
        assert_eq!(honest.request("honest").unwrap(), [1]);
    }
    rep.close(Duration::ZERO).unwrap();
    server.join().unwrap();
}

#[over(WIRES)]
fn a_request_whose_peer_dies_is_sent_at_once_to_another_with_the_same_number(site: &Site) {
    let (one, two) = (Host::new(site), Host::new(site));
    let req = Req::new().unwrap();
    req.dial(one.address()).unwrap();
    let first = one.greeted(REP);
    req.peers(1);
    let pending = req.send("work").unwrap();
    let asked = first.recv();
    req.dial(two.address()).unwrap();
    let second = two.greeted(REP);
    req.peers(2);
    assert!(second.is_left_alone());
    drop(first);
    assert_eq!(second.recv(), asked);
    let (id, body) = split(&asked);
    assert_eq!(body, b"work");
    assert!(id[0] & 0x80 != 0);
    second.send(&[id, b"done"].concat());
    assert_eq!(pending.recv().unwrap(), "done");
    assert_eq!(req.stats().drops.total(), 0);
}

#[over(ALL)]
fn a_request_whose_peer_dies_waits_for_the_next_peer(site: &Site) {
    let (rep, req) = pair(site);
    let pending = req.send("work").unwrap();
    let lost = rep.recv().unwrap();
    rep.close(Duration::ZERO).unwrap();
    drop(lost);
    eventually(|| req.stats().pipes == 0);
    assert!(matches!(pending.recv_timeout(WHILE), Err(Error::Timeout { .. })));
    let heir = Rep::new().unwrap();
    req.dial(heir.listen(site.address()).unwrap().address()).unwrap();
    heir.recv_timeout(SOON).unwrap().reply("done").unwrap();
    assert_eq!(pending.recv().unwrap(), "done");
}

#[over(ALL)]
fn without_resending_a_request_fails_with_its_peer(site: &Site) {
    let (rep, req) = (Rep::new().unwrap(), Req::builder().no_resend().build().unwrap());
    link(site, &rep, &req);
    let pending = req.send("once").unwrap();
    let lost = rep.recv().unwrap();
    rep.close(Duration::ZERO).unwrap();
    drop(lost);
    assert!(matches!(pending.recv_timeout(SOON), Err(Error::PeerLost)));
}

#[over(WIRES)]
fn an_unanswered_request_is_sent_again_and_its_second_answer_counted(site: &Site) {
    let host = Host::new(site);
    let req = Req::builder().resend(Duration::from_millis(50)).build().unwrap();
    req.dial(host.address()).unwrap();
    let peer = host.greeted(REP);
    let pending = req.send("work").unwrap();
    let asked = peer.recv();
    assert_eq!(peer.recv(), asked);
    let (id, _) = split(&asked);
    peer.send(&[id, b"first"].concat());
    peer.send(&[id, b"second"].concat());
    assert_eq!(pending.recv().unwrap(), "first");
    counts(&req, |stats| stats.drops.stray == 1);
    assert!(matches!(pending.recv(), Err(Error::Answered)));
}

#[over(WIRES)]
fn an_answer_is_taken_from_any_peer(site: &Site) {
    let host = Host::new(site);
    let req = Req::new().unwrap();
    req.dial(host.address()).unwrap();
    req.dial(host.address()).unwrap();
    let mut peers = [host.greeted(REP), host.greeted(REP)];
    req.peers(2);
    let (left, right) = (req.send("to one").unwrap(), req.send("to the other").unwrap());
    let asked = [peers[0].recv(), peers[1].recv()];
    // Each answers what the other was asked.
    for (peer, asked) in peers.iter_mut().zip(asked.iter().rev()) {
        let (id, question) = split(asked);
        peer.send(&[id, b"answer ", question].concat());
    }
    assert_eq!(left.recv().unwrap(), "answer to one");
    assert_eq!(right.recv().unwrap(), "answer to the other");
}

#[over(WIRES)]
fn the_words_of_devices_in_front_of_a_request_come_back_as_they_were(site: &Site) {
    let rep = Rep::new().unwrap();
    let at = rep.listen(site.address()).unwrap();
    let peer = Peer::greeted(at.address(), REQ);
    // sp.md section 10.9.
    let trace = [0x4d, 0x4d, 0xca, 0xfc, 0x66, 0x53, 0x63, 0xa1, 0xd6, 0xd5, 0x3e, 0xfc];
    peer.send(&[trace.as_slice(), b"Hello"].concat());
    let request = rep.recv_timeout(SOON).unwrap();
    assert_eq!(request, "Hello");
    request.reply("World").unwrap();
    assert_eq!(peer.recv(), [trace.as_slice(), b"World"].concat());
}

#[over(ALL)]
fn requests_go_to_the_peers_in_turn(site: &Site) {
    let req = Req::new().unwrap();
    let at = req.listen(site.address()).unwrap();
    let servers: Vec<Rep> = (0..3).map(|_| Rep::new().unwrap()).collect();
    for server in &servers {
        server.dial(at.address()).unwrap();
    }
    req.peers(3);
    let pending: Vec<_> = (0..30).map(|_| req.send("q").unwrap()).collect();
    for server in &servers {
        counts(server, |stats| stats.received == 10);
        for request in server.iter().take(10) {
            request.reply("a").unwrap();
        }
    }
    assert!(pending.iter().all(|pending| pending.recv().unwrap() == "a"));
}

#[over(ALL)]
fn open_requests_are_bounded_and_sending_goes_on_when_one_ends(site: &Site) {
    let (rep, req) = (Rep::new().unwrap(), Req::builder().max_open_requests(2).build().unwrap());
    link(site, &rep, &req);
    let (first, second) = (req.send("1").unwrap(), req.send("2").unwrap());
    let refused = req.try_send("3").unwrap_err();
    assert!(matches!(refused.error, Error::Full));
    assert_eq!(refused.message, "3");
    assert!(matches!(req.send_timeout("3", WHILE).unwrap_err().error, Error::Timeout { .. }));
    let sending = req.clone();
    let third = thread::spawn(move || sending.send("3").unwrap().recv().unwrap());
    rep.recv().unwrap().reply("one").unwrap();
    assert_eq!(first.recv().unwrap(), "one");
    rep.recv().unwrap().reply("two").unwrap();
    rep.recv().unwrap().reply("three").unwrap();
    assert_eq!(second.recv().unwrap(), "two");
    assert_eq!(third.join().unwrap(), "three");
}

#[over(ALL)]
fn a_cancelled_request_makes_room_for_another(site: &Site) {
    let (rep, req) = (Rep::new().unwrap(), Req::builder().max_open_requests(1).build().unwrap());
    link(site, &rep, &req);
    let first = req.send("1").unwrap();
    let sending = req.clone();
    let second = thread::spawn(move || sending.send("2").unwrap().recv().unwrap());
    stays(|| !second.is_finished());
    drop(first);
    let answers = thread::spawn(move || {
        for request in rep.iter().take(2) {
            let echo = request.message().clone();
            request.reply(echo).unwrap();
        }
    });
    assert_eq!(second.join().unwrap(), "2");
    answers.join().unwrap();
}

#[over(ALL)]
fn a_request_waits_for_the_first_peer(site: &Site) {
    let req = Req::new().unwrap();
    assert!(matches!(req.try_send("q").unwrap_err().error, Error::Full));
    let asking = req.clone();
    let asking = thread::spawn(move || asking.request("q").unwrap());
    let rep = Rep::new().unwrap();
    rep.dial(req.listen(site.address()).unwrap().address()).unwrap();
    rep.recv_timeout(SOON).unwrap().reply("a").unwrap();
    assert_eq!(asking.join().unwrap(), "a");
}

#[over(ALL)]
fn a_closed_requester_fails_what_is_pending(site: &Site) {
    let (rep, req) = pair(site);
    let pending = req.send("q").unwrap();
    let waiting = thread::spawn(move || pending.recv());
    drop(rep.recv().unwrap());
    req.close(Duration::ZERO).unwrap();
    assert!(matches!(waiting.join().unwrap(), Err(Error::Closed)));
}
