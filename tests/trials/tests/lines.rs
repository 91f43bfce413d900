//! What is to happen to the packets of a network happens to them.

use std::time::{Duration, Instant};

use hubless_kit::now;
use hubless_trials::Trial;
use hubless_trials::network::{Conditions, Line};

const PACKETS: u16 = 10_000;

/// What comes out of a line, and when, if a packet is put in each millisecond.
fn carry(conditions: Conditions, seed: u64, begin: Instant) -> Vec<(u16, Duration)> {
    let mut line = Line::new(conditions, Trial::from_seed("lines", seed).chance(0));
    let mut out = Vec::new();
    // Half as many turns again, so that the last come out, too.
    for turn in 0..PACKETS / 2 * 3 {
        let time = begin + Duration::from_millis(turn.into());
        if turn < PACKETS {
            line.take(turn.to_be_bytes().to_vec(), time);
        }
        while let Some(at) = line.next().filter(|at| *at <= time) {
            let packet = line.come_out(at).expect("what is due");
            out.push((u16::from_be_bytes([packet[0], packet[1]]), at - begin));
        }
    }
    out
}

fn near(count: usize, percent: usize) -> bool {
    let expected = usize::from(PACKETS) * percent / 100;
    (expected / 2..=expected * 2).contains(&count)
}

#[test]
fn a_good_line_brings_all_in_order_after_its_delay() {
    let conditions = Conditions { delay: Duration::from_millis(30), ..Conditions::default() };
    let out = carry(conditions, 1, now());
    let expected = (0..PACKETS).map(|number| (number, Duration::from_millis(u64::from(number) + 30)));
    assert!(out.into_iter().eq(expected));
}

#[test]
fn what_becomes_of_each_packet_follows_from_the_seed() {
    let begin = now();
    let of_seed = |seed| carry(Conditions::poor(), seed, begin);
    assert_eq!(of_seed(1), of_seed(1));
    assert_ne!(of_seed(1), of_seed(2));
}

#[test]
fn as_many_are_lost_overtaken_and_doubled_as_was_said() {
    let begin = now();
    let lossy = carry(Conditions { loss: 20, ..Conditions::default() }, 1, begin);
    assert!(near(usize::from(PACKETS) - lossy.len(), 20));
    let doubling = carry(Conditions { duplicate: 10, ..Conditions::default() }, 1, begin);
    assert!(near(doubling.len() - usize::from(PACKETS), 10));
    let delay = Duration::from_millis(5);
    let reordering = carry(Conditions { reorder: 5, delay, ..Conditions::default() }, 1, begin);
    assert!(near(reordering.windows(2).filter(|pair| pair[0].0 > pair[1].0).count(), 5));
    assert_eq!(reordering.len(), usize::from(PACKETS));
}
