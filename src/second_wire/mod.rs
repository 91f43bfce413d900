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

use hubless_kit::{SOON, within};
use hubless_layered::LayeredTransport;
use hubless_protocol::Wire;
use tempfile::TempDir;

use crate::Context;

pub(crate) const PLAIN: Wire = Wire::Test { sealed: false };
pub(crate) const SEALED: Wire = Wire::Test { sealed: true };

/// A context that knows a transport with buffers, too.
fn context() -> Context {
    Context::builder().transport(LayeredTransport::new(*b"mine")).build().unwrap()
}

/// Where to listen: byte streams that delimit nothing, one that says so, and one with a handshake and buffers.
fn addresses(folder: &TempDir) -> [String; 3] {
    [
        "tcp://127.0.0.1:0".into(),
        format!("ipc://{}/socket", folder.path().display()),
        "layered://127.0.0.1:0".into(),
    ]
}

/// Runs this over each of both wires and each transport.
fn on_each(test: fn(Context, Wire, &str)) {
    for wire in [PLAIN, SEALED] {
        let folder = tempfile::tempdir().unwrap();
        for address in addresses(&folder) {
            within(SOON, {
                let address = address.clone();
                move || test(context(), wire, &address)
            });
        }
    }
}
