//! A bus: four members, each connected to each other, each hears what any other says.

use std::thread;
use std::time::Duration;

use hubless::{Bus, Error};

const MEMBERS: [&str; 4] = ["ada", "bob", "cyd", "dan"];

fn main() -> Result<(), Error> {
    env_logger::init();
    let mut members: Vec<Bus> = Vec::new();
    let mut addresses: Vec<String> = Vec::new();
    for _ in MEMBERS {
        let bus = Bus::new()?;
        // Nothing is forwarded on a bus, so a newcomer dials everybody who is there
        // already.
        for address in &addresses {
            bus.dial(address)?;
        }
        addresses.push(bus.listen("tcp://127.0.0.1:0")?.address().to_owned());
        members.push(bus);
    }
    for member in &members {
        member.wait_for_peers(MEMBERS.len() - 1, Duration::from_secs(10))?;
    }

    let talks: Vec<_> = members
        .into_iter()
        .zip(MEMBERS)
        .map(|(bus, name)| thread::spawn(move || talk(&bus, name)))
        .collect();
    for talk in talks {
        talk.join().unwrap_or(Err(Error::Closed))?;
    }
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

/// Says hello and waits until everybody else has.
fn talk(bus: &Bus, name: &str) -> Result<(), Error> {
    bus.send(format!("hello from {name}"))?;
    for hello in bus.iter().take(MEMBERS.len() - 1) {
        println!("{name} hears: {}", hello.as_str().unwrap_or("not text"));
    }
    Ok(())
}
