//! The engine with a second wire protocol, one that has controls and can seal, over real transports.
//!
//! hubless-protocol has that wire with its feature `test-wire`, which is on for our own tests alone. What hears it hears SP as well.

#![allow(clippy::unwrap_used, reason = "all of it is tests")]

/// Opens a socket of this kind that speaks this. A pattern that is no socket of ours is opened by `speaker`.
macro_rules! socket {
    ($kind:ident, $context:expr, $wire:expr $(, $set:ident($($value:expr),*))*) => {{
        let mut builder = $kind::builder().context(&$context)$(.$set($($value),*))*;
        builder.options.wire = $wire;
        builder.build().unwrap()
    }};
}

mod controls;
mod messages;
mod speaker;
mod stranger;
/// The kit itself would be compiled for every example, with all that it depends on.
#[path = "../../tests/kit/src/wait.rs"]
#[allow(dead_code, unreachable_pub, reason = "the kit has more of it")]
mod wait;

use std::{env, process, thread};

use hubless_layered::LayeredTransport;
use hubless_protocol::Wire;
use wait::{SOON, within};

use crate::Context;

pub(crate) const PLAIN: Wire = Wire::Test { sealed: false };
pub(crate) const SEALED: Wire = Wire::Test { sealed: true };

/// A context that knows a transport with buffers, too.
fn context() -> Context {
    Context::builder().transport(LayeredTransport::new(*b"mine")).build().unwrap()
}

/// Where to listen: byte streams that delimit nothing, one that says so, and one with a handshake and buffers.
fn addresses(wire: Wire) -> [String; 3] {
    // A test has a thread of its own.
    let name = format!("hubless-{}-{:?}-{}.sock", process::id(), thread::current().id(), wire == SEALED);
    [
        "tcp://127.0.0.1:0".into(),
        format!("ipc://{}", env::temp_dir().join(name).display()),
        "layered://127.0.0.1:0".into(),
    ]
}

/// A body of this length that begins with this number.
fn body(number: usize, length: usize) -> Vec<u8> {
    number.to_be_bytes().into_iter().chain(0..251).cycle().take(length).collect()
}

/// Runs this over each of both wires and each transport.
fn on_each(test: fn(Context, Wire, &str)) {
    for wire in [PLAIN, SEALED] {
        for address in addresses(wire) {
            within(SOON, {
                let address = address.clone();
                move || test(context(), wire, &address)
            });
        }
    }
}
