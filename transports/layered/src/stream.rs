use std::io::{self, IoSlice};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hubless_transport::mio::Registry;
use hubless_transport::{Acknowledged, Link, Offer, Peer, Stream, Wait};

use crate::input::Input;
use crate::output::Output;
use crate::record::{Record, malformed};
use crate::{KEY, LayeredTransport};

/// The round trips of the handshake.
const ROUNDS: u8 = 3;

/// A stream over another one.
#[derive(Debug)]
pub(crate) struct Layered {
    below: Box<dyn Stream>,
    dials: bool,
    key: [u8; KEY],
    answers_first: bool,
    offer: String,
    greeted: Mutex<Greeted>,
    input: Mutex<Input>,
    output: Mutex<Output>,
}

/// How far the handshake is.
#[derive(Debug, Default)]
struct Greeted {
    /// Rounds that have been heard.
    heard: u8,
    begun: bool,
    theirs: Option<([u8; KEY], String)>,
}

impl Layered {
    pub(crate) fn new(below: Box<dyn Stream>, dials: bool, layer: LayeredTransport, offer: &Offer) -> Self {
        Self {
            below,
            dials,
            key: layer.key,
            answers_first: layer.answers_first,
            offer: offer.ours.to_string(),
            greeted: Mutex::default(),
            input: Mutex::default(),
            output: Mutex::new(Output::new(layer.asks)),
        }
    }

    /// What the other end has offered.
    pub(crate) fn offered(&self) -> String {
        lock(&self.greeted).theirs.as_ref().map(|(_, offer)| offer.clone()).unwrap_or_default()
    }

    fn hello(&self, round: u8) -> Record {
        Record::Hello { round, key: self.key, offer: self.offer.clone() }
    }

    /// Goes on with the handshake: the dialer says something in each round, and the listener answers.
    fn shake_hands(&self) -> io::Result<()> {
        let mut greeted = lock(&self.greeted);
        if self.dials && !std::mem::replace(&mut greeted.begun, true) {
            lock(&self.output).say(&self.hello(1));
        }
        loop {
            lock(&self.output).flush(&*self.below)?;
            if greeted.heard == ROUNDS {
                return Ok(());
            }
            let record = lock(&self.input).record(&*self.below)?;
            let round = greeted.heard + 1;
            match record {
                Some(Record::Hello { round: said, key, offer }) if said == round => {
                    greeted.theirs = Some((key, offer));
                }
                Some(_) => return Err(malformed()),
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
            greeted.heard = round;
            if !self.dials {
                lock(&self.output).say(&self.hello(round));
            } else if round < ROUNDS {
                lock(&self.output).say(&self.hello(round + 1));
            }
        }
    }
}

impl Link for Layered {
    fn watch(&self, wait: &Wait<'_>) -> io::Result<()> {
        self.below.watch(wait)
    }

    fn unwatch(&self, registry: &Registry) {
        self.below.unwatch(registry);
    }

    fn establish(&self) -> io::Result<()> {
        self.below.establish()?;
        self.shake_hands()
    }

    fn peer(&self) -> Peer {
        let below = self.below.peer();
        let place = below.address.split_once("://").map_or(&*below.address, |(_, place)| place);
        let mut peer = Peer::new(format!("layered://{place}"));
        peer.network = below.network;
        match &lock(&self.greeted).theirs {
            Some((key, _)) => peer.with_key(*key),
            None => peer,
        }
    }

    fn descriptors(&self) -> usize {
        self.below.descriptors()
    }

    fn buffers(&self) -> bool {
        true
    }

    fn flush(&self) -> io::Result<()> {
        lock(&self.output).flush(&*self.below)
    }

    fn wants_write(&self) -> bool {
        lock(&self.output).is_waiting()
    }

    fn shutdown(&self) {
        // What the system does not take now is lost: one that ends a direction has flushed it.
        let mut output = lock(&self.output);
        let _ = output.flush(&*self.below);
        output.end();
        drop(output);
        self.below.shutdown();
    }

    fn acknowledged(&self) -> Acknowledged {
        self.below.acknowledged()
    }
}

impl Stream for Layered {
    /// Hands out one record at most.
    fn read(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        let mut input = lock(&self.input);
        input.begin();
        loop {
            let count = input.give(into);
            if count > 0 {
                return Ok(count);
            }
            if self.answers_first && lock(&self.output).has_to_answer() {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            match input.record(&*self.below)? {
                Some(Record::Data(plain)) => input.keep(plain),
                Some(Record::Ask) => lock(&self.output).answer(),
                Some(Record::Answer) => {}
                Some(Record::Hello { .. }) => return Err(malformed()),
                None => return Ok(0),
            }
        }
    }

    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        lock(&self.output).take(slices)
    }

    fn short_read_drains(&self) -> bool {
        lock(&self.input).is_drained()
    }

    fn has_buffered_input(&self) -> bool {
        lock(&self.input).has_more()
    }
}

fn lock<T>(half: &Mutex<T>) -> MutexGuard<'_, T> {
    half.lock().unwrap_or_else(PoisonError::into_inner)
}
