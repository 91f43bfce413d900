use std::io;

use hubless_transport::mio::Registry;
use hubless_transport::{Connection, Listener, Offer, Wait};

use crate::end::End;
use crate::rendezvous::Namespace;
use crate::sync::Arc;

/// Listens on one name.
#[derive(Debug)]
pub(crate) struct InprocListener {
    namespace: Arc<Namespace>,
    name: Arc<str>,
    bound: bool,
}

impl InprocListener {
    pub(crate) fn new(namespace: Arc<Namespace>, name: &str) -> Self {
        Self { namespace, name: name.into(), bound: false }
    }

    /// Without this a listener that never got its name would act on the one of its owner.
    fn check_bound(&self) -> io::Result<()> {
        if self.bound { Ok(()) } else { Err(io::Error::new(io::ErrorKind::NotConnected, "not bound yet")) }
    }
}

impl Listener for InprocListener {
    fn bind(&mut self) -> io::Result<()> {
        self.namespace.bind(&self.name)?;
        self.bound = true;
        Ok(())
    }

    fn address(&self) -> String {
        self.name.to_string()
    }

    fn watch(&mut self, wait: &Wait<'_>) -> io::Result<()> {
        self.check_bound()?;
        self.namespace.watch(&self.name, Some(wait.notifier()));
        Ok(())
    }

    fn unwatch(&mut self, _: &Registry) {
        if self.bound {
            self.namespace.watch(&self.name, None);
        }
    }

    fn accept(&mut self, offer: &Offer) -> io::Result<Connection> {
        self.check_bound()?;
        let channels = self.namespace.accept(&self.name)?;
        Ok(Connection::Messages(Box::new(End::accepted(channels, &self.name, offer))))
    }
}

impl Drop for InprocListener {
    fn drop(&mut self) {
        if self.bound {
            self.namespace.unbind(&self.name);
        }
    }
}
