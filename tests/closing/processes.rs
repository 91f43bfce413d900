//! Processes that end: what they have sent, and their addresses.

use std::thread;
use std::time::Duration;

use hubless::{Context, Pull, Push, Surveyor};
use hubless_kit::child::{Child, hear, in_own_process, tell};
use hubless_kit::peer::{Host, PULL};
use hubless_kit::{ALL, SOON, Site, WHILE, WIRES, body, link, over};

#[over(ALL)]
fn an_address_is_free_when_its_listener_or_socket_is_closed(site: &Site) {
    // In a process of its own: others here start processes, which have a copy of every descriptor for a moment.
    in_own_process(&["addresses", site.transport]);
}

pub(crate) fn addresses_are_free(site: &Site) {
    let pull = Pull::new().expect("no error");
    let listener = pull.listen(site.address()).expect("no error");
    listener.close();
    let address = listener.address();
    for _ in 0..20 {
        pull.listen(address).expect("no error").close();
    }
    let next = Pull::new().expect("no error");
    next.listen(address).expect("no error");
    next.close(SOON).expect("no error");
    pull.listen(address).expect("no error");
    if let Some(path) = address.strip_prefix("ipc://") {
        assert!(std::fs::exists(path).expect("no error"));
        pull.close(SOON).expect("no error");
        assert!(!std::fs::exists(path).expect("no error"));
    }
}

/// Messages that a child sends before it ends.
const FROM_CHILD: usize = 2000;

pub(crate) fn send_and_exit(count: usize, address: &str, how: &str) {
    let context = Context::new().expect("a context");
    let push = Push::builder().context(&context).send_buffer(count).build().expect("a socket");
    push.dial(address).expect("an address");
    for number in 0..count {
        push.send(body(number, 1000)).expect("room");
    }
    let report = match how {
        "close" => push.close(SOON).expect("an end"),
        "context" => context.close(SOON),
        _ => hubless::close_all(SOON),
    };
    assert_eq!(report.dropped, 0);
    std::process::exit(0);
}

fn everything_arrives(site: &Site, count: usize, how: &str) {
    let pull = Pull::new().expect("a socket");
    let at = pull.listen(site.address()).expect("an address");
    let child = Child::start(&["send", &count.to_string(), at.address(), how]);
    if count < 10 {
        // It has ended before anything is received.
        assert!(child.wait().success());
        receive_all(&pull, count);
    } else {
        receive_all(&pull, count);
        assert!(child.wait().success());
    }
}

fn receive_all(pull: &Pull, count: usize) {
    for number in 0..count {
        assert!(pull.recv_timeout(SOON).expect("a message") == body(number, 1000), "message {number}");
    }
}

#[over(WIRES)]
fn a_process_that_sends_and_closes_and_exits_loses_nothing(site: &Site) {
    for how in ["close", "context", "all"] {
        everything_arrives(site, 3, how);
        everything_arrives(site, FROM_CHILD, how);
    }
}

/// Brings the process into a state, and ends it.
pub(crate) fn exit_in(state: &str, how: &str) {
    let site = Site::new("tcp");
    let address = site.address();
    let (push, pull) =
        (Push::builder().send_buffer(2).build().expect("a socket"), Pull::new().expect("a socket"));
    let silent = Host::new(&site);
    match state {
        "idle" => {
            link(&site, &pull, &push);
        }
        "receiving" => {
            link(&site, &pull, &push);
            thread::spawn(move || pull.recv());
        }
        "sending" => {
            push.dial(silent.address()).expect("an address");
            let deaf = silent.greeted(PULL);
            let flooding = push.clone();
            thread::spawn(move || while flooding.send(vec![0; 1 << 20]).is_ok() {});
            hubless_kit::stays(|| true);
            std::mem::forget(deaf);
        }
        "dialing" => {
            push.dial(site.quiet_address()).expect("an address");
            push.dial("tcp://nowhere.hubless.invalid:5555").expect("an address");
        }
        "handshaking" => {
            push.dial(silent.address()).expect("an address");
            std::mem::forget(silent.accept());
        }
        "lingering" => {
            let push = Push::builder().linger(Duration::from_secs(3600)).build().expect("a socket");
            push.dial(silent.address()).expect("an address");
            std::mem::forget(silent.greeted(PULL));
            for _ in 0..7 {
                push.send(vec![0; 1 << 20]).expect("room");
            }
        }
        "closing" => {
            push.dial(silent.address()).expect("an address");
            std::mem::forget(silent.greeted(PULL));
            while push.try_send(vec![0; 1 << 20]).is_ok() {}
            thread::spawn(move || push.close(Duration::from_secs(3600)));
        }
        "surveying" => {
            let surveyor = Surveyor::new().expect("a socket");
            surveyor.listen(&address).expect("an address");
            let mut survey = surveyor.survey("?", Duration::from_secs(3600)).expect("a survey");
            thread::spawn(move || survey.recv());
        }
        _ => panic!("{state}"),
    }
    tell("ready");
    hear();
    match how {
        "exit" => std::process::exit(0),
        "all" => {
            hubless::close_all(WHILE);
        }
        _ => {}
    }
}

#[test]
fn a_process_ends_in_whatever_state_its_sockets_are() {
    hubless_kit::within(hubless_kit::LIMIT, || {
        let states =
            ["idle", "receiving", "sending", "dialing", "handshaking", "lingering", "closing", "surveying"];
        for how in ["exit", "return", "all"] {
            let children = states.map(|state| (state, Child::start(&["exit", state, how])));
            for (state, mut child) in children {
                assert_eq!(child.hear(), "ready", "{state}");
                child.say("end");
                assert!(child.wait().success(), "{state}, {how}");
            }
        }
    });
}
