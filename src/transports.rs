//! The transports that come with the library; nothing else in it names one.

use std::sync::Arc;

use hubless_transport::Transport;

#[cfg(feature = "inproc")]
pub use hubless_inproc::Inproc;
#[cfg(feature = "ipc")]
pub use hubless_ipc::Ipc;
#[cfg(feature = "tcp")]
pub use hubless_tcp::{Keepalive, Tcp};

/// One of each that is switched on.
pub(crate) fn built_in() -> Vec<Arc<dyn Transport>> {
    vec![
        #[cfg(feature = "tcp")]
        Arc::new(hubless_tcp::TcpTransport::new()),
        #[cfg(feature = "ipc")]
        Arc::new(hubless_ipc::IpcTransport::new()),
        #[cfg(feature = "inproc")]
        Arc::new(hubless_inproc::InprocTransport::new()),
    ]
}

/// The schemes of those that are switched off, which are the names of their features.
pub(crate) const SWITCHED_OFF: &[&str] = &[
    #[cfg(not(feature = "tcp"))]
    "tcp",
    #[cfg(not(feature = "ipc"))]
    "ipc",
    #[cfg(not(feature = "inproc"))]
    "inproc",
];
