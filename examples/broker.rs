//! A broker: clients and servers know one address each, and the broker, between them, hands
//! requests on and answers back.

use std::thread;
use std::time::Duration;

use hubless::{Error, Rep, Req, raw};

const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<(), Error> {
    env_logger::init();
    // Each raw socket is the other end of what it talks to. The header of a packet knows
    // the way back.
    let (clients, servers) = (raw::Rep::new()?, raw::Req::new()?);
    let clients_at = clients.listen("tcp://127.0.0.1:0")?;
    let servers_at = servers.listen("tcp://127.0.0.1:0")?;
    let (requests, answers) =
        ((clients.clone(), servers.clone()), (servers.clone(), clients));
    thread::spawn(move || requests.0.iter().try_for_each(|packet| requests.1.send(packet)));
    thread::spawn(move || answers.0.iter().try_for_each(|packet| answers.1.send(packet)));

    for _ in 0..2 {
        let address = servers_at.address().to_owned();
        thread::spawn(move || serve(&address));
    }
    servers.wait_for_peers(2, PATIENCE)?;

    // Behind a broker a client cannot see a server die, so it asks again sooner than after
    // the usual minute.
    let client =
        Req::builder().resend(Duration::from_secs(2)).deadline(PATIENCE).build()?;
    client.dial(clients_at.address())?;
    let pending = (1..=4)
        .map(|number| client.send(number.to_string()))
        .collect::<Result<Vec<_>, _>>()?;
    for answer in pending {
        println!("{}", answer.recv()?.as_str().unwrap_or("not text"));
    }
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

/// Answers through the broker as it would without.
fn serve(address: &str) -> Result<(), Error> {
    let rep = Rep::new()?;
    rep.dial(address)?;
    for request in &rep {
        let answer = match request.as_str().unwrap_or_default().parse::<u64>() {
            Ok(number) => format!("{number} squared is {}", number * number),
            Err(error) => format!("that is not a number: {error}"),
        };
        request.reply(answer)?;
    }
    Ok(())
}
