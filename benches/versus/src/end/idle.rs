//! Ends that do nothing, so that it can be seen what that costs.

use std::thread;

use super::greeting::{self, Kind};
use super::{Figures, Link, as_figure, beside, link};
use crate::Outcome;
use crate::peers::Peer;
use crate::system::{allocated, cpu};

/// Takes connections, and says what it holds and has used for each line that it is told.
pub(super) fn attend<P: Peer>(peer: P, listen: String) -> Outcome<Figures> {
    let (link, beside) = Link::beside();
    thread::spawn(move || beside::or_exit(peer.idle(&listen, &link)));
    if !beside.wait() {
        return Err("it does not listen".into());
    }
    Link::Lines.ready();
    while link::hear() {
        println!("{}", serde_json::to_string(&state())?);
    }
    Ok(Figures::new())
}

fn state() -> Figures {
    Figures::from([("allocated", as_figure(allocated::octets() as u64)), ("cpu", cpu::spent().as_secs_f64())])
}

/// Connects so many times, and holds.
pub(super) fn crowd(dial: &str, count: usize, kind: Kind) -> Outcome<Figures> {
    let crowd: Outcome<Vec<_>> = (0..count).map(|_| greeting::connect(dial, kind)).collect();
    let crowd = crowd?;
    Link::Lines.ready();
    Link::Lines.hold();
    drop(crowd);
    Ok(Figures::new())
}
