//! Headers that are malformed, go too far, or answer nothing, and messages where there are none.

use std::time::Duration;

use hubless::{Pair, Pub, Push, Rep, Req, Respondent, Survey, SurveyEnd, Surveyor};
use hubless_kit::peer::{PAIR1, PULL, PUSH, Peer, REP, REQ, RESPONDENT, SUB, SURVEYOR};
use hubless_kit::{Peers, SOON, Site, Socket, WIRES, counts, header, over};

use crate::served::Served;

/// Each of these ends the pipe, counted as a malformed header, and delivers nothing.
fn malformed<S: Socket>(site: &Site, socket: &S, partner: u16, payloads: &[Vec<u8>]) {
    let at = socket.listen(site.address()).expect("an address");
    for (nth, payload) in (1..).zip(payloads) {
        let peer = Peer::greeted(at.address(), partner);
        peer.send(payload);
        peer.wait_for_end();
        counts(socket, |stats| stats.violations.malformed_header == nth && stats.pipes == 0);
    }
    assert_eq!(socket.stats().received, 0);
}

const HOP: u32 = 0x6653_63a1;
pub(crate) const ID: u32 = 0xd6d5_3efc;

#[over(WIRES)]
fn a_header_without_its_end_ends_the_pipe(site: &Site) {
    let broken = [
        vec![],
        vec![0x80],
        vec![0x80, 0, 0],
        header(&[HOP]),
        header(&[HOP, HOP]),
        header(&[HOP; 7]),
        [header(&[HOP]), vec![0xff, 0xff]].concat(),
    ];
    let (rep, respondent) = (Rep::new().unwrap(), Respondent::new().unwrap());
    malformed(site, &rep, REQ, &broken);
    malformed(site, &respondent, SURVEYOR, &broken);
    malformed(site, &hubless::raw::Rep::new().unwrap(), REQ, &broken);
    let short = [vec![], vec![0x80], vec![0x80, 0, 0]];
    let (req, surveyor) = (Req::new().unwrap(), Surveyor::new().unwrap());
    malformed(site, &req, REP, &short);
    malformed(site, &surveyor, RESPONDENT, &short);
    malformed(site, &hubless::raw::Req::new().unwrap(), REP, &short);

    // And then they serve an honest peer.
    let (asker, at) = (Req::new().unwrap(), rep.listen(site.address()).unwrap());
    asker.dial(at.address()).unwrap();
    let pending = asker.send("q").unwrap();
    rep.recv_timeout(SOON).unwrap().reply("a").unwrap();
    assert_eq!(pending.recv().unwrap(), "a");
}

#[over(WIRES)]
fn a_message_over_too_many_hops_is_dropped_and_the_pipe_stays(site: &Site) {
    let rep = Rep::new().unwrap();
    let at = rep.listen(site.address()).unwrap();
    let peer = Peer::greeted(at.address(), REQ);
    let far = [
        header(&[HOP, HOP, HOP, HOP, HOP, HOP, HOP, HOP, ID]),
        header(&[HOP; 8]),
        header(&vec![HOP; 1 << 18]),
        [header(&[HOP; 8]), vec![1]].concat(),
    ];
    for payload in &far {
        peer.send(payload);
    }
    counts(&rep, |stats| stats.drops.too_many_hops == 4);
    let trace = header(&[HOP, HOP, HOP, HOP, HOP, HOP, HOP, ID]);
    peer.send(&[trace.as_slice(), b"just near enough"].concat());
    rep.recv_timeout(SOON).unwrap().reply("a").unwrap();
    assert_eq!(peer.recv(), [trace.as_slice(), b"a"].concat());
    assert_eq!(rep.stats().received, 1);
}

#[over(WIRES)]
fn the_limit_of_hops_can_be_set(site: &Site) {
    let (rep, respondent) =
        (Rep::builder().max_hops(1).build().unwrap(), Respondent::builder().max_hops(15).build().unwrap());
    let asker = Peer::greeted(rep.listen(site.address()).unwrap().address(), REQ);
    asker.send(&header(&[HOP, ID]));
    asker.send(&header(&[ID]));
    assert_eq!(rep.recv_timeout(SOON).unwrap(), "");
    assert_eq!(rep.stats().drops.too_many_hops, 1);
    let surveyor = Peer::greeted(respondent.listen(site.address()).unwrap().address(), SURVEYOR);
    let far: Vec<u32> = [HOP; 14].into_iter().chain([ID]).collect();
    surveyor.send(&[header(&[HOP]), header(&far)].concat());
    surveyor.send(&header(&far));
    assert_eq!(respondent.recv_timeout(SOON).unwrap(), "");
    assert_eq!(respondent.stats().drops.too_many_hops, 1);
}

#[over(WIRES)]
fn an_answer_to_nothing_is_dropped_and_the_pipe_stays(site: &Site) {
    let req = Req::new().unwrap();
    let peer = Peer::connect(req.listen(site.address()).unwrap().address());
    peer.greet(REP);
    peer.send(&header(&[ID])); // Before any request.
    counts(&req, |stats| stats.drops.stray == 1);
    let pending = req.send("q").unwrap();
    let asked = peer.recv();
    let id = u32::from_be_bytes(asked[..4].try_into().unwrap());
    peer.send(&header(&[id ^ 1, 7]));
    peer.send(&header(&[id & !(1 << 31), 7])); // The bit is cleared.
    peer.send(&header(&[HOP, id, 7])); // A hop in front.
    peer.send(&[header(&[id]), b"right".to_vec()].concat());
    peer.send(&[header(&[id]), b"twice".to_vec()].concat());
    assert_eq!(pending.recv_timeout(SOON).unwrap(), "right");
    counts(&req, |stats| stats.drops.stray == 5);
    assert_eq!((req.stats().pipes, req.stats().received), (1, 1));
}

#[over(WIRES)]
fn an_answer_to_no_survey_is_dropped_and_the_pipe_stays(site: &Site) {
    let surveyor = Surveyor::new().unwrap();
    let peer = Peer::greeted(surveyor.listen(site.address()).unwrap().address(), RESPONDENT);
    surveyor.peers(1);
    peer.send(&header(&[ID]));
    let mut survey: Survey = surveyor.survey("q", Duration::from_millis(100)).unwrap();
    let asked = peer.recv();
    let id = u32::from_be_bytes(asked[..4].try_into().unwrap());
    peer.send(&header(&[id ^ 1]));
    peer.send(&header(&[id & !(1 << 31)]));
    counts(&surveyor, |stats| stats.drops.stray == 3);
    assert!(survey.recv().unwrap().is_none());
    assert_eq!(survey.end(), Some(SurveyEnd::Deadline));
    peer.send(&header(&[id])); // Late.
    counts(&surveyor, |stats| stats.drops.stray == 4);
    assert_eq!((surveyor.stats().pipes, surveyor.stats().received), (1, 0));
}

#[over(WIRES)]
fn a_pair_of_version_1_checks_its_header(site: &Site) {
    let pair = Pair::builder().version_1().build().unwrap();
    let broken = [vec![], vec![0, 0, 1], header(&[256]), header(&[0x8000_0001]), header(&[0x0100_0001, 5])];
    malformed(site, &pair, PAIR1, &broken);
    let peer = Peer::greeted(pair.listen(site.address()).unwrap().address(), PAIR1);
    for hops in [9, 100, 255] {
        peer.send(&header(&[hops]));
    }
    for hops in [0, 1, 8] {
        peer.send(&[header(&[hops]), b"near".to_vec()].concat());
        assert_eq!(pair.recv_timeout(SOON).unwrap(), "near");
    }
    assert_eq!(pair.stats().drops.too_many_hops, 3);
    pair.send("hi").unwrap();
    assert_eq!(peer.recv(), [0, 0, 0, 1, b'h', b'i']);
}

#[over(["ipc"])]
fn a_frame_of_an_unknown_type_ends_the_pipe(site: &Site) {
    let served = Served::new(site);
    for (nth, byte) in (1..).zip([0, 2, 255]) {
        let peer = Peer::greeted(served.at.address(), PUSH);
        served.pull.peers(2);
        peer.write(&[byte, 0, 0, 0, 0, 0, 0, 0, 1, b'x']);
        peer.wait_for_end();
        counts(&served.pull, |stats| stats.violations.unknown_frame == nth);
        served.honest();
    }
    let peer = Peer::greeted(served.at.address(), PUSH);
    peer.write(&[2]); // One byte is enough to tell.
    peer.wait_for_end();
    counts(&served.pull, |stats| stats.violations.unknown_frame == 4);
}

#[over(WIRES)]
fn a_subscriber_that_speaks_is_shut_out(site: &Site) {
    fn is_shut_out(site: &Site, socket: &impl Socket) {
        let at = socket.listen(site.address()).expect("an address");
        for (nth, payload) in (1..).zip([&b""[..], b"x"]) {
            let peer = Peer::greeted(at.address(), SUB);
            peer.send(payload);
            peer.wait_for_end();
            counts(socket, |stats| stats.violations.unexpected_message == nth);
        }
    }
    is_shut_out(site, &Pub::new().unwrap());
    is_shut_out(site, &hubless::raw::Pub::new().unwrap());
}

#[over(WIRES)]
fn what_a_worker_says_to_its_push_is_discarded_and_counted(site: &Site) {
    let push = Push::new().unwrap();
    let peer = Peer::greeted(push.listen(site.address()).unwrap().address(), PULL);
    peer.send(b"");
    peer.send(b"nobody asked");
    counts(&push, |stats| stats.drops.stray == 2);
    push.send("work").unwrap();
    assert_eq!(peer.recv(), b"work");
}
