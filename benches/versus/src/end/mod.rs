//! An end: one side of a measurement, mostly a process of its own.
//!
//! It is told what to do in its argument, says `ready` when others may connect, writes its figures as one line of JSON, and
//! lives until it is ended.

mod arrivals;
mod beside;
mod letters;
mod link;
mod order;
mod rounds;

use std::collections::BTreeMap;

pub use arrivals::Arrivals;
pub use letters::{Letter, Letters, Stream};
pub use link::{Link, READY};
pub use order::{Order, Role};
pub use rounds::Rounds;

use crate::Outcome;
use crate::peers::{self, Errand, Peer};
use crate::system::cpu;

/// What was measured, by name.
pub type Figures = BTreeMap<&'static str, f64>;

/// Does what the order says, in this process.
pub fn run(order: Order) -> Outcome<()> {
    if let Some(cpu) = order.cpu {
        cpu::pin(cpu)?;
    }
    let library = order.contestant.library;
    if let Role::Version = order.role {
        println!("{}", peers::with(library, Version)?);
        return Ok(());
    }
    let figures = peers::with(library, order)?;
    println!("{}", serde_json::to_string(&figures)?);
    // Whoever has started this process ends it: some libraries hang when they are closed.
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
            Role::Pull { listen, stream } => {
                let mut arrivals = Arrivals::new(stream);
                peer.pull(&listen, &link, &mut arrivals)?;
                Ok(arrivals.figures())
            }
            Role::Push { dial, stream } => {
                let mut letters = Letters::new(stream);
                peer.push(&dial, &link, &mut letters)?;
                Ok(Figures::from([("sender cpu", letters.spent().as_secs_f64())]))
            }
            Role::Rep { listen } => peer.rep(&listen, &link).map(|()| Figures::new()),
            Role::Req { dial, stream } => {
                let mut rounds = Rounds::new(stream);
                peer.req(&dial, &link, &mut rounds)?;
                Ok(rounds.figures())
            }
            Role::PushPull { address, stream } => beside::push_pull(peer, address, stream),
            Role::ReqRep { address, stream } => beside::req_rep(peer, address, stream),
            Role::Version => Ok(Figures::new()),
        }
    }
}
