//! Publishers and subscribers that come and go, and know a single address each: a relay
//! stands between them.

use std::thread;
use std::time::Duration;

use hubless::{Error, Pub, Sub};

const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<(), Error> {
    env_logger::init();
    let (inward, outward) = (Sub::new()?, Pub::new()?);
    inward.subscribe("")?;
    let publish_at = inward.listen("tcp://127.0.0.1:0")?;
    let subscribe_at = outward.listen("tcp://127.0.0.1:0")?;
    let relaying = outward.clone();
    thread::spawn(move || inward.iter().try_for_each(|news| relaying.send(news)));

    let readers: Vec<_> = [("oslo", 2), ("", 4)]
        .into_iter()
        .map(|(topic, news)| {
            let address = subscribe_at.address().to_owned();
            thread::spawn(move || read(&address, topic, news))
        })
        .collect();
    outward.wait_for_peers(readers.len(), PATIENCE)?;

    for town in ["oslo", "rome"] {
        let station = Pub::new()?;
        station.dial(publish_at.address())?;
        station.wait_for_peers(1, PATIENCE)?;
        station.send(format!("{town} opens"))?;
        station.send(format!("{town} closes"))?;
        station.close(Duration::from_secs(1))?;
    }
    for reader in readers {
        for news in reader.join().unwrap_or(Err(Error::Closed))? {
            println!("{news}");
        }
    }
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

/// The first `count` messages that begin with `topic`, sorted: those of two publishers may come
/// in either order.
fn read(address: &str, topic: &str, count: usize) -> Result<Vec<String>, Error> {
    let sub = Sub::new()?;
    sub.subscribe(topic)?;
    sub.dial(address)?;
    let mut news: Vec<String> = sub
        .iter()
        .take(count)
        .map(|news| format!("to {topic:?}: {}", news.as_str().unwrap_or("not text")))
        .collect();
    news.sort();
    Ok(news)
}
