//! A pipeline: a source hands out jobs over tcp, four workers do them, a sink collects
//! the results. The workers are processes. One is killed in the middle and another takes
//! its place; at the end the books say what became of every job.
//!
//! A PUSH gives what had not left for a dead worker to the others. What the worker *had*
//! got is gone with it: the source knows these jobs by their missing results, and hands
//! them out again. (`acknowledged.rs` shows another way.)

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, IsTerminal, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};
use std::{env, thread};

use hubless::{Error, EventKind, Listener, Message, Monitor, Pull, Push};

const WORKERS: u32 = 4;
const KILLED: u32 = 2;
const JOBS: u32 = 400;
/// The numbers of a job, among which a worker counts the primes.
const NUMBERS_PER_JOB: u32 = 10_000;
/// So high that all jobs take about as long.
const FIRST_NUMBER: u32 = 10_000_000;
/// Jobs that are handed out and have no result yet, at most.
const OPEN: usize = 40;
/// Nothing takes as long; an error beats a hang.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    env_logger::init();
    if let [_, number, jobs_at, results_at] = &env::args().collect::<Vec<_>>()[..] {
        return Ok(work(number, jobs_at, results_at)?);
    }
    let (source, sink) = (Push::new()?, Pull::new()?);
    let (jobs_at, results_at) =
        (source.listen("tcp://127.0.0.1:0")?, sink.listen("tcp://127.0.0.1:0")?);
    let (at_source, at_sink) = (source.monitor(), sink.monitor());
    println!(
        "a source at {jobs_at}, a sink at {results_at}, {WORKERS} workers, {JOBS} jobs"
    );
    let start = |number| start(number, &jobs_at, &results_at);
    let mut workers = (1..=WORKERS).map(start).collect::<io::Result<VecDeque<_>>>()?;
    source.wait_for_peers(WORKERS as usize, PATIENCE)?; // so that each has its part

    let mut books = Books { waiting: (0..JOBS).collect(), ..Books::default() };
    while books.done() < JOBS {
        books.hand_out(&source)?;
        books.note(&sink.recv_timeout(PATIENCE)?);
        if books.done() == JOBS / 3 {
            let mut killed = workers.remove(KILLED as usize - 1).ok_or("no worker")?;
            killed.kill()?; // SIGKILL
            killed.wait()?;
            workers.push_back(start(WORKERS + 1)?);
            say(
                &format!(
                    "worker {KILLED} is killed, worker {} takes its place",
                    WORKERS + 1
                ),
                true,
            );
            let (sent_to_it, moved) = wait_until_left(&at_source, "source")?;
            let (sent_by_it, _) = wait_until_left(&at_sink, "sink")?;
            // The others answer all they have, so what is open then was at the killed one.
            while books.open.len() as u64 > sent_to_it - sent_by_it {
                books.note(&sink.recv_timeout(PATIENCE)?);
            }
            say(
                &format!("  it was sent {sent_to_it} jobs, and has answered {sent_by_it}"),
                true,
            );
            books.lose(moved);
        }
    }
    for mut worker in workers {
        drop(worker.stdin.take()); // tells it to end
        if !worker.wait()?.success() {
            return Err("a worker failed".into());
        }
    }
    books.close(&source, &sink)
}

/// Starts this program once more, as a worker.
fn start(number: u32, jobs_at: &Listener, results_at: &Listener) -> io::Result<Child> {
    let arguments = [number.to_string(), jobs_at.to_string(), results_at.to_string()];
    Command::new(env::current_exe()?).args(arguments).stdin(Stdio::piped()).spawn()
}

/// A worker: takes jobs and gives results until its standard input ends.
fn work(worker: &str, jobs_at: &str, results_at: &str) -> Result<(), Error> {
    let (jobs, results) = (Pull::new()?, Push::new()?);
    results.dial(results_at)?;
    jobs.dial(jobs_at)?;
    let closing = jobs.clone();
    thread::spawn(move || {
        io::copy(&mut io::stdin(), &mut io::sink()).map(|_| closing.close(Duration::ZERO))
    });
    for job in &jobs {
        let number: u32 = job.as_str().unwrap_or_default().parse().unwrap_or_default();
        let first = FIRST_NUMBER + number * NUMBERS_PER_JOB;
        let primes = (first..first + NUMBERS_PER_JOB).filter(|n| is_prime(*n)).count();
        results.send(format!("{worker} {number} {primes}"))?;
    }
    results.close(Duration::from_secs(1)).map(drop)
}

fn is_prime(number: u32) -> bool {
    number >= 2 && !(2..=number.isqrt()).any(|factor| number.is_multiple_of(factor))
}

/// Waits until a peer has left: how many messages it was sent or has sent, and how many had
/// not left for it.
fn wait_until_left(monitor: &Monitor, who: &str) -> Result<(u64, u64), Error> {
    loop {
        let event = monitor.recv_timeout(PATIENCE)?;
        if let EventKind::Removed { traffic, unsent, .. } = &event.kind {
            say(&format!("  the {who} saw: {}", event.kind), true);
            let unsent = *unsent as u64;
            return Ok((traffic.sent - unsent + traffic.received, unsent));
        }
    }
}

/// What became of the jobs.
#[derive(Default)]
struct Books {
    begun: Option<SystemTime>,
    waiting: VecDeque<u32>,
    open: BTreeSet<u32>,
    done_by: BTreeMap<u32, u32>,
    primes: u32,
    /// They were at the killed worker, and are handed out again.
    lost: Vec<u32>,
    /// They had not left for the killed worker: hubless gave them to the others.
    moved: u64,
}

impl Books {
    fn done(&self) -> u32 {
        self.done_by.values().sum()
    }

    fn hand_out(&mut self, source: &Push) -> Result<(), Error> {
        self.begun.get_or_insert_with(SystemTime::now);
        while self.open.len() < OPEN
            && let Some(job) = self.waiting.pop_front()
        {
            source.send(job.to_string())?;
            self.open.insert(job);
        }
        Ok(())
    }

    /// A result: the number of the worker, the job, and how many primes there are.
    fn note(&mut self, result: &Message) {
        let numbers: Vec<u32> =
            result.as_str().unwrap_or_default().split(' ').flat_map(str::parse).collect();
        if let [worker, job, primes] = numbers[..]
            && self.open.remove(&job)
        {
            *self.done_by.entry(worker).or_default() += 1;
            self.primes += primes;
            let time =
                self.begun.and_then(|begun| begun.elapsed().ok()).unwrap_or_default();
            let (done, rate) = (self.done(), f64::from(self.done()) / time.as_secs_f64());
            let line = format!(
                "{done:>3} of {JOBS} jobs, {rate:.0}/s; by worker {}",
                self.by_worker()
            );
            say(&line, done.is_multiple_of(JOBS / 8));
        }
    }

    fn by_worker(&self) -> String {
        self.done_by
            .iter()
            .map(|(worker, jobs)| format!("{worker}: {jobs}"))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// What is open was at the killed worker.
    fn lose(&mut self, moved: u64) {
        (self.lost, self.moved) = (self.open.iter().copied().collect(), moved);
        self.open.clear();
        self.waiting.extend(&self.lost);
        let (count, jobs) = (self.lost.len(), &self.lost);
        say(&format!("  so {count} jobs are handed out again: {jobs:?}"), true);
    }

    /// Prints what became of all jobs, beside what hubless has counted. An error where the
    /// two differ.
    fn close(&self, source: &Push, sink: &Pull) -> Result<(), Box<dyn std::error::Error>> {
        let (sent, received) = (source.stats(), sink.stats());
        let (lost, moved, done) = (self.lost.len() as u64, self.moved, self.done());
        println!("{} primes from {FIRST_NUMBER} on\n", self.primes);
        println!("jobs     {JOBS:>7}  handed out once, {lost} of them again");
        println!("done     {done:>7}  by worker {}", self.by_worker());
        println!("lost     {lost:>7}  with worker {KILLED}, and done by others");
        if moved > 0 {
            println!(
                "moved    {moved:>7}  by hubless to other workers, as they had not left"
            );
        }
        println!("\nthe source's socket counted:\n{sent:#}\nthe sink's:\n{received:#}");
        let balanced = sent.sent == u64::from(JOBS) + lost + moved
            && received.received == u64::from(JOBS);
        if balanced { Ok(()) } else { Err("the books do not balance".into()) }
    }
}

/// A line. One that does not stay is written over by the next on a terminal, and left out
/// elsewhere.
fn say(line: &str, stays: bool) {
    match (io::stdout().is_terminal(), stays) {
        (true, true) => println!("\r\x1b[K{line}"),
        (true, false) => print!("\r\x1b[K{line}"),
        (false, true) => println!("{line}"),
        (false, false) => {}
    }
    io::stdout().flush().unwrap_or_default();
}
