//! One file a behaviour. They are one program, so that what waits in one of them waits beside the others, and little is linked.
//!
//! What needs a process of its own, such as those who count what a process has, has one in `Cargo.toml`.

mod admission;
mod async_calls;
mod backpressure;
mod balance;
mod broken_pipes;
mod bus;
mod callbacks;
mod cancelling;
mod close_report;
#[path = "closing/main.rs"]
mod closing;
mod concurrency;
mod crowded_listener;
mod debug_formats;
mod descriptors;
mod device_ends;
mod devices;
mod double_connections;
mod empty_messages;
mod endpoints;
mod errors;
mod fork;
mod forked_children;
mod frames;
mod futures;
mod ipc_paths;
mod laws;
mod layered;
mod letting_go;
mod memory;
mod memory_answers;
mod memory_leaving;
mod memory_requests;
mod memory_reserve;
mod memory_returned;
mod memory_waiting;
#[path = "monitor/main.rs"]
mod monitor;
mod names;
#[path = "overflow/main.rs"]
mod overflow;
mod own_time;
mod owners;
mod pair;
mod pair_places;
mod panicking_connections;
mod panicking_drops;
mod panicking_pipes;
mod passed_descriptors;
mod pipes;
mod poison;
mod poller;
mod pub_sub;
mod push_pull;
mod raw;
mod ready;
mod reconnect;
mod refusing_system;
mod req_rep;
mod scarce_descriptors;
mod scarce_memory;
mod signals;
mod slow_peers;
mod streams;
mod survey;
mod timeouts;
mod ungreeted;
mod unread;
mod written;
