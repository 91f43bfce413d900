//! Sockets of the pattern machines on a simulated network with a clock of its own.
//!
//! The machines are those of `hubless-protocol`. Around them, sockets, connections and users are rebuilt as small as
//! possible. From a seed follow who is there, what they want and in which order everything happens: messages are delayed,
//! queues fill up, pipes break with messages in them, sockets start anew. Within a pipe nothing is reordered, between pipes
//! everything. After some steps there is no more trouble, and all come to rest. The laws are looked at all the time, and at
//! the end.
//!
//! A run of a scenario with some seed is the same each time, so one that fails can be seen again; and since the first steps
//! are the same whatever follows them, the shortest beginning that fails can be looked for.
//!
//! That a law can be broken is shown by mistakes that are built into the surroundings ([`Fault`]), never into the machines.

mod accounts;
mod body;
mod clock;
mod connection;
mod dice;
mod fault;
mod journal;
mod law;
mod mistakes;
mod network;
mod node;
mod resting;
mod run;
mod scenarios;
mod socket;
mod surroundings;
mod trouble;
mod users;

pub use clock::Clock;
pub use dice::Dice;
pub use fault::Fault;
pub use law::Law;
pub use run::{Failure, Run, simulate, simulate_by};
pub use scenarios::Scenario;
