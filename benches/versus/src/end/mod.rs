//! An end: one side of a measurement, mostly a process of its own.
//!
//! It is told what to do in its argument, says `ready` when others may connect, writes its figures as one line of JSON, and
//! lives until it is ended.

mod arrivals;
mod audience;
mod beside;
mod broadcast;
mod greeting;
mod idle;
mod letters;
mod link;
mod order;
mod own;
mod percentiles;
mod rhythm;
mod rounds;

use std::collections::BTreeMap;

pub use arrivals::Arrivals;
pub use audience::{Audience, GATHERED, Heard};
pub use broadcast::Broadcast;
pub use greeting::Kind;
pub use letters::{Letter, Letters, Reach, Stream, write_number};
pub use link::{Link, READY};
pub use order::{Order, Role};
pub use own::{FLOODED, Own, Quiet, Shape, Stops};
pub use percentiles::percentiles;
pub use rhythm::Rhythm;
pub use rounds::Rounds;

use crate::Outcome;
use crate::peers::{self, Errand, Peer};
use crate::system::{cpu, descriptors};

/// What was measured, by name.
pub type Figures = BTreeMap<&'static str, f64>;

/// Does what the order says, in this process.
pub fn run(order: Order) -> Outcome<()> {
    if let Some(cpu) = order.cpu {
        cpu::pin(cpu)?;
    }
    descriptors::allow_many()?;
    let library = order.contestant.library;
    if let Role::Version = order.role {
        println!("{}", peers::with(library, Version)?);
        return Ok(());
    }
    let figures = peers::with(library, order)?;
    println!("{}", serde_json::to_string(&figures)?);
    // The process that started this one ends it: some libraries hang when they are closed.
    Link::Lines.hold();
    Ok(())
}

struct Version;

impl Errand for Version {
    type Fruit = String;

    fn run<P: Peer>(self) -> Outcome<String> {
        Ok(P::version())
    }
}

impl Errand for Order {
    type Fruit = Figures;

    fn run<P: Peer>(self) -> Outcome<Figures> {
        let peer = P::open(self.contestant.setting)?;
        let link = Link::Lines;
        match self.role {
            Role::Pull { listen, stream } => pull(&peer, &listen, stream),
            Role::Push { dial, stream } => push(&peer, &dial, stream),
            Role::Rep { listen } => peer.rep(&listen, &link).map(|()| Figures::new()),
            Role::Req { dial, stream } => req(&peer, &dial, stream),
            Role::Publish { listen, stream, subscribers } => publish(&peer, &listen, stream, subscribers),
            Role::Subscribe { dial, stream, subscribers } => subscribe(&peer, &dial, stream, subscribers),
            Role::PushPull { address, stream } => beside::push_pull(peer, &address, stream),
            Role::ReqRep { address, stream } => beside::req_rep(peer, &address, stream),
            Role::Idle { listen } => idle::attend(peer, listen),
            Role::Crowd { dial, count, kind } => idle::crowd(&dial, count, kind),
            Role::Own(own) => own::run(own),
            Role::Version => Ok(Figures::new()),
        }
    }
}

fn pull<P: Peer>(peer: &P, listen: &str, stream: Stream) -> Outcome<Figures> {
    let mut arrivals = Arrivals::new(stream);
    peer.pull(listen, &Link::Lines, &mut arrivals)?;
    Ok(arrivals.figures())
}

fn push<P: Peer>(peer: &P, dial: &str, stream: Stream) -> Outcome<Figures> {
    let mut letters = Letters::new(stream);
    peer.push(dial, &Link::Lines, &mut letters)?;
    Ok(Figures::from([("sender cpu", letters.spent().as_secs_f64())]))
}

fn req<P: Peer>(peer: &P, dial: &str, stream: Stream) -> Outcome<Figures> {
    let mut rounds = Rounds::new(stream);
    peer.req(dial, &Link::Lines, &mut rounds)?;
    Ok(rounds.figures())
}

fn publish<P: Peer>(peer: &P, listen: &str, stream: Stream, subscribers: usize) -> Outcome<Figures> {
    let mut broadcast = Broadcast::new(stream, subscribers);
    peer.publish(listen, &Link::Lines, subscribers, &mut broadcast)?;
    Ok(broadcast.figures())
}

fn subscribe<P: Peer>(peer: &P, dial: &str, stream: Stream, subscribers: usize) -> Outcome<Figures> {
    let audience = Audience::new(subscribers, stream);
    let heard = peer.subscribe(dial, &audience)?;
    Ok(audience.figures(&heard))
}

#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn as_figure(number: u64) -> f64 {
    number as f64
}
