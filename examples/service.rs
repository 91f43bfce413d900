//! A service under tokio: many requests at a time, a limit on the work for each, and a
//! clean end by Ctrl-C or SIGTERM.
//!
//! `cargo run -p hubless-examples --example service -- tcp://127.0.0.1:5555` serves until it
//! is stopped, and `hubless req --dial tcp://127.0.0.1:5555 -d 20` asks it. Without an address
//! it asks itself, and ends.

use std::time::Duration;

use hubless::{Error, Message, Rep, Req, Request};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time;

/// Requests that are worked on at a time. More wait in the socket, and behind that in the
/// clients.
const AT_ONCE: usize = 64;
/// How long one request may take.
const WORK: Duration = Duration::from_secs(2);
/// How long those that have begun may take when the service is to stop.
const GRACE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1);
    let rep = Rep::new()?;
    let listener = rep.listen(address.as_deref().unwrap_or("tcp://127.0.0.1:0"))?;
    println!("serving at {}", listener.address());

    let served = match address {
        Some(_) => serve(&rep, stopped()?).await?,
        None => serve(&rep, ask(listener.address().to_owned())).await?,
    };
    listener.close(); // nobody new
    let report = rep.close_async(GRACE).await?; // the answers leave
    println!("served {served} requests, {} answers did not leave", report.dropped);
    Ok(())
}

/// Answers requests until it is to stop, and then those that have begun. How many.
async fn serve(rep: &Rep, stop: impl Future<Output = ()>) -> Result<usize, Error> {
    let mut working = JoinSet::new();
    let mut served = 0;
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            // A receive that loses the race has taken nothing.
            request = rep.recv_async(), if working.len() < AT_ONCE => {
                working.spawn(answer(request?));
            }
            Some(done) = working.join_next() => served += usize::from(done.is_ok()),
        }
    }
    let rest = async {
        while let Some(done) = working.join_next().await {
            served += usize::from(done.is_ok());
        }
    };
    // What has not ended by then is dropped with its request. The client asks another
    // server, as it does for requests that were never taken.
    let _ = time::timeout(GRACE, rest).await;
    Ok(served)
}

async fn answer(request: Request) {
    let reply = match time::timeout(WORK, work(&request)).await {
        Ok(result) => result,
        Err(_) => Message::from(format!("failed: it took more than {WORK:?}")),
    };
    if let Err(refused) = request.reply(reply) {
        eprintln!("an answer was not sent: {refused}");
    }
}

/// Sleeps as many milliseconds as the request says.
async fn work(request: &Request) -> Message {
    match request.as_str().ok().and_then(|text| text.parse().ok()) {
        Some(pause) => {
            time::sleep(Duration::from_millis(pause)).await;
            Message::from(format!("slept {pause} ms"))
        }
        None => Message::from("failed: not a number"),
    }
}

/// Ends when somebody presses Ctrl-C, or the system asks the program to end.
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// A client: many requests at a time over one socket, each with a deadline.
async fn ask(address: String) {
    let asked = async {
        let req = Req::builder().deadline(Duration::from_secs(10)).build()?;
        req.dial(&address)?;
        let mut asking = JoinSet::new();
        for pause in ["20", "10", "0", "many"] {
            let req = req.clone();
            // The deadline counts from when a server has the request. The timeout is for
            // the time without a server.
            asking.spawn(async move {
                time::timeout(Duration::from_secs(15), req.request_async(pause)).await
            });
        }
        while let Some(answered) = asking.join_next().await {
            match answered {
                Ok(Ok(answer)) => println!("{}", answer?.as_str().unwrap_or("not text")),
                Ok(Err(_)) => println!("no server within 15 s"),
                Err(failed) => println!("{failed}"),
            }
        }
        Ok::<(), Error>(())
    };
    if let Err(error) = asked.await {
        println!("{error}");
    }
}
