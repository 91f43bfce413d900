//! A PAIR has one place. Who does not get it is not greeted, so it never believes to be in, and no message is taken for a peer that
//! refuses it.

use std::time::Duration;

use hubless::{Builder, Pair};
use hubless_kit::peer::{Host, PAIR0, Peer, REQ, greeting};
use hubless_kit::{ALL, Peers, SOON, Site, WIRES, counts, eventually, link, over, passes, stays};

/// Rounds of what happens in a moment.
const ROUNDS: u32 = 200;
/// They take a while on a busy machine.
const LIMIT: Duration = Duration::from_secs(300);
const MOMENT: Duration = Duration::from_millis(3);

/// A PAIR that tries again at once.
fn eager() -> Builder<Pair> {
    Pair::builder().reconnect(Duration::from_millis(1)..=Duration::from_millis(5))
}

#[over(ALL, LIMIT)]
fn what_a_pair_sends_after_each_of_many_reconnections_is_received(site: &Site) {
    let (listening, dialing) = (Pair::new().unwrap(), eager().build().unwrap());
    let at = listening.listen(site.address()).unwrap();
    for round in 0..ROUNDS {
        let dialer = dialing.dial(at.address()).unwrap();
        dialing.send_timeout(round.to_string(), SOON).unwrap();
        assert_eq!(listening.recv_timeout(SOON).unwrap(), round.to_string().as_str());
        dialer.close();
    }
    assert_eq!(dialing.stats().drops.total(), 0);
}

#[over(ALL, LIMIT)]
fn one_pair_after_the_other_sends_a_message_and_closes_and_each_is_received(site: &Site) {
    let listening = Pair::new().unwrap();
    let at = listening.listen(site.address()).unwrap();
    for round in 0..ROUNDS {
        let next = eager().build().unwrap();
        next.dial(at.address()).unwrap();
        next.send_timeout(round.to_string(), SOON).unwrap();
        next.close(SOON).unwrap();
    }
    for round in 0..ROUNDS {
        assert_eq!(listening.recv_timeout(SOON).unwrap(), round.to_string().as_str());
    }
}

#[over(ALL, LIMIT)]
fn nothing_is_taken_of_a_third_peer(site: &Site) {
    let (listening, first) = (Pair::new().unwrap(), Pair::new().unwrap());
    let (at, _) = link(site, &listening, &first);
    for round in 0..ROUNDS {
        let third = eager().build().unwrap();
        third.dial(at.address()).unwrap();
        assert!(third.send_timeout(round.to_string(), MOMENT).is_err(), "round {round}");
        assert_eq!(third.stats().connected, 0);
        third.close(SOON).unwrap();
    }
    passes(&first, &listening, "undisturbed");
    assert_eq!(listening.stats().connected, 1);
}

#[over(ALL, LIMIT)]
fn two_pairs_that_dial_each_other_have_one_connection_and_lose_nothing(site: &Site) {
    for _ in 0..20 {
        let (left, right) = (eager().build().unwrap(), eager().build().unwrap());
        let [here, there] = [&left, &right].map(|pair| pair.listen(site.address()).unwrap());
        left.dial(there.address()).unwrap();
        right.dial(here.address()).unwrap();
        for round in 0..20 {
            left.send_timeout(format!("right {round}"), SOON).unwrap();
            right.send_timeout(format!("left {round}"), SOON).unwrap();
        }
        for round in 0..20 {
            assert_eq!(right.recv_timeout(SOON).unwrap(), format!("right {round}").as_str());
            assert_eq!(left.recv_timeout(SOON).unwrap(), format!("left {round}").as_str());
        }
        for pair in [&left, &right] {
            let stats = pair.stats();
            assert_eq!((stats.connected, stats.disconnected, stats.drops.total()), (1, 0, 0));
        }
    }
}

#[over(ALL, LIMIT)]
fn a_third_peer_waits_at_the_door_and_is_in_as_soon_as_the_first_has_left(site: &Site) {
    // So long that nothing but the end of the first can let the other in.
    let patient = || Pair::builder().handshake_timeout(Duration::from_secs(3600)).build().unwrap();
    let [listening, first, next] = [(); 3].map(|()| patient());
    let (at, _) = link(site, &listening, &first);
    next.dial(at.address()).unwrap();
    stays(|| next.stats().pipes == 0);
    first.close(SOON).unwrap();
    next.send_timeout("at last", SOON).unwrap();
    assert_eq!(listening.recv_timeout(SOON).unwrap(), "at last");
    assert_eq!(listening.stats().refused.total(), 0);
}

#[over(WIRES, LIMIT)]
fn a_third_peer_is_refused_without_a_greeting_and_the_first_not_disturbed(site: &Site) {
    let left = Pair::builder().handshake_timeout(Duration::from_millis(100)).build().unwrap();
    let right = Pair::new().unwrap();
    let (at, _) = link(site, &left, &right);
    for before in 1..=3 {
        let third = Peer::connect(at.address());
        third.write(&greeting(PAIR0));
        assert_eq!(third.read_to_end(), b"");
        counts(&left, |stats| stats.refused.already_paired == before);
    }
    // One that says nothing takes no place, and one that hangs up while it waits is not let in.
    let silent = Peer::connect(at.address());
    let impatient = Peer::connect(at.address());
    impatient.write(&greeting(PAIR0));
    drop(impatient);
    counts(&left, |stats| stats.refused.already_paired == 4);
    passes(&left, &right, "to the first");
    passes(&right, &left, "from the first");
    assert_eq!(right.stats().connected, 1);
    drop(silent);
}

#[over(WIRES, LIMIT)]
fn a_peer_of_another_pattern_is_told_what_a_pair_is(site: &Site) {
    let pair = Pair::new().unwrap();
    let at = pair.listen(site.address()).unwrap();
    let stranger = Peer::connect(at.address());
    stranger.write(&greeting(REQ));
    assert_eq!(stranger.read_to_end(), greeting(PAIR0));
    counts(&pair, |stats| stats.refused.wrong_pattern == 1);
}

#[over(WIRES, LIMIT)]
fn a_pair_that_has_its_peer_greets_nobody_else_it_dials_until_that_has_left(site: &Site) {
    let (pair, first, host) = (eager().build().unwrap(), Pair::new().unwrap(), Host::new(site));
    link(site, &first, &pair);
    let dialer = pair.dial(host.address()).unwrap();
    eventually(|| dialer.status().last_error.is_some_and(|why| why.contains("has its peer already")));
    first.close(SOON).unwrap();
    let next = host.greeted(PAIR0);
    pair.send_timeout("to the next", SOON).unwrap();
    assert_eq!(next.recv(), b"to the next");
}

#[over(WIRES, LIMIT)]
fn a_pair_takes_no_peer_while_it_waits_for_the_greeting_of_another_that_it_has_greeted(site: &Site) {
    let (pair, host) = (eager().build().unwrap(), Host::new(site));
    let at = pair.listen(site.address()).unwrap();
    pair.dial(host.address()).unwrap();
    let dialed = host.accept();
    assert_eq!(dialed.read_greeting(), PAIR0);
    let other = Peer::connect(at.address());
    other.write(&greeting(PAIR0));
    assert_eq!(other.read_to_end(), b"");
    dialed.write(&greeting(PAIR0));
    pair.peers(1);
    pair.send("to the one that was greeted").unwrap();
    assert_eq!(dialed.recv(), b"to the one that was greeted");
}

#[over(ALL, LIMIT)]
fn a_pair_that_dials_itself_has_no_peer_and_takes_another(site: &Site) {
    let (pair, other) = (eager().build().unwrap(), eager().build().unwrap());
    let at = pair.listen(site.address()).unwrap();
    let itself = pair.dial(at.address()).unwrap();
    eventually(|| itself.status().failed > 2);
    assert_eq!(pair.stats().connected, 0);
    other.dial(at.address()).unwrap();
    other.send_timeout("from another", SOON).unwrap();
    assert_eq!(pair.recv_timeout(SOON).unwrap(), "from another");
}

#[over(["inproc"], LIMIT)]
fn a_dialer_that_nobody_answers_over_inproc_keeps_no_peer_out(site: &Site) {
    let (pair, other) = (Pair::new().unwrap(), Pair::new().unwrap());
    let nobody = site.address();
    pair.dial(&nobody).unwrap();
    link(site, &pair, &other);
    other.send_timeout("from another", SOON).unwrap();
    assert_eq!(pair.recv_timeout(SOON).unwrap(), "from another");
    // When it has left, the dialer is at it again.
    other.close(SOON).unwrap();
    let late = Pair::new().unwrap();
    late.listen(nobody).unwrap();
    late.send_timeout("late", SOON).unwrap();
    assert_eq!(pair.recv_timeout(SOON).unwrap(), "late");
}
