//! What dead workers leave to a socket is counted in the memory of its context until another has it.

use hubless::transport::{Header, Packet};
use hubless::{Context, Message, Pull, Push, Rep, Req, raw};
use hubless_kit::peer::{Host, PULL, REP};
use hubless_kit::{Peers, SOON, Site, Socket, WIRES, body, counts, eventually, over};

const MEGABYTE: usize = 1 << 20;
const LIMIT: usize = 8 * MEGABYTE;
const JOB: usize = 100_000;
/// What may come on top for each socket: its first piece of memory, and one message beyond the limit.
const ON_TOP: usize = 64 * 1024 + JOB;

/// Sends jobs to a peer that takes hardly any until no more goes, and some are left for its death.
fn fill(socket: &impl Socket, mut send: impl FnMut() -> bool) {
    eventually(|| {
        while send() {}
        socket.stats().send_queue > 0
    });
}

/// Fills eight sockets of one context, one after the other, whose peers then die. How many messages they are left with.
fn bereave<S: Socket, P: Socket>(
    site: &Site,
    make: impl Fn() -> S,
    peer: impl Fn() -> P,
    send: impl Fn(&S) -> bool,
) -> (Vec<S>, usize) {
    let sockets: Vec<S> = (0..8).map(|_| make()).collect();
    for socket in &sockets {
        let peer = peer();
        let at = peer.listen(site.address()).expect("an address");
        let dialer = socket.dial(at.address()).expect("an address");
        socket.peers(1);
        fill(socket, || send(socket));
        drop(peer);
        counts(socket, |stats| stats.pipes == 0);
        dialer.close();
    }
    let kept = sockets.iter().map(|socket| socket.stats().send_queue).sum();
    (sockets, kept)
}

fn is_within_the_limit(kept: usize, sockets: usize) {
    assert!(kept > 0, "nothing was left, so nothing is shown");
    assert!(kept * JOB <= LIMIT + sockets * ON_TOP, "{kept} messages of {JOB} bytes are kept");
}

fn sends(push: &Push) -> bool {
    push.try_send(body(1, JOB)).is_ok()
}

#[over(WIRES)]
fn jobs_that_dead_workers_left_count_until_another_worker_has_them(site: &Site) {
    let context = Context::builder().max_memory(LIMIT).build().unwrap();
    let make = || Push::builder().context(&context).send_buffer(10_000).build().unwrap();
    let lazy = || Pull::builder().recv_buffer(1).build().unwrap();
    let (pushes, kept) = bereave(site, make, lazy, sends);
    is_within_the_limit(kept, pushes.len());

    // Others may send and receive meanwhile, and all the jobs come.
    let worker = Pull::new().unwrap();
    let at = worker.listen(site.address()).unwrap();
    for push in &pushes {
        push.dial(at.address()).unwrap();
    }
    for _ in 0..kept {
        assert!(worker.recv_timeout(SOON).unwrap() == body(1, JOB));
    }
    for push in &pushes {
        push.send_timeout(body(1, JOB), SOON).unwrap();
        assert!(worker.recv_timeout(SOON).unwrap() == body(1, JOB));
    }
    assert_eq!(pushes.iter().map(|push| push.stats().send_queue).sum::<usize>(), 0);
}

#[over(WIRES)]
fn the_memory_of_jobs_that_dead_workers_left_is_free_when_their_sockets_are_closed(site: &Site) {
    let context = Context::builder().max_memory(LIMIT).build().unwrap();
    let make = || Push::builder().context(&context).send_buffer(10_000).build().unwrap();
    let lazy = || Pull::builder().recv_buffer(1).build().unwrap();
    let (pushes, kept) = bereave(site, make, lazy, sends);
    is_within_the_limit(kept, pushes.len());
    drop(pushes);
    // A queue may be as large as what is free, so a half of all.
    let (push, worker) = (make(), lazy());
    push.dial(worker.listen(site.address()).unwrap().address()).unwrap();
    push.wait_for_peers(1, SOON).unwrap();
    eventually(|| {
        while sends(&push) {}
        push.stats().send_queue * JOB > LIMIT / 2 - 2 * JOB
    });
}

#[over(WIRES)]
fn what_raw_sockets_got_back_counts_as_well(site: &Site) {
    let context = Context::builder().max_memory(LIMIT).build().unwrap();
    let make = || raw::Push::builder().context(&context).send_buffer(10_000).build().unwrap();
    let lazy = || Pull::builder().recv_buffer(1).build().unwrap();
    let send = |push: &raw::Push| push.try_send(Message::from(body(1, JOB))).is_ok();
    let (pushes, kept) = bereave(site, make, lazy, send);
    is_within_the_limit(kept, pushes.len());
    drop(pushes);

    // A server that closes takes all that is under way, so these just die.
    let header = Header::word(0x8000_0001);
    let mut reqs = Vec::new();
    for _ in 0..8 {
        let host = Host::new(site);
        let req = raw::Req::builder().context(&context).send_buffer(10_000).build().unwrap();
        let dialer = req.dial(host.address().as_str()).unwrap();
        let server = host.greeted(REP);
        req.wait_for_peers(1, SOON).unwrap();
        fill(&req, || req.try_send(Packet::new(header.clone(), body(1, JOB).into())).is_ok());
        dialer.close();
        drop((server, host));
        counts(&req, |stats| stats.pipes == 0);
        reqs.push(req);
    }
    is_within_the_limit(reqs.iter().map(|req| req.stats().send_queue).sum(), reqs.len());
}

#[over(WIRES)]
fn requests_that_wait_for_another_server_count_once(site: &Site) {
    let context = Context::builder().max_memory(LIMIT).build().unwrap();
    let mut all = Vec::new();
    for _ in 0..8 {
        let req = Req::builder().context(&context).send_buffer(10_000).build().unwrap();
        let server = Rep::builder().recv_buffer(1).build().unwrap();
        let dialer = req.dial(server.listen(site.address()).unwrap().address()).unwrap();
        req.wait_for_peers(1, SOON).unwrap();
        let mut open = Vec::new();
        eventually(|| {
            open.extend(std::iter::from_fn(|| req.try_send(body(1, JOB)).ok()));
            !open.is_empty()
        });
        drop(server);
        counts(&req, |stats| stats.pipes == 0);
        dialer.close();
        all.push((req, open));
    }
    is_within_the_limit(all.iter().map(|(_, open)| open.len()).sum(), all.len());
    let server = Rep::new().unwrap();
    let at = server.listen(site.address()).unwrap();
    for (req, open) in all {
        req.dial(at.address()).unwrap();
        for pending in open {
            server.recv_timeout(SOON).unwrap().reply("done").unwrap();
            assert_eq!(pending.recv_timeout(SOON).unwrap(), "done");
        }
    }
}

/// Jobs for two workers, and after how many one of them dies.
const JOBS: usize = 6000;
const EARLY: usize = 3000;

#[over(WIRES)]
fn what_a_dead_worker_left_comes_before_what_is_sent_meanwhile(site: &Site) {
    let push = Push::builder().send_buffer(JOBS).send_buffer_bytes(1 << 30).build().unwrap();
    let pull = Pull::builder().recv_buffer(JOBS).recv_buffer_bytes(1 << 30).build().unwrap();
    push.dial(pull.listen(site.address()).unwrap().address()).unwrap();
    let host = Host::new(site);
    push.dial(host.address().as_str()).unwrap();
    let stuck = host.greeted(PULL);
    push.wait_for_peers(2, SOON).unwrap();
    for number in 0..EARLY {
        push.send(body(number, 4096)).unwrap();
    }
    std::thread::scope(|scope| {
        scope.spawn(|| (EARLY..JOBS).for_each(|number| push.send(body(number, 8)).unwrap()));
        drop((stuck, host));
    });
    counts(&push, |stats| stats.pipes == 1);
    push.send(body(JOBS, 8)).unwrap();
    let mut numbers = Vec::new();
    while numbers.last() != Some(&JOBS) {
        let job = pull.recv_timeout(SOON).unwrap();
        numbers.push(usize::from_be_bytes(job[..8].try_into().unwrap()));
    }
    let back = numbers.windows(2).filter(|pair| pair[0] > pair[1]).count();
    assert!(numbers.len() > EARLY / 2 && back <= 1, "of {} jobs some came back {back} times", numbers.len());
}
