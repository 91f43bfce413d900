use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use super::Plan;
use crate::{Proxy, Trial};

/// Where a stage is held: addresses, and what is between them.
#[derive(Debug)]
pub(super) struct Place<'a> {
    trial: &'a Trial,
    plan: &'a Plan,
    proxies: Vec<Proxy>,
    // Dropped after the proxies, whose sockets are in it.
    directory: TempDir,
}

impl<'a> Place<'a> {
    pub(super) fn new(trial: &'a Trial, plan: &'a Plan) -> Self {
        Self { trial, plan, proxies: Vec::new(), directory: TempDir::new().expect("a directory") }
    }

    /// An address that nobody else listens on.
    pub(super) fn address(&self) -> String {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let serial = NEXT.fetch_add(1, Ordering::Relaxed);
        match self.plan.transport {
            "tcp" => "tcp://127.0.0.1:0".into(),
            "ipc" => format!("ipc://{}/{serial}", self.directory.path().display()),
            _ => format!("inproc://{}-{serial}", self.trial.stage),
        }
    }

    /// Where to dial so as to come to this address by a connection of its own.
    pub(super) fn way_to(&mut self, address: &str) -> String {
        let Some(manner) = &self.plan.manner else { return address.into() };
        let proxy = Proxy::start(self.trial, self.proxies.len() as u64, address, manner.clone());
        let way = proxy.address().to_owned();
        self.proxies.push(proxy);
        way
    }

    pub(super) fn connections(&self) -> u64 {
        self.proxies.iter().map(Proxy::connections).sum()
    }

    pub(super) fn cuts(&self) -> u64 {
        self.proxies.iter().map(Proxy::cuts).sum()
    }

    /// Whole messages that went into connections that broke off and did not come out.
    pub(super) fn swallowed(&self) -> u64 {
        self.proxies.iter().map(Proxy::swallowed).sum()
    }
}
