//! Acknowledged work: each worker asks for its next job, and with that acknowledges the
//! last one. What nobody acknowledges is handed out again.

use std::collections::VecDeque;
use std::thread;
use std::time::Duration;

use hubless::{Error, Message, Rep, Req};

const JOBS: u32 = 6;

fn main() -> Result<(), Error> {
    env_logger::init();
    let jobs = Rep::new()?;
    let at = jobs.listen("tcp://127.0.0.1:0")?;
    let ventilator = thread::spawn(move || hand_out(&jobs));

    let ada = Req::new()?;
    ada.dial(at.address())?;
    println!("ada takes job {}, and dies", text(&ada.request("")?));
    ada.close(Duration::ZERO)?;

    let bob = Req::new()?;
    bob.dial(at.address())?;
    let mut done = Message::new();
    loop {
        let job = bob.request(done)?;
        if job.is_empty() {
            break;
        }
        println!("bob does job {}", text(&job));
        done = job; // acknowledged with the next request, and not before
    }
    ventilator.join().unwrap_or(Err(Error::Closed))?;
    println!("all {JOBS} jobs are acknowledged");
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

/// Hands out jobs until all are acknowledged. The job that was handed out longest ago
/// stands in front: a new one, as long as there is any, then the oldest that is not
/// acknowledged.
fn hand_out(rep: &Rep) -> Result<(), Error> {
    let mut open: VecDeque<u32> = (1..=JOBS).collect();
    while !open.is_empty() {
        let request = rep.recv()?;
        if let Ok(done) = text(&request).parse::<u32>() {
            open.retain(|job| *job != done); // once or twice, it makes no difference
        }
        let next = open.pop_front();
        request.reply(next.map_or(String::new(), |job| job.to_string()))?;
        open.extend(next);
    }
    Ok(())
}

fn text(message: &Message) -> &str {
    message.as_str().unwrap_or_default()
}
