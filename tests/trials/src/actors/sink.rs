use std::time::Duration;

use hubless::{Error, Pull};

use hubless_kit::Ledger;
use hubless_kit::child::{hear, tell};

/// How long nothing may come before the trial is asked what to do.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes what comes to a PULL at this address, for the trial of this number. Asked with `count`, tells how many messages came and
/// how many were passed over; ends at the first that is not as it must be.
pub(super) fn play(words: &[String]) {
    let [address, run] = words else { panic!("sink ADDRESS RUN") };
    let pull = Pull::new().expect("a socket");
    let listener = pull.listen(address).expect("an address");
    tell(listener.address());
    let mut ledger = Ledger::new(run.parse().expect("a number"));
    while hear().is_some_and(|word| word == "count") {
        take(&pull, &mut ledger);
        tell(&format!("{} {}", ledger.received, ledger.missing));
    }
}

/// Takes all there is, until nothing has come for a while.
fn take(pull: &Pull, ledger: &mut Ledger) {
    loop {
        match pull.recv_timeout(PAUSE) {
            Ok(message) => drop(ledger.enter(&message).expect("a message as it was sent")),
            Err(Error::Timeout { .. }) => return,
            Err(error) => panic!("{error}"),
        }
    }
}
