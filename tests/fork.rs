//! A forked child does not touch the sockets of its parent, and is told. Each test forks in a process of its own: nothing but the one
//! thread then holds a lock.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use hubless::admission::Applicant;
use hubless::{Context, Device, DialerState, Endpoint, Error, Poller, Pull, Push, Rep, Req, Sub, raw};
use hubless_kit::child::{in_own_process, perform};
use hubless_kit::forking::{outcome, pipe, talk};
use hubless_kit::{ALL, LIMIT, SOON, Site, WIRES, eventually, link, linked, over, passes};

fn is_forked<T>(result: Result<T, impl Into<Error>>) -> bool {
    result.is_err_and(|error| matches!(error.into(), Error::Forked))
}

#[over(ALL)]
fn every_call_fails_in_the_child_and_the_parent_goes_on(site: &Site) {
    in_own_process(&["calls", site.transport]);
}

#[over(ALL)]
fn the_child_of_a_fork_drops_its_handles_and_the_parent_does_not_notice(site: &Site) {
    in_own_process(&["drops", site.transport]);
}

#[over(ALL)]
fn the_child_of_a_fork_may_have_sockets_of_its_own(site: &Site) {
    in_own_process(&["anew", site.transport]);
}

#[over(ALL, 2 * LIMIT)]
fn the_first_call_in_a_child_does_not_hang_whatever_the_threads_of_its_parent_did(site: &Site) {
    in_own_process(&["busy", site.transport]);
}

#[over(WIRES)]
fn the_children_of_one_parent_draw_different_numbers(site: &Site) {
    in_own_process(&["numbers", site.transport]);
}

#[over(ALL)]
fn a_child_that_is_forked_in_a_callback_and_returns_from_it_ends_and_the_parent_goes_on(site: &Site) {
    in_own_process(&["callback", site.transport]);
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| {
        let site = Site::new(words[1]);
        match words[0] {
            "calls" => calls(&site),
            "drops" => drops(&site),
            "busy" => busy(&site),
            "numbers" => numbers(&site),
            "callback" => callback(&site),
            _ => anew(&site),
        }
    });
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
    poller.add_recv(&pull, "parent's");
    let ends = (raw::Pull::new().expect("a socket"), raw::Push::new().expect("a socket"));
    let mut device = Some(Device::streamer(ends.0, ends.1));
    let child = hubless_kit::forking::in_child(|| {
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
            && poller.wait_timeout(SOON) == Some("parent's")
            && {
                let mut poller = Poller::new();
                poller.add_send(&push, "in the child");
                poller.wait_timeout(SOON) == Some("in the child")
            }
    });
    assert_eq!(outcome(child), Some(0));
    passes(&push, &pull, "as if nothing had happened");
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
    let child = hubless_kit::forking::in_child(|| {
        dialer.close();
        listener.close();
        drop(mine.take());
        true
    });
    assert_eq!(outcome(child), Some(0));
    let (pull, push, pending, request, rep, _req) = mine.expect("the parent's own");
    passes(&push, &pull, "still");
    assert_eq!(rep.stats().drops.unanswered, 0);
    request.reply("a").expect("an open socket");
    assert_eq!(pending.recv_timeout(SOON).expect("an answer"), "a");
    // A new peer is still taken, at the same place.
    let late = Push::new().expect("a socket");
    late.dial(listener.address()).expect("an address");
    passes(&late, &pull, "late");
    push.close(SOON).expect("an end");
    eventually(|| pull.stats().pipes == 1);
}

fn anew(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    let child = hubless_kit::forking::in_child(|| {
        let (pull, push) = linked::<Pull, Push>(site);
        push.send("in the child").expect("room");
        pull.recv_timeout(SOON).expect("a message") == "in the child" && push.close(SOON).is_ok()
    });
    assert_eq!(outcome(child), Some(0));
    passes(&push, &pull, "in the parent");
    pull.close(Duration::ZERO).expect("an end");
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
        let child = hubless_kit::forking::in_child(|| match Context::default_context() {
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

/// The first pause of a dialer, and the number of a pipe.
fn draw(site: &Site) -> String {
    let long = Duration::from_secs(3600);
    let push = Push::builder().reconnect(long..=long).build().expect("a socket");
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
    let (pull, _push) = linked::<Pull, Push>(site);
    format!("{:?} {}", pause.expect("a pause"), pull.pipes()[0].id)
}

fn numbers(site: &Site) {
    const CHILDREN: usize = 4;
    let mut drawn = vec![draw(site)];
    for _ in 0..CHILDREN {
        let (mut hears, mut says) = pipe();
        let child = hubless_kit::forking::in_child(|| says.write_all(draw(site).as_bytes()).is_ok());
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

/// A judge forks. Its child is a copy of the background thread, which must not go on as if it were that.
fn callback(site: &Site) {
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    let judge = move |applicant: Applicant| {
        if let Some(child) = hubless_kit::forking::parent() {
            let _ = tell.try_send(child);
        }
        applicant.accept()
    };
    let pull = Pull::new().expect("a socket");
    let at = pull.listen(Endpoint::new(site.address()).admit(judge)).expect("an address");
    let push = Push::new().expect("a socket");
    push.dial(at.address()).expect("an address");
    passes(&push, &pull, "and the parent goes on");
    let child = told.recv_timeout(SOON).expect("a child");
    // It ended, and by itself.
    let mut status = None;
    eventually(|| {
        status = rustix::process::waitpid(Some(child), rustix::process::WaitOptions::NOHANG)
            .expect("a child of ours");
        status.is_some()
    });
}
