//! Devices: what comes in by one socket goes out by the other, and the answers find back.

use std::time::Duration;

use hubless::transport::{Header, Packet};
use hubless::{
    Bus, Device, DeviceReport, Pair, Pub, Pull, Push, Rep, Req, Respondent, RunningDevice, Sub, Surveyor, raw,
};
use hubless_kit::peer::{Peer, SUB};
use hubless_kit::{ALL, Peers, SOON, Site, WIRES, body, counts, eventually_sees, link, over, passes, stays};

/// How many messages a test sends through a device: more than it carries at once.
const MANY: usize = 500;

/// Runs a device between the peers of two sockets.
macro_rules! device {
    ($site:expr, $kind:ident, $front:expr, $front_peer:expr, $back:expr, $back_peer:expr) => {{
        let (front, back) = ($front.unwrap(), $back.unwrap());
        link($site, &front, $front_peer);
        link($site, &back, $back_peer);
        Device::$kind(front, back).spawn().unwrap()
    }};
}

#[track_caller]
fn carried(device: RunningDevice) -> (u64, u64, u64) {
    let DeviceReport { to_back, to_front, dropped, .. } = device.stop().expect("it stops");
    (to_back, to_front, dropped)
}

/// Has many requests open at once.
fn ask_many(req: &Req, rep: &Rep) {
    let pending: Vec<_> = (0..MANY).map(|number| req.send(number.to_string()).expect("room")).collect();
    for request in rep.iter().take(MANY) {
        let answer = format!("re: {}", request.as_str().expect("text"));
        request.reply(answer).expect("it is open");
    }
    for (number, pending) in pending.into_iter().enumerate() {
        assert_eq!(pending.recv_timeout(SOON).expect("a message"), format!("re: {number}"));
    }
}

fn push_many(push: &Push, pull: &Pull) {
    push.send_many((0..MANY).map(|number| number.to_string())).expect("room");
    for number in 0..MANY {
        assert_eq!(pull.recv_timeout(SOON).expect("a message"), number.to_string());
    }
}

fn talk(left: &Pair, right: &Pair) {
    for (from, to) in [(left, right), (right, left)] {
        from.send_many((0..MANY).map(|number| number.to_string())).expect("room");
        for number in 0..MANY {
            assert_eq!(to.recv_timeout(SOON).expect("a message"), number.to_string());
        }
    }
}

#[over(ALL)]
fn a_queue_passes_requests_on_and_answers_back(site: &Site) {
    let (req, rep) = (Req::new().unwrap(), Rep::new().unwrap());
    let device = device!(site, queue, raw::Rep::new(), &req, raw::Req::new(), &rep);
    ask_many(&req, &rep);
    assert_eq!(carried(device), (MANY as u64, MANY as u64, 0));
}

#[over(ALL)]
fn a_queue_shares_requests_among_servers_and_gives_each_client_its_own_answers(site: &Site) {
    let (front, back) = (raw::Rep::new().unwrap(), raw::Req::new().unwrap());
    let (clients, servers) = (front.listen(site.address()).unwrap(), back.listen(site.address()).unwrap());
    let askers = [(); 3].map(|()| Req::new().unwrap());
    let answerers = [(); 3].map(|()| Rep::new().unwrap());
    for req in &askers {
        req.dial(clients.address()).unwrap();
    }
    for rep in &answerers {
        rep.dial(servers.address()).unwrap();
    }
    front.peers(3);
    back.peers(3);
    let device = Device::queue(front, back).spawn().unwrap();
    let pending: Vec<_> =
        (0..9).map(|number| (number, askers[number % 3].send(number.to_string()).unwrap())).collect();
    for rep in &answerers {
        for _ in 0..3 {
            let request = rep.recv_timeout(SOON).unwrap();
            let echo = request.message().clone();
            request.reply(echo).unwrap();
        }
    }
    for (number, pending) in pending {
        assert_eq!(pending.recv_timeout(SOON).unwrap(), number.to_string());
    }
    assert_eq!(carried(device), (9, 9, 0));
}

#[over(ALL)]
fn a_streamer_passes_work_on_in_order(site: &Site) {
    let (push, pull) = (Push::new().unwrap(), Pull::new().unwrap());
    let device = device!(site, streamer, raw::Pull::new(), &push, raw::Push::new(), &pull);
    push_many(&push, &pull);
    push.send(body(1, 3 << 20)).unwrap();
    assert!(pull.recv_timeout(SOON).unwrap() == body(1, 3 << 20));
    assert_eq!(carried(device), (MANY as u64 + 1, 0, 0));
}

#[over(ALL)]
fn a_forwarder_passes_news_on_and_the_subscriber_chooses(site: &Site) {
    let (publisher, sub) = (Pub::new().unwrap(), Sub::new().unwrap());
    sub.subscribe("wanted").unwrap();
    let device = device!(site, forwarder, raw::Sub::new(), &publisher, raw::Pub::new(), &sub);
    publisher.send("unwanted").unwrap();
    passes(&publisher, &sub, "wanted");
    assert_eq!(carried(device), (2, 0, 0));
}

#[over(ALL)]
fn a_survey_passes_to_everybody_and_all_answers_come_back(site: &Site) {
    let surveyor = Surveyor::new().unwrap();
    let (front, back) = (raw::Respondent::new().unwrap(), raw::Surveyor::new().unwrap());
    link(site, &front, &surveyor);
    let at = back.listen(site.address()).unwrap();
    let respondents = [(); 3].map(|()| Respondent::new().unwrap());
    for respondent in &respondents {
        respondent.dial(at.address()).unwrap();
    }
    back.peers(3);
    let device = Device::survey(front, back).spawn().unwrap();
    let survey = surveyor.survey("who?", SOON).unwrap();
    for (number, respondent) in respondents.iter().enumerate() {
        respondent.recv_timeout(SOON).unwrap().reply(number.to_string()).unwrap();
    }
    let mut answers: Vec<_> = survey.take(3).map(|answer| answer.as_str().unwrap().to_owned()).collect();
    answers.sort();
    assert_eq!(answers, ["0", "1", "2"]);
    assert_eq!(carried(device), (1, 3, 0));
}

#[over(ALL)]
fn pairs_of_either_version_talk_through_a_device(site: &Site) {
    let (left, right) = (Pair::new().unwrap(), Pair::new().unwrap());
    let device = device!(site, between, raw::Pair::new(), &left, raw::Pair::new(), &right);
    talk(&left, &right);
    assert_eq!(carried(device), (MANY as u64, MANY as u64, 0));

    let [left, right] = [(); 2].map(|()| Pair::builder().version_1().build().unwrap());
    let device = device!(site, between, raw::PairV1::new(), &left, raw::PairV1::new(), &right);
    talk(&left, &right);
    assert_eq!(carried(device), (MANY as u64, MANY as u64, 0));
}

#[over(ALL)]
fn a_pair_hears_itself_through_a_device_of_one_socket(site: &Site) {
    let (raw, pair) = (raw::Pair::new().unwrap(), Pair::new().unwrap());
    link(site, &raw, &pair);
    let device = Device::reflect(raw).spawn().unwrap();
    passes(&pair, &pair, "anybody there?");
    assert_eq!(carried(device), (1, 0, 0));
}

#[over(ALL)]
fn buses_on_both_sides_of_a_device_hear_each_other_and_not_themselves(site: &Site) {
    let (left, right) = (Bus::new().unwrap(), Bus::new().unwrap());
    let device = device!(site, between, raw::Bus::new(), &left, raw::Bus::new(), &right);
    passes(&left, &right, "from the left");
    passes(&right, &left, "from the right");
    assert_eq!(carried(device), (1, 1, 0));
    assert_eq!((left.stats().received, right.stats().received), (1, 1));
}

#[over(ALL)]
fn a_bus_in_a_device_of_its_own_is_the_hub_of_all_its_peers(site: &Site) {
    let hub = raw::Bus::new().unwrap();
    let at = hub.listen(site.address()).unwrap();
    let buses = [(); 3].map(|()| Bus::new().unwrap());
    for bus in &buses {
        bus.dial(at.address()).unwrap();
    }
    hub.peers(3);
    for bus in &buses {
        bus.peers(1);
    }
    let device = Device::reflect(hub).spawn().unwrap();
    for (number, bus) in buses.iter().enumerate() {
        bus.send(number.to_string()).unwrap();
    }
    for (number, bus) in buses.iter().enumerate() {
        let mut heard: Vec<_> =
            (0..2).map(|_| bus.recv_timeout(SOON).unwrap().as_str().unwrap().to_owned()).collect();
        heard.sort();
        let others: Vec<_> = (0..3).filter(|other| *other != number).map(|other| other.to_string()).collect();
        assert_eq!(heard, others);
    }
    assert_eq!(carried(device), (3, 0, 0));
    assert!(buses.iter().all(|bus| bus.stats().received == 2));
}

#[over(ALL)]
fn devices_can_be_chained(site: &Site) {
    let (req, rep) = (Req::new().unwrap(), Rep::new().unwrap());
    let (far_front, far_back) = (raw::Rep::new().unwrap(), raw::Req::new().unwrap());
    let near = device!(site, queue, raw::Rep::new(), &req, raw::Req::new(), &far_front);
    link(site, &far_back, &rep);
    let far = Device::queue(far_front, far_back).spawn().unwrap();
    ask_many(&req, &rep);
    assert_eq!(carried(near), (MANY as u64, MANY as u64, 0));
    assert_eq!(carried(far), (MANY as u64, MANY as u64, 0));

    let (push, pull) = (Push::new().unwrap(), Pull::new().unwrap());
    let (far_front, far_back) = (raw::Pull::new().unwrap(), raw::Push::new().unwrap());
    let near = device!(site, streamer, raw::Pull::new(), &push, raw::Push::new(), &far_front);
    link(site, &far_back, &pull);
    let far = Device::streamer(far_front, far_back).spawn().unwrap();
    push_many(&push, &pull);
    assert_eq!((carried(near), carried(far)), ((MANY as u64, 0, 0), (MANY as u64, 0, 0)));
}

#[over(ALL)]
fn each_device_is_a_hop_for_a_pair_of_version_1(site: &Site) {
    let pair = |hops| Pair::builder().version_1().max_hops(hops).build().unwrap();
    let (left, right) = (pair(3), pair(2));
    let far_front = raw::PairV1::new().unwrap();
    let near = device!(site, between, raw::PairV1::new(), &left, raw::PairV1::new(), &far_front);
    let far_back = raw::PairV1::new().unwrap();
    link(site, &far_back, &right);
    let far = Device::between(far_front, far_back).spawn().unwrap();
    passes(&right, &left, "three hops, for one who takes three");
    left.send("three hops, for one who takes two").unwrap();
    counts(&right, |stats| stats.drops.too_many_hops == 1);
    assert_eq!((carried(near), carried(far)), ((1, 1, 0), (1, 1, 0)));
}

/// Two devices in a ring, each of which passes on to the other: what `enter` sends to the first goes eight hops, and is then
/// dropped, counted, and the connections stay.
macro_rules! goes_quiet {
    ($site:expr, $kind:ident, $socket:expr, $other:expr, $enter:expr) => {{
        let [(front, back), (next_front, next_back)] = [(); 2].map(|()| ($socket.unwrap(), $other.unwrap()));
        link($site, &back, &next_front);
        let (entrance, _) = link($site, &front, &next_back);
        let fronts = [front.clone(), next_front.clone()];
        let received = || fronts.iter().map(|front| front.stats().received).sum::<u64>();
        let dropped = || fronts.iter().map(|front| front.stats().drops.too_many_hops).sum::<u64>();
        let devices = [(front, back.clone()), (next_front, next_back)]
            .map(|(front, back)| Device::$kind(front, back).spawn().unwrap());
        let _entered = $enter(entrance, back);
        eventually_sees(|| (received(), dropped()), |seen| *seen == (8, 1));
        stays(|| received() == 8 && dropped() == 1);
        assert!(fronts.iter().all(|front| front.stats().disconnected == 0));
        let [(forth, ..), (forth_of_next, ..)] = devices.map(carried);
        assert_eq!(forth + forth_of_next, 8);
    }};
}

#[over(ALL)]
fn a_ring_of_queues_goes_quiet_after_eight_hops(site: &Site) {
    goes_quiet!(site, queue, raw::Rep::new(), raw::Req::new(), |at: hubless::Listener, _| {
        let req = Req::new().unwrap();
        req.dial(at.address()).unwrap();
        req.send("round and round").unwrap()
    });
}

#[over(ALL)]
fn a_ring_of_surveys_goes_quiet_after_eight_hops(site: &Site) {
    goes_quiet!(site, survey, raw::Respondent::new(), raw::Surveyor::new(), |at: hubless::Listener, _| {
        let surveyor = Surveyor::new().unwrap();
        surveyor.dial(at.address()).unwrap();
        surveyor.peers(1);
        surveyor.survey("round and round", SOON).unwrap()
    });
}

#[over(ALL)]
fn a_ring_of_pairs_goes_quiet_after_eight_hops(site: &Site) {
    goes_quiet!(site, between, raw::PairV1::new(), raw::PairV1::new(), |_, back: raw::PairV1| {
        back.send(Packet::new(Header::new(), "round and round".into())).unwrap();
    });
}

#[over(WIRES)]
fn a_subscriber_that_does_not_read_misses_news_and_the_others_have_them_all(site: &Site) {
    let (publisher, sub) = (Pub::new().unwrap(), Sub::new().unwrap());
    let (front, back) = (raw::Sub::new().unwrap(), raw::Pub::builder().send_buffer(5).build().unwrap());
    link(site, &front, &publisher);
    let (at, _) = link(site, &back, &sub);
    let _deaf = Peer::greeted(at.address(), SUB);
    back.peers(2);
    sub.subscribe("").unwrap();
    let device = Device::forwarder(front, back.clone()).spawn().unwrap();
    for number in 0..50 {
        publisher.send(body(number, 300_000)).unwrap();
        assert!(sub.recv_timeout(SOON).unwrap() == body(number, 300_000));
    }
    let missed = back.stats().drops.peer_full;
    assert!(missed > 0);
    assert_eq!(carried(device), (50, 0, missed));
}

#[over(ALL)]
fn peers_come_and_go_while_a_device_runs(site: &Site) {
    let (front, back) = (raw::Rep::new().unwrap(), raw::Req::new().unwrap());
    let (clients, servers) = (front.listen(site.address()).unwrap(), back.listen(site.address()).unwrap());
    let _device = Device::queue(front, back.clone()).spawn().unwrap();
    for number in 0..5 {
        let (req, rep) = (Req::new().unwrap(), Rep::new().unwrap());
        req.dial(clients.address()).unwrap();
        let pending = req.send(number.to_string()).unwrap();
        rep.dial(servers.address()).unwrap();
        rep.recv_timeout(SOON).unwrap().reply("here").unwrap();
        assert_eq!(pending.recv_timeout(SOON).unwrap(), "here");
        rep.close(Duration::ZERO).unwrap();
        // The next request is not to meet a server that is about to leave: then it would be the client's to ask again.
        counts(&back, |stats| stats.pipes == 0);
    }
}

#[over(ALL)]
fn a_client_that_has_left_costs_its_answer_only(site: &Site) {
    let (front, back, rep) = (raw::Rep::new().unwrap(), raw::Req::new().unwrap(), Rep::new().unwrap());
    let (leaves, stays) = (Req::new().unwrap(), Req::new().unwrap());
    let (at, _) = link(site, &front, &leaves);
    link(site, &back, &rep);
    let device = Device::queue(front.clone(), back).spawn().unwrap();
    let pending = leaves.send("and gone").unwrap();
    let request = rep.recv_timeout(SOON).unwrap();
    drop(pending);
    leaves.close(Duration::ZERO).unwrap();
    counts(&front, |stats| stats.pipes == 0);
    request.reply("to nobody").unwrap();
    counts(&front, |stats| stats.drops.requester_gone == 1);
    stays.dial(at.address()).unwrap();
    let pending = stays.send("still here").unwrap();
    rep.recv_timeout(SOON).unwrap().reply("good").unwrap();
    assert_eq!(pending.recv_timeout(SOON).unwrap(), "good");
    assert_eq!(carried(device), (2, 2, 1));
}
