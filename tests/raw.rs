//! Raw sockets: what one receives the other sends, and a device is made of that.

use std::thread;
use std::time::Duration;

use hubless::raw;
use hubless::transport::{Header, Packet};
use hubless::{Bus, Pair, Pub, Pull, Push, Rep, Req, Respondent, Sub, Surveyor};
use hubless_kit::peer::{Host, PAIR1, REP, REQ};
use hubless_kit::{ALL, Peers, SOON, Site, WIRES, counts, link, over, passes, stays};

fn packet(header: &[u8], body: &str) -> Packet {
    Packet::new(Header::from(header), body.into())
}

/// Moves everything from one socket to another, until either is closed.
macro_rules! forward {
    ($from:expr, $to:expr) => {{
        let (from, to) = ($from.clone(), $to.clone());
        thread::spawn(move || {
            while let Ok(packet) = from.recv() {
                if to.send(packet).is_err() {
                    return;
                }
            }
        })
    }};
}

#[over(ALL)]
fn requests_pass_two_devices_and_their_answers_find_back(site: &Site) {
    let (req, rep) = (Req::new().unwrap(), Rep::new().unwrap());
    let (near, near_back) = (raw::Rep::new().unwrap(), raw::Req::new().unwrap());
    let (far, far_back) = (raw::Rep::new().unwrap(), raw::Req::new().unwrap());
    link(site, &near, &req);
    link(site, &far, &near_back);
    link(site, &rep, &far_back);
    for (from, to) in [(&near, &near_back), (&far, &far_back)] {
        forward!(from, to);
        forward!(to, from);
    }
    let pending: Vec<_> = (0..50).map(|number| req.send(number.to_string()).unwrap()).collect();
    for request in rep.iter().take(50) {
        let answer = format!("re: {}", request.as_str().unwrap());
        request.reply(answer).unwrap();
    }
    for (number, pending) in pending.into_iter().enumerate() {
        assert_eq!(pending.recv_timeout(SOON).unwrap(), format!("re: {number}"));
    }
    near.close(Duration::ZERO).unwrap();
    far.close(Duration::ZERO).unwrap();
    near_back.close(Duration::ZERO).unwrap();
    far_back.close(Duration::ZERO).unwrap();
}

#[over(ALL)]
fn a_request_that_goes_in_circles_is_dropped_by_its_hops(site: &Site) {
    // Both ends of the device are connected with each other.
    let (front, back, req) = (raw::Rep::new().unwrap(), raw::Req::new().unwrap(), Req::new().unwrap());
    let (at, _) = link(site, &front, &back);
    req.dial(at.address()).unwrap();
    let circling = forward!(front, back);
    let _pending = req.send("round and round").unwrap();
    counts(&front, |stats| stats.drops.too_many_hops == 1);
    assert_eq!(front.stats().received, 8);
    stays(|| front.stats().received == 8);
    front.close(Duration::ZERO).unwrap();
    circling.join().unwrap();
}

#[over(WIRES)]
fn a_device_puts_the_number_of_its_pipe_in_front_and_takes_it_off_again(site: &Site) {
    let (front, back) = (raw::Rep::new().unwrap(), raw::Req::new().unwrap());
    let asker = hubless_kit::peer::Peer::greeted(front.listen(site.address()).unwrap().address(), REQ);
    let host = Host::new(site);
    back.dial(host.address()).unwrap();
    let server = host.greeted(REP);
    let (asks, answers) = (forward!(front, back), forward!(back, front));
    asker.send(b"\xd6\xd5\x3e\xfcHello");
    let forwarded = server.recv();
    assert_eq!(forwarded[4..], *b"\xd6\xd5\x3e\xfcHello");
    assert!(forwarded[0] & 0x80 == 0 && forwarded[..4] != [0; 4]);
    server.send(&[&forwarded[..8], b"World"].concat());
    assert_eq!(asker.recv(), b"\xd6\xd5\x3e\xfcWorld");
    front.close(Duration::ZERO).unwrap();
    back.close(Duration::ZERO).unwrap();
    asks.join().unwrap();
    answers.join().unwrap();
}

#[over(ALL)]
fn an_answer_without_a_way_back_is_dropped_and_counted(site: &Site) {
    let (rep, req) = (raw::Rep::new().unwrap(), Req::new().unwrap());
    link(site, &rep, &req);
    let pending = req.send("q").unwrap();
    let request = rep.recv_timeout(SOON).unwrap();
    rep.send(packet(b"", "no header")).unwrap();
    rep.send(packet(b"abc", "too short a header")).unwrap();
    rep.send(packet(&[0x80, 0, 0, 1, 0x80, 0, 0, 1], "an id for a pipe")).unwrap();
    assert_eq!(rep.stats().drops.stray, 3);
    let mut foreign = request.header.as_slice().to_vec();
    foreign[3] ^= 1;
    rep.send(packet(&foreign, "a pipe of nobody")).unwrap();
    assert_eq!(rep.stats().drops.requester_gone, 1);
    rep.send(Packet::new(request.header.clone(), "right".into())).unwrap();
    assert_eq!(pending.recv_timeout(SOON).unwrap(), "right");
    req.close(Duration::ZERO).unwrap();
    drop(pending);
    counts(&rep, |stats| stats.pipes == 0);
    rep.send(Packet::new(request.header, "too late".into())).unwrap();
    assert_eq!(rep.stats().drops.requester_gone, 2);
}

#[over(ALL)]
fn surveys_pass_a_device(site: &Site) {
    let surveyor = Surveyor::builder().end_early().build().unwrap();
    let (front, back) = (raw::Respondent::new().unwrap(), raw::Surveyor::new().unwrap());
    let respondent = Respondent::new().unwrap();
    link(site, &front, &surveyor);
    link(site, &back, &respondent);
    forward!(front, back);
    forward!(back, front);
    let mut survey = surveyor.survey("who?", SOON).unwrap();
    respondent.recv_timeout(SOON).unwrap().reply("me").unwrap();
    assert_eq!(survey.recv().unwrap().unwrap(), "me");
    front.close(Duration::ZERO).unwrap();
    back.close(Duration::ZERO).unwrap();
}

#[over(ALL)]
fn news_and_work_pass_a_device(site: &Site) {
    let (publisher, sub) = (Pub::new().unwrap(), Sub::new().unwrap());
    let (front, back) = (raw::Sub::new().unwrap(), raw::Pub::new().unwrap());
    sub.subscribe("wanted").unwrap();
    link(site, &publisher, &front);
    link(site, &back, &sub);
    forward!(front, back);
    publisher.send("unwanted").unwrap();
    passes(&publisher, &sub, "wanted");
    front.close(Duration::ZERO).unwrap();

    let (push, pull) = (Push::new().unwrap(), Pull::new().unwrap());
    let (front, back) = (raw::Pull::new().unwrap(), raw::Push::new().unwrap());
    link(site, &front, &push);
    link(site, &back, &pull);
    forward!(front, back);
    push.send_many((0..500).map(|number: u32| number.to_string())).unwrap();
    for number in 0..500 {
        assert_eq!(pull.recv_timeout(SOON).unwrap(), number.to_string());
    }
    front.close(Duration::ZERO).unwrap();
}

#[over(WIRES)]
fn a_raw_pair_of_version_1_counts_the_hop_on(site: &Site) {
    let pair = raw::PairV1::new().unwrap();
    let peer = hubless_kit::peer::Peer::greeted(pair.listen(site.address()).unwrap().address(), PAIR1);
    peer.send(b"\0\0\0\x02hi");
    let received = pair.recv_timeout(SOON).unwrap();
    assert_eq!((received.header.as_slice(), &received.body), (b"\0\0\0\x02".as_slice(), &"hi".into()));
    pair.send(received).unwrap();
    assert_eq!(peer.recv(), b"\0\0\0\x03hi");
    pair.send(packet(b"", "first hop")).unwrap();
    assert_eq!(peer.recv(), b"\0\0\0\x01first hop");
    pair.send(packet(b"\0\0\0\xff", "too far")).unwrap();
    assert_eq!(pair.stats().drops.too_many_hops, 1);
    pair.send(packet(b"\0\0", "nonsense")).unwrap();
    assert_eq!(pair.stats().drops.stray, 1);
}

#[over(ALL)]
fn a_raw_pair_of_version_0_has_no_header(site: &Site) {
    let (raw, cooked) = (raw::Pair::new().unwrap(), Pair::new().unwrap());
    link(site, &raw, &cooked);
    raw.send(packet(b"", "hi")).unwrap();
    assert_eq!(cooked.recv_timeout(SOON).unwrap(), "hi");
    cooked.send("yo").unwrap();
    let received = raw.recv_timeout(SOON).unwrap();
    assert!(received.header.is_empty());
    assert_eq!(received.body, "yo");
}

#[over(ALL)]
fn a_raw_bus_sends_to_all_but_the_one_it_heard(site: &Site) {
    let (hub, left, right) = (raw::Bus::new().unwrap(), Bus::new().unwrap(), Bus::new().unwrap());
    let at = hub.listen(site.address()).unwrap();
    left.dial(at.address()).unwrap();
    right.dial(at.address()).unwrap();
    hub.peers(2);
    left.peers(1);
    left.send("from the left").unwrap();
    let heard = hub.recv_timeout(SOON).unwrap();
    assert_eq!(heard.header.len(), 4);
    hub.send(heard).unwrap();
    assert_eq!(right.recv_timeout(SOON).unwrap(), "from the left");
    hub.send(packet(b"", "for both")).unwrap();
    assert_eq!(right.recv_timeout(SOON).unwrap(), "for both");
    assert_eq!(left.recv_timeout(SOON).unwrap(), "for both");
}

#[over(ALL)]
fn a_raw_subscriber_lets_everything_through(site: &Site) {
    let (publisher, sub) = (raw::Pub::new().unwrap(), raw::Sub::new().unwrap());
    link(site, &publisher, &sub);
    publisher.send(packet(b"", "anything")).unwrap();
    assert_eq!(sub.recv_timeout(SOON).unwrap().body, "anything");
}
