//! Endpoints with settings of their own: what is set for one holds for it and for no other.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use hubless::admission::Users;
use hubless::transport::{DialPlan, Dialable, EndpointError, ListenPlan, Listenable};
use hubless::{Dialer, DialerState, Endpoint, Error, Inproc, Ipc, Keepalive, Pull, Push, Tcp};
use hubless_kit::peer::{PUSH, Peer};
use hubless_kit::{ALL, LIMIT, Peers, SOON, Site, WIRES, counts, eventually_sees, over, passes, within};

const NEVER: Duration = Duration::from_secs(3600);

#[over(ALL)]
fn every_kind_of_string_and_endpoint_is_dialed_and_listened_on_alike(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    let at = pull.listen(site.address()).unwrap();
    let text = at.address().to_owned();
    push.dial(at.address()).unwrap();
    push.dial(&text).unwrap();
    push.dial(std::borrow::Cow::from(&text)).unwrap();
    push.dial(Endpoint::new(&text)).unwrap();
    push.dial(text).unwrap();
    pull.peers(5);
    pull.listen(site.address()).unwrap();
    pull.listen(Endpoint::new(site.address())).unwrap();
}

#[test]
fn typed_endpoints_carry_messages() {
    within(LIMIT, || {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("jobs.sock");
        let name = format!("typed-{}", hubless_kit::serial());
        let pull = Pull::new().unwrap();
        let tcp = pull.listen(Tcp::any(0).backlog(64).max_connections(10)).unwrap();
        pull.listen(Ipc::path(&path).mode(0o660).backlog(64).allow(Users::same())).unwrap();
        pull.listen(Inproc::name(&name).max_connections(10)).unwrap();
        let (_, port) = tcp.address().rsplit_once(':').unwrap();
        let first = Duration::from_millis(10);
        let to_tcp = Tcp::new("127.0.0.1", port.parse().unwrap())
            .nodelay(false)
            .keepalive(Keepalive::new().idle(Duration::from_secs(60)))
            .interface("lo")
            .system_send_buffer(1 << 16)
            .reconnect(first..=first);
        let dialers: [fn(&Push, (Tcp<_>, _, _)) -> Dialer; 3] = [
            |push, (tcp, _, _)| push.dial(tcp).unwrap(),
            |push, (_, path, _): (_, std::path::PathBuf, _)| push.dial(Ipc::path(path)).unwrap(),
            |push, (_, _, name): (_, _, String)| push.dial(Inproc::name(name)).unwrap(),
        ];
        for dial in dialers {
            let push = Push::new().unwrap();
            let dialer = dial(&push, (to_tcp.clone(), path.clone(), name.clone()));
            push.send(dialer.address()).unwrap();
            assert_eq!(pull.recv_timeout(SOON).unwrap(), dialer.address());
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_name_without_a_file_can_be_typed() {
    within(LIMIT, || {
        let name = format!("hubless-endpoints-{}-{}", std::process::id(), hubless_kit::serial());
        let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
        let at = pull.listen(Ipc::abstract_name(&name)).unwrap();
        assert_eq!(at.address(), format!("ipc://@{name}"));
        push.dial(Ipc::abstract_name(&name)).unwrap();
        passes(&push, &pull, "abstract");
    });
}

#[over(WIRES)]
fn a_dialer_reconnects_at_its_own_pace(site: &Site) {
    let push = Push::builder().reconnect(NEVER..=NEVER).build().unwrap();
    let nobody = site.quiet_address();
    let eager = Duration::from_millis(1)..=Duration::from_millis(2);
    let quick = push.dial(Endpoint::new(&nobody).reconnect(eager)).unwrap();
    let slow = push.dial(&nobody).unwrap();
    eventually_sees(|| quick.status(), |status| status.failed > 3);
    let status = eventually_sees(|| slow.status(), |status| status.failed > 0);
    assert!(matches!(status.state, DialerState::Waiting(_)), "{status:?}");
    assert_eq!(status.failed, 1);
}

#[over(WIRES)]
fn a_listener_and_a_dialer_have_their_own_deadline_of_the_handshake(site: &Site) {
    let pull = Pull::builder().handshake_timeout(NEVER).build().unwrap();
    let hasty = Duration::from_millis(10);
    let at = pull.listen(Endpoint::new(site.address()).handshake_timeout(hasty)).unwrap();
    Peer::connect(at.address()).wait_for_end();
    counts(&pull, |stats| stats.refused.too_slow == 1);
    let host = hubless_kit::peer::Host::new(site);
    let push = Push::builder().handshake_timeout(NEVER).build().unwrap();
    let dialer = push.dial(Endpoint::new(host.address()).handshake_timeout(hasty)).unwrap();
    let _silent = host.accept();
    eventually_sees(
        || dialer.status(),
        |status| status.last_error.as_deref().is_some_and(|error| error.contains("deadline")),
    );
}

#[over(ALL)]
fn each_listener_has_its_own_limit_of_connections(site: &Site) {
    let pull = Pull::new().unwrap();
    let narrow = pull.listen(Endpoint::new(site.address()).max_connections(1)).unwrap();
    let wide = pull.listen(site.address()).unwrap();
    let push = Push::new().unwrap();
    push.dial(narrow.address()).unwrap();
    pull.peers(1);
    let turned_away = push.dial(narrow.address()).unwrap();
    let status = eventually_sees(|| narrow.status(), |status| status.refused > 0);
    assert!(status.last_error.unwrap().contains("1 peers"));
    // What the guide says that the dialer of such a listener sees; which of these depends on what is read before the end.
    let words = ["Connection reset by peer", "closed the connection during the handshake"];
    let status = eventually_sees(|| turned_away.status(), |status| status.last_error.is_some());
    let error = status.last_error.unwrap();
    assert!(words.iter().any(|words| error.contains(words)), "{error}");
    assert_eq!(status.connected, 0);
    for _ in 0..2 {
        push.dial(wide.address()).unwrap();
    }
    eventually_sees(|| wide.status(), |status| status.pipes == 2);
    assert_eq!((narrow.status().pipes, wide.status().refused), (1, 0));
}

#[test]
fn one_network_address_has_so_many_connections_and_no_more() {
    within(LIMIT, || {
        let pull = Pull::new().unwrap();
        let at = pull.listen(Tcp::new("127.0.0.1", 0).max_connections_per_address(2)).unwrap();
        let eager = Duration::from_millis(1)..=Duration::from_millis(5);
        let dial = |push: &Push| push.dial(Endpoint::new(at.address()).reconnect(eager.clone())).unwrap();
        let (first, late) = (Push::new().unwrap(), Push::new().unwrap());
        let (leaves, _stays) = (dial(&first), dial(&first));
        pull.peers(2);
        dial(&late);
        let status = eventually_sees(|| at.status(), |status| status.refused > 3);
        assert!(status.last_error.unwrap().contains("127.0.0.1 has its 2 connections"));
        counts(&pull, |stats| stats.refused.too_many > 3 && stats.pipes == 2);
        // Another address of this machine is another one.
        let (_, port) = at.address().rsplit_once(':').unwrap();
        let other = Push::new().unwrap();
        other.dial(Tcp::new("127.0.0.1", port.parse().unwrap()).local([127, 0, 0, 9])).unwrap();
        other.peers(1);
        // What was refused does not count, and what has left counts no more.
        leaves.close();
        late.peers(1);
    });
}

#[test]
fn a_setting_that_makes_no_sense_is_refused_and_named() {
    within(LIMIT, || {
        let push = Push::new().unwrap();
        let refused = |result: Result<(), Error>, name: &str| {
            assert!(matches!(&result, Err(Error::Option { option, .. }) if *option == name), "{result:?}");
        };
        let at = || Tcp::new("127.0.0.1", 5555);
        refused(push.dial(at().interface("")).map(drop), "interface");
        refused(push.dial(at().keepalive(Keepalive::new().probes(0))).map(drop), "keepalive");
        refused(push.dial(at().reconnect(NEVER..=Duration::ZERO)).map(drop), "reconnect");
        refused(push.listen(at().backlog(0)).map(drop), "backlog");
        refused(push.listen(Endpoint::new("inproc://x").max_connections(0)).map(drop), "max_connections");
        match push.dial(Tcp::new("no host", 5555)).unwrap_err() {
            Error::Address { address, part, .. } => {
                assert_eq!((address.as_str(), part), ("tcp://no host:5555", Some(6..13)));
            }
            other => panic!("{other:?}"),
        }
    });
}

/// An endpoint of a transport that no context knows.
struct Stranger(Tcp);

impl Dialable for Stranger {
    fn dialing(self) -> Result<DialPlan, EndpointError> {
        let mut plan = self.0.dialing()?;
        plan.address = plan.address.replace("tcp://", "strange://");
        Ok(plan)
    }
}

impl Listenable for Stranger {
    fn listening(self) -> Result<ListenPlan, EndpointError> {
        let mut plan = self.0.listening()?;
        plan.address = plan.address.replace("tcp://", "strange://");
        Ok(plan)
    }
}

#[test]
fn an_endpoint_of_a_strange_transport_brings_all_it_needs() {
    within(LIMIT, || {
        let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
        let at = pull.listen(Stranger(Tcp::new("127.0.0.1", 0))).unwrap();
        let port = at.address().strip_prefix("strange://127.0.0.1:").expect("its own scheme");
        push.dial(Stranger(Tcp::new("127.0.0.1", port.parse().unwrap()))).unwrap();
        passes(&push, &pull, "strange");
        assert!(
            matches!(push.dial(at.address()), Err(Error::Address { .. })),
            "the context does not know it"
        );
    });
}

#[test]
fn slips_in_an_address_are_explained_and_pointed_at() {
    within(LIMIT, || {
        let push = Push::new().unwrap();
        for (address, reason, part) in [
            ("127.0.0.1:5555", "the scheme is missing: write `tcp://127.0.0.1:5555`", 0..0),
            ("/run/jobs.sock", "the scheme is missing: write `ipc:///run/jobs.sock`", 0..0),
            ("nonsense", "the scheme is missing: begin it with one of tcp://, ipc://, inproc://", 0..0),
            ("tcp:127.0.0.1:5555", "write `tcp://127.0.0.1:5555`", 3..4),
            ("tcp:/127.0.0.1:5555", "write `tcp://127.0.0.1:5555`", 3..5),
            ("ipc:/tmp/jobs", "write `ipc:///tmp/jobs`", 3..4),
            ("ipc:jobs", "write `ipc://jobs`", 3..4),
            ("TCP://127.0.0.1:5555", "schemes are in lower case: write `tcp://`", 0..3),
            (
                "udp://127.0.0.1:5555",
                "there is no transport `udp`; there are tcp://, ipc://, inproc://",
                0..3,
            ),
            ("tcp://127.0.0.1", "the port is missing", 15..15),
            ("tcp://127.0.0.1:99999", "the port is too large", 16..21),
            ("tcp://127.0.0.1:5555/x", "something behind the port", 16..22),
            ("tcp://::1:5555", "an IPv6 address needs brackets: write `[::1]:5555`", 6..9),
            ("tcp://[::1:5555", "the `]` of the IPv6 address is missing", 15..15),
            ("inproc://", "the name is empty", 9..9),
            ("inproc://a\u{1b}[2J", "a name cannot have a control character in it", 10..11),
            ("ipc://", "the path is missing", 6..6),
        ] {
            match push.dial(address).unwrap_err() {
                Error::Address { address: named, reason: found, part: bad } => {
                    assert_eq!(named, address);
                    assert!(found.contains(reason), "{address}: {found}");
                    assert_eq!(bad, Some(part), "{address}: {found}");
                }
                other => panic!("{other:?}"),
            }
        }
        let error = push.dial("tcp://127.0.0.1:99999").unwrap_err();
        assert_eq!(error.to_string().lines().count(), 1);
        let pointed = format!("{error:#}");
        assert!(pointed.ends_with("\n  tcp://127.0.0.1:99999\n                  ^^^^^"), "{pointed}");
    });
}

#[over(ALL)]
fn a_listener_that_is_closed_takes_all_its_pipes_along_however_many_and_no_others(site: &Site) {
    let pull = Pull::new().unwrap();
    let [closing, staying] = [(); 2].map(|()| pull.listen(site.address()).unwrap());
    let dial = |number: usize| {
        let push = Push::new().unwrap();
        let at = if number % 20 == 7 { staying.address() } else { closing.address() };
        push.dial(at).unwrap();
        push
    };
    let pushes: Vec<_> = (0..200).map(dial).collect();
    pull.wait_for_peers(200, SOON).unwrap();
    closing.close();
    counts(&pull, |stats| stats.pipes == 10);
    for push in pushes.iter().skip(7).step_by(20) {
        push.send_timeout("still here", SOON).unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "still here");
    }
}

#[over(WIRES)]
fn of_two_that_close_a_listener_at_once_neither_returns_before_its_pipes_have_ended(site: &Site) {
    let pull = Pull::builder().build().unwrap();
    let listener = pull.listen(site.address()).unwrap();
    let peers: Vec<_> = (0..400).map(|_| Peer::greeted(listener.address(), PUSH)).collect();
    pull.wait_for_peers(peers.len(), SOON).unwrap();
    let start = Barrier::new(2);
    let close = || {
        start.wait();
        listener.close();
        pull.stats().pipes
    };
    let left =
        thread::scope(|scope| [(); 2].map(|()| scope.spawn(close)).map(|closing| closing.join().unwrap()));
    assert_eq!(left, [0, 0]);
}
