//! Real sockets of real processes in bad circumstances: networks that lose, delay and cut, peers that are killed or stand still,
//! peers that mean harm. What the circumstances are follows from a seed, and every message says where it comes from, so
//! that each one is delivered intact and in order, or counted as lost for a reason that the pattern allows.
//!
//! What is here is used twice: by the tests in `tests`, in seconds, and by `tests/soak` of the repository, for hours.
#![allow(clippy::missing_panics_doc, reason = "a trial that fails panics")]

pub mod actors;
pub mod attacks;
pub mod churn;
pub mod closings;
pub mod connections;
pub mod crowd;
pub mod descriptors;
mod diary;
pub mod exits;
pub mod failing_calls;
pub mod killed_peers;
mod leak_trend;
mod meeting;
pub mod network;
mod process_resources;
mod proxy;
pub mod reconnect_storm;
mod socket;
pub mod stopped_peers;
mod trial;

pub use diary::Diary;
pub use leak_trend::LeakTrend;
pub use process_resources::ProcessResources;
pub use proxy::{Cutting, Ending, Fault, Manner, Proxy, Stalls};
pub use trial::Trial;
