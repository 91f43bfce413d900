//! Publish and subscribe: a weather station publishes, each subscriber takes what it has
//! asked for.

use std::thread;
use std::time::Duration;

use hubless::{Error, Pub, Sub};

const REPORTS: usize = 5;

fn main() -> Result<(), Error> {
    env_logger::init();
    let station = Pub::new()?;
    let at = station.listen("tcp://127.0.0.1:0")?;

    let listeners: Vec<_> = ["oslo", "rome", ""]
        .into_iter()
        .map(|topic| {
            let address = at.address().to_owned();
            thread::spawn(move || listen(&address, topic))
        })
        .collect();

    // A subscriber gets what is published from now on: no report is too early for one that
    // is connected.
    station.wait_for_peers(listeners.len(), Duration::from_secs(10))?;
    for report in 0..REPORTS {
        station.send(format!("oslo {} degrees", 3 + report))?;
        station.send(format!("rome {} degrees", 20 + report))?;
    }
    station.send("oslo closed")?;
    station.send("rome closed")?;
    for listener in listeners {
        listener.join().unwrap_or(Err(Error::Closed))?;
    }
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

/// Prints what begins with `topic` until the station closes that down.
fn listen(address: &str, topic: &str) -> Result<(), Error> {
    let sub = Sub::new()?;
    sub.subscribe(topic)?;
    sub.dial(address)?;
    let closed =
        if topic.is_empty() { "rome closed".to_owned() } else { format!("{topic} closed") };
    for report in &sub {
        println!("{topic:>4} < {}", report.as_str().unwrap_or("not text"));
        if report == *closed {
            break;
        }
    }
    Ok(())
}
