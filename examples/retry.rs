//! A client that outlives its servers: a request whose server dies goes to the next one,
//! and a request that nobody answers ends by its deadline.

use std::thread;
use std::time::Duration;

use hubless::{Error, Rep, Req};

const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<(), Error> {
    env_logger::init();
    let client = Req::builder().deadline(PATIENCE).build()?;
    let at = client.listen("tcp://127.0.0.1:0")?;

    // A server that dies with the request in its hands. Closing it is what its death would
    // look like from here.
    let ada = server(at.address())?;
    let pending = client.send("job 1")?;
    println!("ada takes {}, and dies", ada.recv()?.as_str().unwrap_or("not text"));
    ada.close(Duration::ZERO)?;

    // The client sends the request again, by itself, as soon as there is somebody else.
    let bob = server(at.address())?;
    thread::spawn(move || serve(&bob));
    println!("{}", pending.recv()?.as_str().unwrap_or("not text"));

    // A server that is there and never answers.
    let hasty = Req::builder().deadline(Duration::from_millis(200)).build()?;
    let at = hasty.listen("tcp://127.0.0.1:0")?;
    let mute = server(at.address())?;
    hasty.wait_for_peers(1, PATIENCE)?;
    match hasty.request("job 2") {
        Err(error @ Error::Deadline) => println!("job 2: {error}"),
        other => println!("job 2, unexpectedly: {other:?}"),
    }
    println!("the mute server has {} peer", mute.stats().pipes);
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

fn server(address: &str) -> Result<Rep, Error> {
    let rep = Rep::new()?;
    rep.dial(address)?;
    Ok(rep)
}

/// Answers until the socket is closed.
fn serve(rep: &Rep) -> Result<(), Error> {
    for request in rep {
        let answer = format!("bob has done {}", request.as_str().unwrap_or("not text"));
        request.reply(answer)?;
    }
    Ok(())
}
