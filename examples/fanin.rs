//! Fan-in: one socket takes messages over tcp, ipc and inproc at once. The sender chooses
//! the address, nothing else differs.

use std::thread;
use std::time::Duration;

use hubless::{Error, Pull, Push};

const EACH: usize = 3;

fn main() -> Result<(), Error> {
    env_logger::init();
    let socket_file =
        std::env::temp_dir().join(format!("hubless-fanin-{}", std::process::id()));
    let pull = Pull::new()?;
    let listeners = [
        pull.listen("tcp://127.0.0.1:0")?,
        // Some machines have no IPv6.
        pull.listen("tcp://[::1]:0").or_else(|_| pull.listen("tcp://127.0.0.1:0"))?,
        pull.listen(format!("ipc://{}", socket_file.display()))?,
        pull.listen("inproc://fanin")?,
    ];

    for listener in &listeners {
        let address = listener.address().to_owned();
        thread::spawn(move || report(&address));
    }
    for report in pull.iter().take(listeners.len() * EACH) {
        println!("{}", report.as_str().unwrap_or("not text"));
    }
    for listener in &listeners {
        println!("{}: {} peer(s) accepted", listener.address(), listener.status().accepted);
    }
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

/// Sends over whatever transport the address names.
fn report(address: &str) -> Result<(), Error> {
    let push = Push::new()?;
    push.dial(address)?;
    for number in 1..=EACH {
        push.send(format!("report {number} over {address}"))?;
    }
    push.close(Duration::from_secs(1))?;
    Ok(())
}
