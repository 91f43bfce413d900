use std::time::Duration;

use hubless::{Endpoint, Pub, Pull};

use hubless_kit::child::{hear, tell};
use hubless_kit::{Gauge, now};

/// Time enough for everything.
const LONG: Duration = Duration::from_secs(120);

/// Listens for very many. Asked to `wait` for so many peers, to `send` so many messages, for its `memory`, or to `close`, a
/// publisher does so and tells how that was.
pub(super) fn play(words: &[String]) {
    let [pattern, address, connections] = words else { panic!("host pull|pub ADDRESS CONNECTIONS") };
    let connections = connections.parse().expect("a number");
    let endpoint =
        Endpoint::new(address).max_connections(connections).max_connections_per_address(connections);
    match pattern.as_str() {
        "pull" => {
            let pull = Pull::new().expect("a socket");
            pull.listen(endpoint).expect("an address that nobody has");
            tell("ready");
            while hear().is_some() {}
        }
        "pub" => {
            let publisher = Pub::new().expect("a socket");
            publisher.listen(endpoint).expect("an address that nobody has");
            tell("ready");
            while let Some(line) = hear() {
                tell(&obey(&publisher, &line));
            }
        }
        _ => panic!("there is no host {pattern:?}"),
    }
}

fn obey(publisher: &Pub, line: &str) -> String {
    let (word, number) = line.split_once(' ').unwrap_or((line, "0"));
    let number = number.parse::<usize>().expect("a number");
    match word {
        "wait" => {
            publisher.wait_for_peers(number, LONG).expect("all of them");
            "there".into()
        }
        "send" => {
            (0..number).for_each(|seq| publisher.send(seq.to_be_bytes()).expect("an open socket"));
            publisher.stats().drops.total().to_string()
        }
        "memory" => Gauge::own().data_kib.to_string(),
        "close" => {
            let begin = now();
            publisher.close(LONG).expect("an end");
            begin.elapsed().as_millis().to_string()
        }
        _ => panic!("{line:?}"),
    }
}
