//! In which order a dialer tries the addresses of its name: the one that worked last, then those it knows nothing bad of, then
//! those that failed, the latest last. One that takes connections and says nothing costs all of its time once, and not at each
//! reconnection: then it has less, but for now and then, because it may be no more than slow.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

/// Addresses of one name that are tried in a round.
const MOST: usize = 32;
/// The part of the time for a handshake that an address has which was silent, where there are others.
const OF_TIME: u32 = 8;
/// Each so manieth silence it has all of it.
const ALL_OF_TIME: u32 = 4;

/// What a dialer knows of the addresses of its name.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    /// Those that this round has not yet tried.
    untried: VecDeque<SocketAddr>,
    /// The one that is being tried, or to which the connection is.
    current: Option<SocketAddr>,
    /// The one that worked last.
    good: Option<SocketAddr>,
    /// Those that failed since they worked, the latest last, and how often they were silent.
    bad: Vec<(SocketAddr, u32)>,
    /// How many there are.
    count: usize,
}

impl Addresses {
    /// A round begins with what the name stands for now.
    pub(crate) fn begin(&mut self, found: Vec<SocketAddr>) {
        let mut found: Vec<SocketAddr> = found.into_iter().take(MOST).collect();
        self.count = found.len();
        self.bad.retain(|(bad, _)| found.contains(bad));
        found.sort_by_key(|address| match self.bad.iter().position(|(bad, _)| bad == address) {
            _ if self.good == Some(*address) => 0,
            None => 1,
            Some(place) => 2 + place,
        });
        self.untried = found.into();
    }

    /// The next one to try in this round.
    pub(crate) fn next(&mut self) -> Option<SocketAddr> {
        self.current = self.untried.pop_front();
        self.current
    }

    /// The one that was being tried works: the round is over.
    pub(crate) fn works(&mut self) {
        self.untried.clear();
        self.good = self.current;
        self.bad.retain(|(bad, _)| Some(*bad) != self.good);
    }

    /// The round is over, for a reason that says nothing of any address.
    pub(crate) fn give_up(&mut self) {
        self.untried.clear();
        self.current = None;
    }

    /// The one that was being tried does not work; because it was silent?
    pub(crate) fn fails(&mut self, silent: bool) {
        let Some(failed) = self.current.take() else { return };
        self.good = self.good.filter(|good| *good != failed);
        let silences = self.silences(failed);
        self.bad.retain(|(bad, _)| *bad != failed);
        self.bad.push((failed, if silent { silences.saturating_add(1) } else { 0 }));
    }

    /// The time for the handshake with the one that is being tried, of so much.
    pub(crate) fn time(&self, whole: Duration) -> Duration {
        let silences = self.current.map_or(0, |current| self.silences(current));
        if self.count < 2 || silences.is_multiple_of(ALL_OF_TIME) { whole } else { whole / OF_TIME }
    }

    fn silences(&self, address: SocketAddr) -> u32 {
        self.bad.iter().find(|(bad, _)| *bad == address).map_or(0, |(_, silences)| *silences)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<SocketAddr> {
        (1..=4).map(|last| SocketAddr::from(([10, 0, 0, last], 5555))).collect()
    }

    /// A round in which only this one of them works; in which order they were tried.
    fn round(addresses: &mut Addresses, works: u8) -> Vec<u8> {
        addresses.begin(all());
        let mut tried = Vec::new();
        while let Some(SocketAddr::V4(next)) = addresses.next() {
            let last = next.ip().octets()[3];
            tried.push(last);
            if last == works {
                addresses.works();
                break;
            }
            addresses.fails(false);
        }
        tried
    }

    #[test]
    fn the_address_that_worked_comes_first_and_those_that_failed_come_last() {
        let mut addresses = Addresses::default();
        assert_eq!(round(&mut addresses, 2), [1, 2]);
        assert_eq!(round(&mut addresses, 2), [2]);
        assert_eq!(round(&mut addresses, 4), [2, 3, 4], "nothing bad is known of 3 and 4, and of 1 there is");
        assert_eq!(round(&mut addresses, 0), [4, 1, 2, 3]);
        assert_eq!(round(&mut addresses, 1), [4, 1], "none is given up, and the oldest failure comes first");
    }

    #[test]
    fn an_address_that_was_silent_has_less_time_but_for_now_and_then() {
        let whole = Duration::from_secs(8);
        let mut addresses = Addresses::default();
        let mut times = Vec::new();
        for _ in 0..6 {
            addresses.begin(all());
            addresses.next();
            while addresses.current != Some(all()[0]) {
                addresses.fails(false);
                addresses.next();
            }
            times.push(addresses.time(whole).as_secs());
            addresses.fails(true);
        }
        assert_eq!(times, [8, 1, 1, 1, 8, 1]);
        let mut lonely = Addresses::default();
        for _ in 0..3 {
            lonely.begin(all()[..1].to_vec());
            lonely.next();
            assert_eq!(lonely.time(whole), whole, "there is no other");
            lonely.fails(true);
        }
    }

    #[test]
    fn what_is_known_is_of_the_addresses_that_the_name_has() {
        let mut addresses = Addresses::default();
        for turn in 0..100_u8 {
            addresses.begin((0..100).map(|last| SocketAddr::from(([10, 0, turn, last], 1))).collect());
            let mut tried = 0;
            while addresses.next().is_some() {
                addresses.fails(false);
                tried += 1;
            }
            assert_eq!((tried, addresses.bad.len()), (MOST, MOST));
        }
    }
}
