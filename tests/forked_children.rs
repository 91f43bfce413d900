//! A forked child that lives on holds nothing of its parent's, and what it opens is its own. Each test forks in a process of its own.

use std::io::{Read, Write};

use hubless::{Error, Pull, Push};
use hubless_kit::child::{in_own_process, perform};
use hubless_kit::forking::{in_child, lasting_child, outcome, pipe, talk};
use hubless_kit::{ALL, Peers, SOON, Site, WIRES, eventually, link, over, passes};

#[over(ALL)]
fn a_child_that_lives_on_holds_no_connection_of_its_parent_open(site: &Site) {
    in_own_process(&["holds connections", site.transport]);
}

#[over(ALL)]
fn a_child_that_lives_on_keeps_no_address_of_its_parent(site: &Site) {
    in_own_process(&["holds addresses", site.transport]);
}

#[over(WIRES)]
fn a_daemon_listens_where_the_process_listened_that_it_was_forked_from(site: &Site) {
    in_own_process(&["daemon", site.transport]);
}

#[over(WIRES)]
fn the_death_of_a_server_is_noticed_though_a_worker_that_it_forked_lives_on(site: &Site) {
    in_own_process(&["worker", site.transport]);
}

#[over(ALL)]
fn what_a_child_opens_is_its_own_though_it_drops_the_handles_of_its_parent(site: &Site) {
    in_own_process(&["opens", site.transport]);
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| {
        let site = Site::new(words[1]);
        match words[0] {
            "holds connections" => holds_connections(&site),
            "holds addresses" => holds_addresses(&site),
            "daemon" => daemon(&site),
            "worker" => worker(&site),
            _ => opens(&site),
        }
    });
}

fn holds_connections(site: &Site) {
    let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    let (listener, dialer) = link(site, &pull, &push);
    let (release, child) = lasting_child();
    dialer.close();
    eventually(|| pull.stats().pipes == 0);
    push.dial(listener.address()).expect("an address");
    pull.peers(1);
    listener.close();
    eventually(|| push.stats().pipes == 0);
    drop(release);
    assert_eq!(outcome(child), Some(0));
}

fn holds_addresses(site: &Site) {
    let pull = Pull::new().expect("a socket");
    let listener = pull.listen(site.address()).expect("an address");
    let (release, child) = lasting_child();
    listener.close();
    pull.listen(listener.address()).expect("the address is free");
    pull.close(SOON).expect("an end");
    let heir = Pull::new().expect("a socket");
    heir.listen(listener.address()).expect("the address is free");
    let push = Push::new().expect("a socket");
    push.dial(listener.address()).expect("an address");
    passes(&push, &heir, "to the heir");
    drop(release);
    assert_eq!(outcome(child), Some(0));
}

/// A process that listens forks, as `daemon` does, and ends at once; what it forked listens at the same address.
fn daemon(site: &Site) {
    let (mut hears, mut says) = pipe();
    let (mut released, release) = pipe();
    let mut release = Some(release);
    let address = site.address();
    let first = in_child(|| {
        drop(release.take());
        let pull = Pull::new().expect("a socket");
        let at = pull.listen(&address).expect("an address");
        let address = at.address().to_owned();
        let (mut ended, end) = pipe();
        let mut end = Some(end);
        in_child(|| {
            // The first process has ended when nobody else has this.
            drop(end.take());
            let _ = ended.read(&mut [0]);
            let pull = Pull::new().expect("a socket");
            // The system takes a moment to close everything of a process that ends.
            let mut listening = pull.listen(&address);
            hubless_kit::holds_within(SOON, || {
                if matches!(listening, Err(Error::AddressInUse { .. })) {
                    listening = pull.listen(&address);
                }
                listening.is_ok()
            });
            let told = match &listening {
                Ok(_) => format!("{address}\n"),
                Err(error) => format!("error: {error}\n"),
            };
            says.write_all(told.as_bytes()).is_ok()
                && listening.is_ok()
                && pull.recv_timeout(SOON).is_ok_and(|message| message == "to the daemon")
                && released.read(&mut [0]).is_ok()
        });
        true
    });
    assert_eq!(outcome(first), Some(0));
    drop(says);
    let mut told = Vec::new();
    let mut byte = [0];
    while hears.read(&mut byte).expect("text") == 1 && byte != *b"\n" {
        told.push(byte[0]);
    }
    let told = String::from_utf8(told).expect("text");
    let push = Push::new().expect("a socket");
    push.dial(&told).unwrap_or_else(|_| panic!("the daemon says: {told}"));
    push.send("to the daemon").expect("room");
    eventually(|| push.stats().send_queue == 0);
    drop(release);
}

/// A server forks a worker and is killed; the worker lives on.
fn worker(site: &Site) {
    let (mut hears, mut says) = pipe();
    let (mut released, release) = pipe();
    let (mut told, mut tell_server) = pipe();
    let mut release = Some(release);
    let server = in_child(|| {
        drop(release.take());
        let pull = Pull::new().expect("a socket");
        let at = pull.listen(site.address()).expect("an address");
        says.write_all(format!("{}\n", at.address()).as_bytes()).expect("a listener");
        pull.wait_for_peers(1, SOON).expect("a peer");
        in_child(|| released.read(&mut [0]).is_ok());
        says.write_all(b"\n").expect("a listener");
        told.read_exact(&mut [0]).is_ok()
    });
    drop(says);
    let mut line = || {
        let (mut line, mut byte) = (Vec::new(), [0]);
        while hears.read(&mut byte).expect("text") == 1 && byte != *b"\n" {
            line.push(byte[0]);
        }
        String::from_utf8(line).expect("text")
    };
    let push = Push::new().expect("a socket");
    push.dial(line()).expect("an address");
    push.wait_for_peers(1, SOON).expect("a peer");
    line();
    tell_server.write_all(b"\n").expect("the server waits to end");
    assert_eq!(outcome(server), Some(0));
    eventually(|| push.stats().pipes == 0);
    drop(release);
}

fn opens(site: &Site) {
    let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    let (listener, dialer) = link(site, &pull, &push);
    let mut handles = Some((pull, push, listener, dialer));
    let child = in_child(|| {
        let mut files: Vec<std::fs::File> = (0..20).map(|_| tempfile::tempfile().expect("a file")).collect();
        drop(handles.take());
        files.iter_mut().all(|file| file.write_all(b"still open").is_ok()) && talk(site)
    });
    assert_eq!(outcome(child), Some(0));
    let (pull, push, ..) = handles.expect("the parent's own");
    passes(&push, &pull, "as before");
}
