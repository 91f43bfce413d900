//! The kit of checks that every transport of hubless has to pass.
//!
//! ```no_run
//! # use hubless_transport::Transport;
//! # fn example(my_transport: &dyn Transport) {
//! // In a test of your crate:
//! hubless_conformance::suite(my_transport, &|| "127.0.0.1:0".to_owned());
//! # }
//! ```
//!
//! The second argument gives an address to listen on, free and a new one at each call. A check that fails panics
//! with its name, what it expected and what it found. Each check can also be called by itself. None depends on how fast
//! the machine is; one that hears nothing from the transport for a minute fails rather than hanging.
#![forbid(unsafe_code)]
#![allow(clippy::missing_panics_doc, reason = "a check that fails panics")]

mod buffers;
mod check;
mod ending;
mod ends;
mod event_loop;
mod flow;
mod identity;
mod limits;
mod moving;
mod opening;
mod readiness;
mod refusing;
mod typed;

use hubless_transport::Transport;

pub use buffers::{reading_leaves_nothing_unwritten, what_is_buffered_leaves_when_it_is_flushed};
pub use ending::{
    an_end_follows_all_messages, shutdown_ends_one_direction_only, writing_to_a_closed_peer_is_an_error,
};
pub use identity::a_peer_stays_who_it_is;
pub use limits::a_message_over_the_limit_is_refused;
pub use moving::{
    connections_are_independent, many_connections_live_side_by_side,
    sizes_from_none_to_a_mebibyte_arrive_intact, two_threads_talk_both_ways_at_once,
};
pub use opening::{
    bad_addresses_are_refused, binding_twice_is_refused, connects_and_accepts,
    dialing_without_a_listener_fails_or_waits, the_address_is_free_after_a_drop,
};
pub use readiness::{
    a_drained_end_hears_of_the_next_message, a_refused_sender_hears_of_room,
    changing_the_event_loop_loses_no_edge,
};
pub use refusing::a_dialer_that_is_turned_away_finds_out;
pub use typed::typed_endpoints_connect;

/// Runs every check.
pub fn suite(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    connects_and_accepts(transport, addresses);
    binding_twice_is_refused(transport, addresses);
    the_address_is_free_after_a_drop(transport, addresses);
    dialing_without_a_listener_fails_or_waits(transport, addresses);
    a_dialer_that_is_turned_away_finds_out(transport, addresses);
    bad_addresses_are_refused(transport, addresses);
    sizes_from_none_to_a_mebibyte_arrive_intact(transport, addresses);
    connections_are_independent(transport, addresses);
    many_connections_live_side_by_side(transport, addresses);
    two_threads_talk_both_ways_at_once(transport, addresses);
    a_drained_end_hears_of_the_next_message(transport, addresses);
    a_refused_sender_hears_of_room(transport, addresses);
    changing_the_event_loop_loses_no_edge(transport, addresses);
    what_is_buffered_leaves_when_it_is_flushed(transport, addresses);
    reading_leaves_nothing_unwritten(transport, addresses);
    a_peer_stays_who_it_is(transport, addresses);
    a_message_over_the_limit_is_refused(transport, addresses);
    an_end_follows_all_messages(transport, addresses);
    shutdown_ends_one_direction_only(transport, addresses);
    writing_to_a_closed_peer_is_an_error(transport, addresses);
}
