//! Heartbeats: a worker that has said nothing for a while is taken for dead, though its
//! connection stands.

use std::thread;
use std::time::Duration;

use hubless::{Error, Pair};

/// How often the worker says that it is alive.
const BEAT: Duration = Duration::from_millis(50);
/// How long it may say nothing: ten beats.
const SILENCE: Duration = Duration::from_millis(500);

fn main() -> Result<(), Error> {
    env_logger::init();
    let worker = Pair::builder().recv_timeout(SILENCE).build()?;
    let at = worker.listen("tcp://127.0.0.1:0")?;
    thread::spawn(move || work(at.address()));

    worker.send("4711")?;
    let mut beats = 0;
    loop {
        match worker.recv() {
            // A beat is an empty message. Any other message proves life just as well.
            Ok(beat) if beat.is_empty() => {
                beats += 1;
                if beats == 3 {
                    println!("three beats: it is alive");
                    worker.send("freeze")?;
                }
            }
            Ok(answer) => println!("{}", answer.as_str().unwrap_or("not text")),
            Err(Error::Timeout { .. }) => break,
            Err(error) => return Err(error),
        }
    }
    println!(
        "nothing for {SILENCE:?}, and {} connection: it is taken for dead",
        worker.stats().pipes
    );
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

/// Does what it is told. The wait for the next order is what times the beats: no second
/// thread, no timer.
fn work(address: &str) -> Result<(), Error> {
    let orders = Pair::builder().recv_timeout(BEAT).build()?;
    orders.dial(address)?;
    loop {
        match orders.recv() {
            Ok(order) if order == "freeze" => break,
            Ok(order) => {
                orders.send(format!("{} is done", order.as_str().unwrap_or("not text")))?;
            }
            Err(Error::Timeout { .. }) => orders.send("")?,
            Err(error) => return Err(error),
        }
    }
    // It hangs, as a deadlock would have it, until the program ends: the system keeps its
    // connection up all the while.
    orders.recv_timeout(Duration::from_secs(3600)).map(drop)
}
