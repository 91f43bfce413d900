//! A flood between sockets of one process. There are no strangers there, but a part of a program may take nothing.

use std::path::Path;
use std::thread;
use std::time::Duration;

use hubless::{Pull, Push, Rep};

use super::attack::{Attack, Post, QUIET, SLACK_KIB};
use super::honest::Honest;
use super::report::{Fallen, Report, Service};
use super::tally::Tally;
use super::watch::Watch;
use super::{best_of_three, wait};
use hubless_kit::child::tell;
use hubless_kit::{Child, Gauge, eventually};

const FRONT: &str = "inproc://front";
const HEAP: &str = "inproc://heap";
/// Those who send.
const FEW: usize = 4;
/// What waits between one of them and the receiver, in KiB: with either of them, and on the way.
const BETWEEN_KIB: u64 = (8 + 8 + 4) << 10;
const ATTACK: Attack = Attack {
    name: "more than is received",
    grown_kib: 3 * SLACK_KIB + FEW as u64 * BETWEEN_KIB,
    reserved_kib: 2 * (SLACK_KIB + FEW as u64 * BETWEEN_KIB),
    // The honest peer is in the same process.
    cpu: 2.0 * QUIET,
    newcomers: false,
    ..Attack::PLAIN
};
/// Nobody sends any more when nobody has for so long.
const STALLED: Duration = Duration::from_millis(200);

/// In a process of its own, some send without end to a socket that receives nothing, while others of the same context talk.
///
/// # Errors
///
/// When something was not held within its bound.
pub fn run_attack_within(actor: &Path, time: Duration, peace: Duration) -> Result<Report, Fallen> {
    best_of_three(|| once(actor, time, peace))
}

fn once(actor: &Path, time: Duration, peace: Duration) -> Result<Report, Fallen> {
    let words = [time, peace].map(|time| time.as_micros().to_string());
    let mut process = Child::program(actor, &["attack-target-within", &words[0], &words[1]]);
    let told = process.hear();
    let mut numbers = told.split_whitespace().map(|word| word.parse::<u64>().expect("a number"));
    let mut next = || numbers.next().expect("as many as are told");
    let mut served = |time: Duration| Service {
        usual: Duration::from_micros(next()),
        p99: Duration::from_micros(next()),
        newcomers: 0,
        cpu: Duration::from_micros(next()).div_duration_f64(time),
    };
    let report = Report {
        attack: ATTACK.name,
        transport: "inproc",
        peace: served(peace),
        attacked: served(time),
        made: next(),
        grown_kib: next(),
        reserved_kib: next(),
        connections: 0,
        left: 0,
        counted: Tally::default(),
    };
    let counted = report.made > 0;
    ATTACK.judge(report, counted)
}

/// Does it, and tells what was measured.
pub(crate) fn play(words: &[String]) {
    let [time, peace] = words else { panic!("attack-target-within TIME PEACE") };
    let [time, peace] = [time, peace].map(|text| Duration::from_micros(text.parse().expect("a number")));
    answer();
    let heap = Pull::new().expect("a socket");
    heap.listen(HEAP).expect("a name");
    let mut honest = Honest::connect(Post::Front, FRONT, HEAP);
    let peace = serve(&mut honest, peace, || {});
    let mut watch = Watch::begin(std::process::id());
    for _ in 0..FEW {
        thread::spawn(pour);
    }
    eventually(|| {
        let before = heap.stats().received;
        wait(STALLED);
        before > 0 && heap.stats().received == before
    });
    let attacked = serve(&mut honest, time, || watch.look());
    let received = heap.stats().received;
    tell(&format!("{peace} {attacked} {received} {} {}", watch.grown_kib(), watch.reserved_kib()));
}

/// Talks for so long: the 95th and the 99th percentile, and the processor time of all who take part.
fn serve(honest: &mut Honest, time: Duration, look: impl FnMut()) -> String {
    let before = Gauge::own().cpu;
    let [usual, p99] = honest.talk(time, look).map(|time| time.as_micros());
    let cpu = Gauge::own().cpu.saturating_sub(before);
    format!("{usual} {p99} {}", cpu.as_micros())
}

fn answer() {
    let rep = Rep::new().expect("a socket");
    rep.listen(FRONT).expect("a name");
    thread::spawn(move || {
        while let Ok(request) = rep.recv() {
            let answer = request.message().clone();
            request.reply(answer).expect("an open socket");
        }
    });
}

/// Sends until there is room no more.
fn pour() {
    let push = Push::new().expect("a socket");
    push.dial(HEAP).expect("a name");
    while push.send(vec![7; 60_000]).is_ok() {}
}
