//! The methods that several sockets have in common, so that they read the same on each.

mod connecting;
mod opening;
mod receiving;
mod sending;

pub(crate) use connecting::common;
pub(crate) use opening::{MaxHops, balances, limits_hops, opens};
pub(crate) use receiving::{receives, receives_many};
pub(crate) use sending::{sends, sends_many};
