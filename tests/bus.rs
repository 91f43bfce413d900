//! BUS: everybody hears everybody else who is connected, once, and nobody waits.

use hubless::{Bus, Error};
use hubless_kit::peer::{BUS, Peer};
use hubless_kit::{ALL, LIMIT, Peers, SOON, Site, WIRES, body, counts, over, passes, stays, within};

/// A full mesh.
fn mesh<const N: usize>(site: &Site) -> [Bus; N] {
    let buses: [Bus; N] = std::array::from_fn(|_| Bus::new().expect("a socket"));
    for (number, bus) in buses.iter().enumerate() {
        let at = bus.listen(site.address()).expect("an address");
        for other in &buses[number + 1..] {
            other.dial(at.address()).expect("an address");
        }
    }
    for bus in &buses {
        bus.peers(N - 1);
    }
    buses
}

#[over(ALL)]
fn a_message_goes_to_every_other_and_not_back(site: &Site) {
    let buses = mesh::<4>(site);
    for (number, bus) in buses.iter().enumerate() {
        bus.send(number.to_string()).unwrap();
    }
    for (number, bus) in buses.iter().enumerate() {
        let mut heard: Vec<_> = bus.iter().take(3).map(|message| message.to_vec()).collect();
        heard.sort();
        let others: Vec<_> =
            (0..4).filter(|other| *other != number).map(|n| n.to_string().into_bytes()).collect();
        assert_eq!(heard, others);
    }
    stays(|| {
        buses.iter().all(|bus| bus.stats().received == 3 && matches!(bus.try_recv(), Err(Error::Empty)))
    });
}

#[over(ALL)]
fn nothing_is_passed_on(site: &Site) {
    let [left, middle, right] = [Bus::new().unwrap(), Bus::new().unwrap(), Bus::new().unwrap()];
    let at = middle.listen(site.address()).unwrap();
    left.dial(at.address()).unwrap();
    right.dial(at.address()).unwrap();
    middle.peers(2);
    left.peers(1);
    passes(&left, &middle, "for the middle");
    passes(&middle, &right, "for both");
    assert_eq!(left.recv_timeout(SOON).unwrap(), "for both");
    stays(|| right.stats().received == 1 && left.stats().received == 1);
}

#[test]
fn sending_to_nobody_succeeds() {
    within(LIMIT, || {
        let bus = Bus::new().unwrap();
        bus.send("echo?").unwrap();
        assert!(matches!(bus.try_recv(), Err(Error::Empty)));
        assert_eq!(bus.stats().sent, 0);
    });
}

#[over(WIRES)]
fn one_that_never_reads_loses_messages_and_holds_up_nobody(site: &Site) {
    let bus = Bus::builder().send_buffer(20).build().unwrap();
    let at = bus.listen(site.address()).unwrap();
    let deaf = Peer::greeted(at.address(), BUS);
    let honest = Bus::new().unwrap();
    honest.dial(at.address()).unwrap();
    bus.peers(2);
    for number in 0..200 {
        bus.send(body(number, 100_000)).unwrap();
        assert!(honest.recv_timeout(SOON).unwrap() == body(number, 100_000));
    }
    let stats = counts(&bus, |stats| stats.drops.peer_full > 0);
    assert_eq!(stats.sent + stats.drops.peer_full, 400);
    deaf.send(b"but it can speak");
    assert_eq!(bus.recv_timeout(SOON).unwrap(), "but it can speak");
}

#[over(WIRES)]
fn nothing_stands_in_front_of_a_message_on_the_wire(site: &Site) {
    let bus = Bus::new().unwrap();
    let peer = Peer::greeted(bus.listen(site.address()).unwrap().address(), BUS);
    bus.peers(1);
    bus.send("hi").unwrap();
    assert_eq!(peer.recv(), b"hi");
    peer.send(b"yo");
    assert_eq!(bus.recv_timeout(SOON).unwrap(), "yo");
}
