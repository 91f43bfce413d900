//! A bug of a transport that shows at one connection ends that connection, whichever thread came upon it.

use std::ops::RangeInclusive;
use std::thread;
use std::time::Duration;

use hubless::monitor::Removal;
use hubless::{Context, Endpoint, EventKind, Monitor, Pending, Pull, Push, Rep, Req};
use hubless_kit::traps::{Mark, Step, trapped};
use hubless_kit::{ALL, Peers, SOON, Site, Socket, counts, over, passes};

/// Of so many one is in a trap.
const PIPES: usize = 100;
/// As many messages as give each pipe some.
const MESSAGES: usize = 3 * PIPES;
/// Who lost its connection is back soon.
const EAGER: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_millis(5);

/// Dials so often, and is connected as often.
#[track_caller]
fn connect(address: &str, listening: &impl Socket, dial: impl Fn(Endpoint)) {
    for _ in 0..PIPES {
        dial(Endpoint::new(address));
    }
    listening.peers(PIPES);
}

/// The first end of a pipe that is told is that of a panic.
#[track_caller]
fn tells_of_the_panic(monitor: &Monitor) {
    loop {
        let event = monitor.recv_timeout(SOON).expect("the end of the pipe");
        if let EventKind::Removed { removal, .. } = event.kind {
            return assert_eq!(removal, Removal::Panicked);
        }
    }
}

#[over(ALL)]
fn a_pipe_whose_transport_panics_ends_alone(site: &Site) {
    let (context, traps, address) = trapped(site);
    let rep = Rep::builder().context(&context).build().unwrap();
    let req = Req::builder().context(&context).build().unwrap();
    let monitor = rep.monitor();
    let at = rep.listen(address.as_str()).unwrap();
    traps.mark(Mark::Accepted);
    connect(at.address(), &rep, |to| drop(req.dial(to.reconnect(EAGER)).unwrap()));
    req.peers(PIPES);
    traps.set(Step::Read, 1);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..MESSAGES {
                rep.recv_timeout(SOON).unwrap().reply("a").unwrap();
            }
        });
        for _ in 0..MESSAGES {
            // One of them comes into the trap, and is asked again over the next connection.
            assert_eq!(req.send("q").unwrap().recv_timeout(SOON).unwrap(), "a");
        }
    });
    assert_eq!(traps.sprung(), 1);
    tells_of_the_panic(&monitor);
    rep.peers(PIPES);
    counts(&rep, |stats| stats.disconnected == 1);
}

#[over(ALL)]
fn a_socket_can_be_used_after_a_panic_in_the_thread_that_drove_it(site: &Site) {
    let (context, traps, address) = trapped(site);
    let rep = Rep::builder().context(&context).build().unwrap();
    let [caught, honest] = [(); 2].map(|()| Req::builder().context(&context).build().unwrap());
    let at = rep.listen(address.as_str()).unwrap();
    traps.mark(Mark::Accepted);
    caught.dial(at.address()).unwrap();
    rep.peers(1);
    traps.set(Step::Read, 1);
    let answering = thread::spawn(move || {
        for _ in 0..2 {
            rep.recv_timeout(SOON).unwrap().reply("a").unwrap();
        }
        rep.close(SOON).unwrap();
    });
    // It is asked again over the next connection.
    let first = caught.send("q").unwrap();
    honest.dial(Endpoint::new(at.address()).reconnect(EAGER)).unwrap();
    assert_eq!(honest.request("q").unwrap(), "a");
    assert_eq!(first.recv_timeout(SOON).unwrap(), "a");
    answering.join().unwrap();
}

#[over(ALL)]
fn a_panic_while_a_call_sends_is_none_of_the_caller_and_of_no_other_pipe(site: &Site) {
    let (context, traps, address) = trapped(site);
    let push = Push::builder().context(&context).build().unwrap();
    let pull = Pull::builder().context(&context).build().unwrap();
    let monitor = push.monitor();
    let at = push.listen(address.as_str()).unwrap();
    traps.mark(Mark::Accepted);
    connect(at.address(), &push, |to| drop(pull.dial(to.reconnect(EAGER)).unwrap()));
    pull.peers(PIPES);
    traps.set(Step::Write, 1);
    for number in 0..MESSAGES {
        let message = number.to_string();
        push.send(message.as_str()).unwrap();
        // The one that came into the trap had not left, and goes to another peer.
        assert_eq!(pull.recv_timeout(SOON).unwrap(), message.as_str());
    }
    assert_eq!(traps.sprung(), 1);
    tells_of_the_panic(&monitor);
    let used = push.pipes().iter().filter(|pipe| pipe.traffic.sent > 0).count();
    assert!(used >= PIPES - 1, "{used} pipes were sent to");
    push.peers(PIPES);
    let stats = counts(&push, |stats| stats.disconnected == 1);
    assert_eq!((stats.drops.total(), stats.send_queue), (0, 0));
}

/// A request whose only peer has it and is gone, so that the next one is asked.
fn ask_one_who_leaves(context: &Context, req: &Req, address: &str) -> Pending {
    let rep = Rep::builder().context(context).build().expect("a socket");
    rep.dial(address).expect("an address");
    req.peers(1);
    let asked = req.send("q").expect("a request");
    drop(rep.recv_timeout(SOON).expect("it comes"));
    let monitor = req.monitor();
    rep.close(Duration::ZERO).expect("it closes");
    // Who watches from now on hears of others alone.
    while !matches!(monitor.recv_timeout(SOON).expect("it goes").kind, EventKind::Removed { .. }) {}
    asked
}

#[over(ALL)]
fn a_panic_while_the_background_thread_sends_ends_one_pipe_of_many(site: &Site) {
    let (context, traps, address) = trapped(site);
    let req = Req::builder().context(&context).build().unwrap();
    let rep = Rep::builder().context(&context).build().unwrap();
    let at = req.listen(address.as_str()).unwrap();
    let asked = ask_one_who_leaves(&context, &req, at.address());
    let monitor = req.monitor();
    // The next peer that comes is asked by the thread that lets it in.
    traps.mark(Mark::Accepted);
    traps.set(Step::Write, 1);
    connect(at.address(), &req, |to| drop(rep.dial(to.reconnect(EAGER)).unwrap()));
    rep.recv_timeout(SOON).unwrap().reply("a").unwrap();
    assert_eq!(asked.recv_timeout(SOON).unwrap(), "a");
    assert_eq!(traps.sprung(), 1);
    tells_of_the_panic(&monitor);
    counts(&req, |stats| stats.disconnected == 2);
    for _ in 0..MESSAGES {
        let asked = req.send("q").unwrap();
        rep.recv_timeout(SOON).unwrap().reply("a").unwrap();
        assert_eq!(asked.recv_timeout(SOON).unwrap(), "a");
    }
}

#[over(ALL)]
fn a_panic_while_a_new_pipe_is_watched_ends_it_alone(site: &Site) {
    let (context, traps, address) = trapped(site);
    let push = Push::builder().context(&context).build().unwrap();
    let pull = Pull::builder().context(&context).build().unwrap();
    let monitor = push.monitor();
    let at = push.listen(address.as_str()).unwrap();
    traps.mark(Mark::Accepted);
    traps.set(Step::Join, 1);
    connect(at.address(), &push, |to| drop(pull.dial(to.reconnect(EAGER)).unwrap()));
    assert_eq!(traps.sprung(), 1);
    tells_of_the_panic(&monitor);
    counts(&push, |stats| stats.disconnected == 1);
    for _ in 0..MESSAGES {
        passes(&push, &pull, "on all of them");
    }
}
