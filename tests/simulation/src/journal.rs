use std::collections::{BTreeSet, HashMap, HashSet};

use hubless_protocol::patterns::{Ending, Loss, Time};

use crate::accounts::Accounts;
use crate::body::Body;
use crate::law::{Breach, Law};

/// What has happened, as far as the laws speak of it, and the first that was broken.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) accounts: Accounts,
    /// Messages may go through devices.
    pub(crate) devices: bool,
    /// How many devices a message may go through, where there is never more than one of it.
    pub(crate) most_hops: Option<usize>,
    /// Losses, endings and refusals that have occurred, by name.
    pub(crate) seen: BTreeSet<&'static str>,
    /// The clock jumps, so that a time may be over long before anybody sees it.
    pub(crate) jumps: bool,
    breach: Option<Breach>,
    trace: Option<Vec<String>>,
    /// By serial number, who made a message.
    senders: Vec<u16>,
    /// At which place a node sent a message.
    places: HashMap<(u16, u32), usize>,
    /// Messages that need not arrive in the order in which they were sent, because they are sent again.
    again: HashSet<u32>,
    delivered: HashSet<u32>,
    /// How often each message was cut short on its way from a node.
    cuts: HashMap<(u16, u32), usize>,
    /// The node at the other end of each pipe, by number.
    peers: HashMap<u32, u16>,
    /// How many devices each message has come to.
    hops: HashMap<u32, usize>,
    /// The place of the message that came last by each pipe.
    latest: HashMap<u32, usize>,
}

impl Journal {
    /// Whether what was to end at its deadline ended when it came.
    pub(crate) fn is_on_time(&self, deadline: Time, at: Time) -> bool {
        if self.jumps { deadline <= at } else { deadline == at }
    }

    /// Keeps what happened in words.
    pub(crate) fn tell(&mut self) {
        self.trace = Some(Vec::new());
    }

    /// What happened, if it was kept.
    pub(crate) fn take_trace(&mut self) -> Vec<String> {
        self.trace.take().unwrap_or_default()
    }

    /// The law that was broken first.
    pub(crate) fn breach(&self) -> Option<&Breach> {
        self.breach.as_ref()
    }

    /// Notes a step.
    pub(crate) fn note(&mut self, words: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(words());
        }
    }

    /// A law holds, or is broken in this way.
    pub(crate) fn claim(&mut self, law: Law, holds: bool, how: impl FnOnce() -> String) {
        if !holds && self.breach.is_none() {
            self.breach = Some(Breach { law, how: how() });
        }
    }

    /// These losses and endings have occurred.
    pub(crate) fn saw(&mut self, lost: &[Loss], ended: &[Ending]) {
        self.seen.extend(lost.iter().map(|loss| match loss {
            Loss::PeerFull => "peer full",
            Loss::PipeLost => "pipe lost",
            Loss::InboxFull => "inbox full",
            Loss::Filtered => "filtered",
            Loss::Stray => "stray",
            Loss::TooManyHops => "too many hops",
            Loss::RequesterGone => "requester gone",
            Loss::Unanswered | Loss::Closed | Loss::Unreceived => "not a machine's",
        }));
        self.seen.extend(ended.iter().map(|ending| match ending {
            Ending::Deadline => "ended by deadline",
            Ending::PeerLost => "ended by the loss of a peer",
            Ending::Complete => "ended complete",
        }));
    }

    /// The body of a message that this node makes.
    pub(crate) fn make(&mut self, sender: u16, about: u32) -> Body {
        self.senders.push(sender);
        Body { sender, serial: u32::try_from(self.senders.len()).unwrap_or(u32::MAX), about }
    }

    /// A pipe of some socket leads to this node.
    pub(crate) fn leads(&mut self, pipe: u32, to: u16) {
        self.peers.insert(pipe, to);
    }

    /// A node has sent a message, its own or another's; a device more than once, where it came by two pipes or round a ring.
    pub(crate) fn sent(&mut self, node: u16, serial: u32) {
        let place = self.places.len();
        if self.places.insert((node, serial), place).is_some() {
            self.again.insert(serial);
        }
    }

    /// A message was given back, or may be sent again for other reasons.
    pub(crate) fn sent_again(&mut self, serial: u32) {
        self.again.insert(serial);
    }

    /// A message came back to a node, and was cut short or not; how often it was by now.
    pub(crate) fn cut(&mut self, node: u16, serial: u32, cut: bool) -> usize {
        let cuts = self.cuts.entry((node, serial)).or_default();
        *cuts += usize::from(cut);
        *cuts
    }

    /// A message that came to a node by this pipe is received by the user. `None` if it is not what was sent.
    pub(crate) fn received(&mut self, node: u16, pipe: u32, bytes: &[u8]) -> Option<Body> {
        let body = self.intact(bytes)?;
        self.claim(Law::NoEcho, self.devices || body.sender != node, || {
            format!("node {node} hears its own message {}", body.serial)
        });
        let Some(&peer) = self.peers.get(&pipe) else { return Some(body) };
        self.claim(Law::Address, self.devices || peer == body.sender, || {
            format!("node {node} gets message {} of node {} from node {peer}", body.serial, body.sender)
        });
        if !self.again.contains(&body.serial) {
            self.in_order(pipe, peer, body.serial);
        }
        Some(body)
    }

    /// What was sent, byte for byte.
    pub(crate) fn intact(&mut self, bytes: &[u8]) -> Option<Body> {
        let body = Body::decode(bytes).filter(|body| {
            let index = (body.serial as usize).wrapping_sub(1);
            self.senders.get(index) == Some(&body.sender)
        });
        self.claim(Law::Intact, body.is_some(), || format!("{bytes:?} was not sent"));
        body
    }

    /// A message that is for one socket only is delivered for the first time.
    pub(crate) fn delivered_once(&mut self, serial: u32) {
        let first = self.delivered.insert(serial);
        self.claim(Law::Once, first, || format!("message {serial} is delivered twice"));
    }

    /// A device has received a message.
    pub(crate) fn hop(&mut self, serial: u32) {
        let hops = self.hops.entry(serial).or_default();
        *hops += 1;
        let (hops, most) = (*hops, self.most_hops);
        self.claim(Law::Hops, most.is_none_or(|most| hops <= most), || {
            format!("message {serial} comes to {hops} devices, beyond {most:?}")
        });
    }

    fn in_order(&mut self, pipe: u32, peer: u16, serial: u32) {
        let Some(&place) = self.places.get(&(peer, serial)) else { return };
        let before = self.latest.insert(pipe, place);
        self.claim(Law::Order, before.is_none_or(|before| before < place), || {
            format!("message {serial} comes by pipe {pipe} after one that was sent later, or again")
        });
    }
}
