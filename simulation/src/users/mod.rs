//! Who uses the sockets: what they send and when, and what they expect.

mod answerer;
mod asker;
mod carrier;
mod interviewer;
mod listener;
mod reader;
mod speaker;

pub(crate) use answerer::Answerer;
pub(crate) use asker::Asker;
pub(crate) use carrier::{Belt, Carrier};
pub(crate) use interviewer::Interviewer;
pub(crate) use listener::Listener;
pub(crate) use reader::Reader;
pub(crate) use speaker::Speaker;
