//! Of the engine's room `socket`, whether a socket streams.

#[path = "../../../src/engine/socket/streaming.rs"]
pub(crate) mod streaming;
