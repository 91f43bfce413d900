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

/// Whether this is the scheme of a transport whose feature, of the same name, is switched off.
pub(crate) fn is_switched_off(scheme: &str) -> bool {
    match scheme {
        "tcp" => cfg!(not(feature = "tcp")),
        "ipc" => cfg!(not(feature = "ipc")),
        "inproc" => cfg!(not(feature = "inproc")),
        _ => false,
    }
}
