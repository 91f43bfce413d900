//! Host names with several addresses, and hosts that lack what others have: each in a network of its own, with names of its own.
//! Where that is not to be had, as without root, the tests say so and fail nothing.
#![cfg(target_os = "linux")]

use std::net::{TcpListener, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

use hubless::{DialerState, Error, EventKind, Pull, Push};
use hubless_kit::child::{Child, perform};
use hubless_kit::{LIMIT, SOON, eventually, eventually_sees, within};

/// Makes the loopback and the names of a host, with or without IPv6, and becomes the program behind.
const HOST: &str = r#"
set -e
ip link set lo up
if [ "$1" = without ]; then for of in all lo default; do echo 1 > /proc/sys/net/ipv6/conf/$of/disable_ipv6; done; fi
mount -t tmpfs none /mnt
printf '127.0.0.1 localhost\n::1 localhost\n127.0.0.7 twofaced\n127.0.0.9 twofaced\n' > /mnt/hosts
printf 'nameserver 127.0.0.53\noptions timeout:30 attempts:5\n' > /mnt/resolv.conf
printf 'hosts: files dns\n' > /mnt/nsswitch.conf
mount --bind /mnt/hosts /etc/hosts
mount --bind /mnt/resolv.conf /etc/resolv.conf
mount --bind /mnt/nsswitch.conf /etc/nsswitch.conf
shift
exec "$@"
"#;

fn host(ipv6: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "sh", "-c", HOST, "sh", ipv6]);
    command
}

/// Runs a task on such a host.
fn on_a_host(ipv6: &'static str, task: &'static str) {
    within(2 * LIMIT, move || {
        let made = host(ipv6).arg("true").stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        if !made {
            return eprintln!("NOT RUN: this needs root, `unshare`, `ip` and `mount`");
        }
        assert_eq!(Child::start_within(host(ipv6), &[task]).hear(), "done");
    });
}

fn eager() -> Push {
    let pause = Duration::from_millis(5);
    Push::builder().reconnect(pause..=pause).build().expect("a socket")
}

#[track_caller]
fn talks(pull: &Pull, address: &str) {
    let push = eager();
    push.dial(address).expect("an address");
    push.send_timeout("found", SOON).expect("a peer");
    assert_eq!(pull.recv_timeout(SOON).expect("a message"), "found");
}

fn port_of(address: &str) -> u16 {
    address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a port")
}

fn dial_what_listens_everywhere() {
    let pull = Pull::new().expect("a socket");
    let at = pull.listen("tcp://*:0").expect("a port");
    talks(&pull, at.address());
    talks(&pull, &format!("tcp://127.0.0.1:{}", port_of(at.address())));
}

fn listen_at_a_name() {
    let pull = Pull::new().expect("a socket");
    let at = pull.listen("tcp://localhost:0").expect("a port");
    let port = port_of(at.address());
    assert_eq!(at.address(), format!("tcp://localhost:{port}"));
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        talks(&pull, &format!("tcp://{host}:{port}"));
    }
    // Closed, it is free at each.
    at.close();
    for address in ["127.0.0.1", "::1"] {
        eventually(|| TcpListener::bind((address, port)).is_ok());
    }
}

fn listen_at_a_name_with_one_address_here() {
    let pull = Pull::new().expect("a socket");
    let at = pull.listen("tcp://localhost:0").expect("a port");
    assert_eq!(at.address(), format!("tcp://127.0.0.1:{}", port_of(at.address())));
    talks(&pull, at.address());
}

fn listen_where_another_does() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let other = TcpListener::bind(address).expect("a port");
        let taken = other.local_addr().expect("an address");
        let pull = Pull::new().expect("a socket");
        let refused = pull.listen(format!("tcp://localhost:{}", taken.port())).map(drop);
        let told =
            matches!(&refused, Err(Error::AddressInUse { address }) if *address == format!("tcp://{taken}"));
        assert!(told, "{refused:?}");
    }
}

/// The first address of the name takes connections and says nothing.
fn remember_the_mute() {
    let mute = TcpListener::bind("127.0.0.7:0").expect("a port");
    let port = mute.local_addr().expect("an address").port();
    let place = format!("tcp://127.0.0.9:{port}");
    let pull = Pull::new().expect("a socket");
    let mut at = pull.listen(place.as_str()).expect("a port");
    let pause = Duration::from_millis(5);
    let patience = Duration::from_millis(500);
    let push =
        Push::builder().reconnect(pause..=pause).handshake_timeout(patience).build().expect("a socket");
    let monitor = push.monitor();
    push.dial(format!("tcp://twofaced:{port}")).expect("an address");
    push.wait_for_peers(1, SOON).expect("the other address");
    for _ in 0..3 {
        at.close();
        eventually(|| push.stats().pipes == 0);
        at = hubless_kit::listen_again(&pull, &place);
        push.wait_for_peers(1, SOON).expect("the other address");
    }
    let mut first_tries = Vec::new();
    let mut begins = true;
    while let Ok(event) = monitor.try_recv() {
        match event.kind {
            EventKind::Connecting { address: Some(address), .. } if std::mem::take(&mut begins) => {
                first_tries.push(address.ip().to_string());
            }
            EventKind::Retrying { .. } => begins = true,
            _ => {}
        }
    }
    assert_eq!(first_tries[0], "127.0.0.7", "as the name has it");
    assert!(first_tries.len() >= 4, "{first_tries:?}");
    assert!(first_tries[1..].iter().all(|address| address == "127.0.0.9"), "{first_tries:?}");
}

/// A name server that does not answer holds up the names that it is asked for, and no others.
fn look_up_beside_a_mute_name_server() {
    let _mute = UdpSocket::bind("127.0.0.53:53").expect("a port");
    let hanging = eager();
    let dialers: Vec<_> = (0..50)
        .map(|number| hanging.dial(format!("tcp://host{number}.example:5555")).expect("a name"))
        .collect();
    let pull = Pull::new().expect("a socket");
    let at = pull.listen("tcp://127.0.0.1:0").expect("a port");
    talks(&pull, &format!("tcp://localhost:{}", port_of(at.address())));
    // Numbers are not looked up at all.
    talks(&pull, at.address());
    for dialer in &dialers {
        let status = eventually_sees(|| dialer.status(), |status| status.state == DialerState::Connecting);
        assert_eq!(status.failed, 0, "they still hang: {status:?}");
    }
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| match words[0] {
        "everywhere" => dial_what_listens_everywhere(),
        "name" => listen_at_a_name(),
        "one" => listen_at_a_name_with_one_address_here(),
        "taken" => listen_where_another_does(),
        "mute" => remember_the_mute(),
        _ => look_up_beside_a_mute_name_server(),
    });
}

#[test]
fn a_listener_at_every_interface_can_be_dialed_where_ipv6_is_switched_off() {
    on_a_host("without", "everywhere");
}

#[test]
fn a_listener_at_every_interface_can_be_dialed_where_ipv6_is_on() {
    on_a_host("with", "everywhere");
}

#[test]
fn a_name_is_listened_on_at_each_of_its_addresses() {
    on_a_host("with", "name");
}

#[test]
fn a_name_is_listened_on_at_the_addresses_that_this_machine_has() {
    on_a_host("without", "one");
}

#[test]
fn a_name_of_which_another_has_an_address_is_refused_and_that_is_told() {
    on_a_host("with", "taken");
}

#[test]
fn an_address_that_says_nothing_is_tried_last_the_next_time() {
    on_a_host("with", "mute");
}

#[test]
fn localhost_does_not_wait_for_a_name_server_that_does_not_answer() {
    on_a_host("with", "hanging");
}
