use std::collections::HashMap;
use std::thread;

use hubless::{Bus, Error};

use super::draining::TURN;
use super::place::Place;
use super::source::Source;
use super::together::{PATIENCE, Tied, outcome, settled};
use super::{Plan, Report};
use crate::Trial;
use hubless_kit::{Ledger, Stamp, now};

/// How many buses there are, each connected to each.
const BUSES: usize = 3;

/// What a bus got of each other one.
type Ledgers = HashMap<u32, Ledger>;

/// Buses over connections that live, all sending at once: what the others lack of one bus is what that one counts as dropped.
pub fn buses(trial: &Trial, plan: &Plan) -> Report {
    let mut place = Place::new(trial, plan);
    let buses = mesh(&mut place);
    let ledgers: Vec<Ledgers> = thread::scope(|scope| {
        let buses = &buses;
        let running: Vec<_> = (0..BUSES)
            .map(|number| {
                let source = Source::new(trial, plan, u32::try_from(number).expect("a few"));
                let sending =
                    scope.spawn(move || source.all().try_for_each(|message| buses[number].send(message)));
                (sending, scope.spawn(move || take(number, buses, trial.seed(), plan)))
            })
            .collect();
        let (sending, receiving): (Vec<_>, Vec<_>) = running.into_iter().unzip();
        let ledgers = receiving.into_iter().map(outcome).collect();
        assert!(sending.into_iter().map(outcome).all(|sent: Result<(), _>| sent.is_ok()), "a bus is closed");
        ledgers
    });
    let mut dropped = 0;
    for (sender, bus) in (0..).zip(&buses) {
        let stats = settled(bus, |stats| stats.send_queue == 0);
        let came: u64 = ledgers.iter().filter_map(|got| got.get(&sender)).map(|ledger| ledger.received).sum();
        let gaps = plan.messages * (BUSES as u64 - 1) - came;
        assert_eq!((stats.drops.peer_full, stats.drops.total()), (gaps, gaps), "{stats:?}");
        dropped += gaps;
    }
    let meant = plan.messages * (BUSES * (BUSES - 1)) as u64;
    Report::new("BUS", &place).delivered(meant - dropped, meant).lost(dropped, 0)
}

fn mesh(place: &mut Place<'_>) -> Vec<Bus> {
    let open = || Bus::builder().send_buffer(20).recv_buffer(20).build().expect("a socket");
    let buses: Vec<Bus> = (0..BUSES).map(|_| open()).collect();
    for (number, bus) in buses.iter().enumerate() {
        let listener = bus.listen(place.address()).expect("an address");
        for other in &buses[number + 1..] {
            other.dial(place.way_to(listener.address())).expect("an address");
        }
    }
    for bus in &buses {
        bus.wait_for_peers(BUSES - 1, PATIENCE).expect("the others come");
    }
    buses
}

/// Takes until everything that was sent has come or was dropped.
fn take(number: usize, buses: &[Bus], run: u64, plan: &Plan) -> Ledgers {
    let _tied = Tied(buses.iter().map(|bus| bus as _).collect());
    let mut ledgers = Ledgers::new();
    let mut quiet = now();
    loop {
        match buses[number].recv_timeout(TURN) {
            Ok(message) => {
                let sender = Stamp::decode(&message).map_or(u32::MAX, |stamp| stamp.sender);
                let ledger = ledgers.entry(sender).or_insert_with(|| Ledger::new(run));
                ledger.enter(&message).unwrap_or_else(|breach| panic!("{breach}"));
                quiet = now();
            }
            Err(Error::Timeout { .. }) if all_there(buses, plan.messages) => return ledgers,
            Err(Error::Timeout { .. }) => {
                assert!(quiet.elapsed() < plan.patience, "the gaps are more than was dropped");
            }
            // Another one has failed, and says how.
            Err(Error::Closed) => return ledgers,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Whether everything that was to be sent has been taken or dropped.
fn all_there(buses: &[Bus], messages: u64) -> bool {
    let stats: Vec<_> = buses.iter().map(Bus::stats).collect();
    let known: u64 = stats.iter().map(|stats| stats.received + stats.drops.peer_full).sum();
    let quiet = stats.iter().all(|stats| stats.send_queue == 0 && stats.recv_queue == 0);
    quiet && known == messages * (BUSES * (BUSES - 1)) as u64
}
