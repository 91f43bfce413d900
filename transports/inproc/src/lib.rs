//! The inproc transport of hubless: connections within one process, over which messages move without being copied.
//!
//! An address is a name of up to 256 bytes, known in one namespace: that of an [`InprocTransport`] and its clones. A
//! dialer may come before the listener and waits for it. The two ends learn what each other offers and connect whatever it is;
//! whether the offers match is for their owners to judge, as with any other transport.
//!
//! Each direction holds at most 256 messages and 4 MiB, except that a single larger message passes when nothing else
//! is waiting.
#![forbid(unsafe_code)]

mod dialer;
mod end;
mod endpoint;
mod listener;
mod queue;
mod rendezvous;
mod sync;

use hubless_transport::{AddressError, Dialer, Listener, Transport};

use crate::dialer::InprocDialer;
use crate::listener::InprocListener;
use crate::rendezvous::Namespace;
use crate::sync::Arc;

pub use endpoint::Inproc;

/// The longest name, in bytes.
const LONGEST_NAME: usize = 256;

/// The inproc transport and its namespace, which clones share.
#[derive(Debug, Clone, Default)]
pub struct InprocTransport {
    namespace: Arc<Namespace>,
}

impl InprocTransport {
    /// A transport with a namespace of its own.
    pub fn new() -> Self {
        Self::default()
    }
}

fn check(name: &str) -> Result<(), AddressError> {
    if name.is_empty() {
        let why = "the name is empty: write one, as in `inproc://jobs`";
        return Err(AddressError::new(why).at(name, name));
    }
    // Names stand in log lines and on terminals.
    if let Some((at, control)) = name.char_indices().find(|(_, c)| c.is_control()) {
        let bad = &name[at..at + control.len_utf8()];
        return Err(AddressError::new("a name cannot have a control character in it").at(name, bad));
    }
    if name.len() > LONGEST_NAME {
        let cut = name.char_indices().map(|(at, _)| at).find(|at| *at >= LONGEST_NAME).unwrap_or(name.len());
        let why =
            format!("the name has {} bytes, and {LONGEST_NAME} is the most that it may have", name.len());
        return Err(AddressError::new(why).at(name, &name[cut..]));
    }
    Ok(())
}

impl Transport for InprocTransport {
    fn scheme(&self) -> &'static str {
        "inproc"
    }

    fn dialer(&self, address: &str) -> Result<Box<dyn Dialer>, AddressError> {
        check(address)?;
        Ok(Box::new(InprocDialer::new(Arc::clone(&self.namespace), address)))
    }

    fn listener(&self, address: &str) -> Result<Box<dyn Listener>, AddressError> {
        check(address)?;
        Ok(Box::new(InprocListener::new(Arc::clone(&self.namespace), address)))
    }
}
