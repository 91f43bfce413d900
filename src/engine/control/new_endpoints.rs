//! A dialer or listener on its way to the background thread.

use std::sync::Arc;

use hubless_transport::{Dialer, Listener};

use super::connect::options::{DialerOptions, ListenerOptions};
use super::endpoint::{DialerStatus, ListenerStatus};
use super::managed_socket::ManagedSocket;
use super::pipe::endpoint_counters::SourceEndpoint;
use super::sys::contained::Contained;
use super::sys::sync::Mutex;

/// A dialer, handed to the background thread.
#[derive(Debug)]
pub(crate) struct NewDialer {
    pub(crate) key: usize,
    pub(crate) dialer: Contained<Box<dyn Dialer>>,
    pub(crate) options: DialerOptions,
    pub(crate) source: Arc<SourceEndpoint>,
    pub(crate) socket: Arc<dyn ManagedSocket>,
    pub(crate) status: Arc<Mutex<DialerStatus>>,
}

/// A bound listener, handed to the background thread.
#[derive(Debug)]
pub(crate) struct NewListener {
    pub(crate) key: usize,
    pub(crate) listener: Contained<Box<dyn Listener>>,
    pub(crate) options: ListenerOptions,
    pub(crate) source: Arc<SourceEndpoint>,
    pub(crate) socket: Arc<dyn ManagedSocket>,
    pub(crate) status: Arc<Mutex<ListenerStatus>>,
}
