//! Last-value cache: one that comes late asks for what stands, follows what changes, and
//! misses nothing in between.

use std::collections::BTreeMap;
use std::{thread, time::Duration};

use hubless::{Error, Message, Pub, Rep, Req, Sub};

fn main() -> Result<(), Error> {
    env_logger::init();
    let (publisher, rep) = (Pub::new()?, Rep::new()?);
    let changes_at = publisher.listen("tcp://127.0.0.1:0")?;
    let requests_at = rep.listen("tcp://127.0.0.1:0")?;
    thread::spawn(move || keep(&publisher, &rep));
    let requests = Req::new()?;
    requests.dial(requests_at.address())?;
    requests.request("oslo=17")?;
    requests.request("rome=31")?;
    // Too late for these two. First it connects to the changes, then it asks for what
    // stands.
    let changes = Sub::new()?;
    changes.subscribe("")?;
    changes.dial(changes_at.address())?;
    changes.wait_for_peers(1, Duration::from_secs(10))?;
    let (mut known, mut values) = parsed(&requests.request("all")?);
    requests.request("oslo=18")?;
    while known < 3 {
        let mut news =
            parsed(&changes.recv_timeout(Duration::from_millis(200)).unwrap_or_default());
        if !(1..=known + 1).contains(&news.0) {
            // A gap, or nothing for a while: perhaps something was missed.
            news = parsed(&requests.request("all")?);
        }
        if news.0 > known {
            known = news.0;
            values.extend(news.1);
        }
    }
    println!("after change {known}: {values:?}");
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

/// One thread keeps the values, so that snapshots and changes fit: each begins with the
/// number of the last change.
fn keep(publisher: &Pub, rep: &Rep) -> Result<(), Error> {
    let (mut number, mut values) = (0, BTreeMap::new());
    for request in rep {
        if let Some((name, value)) = request.as_str().unwrap_or_default().split_once('=') {
            number += 1;
            publisher.send(format!("{number} {name}={value}"))?;
            values.insert(name.to_owned(), value.to_owned());
        }
        let all: Vec<_> =
            values.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.reply(format!("{number} {}", all.join(" ")))?;
    }
    Ok(())
}

fn parsed(message: &Message) -> (u64, BTreeMap<String, String>) {
    let (number, words) =
        message.as_str().unwrap_or_default().split_once(' ').unwrap_or_default();
    let pairs = words.split(' ').filter_map(|word| word.split_once('='));
    (
        number.parse().unwrap_or_default(),
        pairs.map(|(name, value)| (name.into(), value.into())).collect(),
    )
}
