//! The methods that several sockets have in common, so that they read the same on each.

mod connecting;
mod opening;
mod receiving;
mod sending;

pub(crate) use connecting::socket;
pub(crate) use opening::{MaxHops, balances, limits_hops};
pub(crate) use receiving::receives;
pub(crate) use sending::sends;
