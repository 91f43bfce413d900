//! A broker from a queue device: clients dial its front, workers dial its back, and neither
//! knows the others.

use std::thread;
use std::time::Duration;

use hubless::{Device, Error, Rep, Req, raw};

fn main() -> Result<(), Error> {
    env_logger::init();
    let (front, back) = (raw::Rep::new()?, raw::Req::new()?);
    let clients = front.listen("tcp://127.0.0.1:0")?;
    let workers = back.listen("inproc://workers")?;
    let broker = Device::queue(front, back).spawn()?;

    for name in ["ada", "bob"] {
        let address = workers.address().to_owned();
        thread::spawn(move || work(name, &address));
    }
    let asking: Vec<_> = (1..=3)
        .map(|client| {
            let address = clients.address().to_owned();
            thread::spawn(move || ask(client, &address))
        })
        .collect();
    for client in asking {
        client.join().expect("a client does not panic")?;
    }

    let report = broker.stop()?;
    println!("{report}");
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

fn ask(client: u32, address: &str) -> Result<(), Error> {
    let req = Req::builder().deadline(Duration::from_secs(10)).build()?;
    req.dial(address)?;
    for number in 1..=3 {
        let answer = req.request(format!("job {number} of client {client}"))?;
        println!("{}", answer.as_str().unwrap_or("not text"));
    }
    Ok(())
}

fn work(name: &str, address: &str) -> Result<(), Error> {
    let rep = Rep::new()?;
    rep.dial(address)?;
    for request in &rep {
        let answer = format!("{}: done by {name}", request.as_str().unwrap_or_default());
        request.reply(answer)?;
    }
    Ok(())
}
