//! A forked child does not touch the sockets of its parent, and is told.

mod common;

use std::time::Duration;

use common::child::{Child, task, tell};
use common::{ALL, LIMIT, SOON, Site, Socket, eventually, link, over_within};
use hubless::{Device, Error, Poller, Pull, Push, Rep, Req, Sub, raw};

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

/// Each test forks in a process of its own: nothing but the one thread then holds a lock.
const CHILD: &str = "this_is_the_child_process_of_the_tests_here";

fn in_own_process(site: &Site, what: &str) {
    let mut process = Child::start(CHILD, &[what, site.transport]);
    assert_eq!(process.hear(), "done");
    assert!(process.wait().success());
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
fn this_is_the_child_process_of_the_tests_here() {
    let Some(words) = task() else { return };
    let transport = ALL.into_iter().find(|known| *known == words[1]).expect("a transport");
    let site = Site::new(transport);
    match words[0].as_str() {
        "calls" => calls(&site),
        "drops" => drops(&site),
        "holds connections" => holds_connections(&site),
        "holds addresses" => holds_addresses(&site),
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
fn lasting_child() -> (std::io::PipeWriter, rustix::process::Pid) {
    let (mut released, release) = std::io::pipe().expect("a pipe");
    let mut release = Some(release);
    let child = forking::in_child(|| {
        drop(release.take());
        std::io::Read::read(&mut released, &mut [0]).is_ok()
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
