//! What goes wrong says so, where the user looks, and disturbs nobody else.

use std::time::Duration;

use hubless::{
    Builder, Context, Dialer, DialerState, DialerStatus, Error, Pair, Pub, Pull, Push, Rep, Req, Respondent,
    Sub, Surveyor,
};
use hubless_kit::peer::Peer;
use hubless_kit::{
    ALL, LIMIT, Peers, SOON, Site, Socket, WIRES, counts, eventually_sees, link, over, passes, within,
};

fn sees(dialer: &Dialer, expected: impl Fn(&str) -> bool) -> DialerStatus {
    let known = |status: &DialerStatus| status.last_error.as_deref().is_some_and(&expected);
    eventually_sees(|| dialer.status(), known)
}

#[test]
fn an_address_that_is_none_is_refused_and_named() {
    within(LIMIT, || {
        let long_path = format!("ipc:///{}", "p".repeat(200));
        let long_name = format!("inproc://{}", "n".repeat(300));
        let bad = [
            "",
            "nonsense",
            "127.0.0.1:5555",
            "tcp",
            "tcp:",
            "tcp:/127.0.0.1:5555",
            "tcp://",
            "tcp://127.0.0.1",
            "tcp://127.0.0.1:",
            "tcp://127.0.0.1:port",
            "tcp://127.0.0.1:65536",
            "tcp://127.0.0.1:-1",
            "tcp://[::1:5555",
            "tcp://::1:5555",
            "tcp://a b:5555",
            "ipc://",
            "ipc://a\0b",
            "inproc://",
            "udp://127.0.0.1:5555",
            "TCP//127.0.0.1:5555",
            "://x",
            &long_path,
            &long_name,
        ];
        let pull = Pull::new().unwrap();
        for address in bad {
            for result in [pull.listen(address).map(drop), pull.dial(address).map(drop)] {
                match result {
                    Err(Error::Address { address: named, reason, .. }) => {
                        assert_eq!(named, address);
                        assert!(!reason.is_empty());
                    }
                    other => panic!("`{address}` gives {other:?}"),
                }
            }
        }
        for address in ["tcp://127.0.0.1:0", "tcp://*:5555"] {
            assert!(matches!(pull.dial(address), Err(Error::Address { .. })), "{address} cannot be dialed");
        }
        let shown = pull.listen("udp://127.0.0.1:5555").unwrap_err().to_string();
        assert!(shown.contains("udp"), "{shown}");
        assert_eq!(pull.stats(), hubless::Stats::default());
    });
}

#[over(ALL)]
fn an_address_in_use_is_refused_and_its_listener_not_disturbed(site: &Site) {
    let (pull, push, late) = (Pull::new().unwrap(), Push::new().unwrap(), Pull::new().unwrap());
    let (at, _) = link(site, &pull, &push);
    for socket in [&late, &pull] {
        match socket.listen(at.address()).unwrap_err() {
            Error::AddressInUse { address } => assert_eq!(address, at.address()),
            other => panic!("{other:?}"),
        }
    }
    passes(&push, &pull, "undisturbed");
    let again = Push::new().unwrap();
    again.dial(at.address()).unwrap();
    passes(&again, &pull, "welcome");
}

#[over(WIRES)]
fn an_address_that_a_stranger_has_is_in_use(site: &Site) {
    let stranger = hubless_kit::peer::Host::new(site);
    let pull = Pull::new().unwrap();
    assert!(matches!(pull.listen(stranger.address()), Err(Error::AddressInUse { .. })));
    // The probe of an ipc listener may have come by first.
    let push = Push::new().unwrap();
    push.dial(stranger.address()).unwrap();
    drop(stranger.accept());
}

#[test]
fn a_file_that_is_no_socket_is_left_alone() {
    within(LIMIT, || {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("notes.txt");
        std::fs::write(&path, "precious").unwrap();
        let address = format!("ipc://{}", path.display());
        let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
        let shown = pull.listen(&address).unwrap_err().to_string();
        assert!(shown.contains(&address), "{shown}");
        assert_eq!(std::fs::read(&path).unwrap(), b"precious");
        let dialer = push.dial(&address).unwrap();
        sees(&dialer, |_| true);
        assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    });
}

#[test]
fn a_place_where_nothing_can_be_made_is_refused_with_the_reason_of_the_system() {
    within(LIMIT, || {
        let pull = Pull::new().unwrap();
        // 192.0.2.1 is nobody's address (RFC 5737), and not even root makes files in /proc.
        for address in ["ipc:///no/such/directory/x", "ipc:///proc/hubless.sock", "tcp://192.0.2.1:0"] {
            match pull.listen(address).unwrap_err() {
                Error::Listen { address: named, cause } => {
                    assert_eq!(named, address);
                    assert!(!cause.to_string().is_empty());
                }
                other => panic!("{address} gives {other:?}"),
            }
        }
    });
}

#[test]
fn a_directory_without_permission_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        return; // Root may do everything.
    }
    within(LIMIT, || {
        let directory = tempfile::TempDir::new().unwrap();
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o500)).unwrap();
        let address = format!("ipc://{}/x", directory.path().display());
        match Pull::new().unwrap().listen(&address).unwrap_err() {
            Error::Listen { cause, .. } => assert_eq!(cause.kind(), std::io::ErrorKind::PermissionDenied),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_name_that_does_not_resolve_is_visible_and_tried_again() {
    within(LIMIT, || {
        let push =
            Push::builder().reconnect(Duration::from_millis(1)..=Duration::from_millis(5)).build().unwrap();
        let dialer = push.dial("tcp://nowhere.hubless.invalid:5555").unwrap();
        sees(&dialer, |error| error.contains("name"));
        let status = eventually_sees(|| dialer.status(), |status| status.failed >= 2);
        assert_eq!(status.connected, 0);
        // Meanwhile the socket works.
        let (pull, site) = (Pull::new().unwrap(), Site::new("tcp"));
        push.dial(pull.listen(site.address()).unwrap().address()).unwrap();
        passes(&push, &pull, "no matter");
    });
}

#[test]
fn a_name_that_does_not_resolve_cannot_be_listened_on() {
    within(LIMIT, || {
        let result = Pull::new().unwrap().listen("tcp://nowhere.hubless.invalid:0");
        match result.unwrap_err() {
            Error::Listen { address, .. } => assert_eq!(address, "tcp://nowhere.hubless.invalid:0"),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_name_with_an_address_where_nobody_listens_is_reached_at_another() {
    within(LIMIT, || {
        // `localhost` may be ::1, too, and nobody listens there.
        let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
        let at = pull.listen("tcp://127.0.0.1:0").unwrap();
        let (_, port) = at.address().rsplit_once(':').unwrap();
        push.dial(format!("tcp://localhost:{port}")).unwrap();
        passes(&push, &pull, "found");
    });
}

#[over(WIRES)]
fn a_dialer_that_finds_nobody_says_why_and_when_it_tries_again(site: &Site) {
    let push = Push::builder().reconnect(Duration::from_secs(60)..=Duration::from_secs(60)).build().unwrap();
    let dialer = push.dial(site.quiet_address()).unwrap();
    let status = sees(&dialer, |error| !error.is_empty());
    assert!(matches!(status.state, DialerState::Waiting(pause) if pause <= Duration::from_secs(60)));
    assert_eq!((status.failed, status.connected), (1, 0));
}

#[over(ALL)]
fn peers_of_the_wrong_pattern_are_refused_and_told_apart(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    let (at, _) = link(site, &pull, &push);
    let (sub, req, other_pull) = (Sub::new().unwrap(), Req::new().unwrap(), Pull::new().unwrap());
    for (name, dialer) in [
        ("SUB", sub.dial(at.address()).unwrap()),
        ("REQ", req.dial(at.address()).unwrap()),
        ("PULL", other_pull.dial(at.address()).unwrap()),
    ] {
        let status = sees(&dialer, |error| error.contains("PULL"));
        assert_eq!(status.connected, 0, "{name}");
    }
    counts(&pull, |stats| stats.refused.wrong_pattern >= 3);
    counts(&sub, |stats| stats.refused.wrong_pattern >= 1);
    let status = eventually_sees(|| at.status(), |status| status.refused >= 3);
    assert!(status.last_error.unwrap().contains("PULL"));
    assert_eq!((pull.stats().pipes, pull.stats().connected), (1, 1));
    passes(&push, &pull, "undisturbed");
}

#[over(ALL)]
fn a_pair_of_one_version_refuses_the_other(site: &Site) {
    let (old, new) = (Pair::new().unwrap(), Pair::builder().version_1().build().unwrap());
    let at = old.listen(site.address()).unwrap();
    let dialer = new.dial(at.address()).unwrap();
    sees(&dialer, |error| error.contains("PAIR"));
    counts(&old, |stats| stats.refused.wrong_pattern > 0 && stats.connected == 0);
}

#[over(WIRES)]
fn a_peer_that_speaks_something_else_is_refused(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    let (at, _) = link(site, &pull, &push);
    let browser = Peer::connect(at.address());
    browser.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    browser.wait_for_end();
    counts(&pull, |stats| stats.refused.unknown_protocol == 1);
    let status = eventually_sees(|| at.status(), |status| status.refused == 1);
    assert!(status.last_error.unwrap().contains("SP"));
    passes(&push, &pull, "undisturbed");
}

#[over(WIRES)]
fn a_message_over_the_limit_ends_its_pipe_only(site: &Site) {
    let pull = Pull::builder().max_message(1000).build().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let (fits, over_limit) = (Push::new().unwrap(), Push::new().unwrap());
    fits.dial(at.address()).unwrap();
    fits.send(vec![1; 1000]).unwrap();
    assert_eq!(pull.recv_timeout(SOON).unwrap(), [1; 1000]);
    let dialer = over_limit.dial(at.address()).unwrap();
    over_limit.send(vec![2; 1001]).unwrap();
    counts(&pull, |stats| stats.violations.message_too_large >= 1);
    sees(&dialer, |_| true);
    passes(&fits, &pull, "undisturbed");
    assert_eq!(pull.stats().received, 2);
}

#[over(WIRES)]
fn the_limit_of_a_message_counts_the_header_of_its_pattern(site: &Site) {
    let rep = Rep::builder().max_message(104).build().unwrap();
    let req = Req::new().unwrap();
    link(site, &rep, &req);
    let pending = req.send(vec![0; 100]).unwrap();
    rep.recv_timeout(SOON).unwrap().reply("fits").unwrap();
    assert_eq!(pending.recv().unwrap(), "fits");
    let _pending = req.send(vec![0; 101]).unwrap();
    counts(&rep, |stats| stats.violations.message_too_large == 1);
}

#[test]
fn every_option_is_checked_and_named() {
    fn refused<S: Socket>(builder: Builder<S>, name: &str) {
        match builder.build().unwrap_err() {
            Error::Option { option, reason, .. } => {
                assert_eq!(option, name);
                assert!(!reason.is_empty());
            }
            other => panic!("{name} gives {other:?}"),
        }
    }
    let (zero, some) = (Duration::ZERO, Duration::from_secs(1));
    refused(Push::builder().send_buffer(0), "send_buffer");
    refused(Push::builder().send_buffer_bytes(0), "send_buffer_bytes");
    refused(Pull::builder().recv_buffer(0), "recv_buffer");
    refused(Pull::builder().recv_buffer_bytes(0), "recv_buffer_bytes");
    refused(Pull::builder().max_connections(0), "max_connections");
    refused(Pull::builder().max_message(0), "max_message"); // no limit for NNG
    refused(Req::builder().deadline(zero), "deadline");
    refused(Pub::builder().reconnect(zero..=some), "reconnect");
    refused(Pub::builder().reconnect(2 * some..=some), "reconnect");
    refused(Sub::builder().handshake_timeout(zero), "handshake_timeout");
    refused(Req::builder().resend(zero), "resend");
    refused(Req::builder().max_open_requests(0), "max_open_requests");
    refused(Surveyor::builder().max_kept_answers(0), "max_kept_answers");
    for hops in [0, 16, 255] {
        refused(Rep::builder().max_hops(hops), "max_hops");
        refused(Respondent::builder().max_hops(hops), "max_hops");
        refused(Pair::builder().max_hops(hops), "max_hops");
        refused(hubless::raw::Rep::builder().max_hops(hops), "max_hops");
    }
    refused(Push::builder().send_buffer(0).recv_buffer(0), "send_buffer");
    for threads in [0, 65] {
        assert!(matches!(
            Context::builder().threads(threads).build(),
            Err(Error::Option { option: "threads", .. })
        ));
    }
    let scarce = Context::builder().max_memory(65_535).build();
    assert!(matches!(scarce, Err(Error::Option { option: "max_memory", .. })));
}

#[test]
fn an_error_says_what_happened() {
    let site = Site::new("tcp");
    let (pull, taken) = (Pull::new().unwrap(), Pull::new().unwrap());
    let at = taken.listen(site.address()).unwrap();
    let shown = |error: Error| error.to_string();
    assert!(shown(pull.listen(at.address()).unwrap_err()).contains(at.address()));
    assert!(shown(pull.recv_timeout(Duration::ZERO).unwrap_err()).contains("time"));
    assert!(shown(pull.wait_for_peers(2, Duration::ZERO).unwrap_err()).contains("waiting for 2 peers"));
    let refused = Push::new().unwrap().try_send("kept").unwrap_err();
    assert_eq!(refused.to_string(), refused.error.to_string());
    // Its words are the error's own, so a chain of causes does not say them twice.
    assert!(std::error::Error::source(&refused).is_none());
    assert!(matches!(Error::from(refused), Error::Full));
}

#[over(WIRES)]
fn a_peer_that_misbehaves_late_is_counted_and_the_listener_goes_on(site: &Site) {
    let publisher = Pub::new().unwrap();
    let at = publisher.listen(site.address()).unwrap();
    let wrong = Peer::greeted(at.address(), hubless_kit::peer::SUB);
    wrong.send(b"a subscriber has nothing to say");
    wrong.wait_for_end();
    counts(&publisher, |stats| stats.violations.unexpected_message == 1 && stats.pipes == 0);
    let sub = Sub::new().unwrap();
    sub.subscribe("").unwrap();
    sub.dial(at.address()).unwrap();
    publisher.peers(1);
    passes(&publisher, &sub, "news");
    assert_eq!(at.status().pipes, 1);
}
