use std::fmt;
use std::io;
#[cfg(unix)]
use std::os::fd::AsRawFd;
use std::sync::Arc;

use mio::{Interest, Registry, Token};

/// What has become possible on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Readiness {
    /// Something to read, or the end.
    Readable,
    /// Room to write, or the connection is established.
    Writable,
}

/// Where a [`Notifier`] reports to; implemented by the engine.
///
/// A call takes no lock that is held while a transport is called, so it may come from inside any transport method.
pub trait Notify: Send + Sync + fmt::Debug {
    /// `readiness` has appeared on the connection that `token` names.
    fn notify(&self, token: usize, readiness: Readiness);
}

/// Reports readiness of a connection that has no descriptor the system could watch.
#[derive(Clone, Debug)]
pub struct Notifier {
    target: Arc<dyn Notify>,
    token: usize,
}

impl Notifier {
    /// A notifier that reports to `target` in the name of `token`.
    pub fn new(target: Arc<dyn Notify>, token: usize) -> Self {
        Self { target, token }
    }

    /// Tells the engine that `readiness` has appeared. Cheap enough for every change from empty to not empty,
    /// too dear for every message. Hold no lock of yours that a method of your connection takes.
    pub fn notify(&self, readiness: Readiness) {
        self.target.notify(self.token, readiness);
    }
}

/// Gives the registry of an event loop, which is made when the first descriptor asks for it.
pub trait RegistrySource {
    /// The registry.
    ///
    /// # Errors
    /// When the system has no descriptors left for an event loop.
    fn registry(&self) -> io::Result<&Registry>;
}

impl RegistrySource for Registry {
    fn registry(&self) -> io::Result<&Registry> {
        Ok(self)
    }
}

/// Where the readiness of a connection or listener is to be reported: a system event loop for what has a descriptor,
/// a [`Notifier`] for what has none.
pub struct Wait<'a> {
    registry: &'a dyn RegistrySource,
    notifier: Notifier,
    token: Token,
    interest: Interest,
    renewal: bool,
}

impl<'a> Wait<'a> {
    /// A first wait on this event loop.
    pub fn new(registry: &'a dyn RegistrySource, notifier: Notifier, interest: Interest) -> Self {
        Self { registry, token: Token(notifier.token), notifier, interest, renewal: false }
    }

    /// A change of interest on an event loop that already watches the connection.
    pub fn renewed(registry: &'a dyn RegistrySource, notifier: Notifier, interest: Interest) -> Self {
        Self { renewal: true, ..Self::new(registry, notifier, interest) }
    }

    /// Has the system watch a descriptor.
    ///
    /// # Errors
    /// When the system refuses.
    #[cfg(unix)]
    pub fn on(&self, descriptor: &impl AsRawFd) -> io::Result<()> {
        let raw = descriptor.as_raw_fd();
        self.on_source(&mut mio::unix::SourceFd(&raw))
    }

    /// Has the system watch a mio source.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn on_source(&self, source: &mut dyn mio::event::Source) -> io::Result<()> {
        let registry = self.registry.registry()?;
        if self.renewal {
            source.reregister(registry, self.token, self.interest)
        } else {
            source.register(registry, self.token, self.interest)
        }
    }

    /// The way to report without a descriptor. Ignores the interest: report every change.
    pub fn notifier(&self) -> Notifier {
        self.notifier.clone()
    }
}

impl fmt::Debug for Wait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("token", &self.token)
            .field("interest", &self.interest)
            .finish_non_exhaustive()
    }
}
