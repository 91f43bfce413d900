//! What judges every trial finds what it is there to find.

use hubless_trials::{Breach, Ledger, Stamp};

fn stamp(seq: u64) -> Stamp {
    Stamp { run: 7, sender: 1, incarnation: 0, seq, about: 0 }
}

#[test]
fn what_is_intact_and_in_order_is_entered() {
    let mut ledger = Ledger::new(7);
    for (seq, length) in [(0, 0), (1, 40), (2, 41), (5, 3000)] {
        assert_eq!(ledger.enter(&stamp(seq).encode(length)), Ok(stamp(seq)));
    }
    assert_eq!((ledger.received, ledger.missing), (4, 2));
}

#[test]
fn each_octet_that_is_another_is_found() {
    let whole = stamp(3).encode(100).to_vec();
    for place in 0..whole.len() {
        let mut other = whole.clone();
        other[place] ^= 1;
        assert_eq!(Stamp::decode(&other), None, "octet {place}");
    }
}

#[test]
fn a_message_that_was_cut_or_got_longer_is_found() {
    let whole = stamp(3).encode(100).to_vec();
    for length in 0..whole.len() {
        assert_eq!(Stamp::decode(&whole[..length]), None, "{length} octets");
    }
    let longer = [whole, vec![0]].concat();
    assert_eq!(Stamp::decode(&longer), None);
}

#[test]
fn what_comes_twice_or_too_early_is_found() {
    for seq in [3, 2] {
        let mut ledger = Ledger::new(7);
        ledger.enter(&stamp(3).encode(50)).expect("the first");
        let came = stamp(seq);
        assert_eq!(ledger.enter(&came.encode(50)), Err(Breach::Disorder { came, after: 3 }));
    }
}

#[test]
fn what_belongs_to_another_trial_is_found() {
    assert_eq!(Ledger::new(8).enter(&stamp(0).encode(50)), Err(Breach::Foreign(stamp(0))));
}
