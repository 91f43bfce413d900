//! Callers who wait for different numbers of peers.

use crate::check::{check, mutants, spawn};
use crate::host::{Fault, Socket};
use crate::kernel::Transport;

/// The one who waits for more may wait longest; the second peer comes when the other has had its wish.
fn some_want_more(fault: Fault) {
    let socket = Socket::new(Transport::Stream, 0, fault);
    let [one, two, another] =
        [1, 2, 1].map(|wanted| spawn(&socket, move |socket| socket.wait_for_peers(wanted)));
    socket.admit();
    one.join().expect("there is one peer");
    another.join().expect("there is one peer");
    socket.admit();
    two.join().expect("there are two peers");
}

#[test]
fn everybody_hears_of_the_peers_it_waits_for() {
    check(|| some_want_more(Fault::None));
}

mutants! {
    one_who_judges_for_all_is_found: "deadlock" => some_want_more(Fault::OneJudgesForAll),
}
