//! Sequences of events for each pattern's machine, and what must hold of it whatever happens.

mod broadcasts;
mod distributions;
mod event;
mod given;
mod ledger;
mod play;
mod replies;
mod requests;
mod rounds;
mod subscriptions;
mod surveys;

pub use broadcasts::broadcasts;
pub use distributions::distributions;
pub use replies::replies;
pub use requests::requests;
pub use subscriptions::subscriptions;
pub use surveys::surveys;

pub(crate) use hubless_protocol::testing::{Deed, World, wire};
pub(crate) use play::{Happened, Laws, Play};
