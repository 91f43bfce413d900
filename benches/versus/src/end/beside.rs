//! Both ends in one process, each a thread: inproc.

use std::process;
use std::sync::Arc;
use std::thread;

use super::link::Beside;
use super::{Arrivals, Figures, Letters, Link, Rounds, Stream};
use crate::Outcome;
use crate::peers::Peer;
use crate::system::cpu;

/// A sender and a receiver.
pub(super) fn push_pull<P: Peer>(peer: P, address: &str, stream: Stream) -> Outcome<Figures> {
    let peer = Arc::new(peer);
    let (link, beside) = Link::beside();
    let sender = {
        let (peer, address) = (Arc::clone(&peer), address.to_owned());
        apart(beside, move |link| peer.push(&address, link, &mut Letters::new(stream)))
    };
    let mut arrivals = Arrivals::new(stream);
    peer.pull(address, &link, &mut arrivals)?;
    let figures = arrivals.figures();
    drop(sender);
    Ok(figures)
}

/// Who asks and who answers, on two processors. The threads that the library itself started before run anywhere.
pub(super) fn req_rep<P: Peer>(peer: P, address: &str, stream: Stream) -> Outcome<Figures> {
    let peer = Arc::new(peer);
    let (link, beside) = Link::beside();
    {
        let (peer, address) = (Arc::clone(&peer), address.to_owned());
        thread::spawn(move || or_exit(cpu::pin(0).and_then(|()| peer.rep(&address, &link))));
    }
    if !beside.wait() {
        return Err("nobody answers".into());
    }
    cpu::pin(1)?;
    let mut rounds = Rounds::new(stream);
    peer.req(address, &Link::Lines, &mut rounds)?;
    Ok(rounds.figures())
}

/// Starts the end that connects when the other is ready; it holds until what is returned is dropped.
fn apart(other: Beside, end: impl FnOnce(&Link) -> Outcome<()> + Send + 'static) -> Beside {
    let (link, held) = Link::beside();
    thread::spawn(move || {
        if other.wait() {
            or_exit(end(&link));
        }
    });
    held
}

/// An end that fails takes the process with it, so that nobody waits for it.
pub(super) fn or_exit(outcome: Outcome<()>) {
    if let Err(error) = outcome {
        eprintln!("{error}");
        process::exit(1);
    }
}
