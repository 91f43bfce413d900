//! The engine with a second wire protocol, one that has controls and can seal, over real transports.
//!
//! hubless-protocol has that wire with its feature `test-wire`, which is on for our own tests alone. What hears it hears SP as well.

#![allow(clippy::unwrap_used, reason = "all of it is tests")]

mod controls;
mod messages;
mod speaker;
mod stranger;

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use hubless_layered::LayeredTransport;
use hubless_protocol::Wire;

use crate::Context;
use crate::engine::Clock;

pub(crate) const PLAIN: Wire = Wire::Test { sealed: false };
pub(crate) const SEALED: Wire = Wire::Test { sealed: true };

/// In this time, what should happen does, and what hangs is found.
const SOON: Duration = Duration::from_secs(60);

/// A context that knows a transport with buffers, too.
fn context() -> Context {
    Context::builder().transport(LayeredTransport::new(*b"mine")).build().unwrap()
}

/// Where to listen: byte streams that delimit nothing, one that says so, and one with a handshake and buffers.
fn addresses() -> Vec<String> {
    let folder = tempfile::tempdir().unwrap().keep();
    vec![
        "tcp://127.0.0.1:0".into(),
        format!("ipc://{}/socket", folder.display()),
        "layered://127.0.0.1:0".into(),
    ]
}

/// Runs this over each of both wires and each transport.
fn on_each(test: fn(Context, Wire, &str)) {
    for wire in [PLAIN, SEALED] {
        for address in addresses() {
            within(SOON, {
                let address = address.clone();
                move || test(context(), wire, &address)
            });
        }
    }
}

/// Runs this, and fails where it is not done by then.
fn within(limit: Duration, test: impl FnOnce() + Send + 'static) {
    let (done, over) = sync_channel::<()>(0);
    let running = thread::spawn(move || {
        test();
        drop(done);
    });
    assert_eq!(over.recv_timeout(limit), Err(RecvTimeoutError::Disconnected), "it hangs");
    running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

/// Waits until it is so.
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let clock = Clock::start();
    let begin = clock.now();
    while !is_so() {
        assert!(clock.now().since(begin) < SOON, "not so in time: {what}");
        thread::yield_now();
    }
}

/// A body that says which message it is, of this length.
fn body(number: usize, length: usize) -> Vec<u8> {
    number.to_be_bytes().into_iter().cycle().take(length).collect()
}
