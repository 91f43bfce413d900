//! A service without a runtime: four threads answer requests until Ctrl-C or SIGTERM closes
//! their socket.

use std::thread;
use std::time::Duration;

use hubless::{Error, Rep};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?; // they no longer end the process
    let address = std::env::args().nth(1).unwrap_or_else(|| "tcp://127.0.0.1:5555".into());
    let rep = Rep::new()?;
    let listener = rep.listen(address)?;
    let start = |rep: Rep| thread::spawn(move || serve(&rep));
    let workers: Vec<_> = (0..4).map(|_| start(rep.clone())).collect();
    println!("serving at {}", listener.address());

    signals.forever().next(); // Ctrl-C, or SIGTERM
    let report = rep.close(Duration::from_secs(5))?; // loops end; queued answers leave
    for worker in workers {
        worker.join().expect("no worker panics")?;
    }
    println!("{} answers did not leave", report.dropped);
    Ok(())
}

fn serve(rep: &Rep) -> Result<(), Error> {
    for request in rep {
        let answer = request.message().clone();
        match request.reply(answer) {
            // Closed while it worked.
            Err(refused) if matches!(refused.error, Error::Closed) => break,
            replied => replied?,
        }
    }
    Ok(())
}
