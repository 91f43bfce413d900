//! A forked child does not touch the sockets of its parent, and is told. Each test forks in a process of its own: nothing but the one
//! thread then holds a lock.

mod common;

use std::io::{PipeReader, PipeWriter, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use common::child::{in_own_process, task, tell};
use common::{ALL, LIMIT, SOON, Site, Socket, WIRES, eventually, link, over_within};
use hubless::{
    Applicant, Context, Device, DialerState, Endpoint, Error, Poller, Pull, Push, Rep, Req, Sub, raw,
};

/// The one thing here that the standard library does not offer.
mod forking {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// Forks, has the child run `body` and end without a word; 0 if it gave true.
    #[allow(unsafe_code, reason = "no safe crate forks; see the SAFETY comments")]
    pub(crate) fn in_child(body: impl FnOnce() -> bool) -> rustix::process::Pid {
        // SAFETY: the process has other threads, so the child may do little. It calls `body`, which takes no lock that
        // another thread may hold, allocates, which glibc allows after a fork, and ends by `_exit`, so that nothing of the
        // parent's is unwound, flushed or destroyed in it.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            let code = match catch_unwind(AssertUnwindSafe(body)) {
                Ok(true) => 0,
                Ok(false) => 1,
                Err(_) => 2,
            };
            // SAFETY: `_exit` may be called at any time, and runs nothing.
            unsafe { libc::_exit(code) }
        }
        rustix::process::Pid::from_raw(pid).expect("a fork")
    }

    /// Forks; the child gets nothing and goes on.
    #[allow(unsafe_code, reason = "no safe crate forks; see the SAFETY comment")]
    pub(crate) fn parent() -> Option<rustix::process::Pid> {
        // SAFETY: the child does nothing more of its own: it returns from where it was called, into what is to end it.
        rustix::process::Pid::from_raw(unsafe { libc::fork() })
    }
}

/// The child's exit status.
fn outcome(child: rustix::process::Pid) -> Option<i32> {
    use rustix::process::{Signal, WaitOptions, kill_process, waitpid};
    let mut status = None;
    let ended = common::holds_within(SOON, &mut || {
        status = waitpid(Some(child), WaitOptions::NOHANG).expect("a child of ours");
        status.is_some()
    });
    if !ended {
        kill_process(child, Signal::KILL).expect("a child of ours");
        waitpid(Some(child), WaitOptions::empty()).expect("a child of ours");
    }
    status?.1.exit_status()
}

fn is_forked<T>(result: Result<T, impl Into<Error>>) -> bool {
    result.is_err_and(|error| matches!(error.into(), Error::Forked))
}

#[test]
fn every_call_fails_in_the_child_and_the_parent_goes_on() {
    over_within(LIMIT, ALL, |site| in_own_process(site, "calls"));
}

#[test]
fn the_child_of_a_fork_drops_its_handles_and_the_parent_does_not_notice() {
    over_within(LIMIT, ALL, |site| in_own_process(site, "drops"));
}

#[test]
fn the_child_of_a_fork_may_have_sockets_of_its_own() {
    over_within(LIMIT, ALL, |site| in_own_process(site, "anew"));
}

#[test]
fn a_child_that_lives_on_holds_no_connection_of_its_parent_open() {
    over_within(LIMIT, ALL, |site| in_own_process(site, "holds connections"));
}

#[test]
fn a_child_that_lives_on_keeps_no_address_of_its_parent() {
    over_within(LIMIT, ALL, |site| in_own_process(site, "holds addresses"));
}

#[test]
fn the_first_call_in_a_child_does_not_hang_whatever_the_threads_of_its_parent_did() {
    over_within(2 * LIMIT, ALL, |site| in_own_process(site, "busy"));
}

#[test]
fn the_children_of_one_parent_draw_different_numbers() {
    over_within(LIMIT, WIRES, |site| in_own_process(site, "numbers"));
}

#[test]
fn a_daemon_listens_where_the_process_listened_that_it_was_forked_from() {
    over_within(LIMIT, WIRES, |site| in_own_process(site, "daemon"));
}

#[test]
fn the_death_of_a_server_is_noticed_though_a_worker_that_it_forked_lives_on() {
    over_within(LIMIT, WIRES, |site| in_own_process(site, "worker"));
}

#[test]
fn what_a_child_opens_is_its_own_though_it_drops_the_handles_of_its_parent() {
    over_within(LIMIT, ALL, |site| in_own_process(site, "opens"));
}

#[test]
fn a_child_that_is_forked_in_a_callback_and_returns_from_it_ends_and_the_parent_goes_on() {
    over_within(LIMIT, ALL, |site| in_own_process(site, "callback"));
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    let Some(words) = task() else { return };
    let transport = ALL.into_iter().find(|known| *known == words[1]).expect("a transport");
    let site = Site::new(transport);
    match words[0].as_str() {
        "calls" => calls(&site),
        "drops" => drops(&site),
        "holds connections" => holds_connections(&site),
        "holds addresses" => holds_addresses(&site),
        "busy" => busy(&site),
        "numbers" => numbers(&site),
        "daemon" => daemon(&site),
        "worker" => worker(&site),
        "opens" => opens(&site),
        "callback" => callback(&site),
        _ => anew(&site),
    }
    tell("done");
}

fn calls(site: &Site) {
    let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    let (rep, req, sub) =
        (Rep::new().expect("a socket"), Req::new().expect("a socket"), Sub::new().expect("a socket"));
    link(site, &pull, &push);
    link(site, &rep, &req);
    let pending = req.send("q").expect("room");
    let request = rep.recv().expect("a request");
    let address = site.address();
    let mut request = Some(request);
    let monitor = pull.monitor();
    let mut poller = Poller::new();
    poller.recv(&pull, "parent's");
    let ends = (raw::Pull::new().expect("a socket"), raw::Push::new().expect("a socket"));
    let mut device = Some(Device::streamer(ends.0, ends.1));
    let child = forking::in_child(|| {
        is_forked(push.send("m"))
            && is_forked(push.try_send("m"))
            && is_forked(push.send_timeout("m", SOON))
            && push.send_many(["m"]).is_err_and(|failed| matches!(failed.error, Error::Forked))
            && is_forked(pull.recv())
            && is_forked(pull.try_recv())
            && is_forked(pull.recv_timeout(SOON))
            && is_forked(pull.recv_many(3))
            && is_forked(req.send("m"))
            && is_forked(pending.recv())
            && is_forked(rep.recv())
            && is_forked(request.take().expect("the request").reply("from the child"))
            && is_forked(sub.subscribe("x"))
            && is_forked(sub.unsubscribe("x"))
            && is_forked(pull.listen(&address))
            && is_forked(push.dial(&address))
            && is_forked(pull.wait_for_peers(1, SOON))
            && is_forked(push.close(SOON))
            && is_forked(monitor.recv())
            && is_forked(monitor.try_recv())
            && is_forked(pull.monitor().recv_timeout(SOON))
            && pull.pipes().is_empty()
            && is_forked(device.take().expect("the device").run())
            && poller.wait(Some(SOON)) == Some("parent's")
            && {
                let mut poller = Poller::new();
                poller.send(&push, "in the child");
                poller.wait(Some(SOON)) == Some("in the child")
            }
    });
    assert_eq!(outcome(child), Some(0));
    push.send("as if nothing had happened").expect("room");
    assert_eq!(pull.recv_timeout(SOON).expect("a message"), "as if nothing had happened");
    request.take().expect("the request").reply("from the parent").expect("an open socket");
    assert_eq!(pending.recv_timeout(SOON).expect("an answer"), "from the parent");
    assert_eq!((push.stats().connected, rep.stats().disconnected), (1, 0));
}

fn drops(site: &Site) {
    let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    let (rep, req) = (Rep::new().expect("a socket"), Req::new().expect("a socket"));
    let (listener, dialer) = link(site, &pull, &push);
    link(site, &rep, &req);
    let mut mine = Some((pull, push, req.send("q").expect("room"), rep.recv().expect("a request"), rep, req));
    let child = forking::in_child(|| {
        dialer.close();
        listener.close();
        drop(mine.take());
        true
    });
    assert_eq!(outcome(child), Some(0));
    let (pull, push, pending, request, rep, _req) = mine.expect("the parent's own");
    push.send("still").expect("room");
    assert_eq!(pull.recv_timeout(SOON).expect("a message"), "still");
    assert_eq!(rep.stats().drops.unanswered, 0);
    request.reply("a").expect("an open socket");
    assert_eq!(pending.recv_timeout(SOON).expect("an answer"), "a");
    // A new peer is still taken, at the same place.
    let late = Push::new().expect("a socket");
    late.dial(listener.address()).expect("an address");
    late.send("late").expect("room");
    assert_eq!(pull.recv_timeout(SOON).expect("a message"), "late");
    push.close(SOON).expect("an end");
    eventually(|| pull.stats().pipes == 1);
}

/// A child that has copies of all descriptors and lives until what is returned is dropped.
fn lasting_child() -> (PipeWriter, rustix::process::Pid) {
    let (mut released, release) = std::io::pipe().expect("a pipe");
    let mut release = Some(release);
    let child = forking::in_child(|| {
        drop(release.take());
        released.read(&mut [0]).is_ok()
    });
    (release.expect("the parent's own"), child)
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
    push.send("to the heir").expect("room");
    assert_eq!(heir.recv_timeout(SOON).expect("a message"), "to the heir");
    drop(release);
    assert_eq!(outcome(child), Some(0));
}

fn anew(site: &Site) {
    let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    link(site, &pull, &push);
    let child = forking::in_child(|| {
        let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
        link(site, &pull, &push);
        push.send("in the child").expect("room");
        pull.recv_timeout(SOON).expect("a message") == "in the child" && push.close(SOON).is_ok()
    });
    assert_eq!(outcome(child), Some(0));
    push.send("in the parent").expect("room");
    assert_eq!(pull.recv_timeout(SOON).expect("a message"), "in the parent");
    pull.close(Duration::ZERO).expect("an end");
}

/// Two sockets of the child's own talk.
fn talk(site: &Site) -> bool {
    let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    link(site, &pull, &push);
    push.send("in the child").expect("room");
    pull.recv_timeout(SOON).expect("a message") == "in the child"
}

/// Threads of the parent are in the middle of everything that the whole process has but once.
fn busy(site: &Site) {
    const CHILDREN: usize = 25;
    let _kept = Push::new().expect("a socket");
    let over = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0..3)
        .map(|number| {
            let over = Arc::clone(&over);
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    match number {
                        0 => drop(Context::default_context()),
                        1 => drop(Context::new()),
                        _ => drop(Push::new()),
                    }
                }
            })
        })
        .collect();
    for _ in 0..CHILDREN {
        // While a thread begins or ends, the standard library holds a lock, and a child that is forked then can start none.
        let child = forking::in_child(|| match Context::default_context() {
            Err(Error::System { cause, .. }) => cause.to_string().contains("forked while another thread"),
            context => context.is_ok() && talk(site),
        });
        assert_eq!(outcome(child), Some(0));
    }
    over.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().expect("no panic");
    }
}

/// A pipe between a child and its parent.
fn pipe() -> (PipeReader, PipeWriter) {
    std::io::pipe().expect("a pipe")
}

/// The first pause of a dialer, and the number of a pipe.
fn draw(site: &Site) -> String {
    let long = Duration::from_secs(3600);
    let push = Push::builder().reconnect(long, long).build().expect("a socket");
    // Nobody listens there, and no other test ever does.
    let nowhere = if site.transport == "tcp" { "tcp://127.0.0.1:1".into() } else { site.address() };
    let dialer = push.dial(nowhere).expect("an address");
    let mut pause = None;
    eventually(|| {
        if let DialerState::Waiting(time) = dialer.status().state {
            pause = Some(time);
        }
        pause.is_some()
    });
    let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    link(site, &pull, &push);
    format!("{:?} {}", pause.expect("a pause"), pull.pipes()[0].id)
}

fn numbers(site: &Site) {
    const CHILDREN: usize = 4;
    let mut drawn = vec![draw(site)];
    for _ in 0..CHILDREN {
        let (mut hears, mut says) = pipe();
        let child = forking::in_child(|| says.write_all(draw(site).as_bytes()).is_ok());
        drop(says);
        let mut text = String::new();
        hears.read_to_string(&mut text).expect("text");
        assert_eq!(outcome(child), Some(0));
        drawn.push(text);
    }
    let pauses: std::collections::BTreeSet<_> = drawn.iter().map(|text| text.split(' ').next()).collect();
    let pipes: std::collections::BTreeSet<_> = drawn.iter().map(|text| text.split(' ').next_back()).collect();
    assert_eq!((pauses.len(), pipes.len()), (drawn.len(), drawn.len()), "{drawn:?}");
}

/// A process that listens forks, as `daemon` does, and ends at once; what it forked listens at the same address.
fn daemon(site: &Site) {
    let (mut hears, mut says) = pipe();
    let (mut released, release) = pipe();
    let mut release = Some(release);
    let address = site.address();
    let first = forking::in_child(|| {
        drop(release.take());
        let pull = Pull::new().expect("a socket");
        let at = pull.listen(&address).expect("an address");
        let address = at.address().to_owned();
        let (mut ended, end) = pipe();
        let mut end = Some(end);
        forking::in_child(|| {
            // The first process has ended when nobody else has this.
            drop(end.take());
            let _ = ended.read(&mut [0]);
            let pull = Pull::new().expect("a socket");
            // The system takes a moment to close everything of a process that ends.
            let mut listening = pull.listen(&address);
            common::holds_within(SOON, &mut || {
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
    let mut octet = [0];
    while hears.read(&mut octet).expect("text") == 1 && octet != *b"\n" {
        told.push(octet[0]);
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
    let mut release = Some(release);
    let server = forking::in_child(|| {
        drop(release.take());
        let pull = Pull::new().expect("a socket");
        let at = pull.listen(site.address()).expect("an address");
        says.write_all(format!("{}\n", at.address()).as_bytes()).expect("a listener");
        pull.wait_for_peers(1, SOON).expect("a peer");
        forking::in_child(|| released.read(&mut [0]).is_ok());
        says.write_all(b"\n").expect("a listener");
        true
    });
    drop(says);
    let mut line = || {
        let (mut line, mut octet) = (Vec::new(), [0]);
        while hears.read(&mut octet).expect("text") == 1 && octet != *b"\n" {
            line.push(octet[0]);
        }
        String::from_utf8(line).expect("text")
    };
    let push = Push::new().expect("a socket");
    push.dial(line()).expect("an address");
    push.wait_for_peers(1, SOON).expect("a peer");
    line();
    assert_eq!(outcome(server), Some(0));
    eventually(|| push.stats().pipes == 0);
    drop(release);
}

fn opens(site: &Site) {
    let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    let (listener, dialer) = link(site, &pull, &push);
    let mut handles = Some((pull, push, listener, dialer));
    let child = forking::in_child(|| {
        let mut files: Vec<std::fs::File> = (0..20).map(|_| tempfile::tempfile().expect("a file")).collect();
        drop(handles.take());
        files.iter_mut().all(|file| file.write_all(b"still open").is_ok()) && talk(site)
    });
    assert_eq!(outcome(child), Some(0));
    let (pull, push, ..) = handles.expect("the parent's own");
    push.send("as before").expect("room");
    assert_eq!(pull.recv_timeout(SOON).expect("a message"), "as before");
}

/// A judge forks. Its child is a copy of the background thread, which must not go on as if it were that.
fn callback(site: &Site) {
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    let judge = move |applicant: Applicant| {
        if let Some(child) = forking::parent() {
            let _ = tell.try_send(child);
        }
        applicant.accept()
    };
    let pull = Pull::new().expect("a socket");
    let at = pull.listen(Endpoint::new(site.address()).admit(judge)).expect("an address");
    let push = Push::new().expect("a socket");
    push.dial(at.address()).expect("an address");
    push.send("and the parent goes on").expect("room");
    assert_eq!(pull.recv_timeout(SOON).expect("a message"), "and the parent goes on");
    let child = told.recv_timeout(SOON).expect("a child");
    // It ended, and by itself.
    let mut status = None;
    eventually(|| {
        status = rustix::process::waitpid(Some(child), rustix::process::WaitOptions::NOHANG)
            .expect("a child of ours");
        status.is_some()
    });
}
