//! A message that makes its peers hang up is not sent for ever: after a few attempts it is dropped and counted, and those
//! behind it get through.

use std::time::Duration;

use hubless::raw;
use hubless::transport::Packet;
use hubless::{Error, Message, Pull, Push, Rep, Req};
use hubless_kit::peer::{PULL, Peer};
use hubless_kit::{Site, WIRES, counts, eventually_sees, over, passes};

const SOON: Duration = Duration::from_secs(60);
const LIMIT: u64 = 1024 * 1024;
/// More than the system's buffers take, so that it is never entirely written.
const POISON: usize = 32 << 20;

fn addresses(folder: &tempfile::TempDir) -> [String; 2] {
    ["tcp://127.0.0.1:0".into(), format!("ipc://{}/socket", folder.path().display())]
}

#[test]
fn a_push_gives_up_a_message_that_no_pull_takes() {
    let folder = tempfile::tempdir().unwrap();
    for address in addresses(&folder) {
        let pull = Pull::builder().max_message(LIMIT).build().unwrap();
        let at = pull.listen(address).unwrap();
        let short = Duration::from_millis(5);
        let push = Push::builder().reconnect(short..=short).build().unwrap();
        push.dial(at.address()).unwrap();
        push.send(vec![0; POISON]).unwrap();
        passes(&push, &pull, "small");
        assert_eq!(push.stats().drops.pipe_lost, 1);
        assert!(pull.stats().violations.message_too_large >= 2);
        let says = |error: &Option<String>| {
            error.as_ref().is_some_and(|said| said.contains("the limit is 1,048,576"))
        };
        eventually_sees(|| at.status().last_error, says);
    }
}

#[test]
fn a_request_that_no_rep_takes_fails() {
    let folder = tempfile::tempdir().unwrap();
    for address in addresses(&folder) {
        let rep = Rep::builder().max_message(LIMIT).build().unwrap();
        let at = rep.listen(address).unwrap();
        let short = Duration::from_millis(5);
        let req = Req::builder().reconnect(short..=short).build().unwrap();
        req.dial(at.address()).unwrap();
        let poison = req.send(vec![0; POISON]).unwrap();
        let small = req.send("small").unwrap();
        assert!(matches!(poison.recv_timeout(SOON), Err(Error::PeerLost)));
        rep.recv_timeout(SOON).unwrap().reply("taken").unwrap();
        assert_eq!(small.recv_timeout(SOON).unwrap(), "taken");
    }
}

/// More than may be cut short of one message, each time another one.
const WORKERS: u32 = 6;

/// A job that differs from the others in its middle alone.
fn job(number: u32) -> Vec<u8> {
    let mut job = vec![b'.'; POISON];
    job[POISON / 2..][..4].copy_from_slice(&number.to_be_bytes());
    job
}

/// A worker dies in the middle of each job, and the next worker takes it whole.
macro_rules! each_job_survives_its_worker {
    ($site:expr, $push:expr, $at:expr, $send:expr) => {
        for number in 0..WORKERS {
            let dying = Peer::greeted($at.address(), PULL);
            $push.wait_for_peers(1, SOON).unwrap();
            $send(number);
            dying.read(100_000);
            drop(dying);
            counts(&$push, |stats| stats.pipes == 0);
            let next = Peer::greeted($at.address(), PULL);
            assert!(next.recv() == job(number), "job {number} over {}", $site.transport);
            drop(next);
            counts(&$push, |stats| stats.pipes == 0);
        }
        assert_eq!($push.stats().drops.total(), 0);
    };
}

#[over(WIRES)]
fn jobs_that_look_alike_and_are_each_cut_once_all_arrive(site: &Site) {
    let push = Push::new().unwrap();
    let at = push.listen(site.address()).unwrap();
    each_job_survives_its_worker!(site, push, at, |number| push.send(job(number)).unwrap());
}

#[over(WIRES)]
fn jobs_that_look_alike_and_are_each_cut_once_all_arrive_from_a_raw_push(site: &Site) {
    let push = raw::Push::new().unwrap();
    let at = push.listen(site.address()).unwrap();
    let send = |number| push.send(Packet::from(Message::from(job(number)))).unwrap();
    each_job_survives_its_worker!(site, push, at, send);
}

#[over(WIRES)]
fn a_job_is_given_up_for_its_own_cuts_wherever_it_waits_in_the_queue(site: &Site) {
    let push = Push::builder().send_buffer_bytes(3 * POISON).build().unwrap();
    let at = push.listen(site.address()).unwrap();
    for number in 0..2 {
        // Each worker dies in the same job; the other one waits behind it.
        for _ in 0..4 {
            let dying = Peer::greeted(at.address(), PULL);
            push.wait_for_peers(1, SOON).unwrap();
            if push.stats().sent == 0 {
                push.send(job(0)).unwrap();
                push.send(job(1)).unwrap();
            }
            dying.read(100_000);
            drop(dying);
            counts(&push, |stats| stats.pipes == 0);
        }
        assert_eq!(push.stats().drops.pipe_lost, number + 1);
    }
}
