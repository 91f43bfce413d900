//! What a monitor tells: every connection from its beginning to its end, and why.

mod keeping;

use std::io;
use std::thread;
use std::time::Duration;

use hubless::monitor::{Failure, Limit, LocalEndpoint, Removal};
use hubless::transport::mio::Registry;
use hubless::transport::{self, AddressError, Connection, Offer, Transport, Wait};
use hubless::{
    Bus, Context, Error, EventKind, Monitor, Overflow, Pair, Pub, Pull, Push, Rep, Req, Respondent, Sub,
    Surveyor, raw,
};
use hubless_kit::peer::{self, Host, PULL, PUSH, Peer};
use hubless_kit::{
    ALL, Peers, SOON, Site, Socket, WIRES, body, counts, eventually, link, linked, now, over, passes,
};

/// The next event that `wanted` makes something of.
#[track_caller]
fn told<T>(monitor: &Monitor, wanted: impl Fn(&EventKind) -> Option<T>) -> T {
    loop {
        let event = monitor.recv_timeout(SOON).expect("it is told");
        if let Some(found) = wanted(&event.kind) {
            return found;
        }
    }
}

#[track_caller]
fn failure(monitor: &Monitor) -> Failure {
    told(monitor, |event| match event {
        EventKind::ConnectionFailed { failure, .. } => Some(failure.clone()),
        _ => None,
    })
}

#[track_caller]
fn removal(monitor: &Monitor) -> Removal {
    told(monitor, |event| match event {
        EventKind::Removed { removal, .. } => Some(removal.clone()),
        _ => None,
    })
}

/// Everything that is told to the end.
fn all(monitor: &Monitor) -> Vec<EventKind> {
    let mut events = Vec::new();
    loop {
        match monitor.recv_timeout(SOON) {
            Ok(event) => events.push(event.kind),
            Err(Error::Closed) => return events,
            Err(other) => panic!("{other:?} after {events:?}"),
        }
    }
}

#[over(ALL)]
fn a_listening_socket_is_told_of_a_peer_from_its_coming_to_its_leaving(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    let monitor = pull.monitor();
    let (listener, _) = link(site, &pull, &push);
    let id = pull.pipes()[0].id;
    passes(&push, &pull, "four");
    push.close(SOON).unwrap();
    counts(&pull, |stats| stats.pipes == 0);
    pull.close(SOON).unwrap();
    let here = LocalEndpoint::Listener(listener.address().into());
    match &all(&monitor)[..] {
        [
            EventKind::Listening { via: at, .. },
            EventKind::Connected { pipe, peer, via, .. },
            EventKind::Removed { pipe: gone, via: left, removal: Removal::PeerLeft, traffic, unsent, .. },
            EventKind::EndpointClosed { via: closed, .. },
            EventKind::Closed,
        ] => {
            assert_eq!([at, via, left, closed], [&here; 4]);
            assert_eq!((*pipe, *gone), (id, id));
            assert!(peer.address.starts_with(site.transport));
            assert_eq!((traffic.received, traffic.received_bytes, *unsent), (1, 4, 0));
            let process = peer.identity.credentials.map(|process| process.pid);
            let me = i32::try_from(std::process::id()).unwrap();
            assert_eq!(process, (site.transport == "ipc").then_some(me));
        }
        other => panic!("{other:?}"),
    }
}

#[over(ALL)]
fn a_dialing_socket_is_told_of_its_attempt_its_peer_and_its_own_end(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    let monitor = push.monitor();
    let (_, dialer) = link(site, &pull, &push);
    push.close(SOON).unwrap();
    let there = LocalEndpoint::Dialer(dialer.address().into());
    match &all(&monitor)[..] {
        [
            EventKind::Connecting { via: to, address: None, .. },
            EventKind::Connected { via, .. },
            EventKind::EndpointClosed { via: closed, .. },
            EventKind::Removed { via: left, removal: Removal::SocketClosed, .. },
            EventKind::Closed,
        ] => assert_eq!([to, via, closed, left], [&there; 4]),
        other => panic!("{other:?}"),
    }
}

#[over(ALL)]
fn every_socket_can_be_watched(site: &Site) {
    fn is_watched(site: &Site, one: &impl Socket, other: &impl Socket) {
        let monitors = [one.monitor(), other.monitor()];
        link(site, one, other);
        one.close(Duration::ZERO).expect("an end");
        other.close(Duration::ZERO).expect("an end");
        for monitor in monitors {
            let events = all(&monitor);
            assert!(events.iter().any(|event| matches!(event, EventKind::Connected { .. })), "{events:?}");
            assert_eq!(events.last(), Some(&EventKind::Closed));
        }
    }
    is_watched(site, &Push::new().unwrap(), &Pull::new().unwrap());
    is_watched(site, &Pub::new().unwrap(), &Sub::new().unwrap());
    is_watched(site, &Req::new().unwrap(), &Rep::new().unwrap());
    is_watched(site, &Surveyor::new().unwrap(), &Respondent::new().unwrap());
    is_watched(site, &Pair::new().unwrap(), &raw::Pair::new().unwrap());
    is_watched(site, &Bus::new().unwrap(), &raw::Bus::new().unwrap());
    is_watched(site, &raw::Push::new().unwrap(), &raw::Pull::new().unwrap());
    is_watched(site, &raw::Req::new().unwrap(), &raw::Rep::new().unwrap());
}

#[over(ALL)]
fn a_peer_of_the_wrong_pattern_is_told_on_the_side_that_refuses_it(site: &Site) {
    let (rep, pull) = (Rep::new().unwrap(), Pull::new().unwrap());
    let monitor = rep.monitor();
    let at = rep.listen(site.address()).unwrap();
    pull.dial(at.address()).unwrap();
    let failure = failure(&monitor);
    assert_eq!(failure.to_string(), "the peer is a PULL, and a REP talks to a REQ");
    assert!(matches!(failure, Failure::WrongPattern { found: PULL, wanted: peer::REQ }), "{failure:?}");
    assert_eq!(at.stats().refused, rep.stats().refused);
    assert!(at.stats().refused.wrong_pattern > 0);
}

#[over(ALL)]
fn a_second_peer_of_a_pair_is_told_as_refused(site: &Site) {
    let [one, two, three] = std::array::from_fn(|_| Pair::new().unwrap());
    let (at, _) = link(site, &one, &two);
    let monitor = one.monitor();
    three.dial(at.address()).unwrap();
    assert_eq!(failure(&monitor), Failure::AlreadyPaired);
}

#[over(WIRES)]
fn each_way_to_fail_a_handshake_has_its_own_reason(site: &Site) {
    let pull = Pull::builder().handshake_timeout(Duration::from_millis(200)).build().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let monitor = pull.monitor();
    let says = |greeting: &[u8]| {
        let peer = Peer::connect(at.address());
        peer.write(greeting);
        (failure(&monitor), peer)
    };
    assert_eq!(says(b"GET / HTTP/1.1").0, Failure::UnknownProtocol);
    assert_eq!(says(&[0, b'S', b'P', 3, 0, 0x50, 0, 0]).0, Failure::UnknownVersion(3));
    let reserved = says(&[0, b'S', b'P', 0, 0, 0x50, 1, 2]).0;
    assert!(matches!(&reserved, Failure::MalformedHandshake(why) if why.contains("0x0102")), "{reserved}");
    assert_eq!(says(&[0, b'S', b'P', 0]).0, Failure::TooSlow);
    drop(Peer::connect(at.address()));
    assert!(matches!(failure(&monitor), Failure::PeerLeft | Failure::Broken(_)));
    assert_eq!(at.stats().refused, pull.stats().refused);
    assert_eq!(at.stats().refused.total(), 5);
}

#[over(WIRES)]
fn a_dialer_that_finds_nobody_is_told_why_and_when_it_tries_again(site: &Site) {
    let push = Push::builder().reconnect(SOON..=SOON).build().unwrap();
    let monitor = push.monitor();
    let begin = now();
    let address = site.quiet_address();
    push.dial(&address).unwrap();
    match failure(&monitor) {
        Failure::Broken(cause) => {
            let expected = [io::ErrorKind::ConnectionRefused, io::ErrorKind::NotFound];
            assert!(expected.contains(&cause.kind), "{cause:?}");
        }
        other => panic!("{other:?}"),
    }
    let (via, after, at) = told(&monitor, |event| match event {
        EventKind::Retrying { via, after, at, .. } => Some((via.clone(), *after, *at)),
        _ => None,
    });
    assert_eq!(via.address(), address);
    assert!(after <= SOON && at >= begin + after && at <= now() + after);
}

#[test]
fn a_name_that_nobody_has_is_told() {
    over(["tcp"], |_| {
        let push = Push::new().unwrap();
        let monitor = push.monitor();
        push.dial("tcp://nowhere.hubless.invalid:5555").unwrap();
        let peer = told(&monitor, |event| match event {
            EventKind::ConnectionFailed { peer, failure: Failure::Unresolved(_), .. } => Some(peer.clone()),
            _ => None,
        });
        assert_eq!(peer, None);
    });
}

#[over(ALL)]
fn a_connection_over_the_limit_is_told_with_the_limit(site: &Site) {
    let pull = Pull::builder().max_connections(1).build().unwrap();
    let monitor = pull.monitor();
    let first = Push::new().unwrap();
    let (at, _) = link(site, &pull, &first);
    let second = Push::new().unwrap();
    second.dial(at.address()).unwrap();
    let (via, limit) = told(&monitor, |event| match event {
        EventKind::ConnectionRefused { via, limit, .. } => Some((via.clone(), limit.clone())),
        _ => None,
    });
    assert_eq!((via.address(), limit), (at.address(), Limit::Connections { max: 1 }));
    assert!(at.stats().refused.too_many > 0);
}

/// A transport whose listeners can be bound and get no connection, because the system refuses.
#[derive(Debug)]
struct Scarce;

impl Transport for Scarce {
    fn scheme(&self) -> &'static str {
        "scarce"
    }

    fn dialer(&self, _: &str) -> Result<Box<dyn transport::Dialer>, AddressError> {
        Err(AddressError::new("it only listens"))
    }

    fn listener(&self, _: &str) -> Result<Box<dyn transport::Listener>, AddressError> {
        Ok(Box::new(Self))
    }
}

impl transport::Listener for Scarce {
    fn bind(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn address(&self) -> String {
        "here".into()
    }

    fn watch(&mut self, _: &Wait<'_>) -> io::Result<()> {
        Ok(())
    }

    fn unwatch(&mut self, _: &Registry) {}

    fn accept(&mut self, _: &Offer) -> io::Result<Connection> {
        Err(rustix::io::Errno::MFILE.into())
    }
}

#[test]
fn a_listener_that_the_system_gives_nobody_tells_why_and_for_how_long_it_pauses() {
    let context = Context::builder().transport(Scarce).build().unwrap();
    let pull = Pull::builder().context(&context).build().unwrap();
    let monitor = pull.monitor();
    pull.listen("scarce://here").unwrap();
    let pause = || {
        told(&monitor, |event| match event {
            EventKind::AcceptingPaused { via, pause, cause, .. } => {
                assert_eq!(via.address(), "scarce://here");
                assert_eq!(cause.code, Some(rustix::io::Errno::MFILE.raw_os_error()));
                Some(*pause)
            }
            _ => None,
        })
    };
    let first = pause();
    assert_eq!(pause(), 2 * first);
}

#[over(WIRES)]
fn each_breach_of_the_protocol_is_told_by_kind(site: &Site) {
    let pull = Pull::builder().max_message(1000).build().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let monitor = pull.monitor();
    let peer = Peer::greeted(at.address(), PUSH);
    peer.write(&peer.announcement(1001));
    assert_eq!(removal(&monitor), Removal::MessageTooLarge { length: 1001, limit: 1000 });
    if site.transport == "ipc" {
        let peer = Peer::greeted(at.address(), PUSH);
        peer.write(&[9; 9]);
        assert_eq!(removal(&monitor), Removal::UnknownFrame { frame_type: 9 });
    }

    let rep = Rep::new().unwrap();
    let at = rep.listen(site.address()).unwrap();
    let monitor = rep.monitor();
    let peer = Peer::greeted(at.address(), peer::REQ);
    peer.send(b"?");
    let malformed = removal(&monitor);
    assert_eq!(malformed, Removal::MalformedHeader);
    assert!(malformed.is_violation());

    let publisher = Pub::new().unwrap();
    let at = publisher.listen(site.address()).unwrap();
    let monitor = publisher.monitor();
    let peer = Peer::greeted(at.address(), peer::SUB);
    peer.send(b"subscribe");
    assert_eq!(removal(&monitor), Removal::UnexpectedMessage);
}

#[over(ALL)]
fn closing_an_endpoint_is_told_and_ends_its_peers_for_that_reason(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    let (listener, dialer) = link(site, &pull, &push);
    let (listening, dialing) = (pull.monitor(), push.monitor());
    dialer.close();
    told(&dialing, |event| {
        matches!(event, EventKind::EndpointClosed { via: LocalEndpoint::Dialer(_), .. }).then_some(())
    });
    assert_eq!(removal(&dialing), Removal::EndpointClosed);
    assert!(matches!(removal(&listening), Removal::PeerLeft | Removal::Broken(_)));
    push.dial(listener.address()).unwrap();
    pull.peers(1);
    listener.close();
    assert_eq!(removal(&listening), Removal::EndpointClosed);
    push.close(Duration::ZERO).unwrap();
}

#[over(WIRES)]
fn a_lost_connection_is_told_and_so_is_the_next(site: &Site) {
    let host = Host::new(site);
    let push =
        Push::builder().reconnect(Duration::from_millis(1)..=Duration::from_millis(1)).build().unwrap();
    let monitor = push.monitor();
    let dialer = push.dial(host.address()).unwrap();
    let connected = |event: &EventKind| match event {
        EventKind::Connected { pipe, .. } => Some(*pipe),
        _ => None,
    };
    drop(host.greeted(PULL));
    let first = told(&monitor, connected);
    assert!(matches!(removal(&monitor), Removal::PeerLeft | Removal::Broken(_)));
    let _peer = host.greeted(PULL);
    assert_ne!(told(&monitor, connected), first);
    let stats = dialer.stats();
    assert_eq!((stats.pipes, stats.connected, stats.reconnected), (1, 2, 1));
    assert_eq!(push.stats().reconnected, 1);
}
