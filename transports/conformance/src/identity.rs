use hubless_transport::Transport;

use crate::ends::Subject;
use crate::flow::{body, transfer};

/// A peer that is known stays who it is as long as the connection lives, two connections from the same place have the same network
/// address, but for the port, and that stands in the text of the address, too.
pub fn a_peer_stays_who_it_is(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("a peer stays who it is", transport, addresses);
    let check = subject.check;
    let mut events = subject.event_loop();
    let (mut bound, first) = subject.pair(&mut events);
    let second = subject.pair_on(&mut events, &mut bound);
    let ends = [&first.dialed, &first.accepted, &second.dialed, &second.accepted];
    let before = ends.map(|end| end.link().peer());
    for pair in [&first, &second] {
        transfer(&mut events, &pair.dialed, &pair.accepted, &[body(1, 1000)]);
        transfer(&mut events, &pair.accepted, &pair.dialed, &[body(2, 1000)]);
    }
    let after = ends.map(|end| end.link().peer());
    check.require(before == after, "the same peer after some messages", &after);
    let [_, one, _, other] = &after;
    let places = [one, other].map(|peer| peer.network.map(|network| network.ip()));
    check.require(places[0] == places[1], "one network address of one machine", places);
    check.require(one.identity == other.identity, "one identity of one process", other);
    for peer in &after {
        let written = peer.network.is_none_or(|network| peer.address.contains(&network.ip().to_string()));
        check.require(written, "the network address in the text of the address", peer);
    }
}
