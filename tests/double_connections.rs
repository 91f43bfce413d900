//! Each connection is one peer, whatever is at its other end: who dials one address twice, or is dialed by the socket that it dials,
//! has two. So a subscriber or bus gets each message once over each, and `dial` says so.

use hubless::{Bus, Pub, Pull, Push, Sub};
use hubless_kit::{ALL, Peers, SOON, Site, counts, over, passes, stays};

#[over(ALL)]
fn a_subscriber_that_dials_twice_gets_each_message_once_over_each_connection_until_one_is_closed(
    site: &Site,
) {
    let (publisher, subscriber) = (Pub::new().unwrap(), Sub::new().unwrap());
    subscriber.subscribe("").unwrap();
    let at = publisher.listen(site.address()).unwrap();
    let [_, second] = [(); 2].map(|()| subscriber.dial(at.address()).unwrap());
    publisher.peers(2);
    subscriber.peers(2);
    passes(&publisher, &subscriber, "news");
    assert_eq!(subscriber.recv_timeout(SOON).unwrap(), "news");
    second.close();
    counts(&publisher, |stats| stats.pipes == 1);
    passes(&publisher, &subscriber, "more");
    stays(|| subscriber.try_recv().is_err());
}

#[over(ALL)]
fn two_buses_that_dial_each_other_have_two_connections_and_hear_everything_over_each(site: &Site) {
    let (left, right) = (Bus::new().unwrap(), Bus::new().unwrap());
    let [here, there] = [&left, &right].map(|bus| bus.listen(site.address()).unwrap());
    left.dial(there.address()).unwrap();
    right.dial(here.address()).unwrap();
    left.peers(2);
    right.peers(2);
    passes(&left, &right, "twice");
    assert_eq!(right.recv_timeout(SOON).unwrap(), "twice");
    stays(|| right.try_recv().is_err() && left.try_recv().is_err());
}

#[over(ALL)]
fn a_bus_that_dials_itself_is_a_peer_of_its_own(site: &Site) {
    let bus = Bus::new().unwrap();
    let at = bus.listen(site.address()).unwrap();
    bus.dial(at.address()).unwrap();
    bus.peers(2);
    bus.send("echo").unwrap();
    // From either end to the other.
    assert_eq!(bus.recv_timeout(SOON).unwrap(), "echo");
    assert_eq!(bus.recv_timeout(SOON).unwrap(), "echo");
    stays(|| bus.try_recv().is_err());
}

#[over(ALL)]
fn work_goes_to_one_peer_however_many_connections_there_are(site: &Site) {
    let (push, pull) = (Push::new().unwrap(), Pull::new().unwrap());
    let at = push.listen(site.address()).unwrap();
    let _dialers = [(); 3].map(|()| pull.dial(at.address()).unwrap());
    push.peers(3);
    for number in 0..9 {
        push.send(number.to_string()).unwrap();
    }
    let mut taken: Vec<String> =
        (0..9).map(|_| pull.recv_timeout(SOON).unwrap().as_str().unwrap().to_owned()).collect();
    taken.sort();
    assert_eq!(taken, (0..9).map(|number| number.to_string()).collect::<Vec<_>>());
    stays(|| pull.try_recv().is_err());
}
