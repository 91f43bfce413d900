//! What must hold of any input whatsoever.
//!
//! Each check is a function of bytes that panics where something does not hold. The fuzzer calls them with what it
//! makes up (`tests/fuzz/fuzz_targets`), the ordinary tests with what is worth keeping of that (`tests/fuzz/corpus`).
#![allow(clippy::missing_panics_doc, reason = "to panic is how a check says no")]

mod addresses;
mod frames;
mod greeting;
mod headers;
mod machines;
mod stream;
mod written;

pub use addresses::addresses;
pub use frames::frames;
pub use greeting::greeting;
pub use headers::headers;
pub use machines::{broadcasts, distributions, replies, requests, subscriptions, surveys};
pub use stream::stream;

/// A check: what it is called, as its fuzz target and the folder of its corpus are, and what it does.
pub type Check = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: [Check; 11] = [
    ("stream", stream),
    ("greeting", greeting),
    ("frames", frames),
    ("headers", headers),
    ("addresses", addresses),
    ("distributions", distributions),
    ("broadcasts", broadcasts),
    ("requests", requests),
    ("surveys", surveys),
    ("replies", replies),
    ("subscriptions", subscriptions),
];
