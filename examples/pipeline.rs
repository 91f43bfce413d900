//! A pipeline: a ventilator hands out work over tcp, four workers do it, a sink collects the results.
//!
//! The work is real: each job is a range of numbers whose primes are counted. Every part is a thread here, and could as
//! well be a process on another machine: nothing but the addresses joins them.

use std::thread;
use std::time::Duration;

use hubless::{Error, Pull, Push};

const WORKERS: usize = 4;
const JOBS: u64 = 200;
const NUMBERS_PER_JOB: u64 = 5_000;

fn main() -> Result<(), Error> {
    env_logger::init();
    let ventilator = Push::new()?;
    let jobs_at = ventilator.listen("tcp://127.0.0.1:0")?;
    let sink = Pull::new()?;
    let results_at = sink.listen("tcp://127.0.0.1:0")?;

    for _ in 0..WORKERS {
        let (jobs_at, results_at) = (jobs_at.clone(), results_at.clone());
        thread::spawn(move || work(jobs_at.address(), results_at.address()));
    }
    // Not needed for safety, since a PUSH waits for its first peer; with it, all workers get their part.
    ventilator.wait_for_peers(WORKERS, Duration::from_secs(10))?;
    thread::spawn(move || ventilator.send_many((0..JOBS).map(|job| (job * NUMBERS_PER_JOB).to_string())));

    let mut primes = 0;
    for (done, result) in sink.iter().take(usize::try_from(JOBS).unwrap_or(usize::MAX)).enumerate() {
        primes += result.as_str().unwrap_or_default().parse::<u64>().unwrap_or_default();
        if (done + 1) % 50 == 0 {
            println!("{:>3} of {JOBS} jobs done, {primes} primes so far", done + 1);
        }
    }
    println!("there are {primes} primes below {}", JOBS * NUMBERS_PER_JOB);
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

/// Takes jobs and gives results until the ventilator's program ends.
fn work(jobs_at: &str, results_at: &str) -> Result<(), Error> {
    let (jobs, results) = (Pull::new()?, Push::new()?);
    jobs.dial(jobs_at)?;
    results.dial(results_at)?;
    for job in &jobs {
        let from: u64 = job.as_str().unwrap_or_default().parse().unwrap_or_default();
        let primes = (from..from + NUMBERS_PER_JOB).filter(|number| is_prime(*number)).count();
        results.send(primes.to_string())?;
    }
    Ok(())
}

fn is_prime(number: u64) -> bool {
    number >= 2 && !(2..=number.isqrt()).any(|factor| number.is_multiple_of(factor))
}
