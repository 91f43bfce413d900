//! A socket under tokio's `AsyncFd`. There is no need for that, `recv_async` does the same;
//! it shows how a socket is woven into any runtime that can watch a descriptor.

use std::thread;
use std::time::Duration;

use hubless::{Error, Message, Pull, Push, Ready};
use tokio::io::unix::AsyncFd;

const COUNT: usize = 1000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jobs = Pull::new()?;
    let at = jobs.listen("tcp://127.0.0.1:0")?;
    thread::spawn(move || produce(at.address()));

    #[expect(deprecated, reason = "its successor is unsafe code; this one is not")]
    let ready = AsyncFd::new(jobs.recv_ready()?)?;
    for expected in 0..COUNT {
        assert_eq!(receive(&jobs, &ready).await?, expected.to_string());
    }
    println!("{COUNT} jobs received");
    Ok(())
}

/// Receives one message.
async fn receive(
    jobs: &Pull,
    ready: &AsyncFd<Ready>,
) -> Result<Message, Box<dyn std::error::Error>> {
    loop {
        match jobs.try_recv() {
            Err(Error::Empty) => {}
            received => return Ok(received?),
        }
        // tokio may remember that it was readable before; who finds nothing has it forget
        // that, and not what came since.
        let mut guard = ready.readable().await?;
        match jobs.try_recv() {
            Err(Error::Empty) => guard.clear_ready(),
            received => return Ok(received?),
        }
    }
}

fn produce(at: &str) -> Result<(), Error> {
    let push = Push::new()?;
    push.dial(at)?;
    push.send_many((0..COUNT).map(|job| job.to_string()))?;
    push.close(Duration::from_secs(10)).map(drop)
}
