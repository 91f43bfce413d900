//! What judges every trial finds what it is there to find.

use std::time::Duration;

use hubless_kit::{Breach, Ledger, Stamp, now};
use hubless_trials::{LeakTrend, ProcessResources};

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
fn each_byte_that_is_another_is_found() {
    let whole = stamp(3).encode(100).to_vec();
    for place in 0..whole.len() {
        let mut other = whole.clone();
        other[place] ^= 1;
        assert_eq!(Stamp::decode(&other), None, "byte {place}");
    }
}

#[test]
fn a_message_that_was_cut_or_got_longer_is_found() {
    let whole = stamp(3).encode(100).to_vec();
    for length in 0..whole.len() {
        assert_eq!(Stamp::decode(&whole[..length]), None, "{length} bytes");
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

/// What the judge of leaks makes of a run of so many minutes, with a note each minute.
fn trend(minutes: u64, resources: impl Fn(u64) -> ProcessResources) -> LeakTrend {
    let (begin, mut trend) = (now(), LeakTrend::default());
    for minute in 0..=minutes {
        trend.note(begin + Duration::from_secs(minute * 60), resources(minute));
    }
    trend
}

/// Nothing grows, though it is never twice the same.
fn flat(minute: u64) -> ProcessResources {
    let wave = i64::try_from(minute * 7919 % 23).expect("a small number");
    ProcessResources {
        descriptors: 20,
        bytes: 5_000_000 + wave * 10_000,
        pieces: 0,
        resident_kib: 90_000 + wave * 300,
    }
}

/// The same, and so many more bytes each hour.
fn leaking(bytes: i64) -> impl Fn(u64) -> ProcessResources {
    move |minute| {
        let grown = bytes * i64::try_from(minute).expect("a small number") / 60;
        let ProcessResources { bytes, resident_kib, .. } = flat(minute);
        ProcessResources { bytes: bytes + grown, resident_kib: resident_kib + grown / 1024, ..flat(minute) }
    }
}

#[test]
fn what_does_not_grow_is_no_leak_in_runs_of_any_length() {
    for minutes in [0, 1, 5, 60, 119, 120, 300] {
        let trend = trend(minutes, flat);
        assert!(!trend.is_leak(), "{minutes} minutes: {trend}");
    }
}

#[test]
fn a_slow_leak_is_found_where_the_time_is_long_enough() {
    let slow = leaking(200 * 1024);
    assert!(trend(180, &slow).is_leak());
    let short = trend(60, &slow);
    assert!(!short.is_leak() && short.to_string().contains("too short to judge"), "{short}");
    assert!(!trend(180, leaking(50 * 1024)).is_leak());
}

#[test]
fn a_fast_leak_is_found_in_a_short_time() {
    assert!(trend(30, leaking(64 << 20)).is_leak());
}

#[test]
fn memory_that_is_used_and_was_not_asked_for_is_a_leak_too() {
    let swelling = |minute| ProcessResources { bytes: 0, ..leaking(10 << 20)(minute) };
    assert!(trend(180, swelling).is_leak());
}

#[test]
fn a_descriptor_that_stays_is_a_leak_and_those_of_the_first_round_are_none() {
    let after =
        |minute| move |now| ProcessResources { descriptors: 20 + i64::from(now >= minute), ..flat(now) };
    assert!(trend(30, after(30)).is_leak());
    assert!(!trend(30, after(0)).is_leak());
}

#[test]
fn room_that_is_made_once_for_more_than_ever_came_is_no_leak() {
    let step = |minute| {
        let ProcessResources { bytes, .. } = flat(minute);
        ProcessResources { bytes: bytes + if minute > 140 { 1 << 20 } else { 0 }, ..flat(minute) }
    };
    assert!(!trend(180, step).is_leak());
}
