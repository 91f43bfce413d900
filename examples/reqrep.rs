//! Request and reply: two servers share the requests of one client, which has many open at
//! once.

use std::thread;
use std::time::Duration;

use hubless::{Error, Rep, Req};

fn main() -> Result<(), Error> {
    env_logger::init();
    let client = Req::builder().deadline(Duration::from_secs(10)).build()?;
    let at = client.listen("tcp://127.0.0.1:0")?;
    for name in ["ada", "bob"] {
        let address = at.address().to_owned();
        thread::spawn(move || serve(name, &address));
    }
    client.wait_for_peers(2, Duration::from_secs(10))?;

    println!("one by one:");
    for number in 1..=3 {
        println!(
            "  {}",
            client.request(number.to_string())?.as_str().unwrap_or("not text")
        );
    }

    println!("many at once, taken in any order:");
    let pending = (10..16)
        .map(|number| client.send(number.to_string()))
        .collect::<Result<Vec<_>, _>>()?;
    for answer in pending.iter().rev() {
        println!("  {}", answer.recv()?.as_str().unwrap_or("not text"));
    }
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

/// Squares numbers. A request is a value: it could be answered later, by another thread, in
/// another order.
fn serve(name: &str, address: &str) -> Result<(), Error> {
    let rep = Rep::new()?;
    rep.dial(address)?;
    for request in &rep {
        let answer = match request.as_str().unwrap_or_default().parse::<u64>() {
            Ok(number) => format!("{number} squared is {} ({name})", number * number),
            Err(error) => format!("that is not a number: {error} ({name})"),
        };
        request.reply(answer)?;
    }
    Ok(())
}
