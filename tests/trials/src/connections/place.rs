use std::time::Instant;

use hubless::Socket;
use hubless_kit::{Site, now};

use super::Plan;
use crate::{Proxy, Trial};

/// Where a stage is held: addresses, and what is between them.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) trial: &'a Trial,
    pub(super) plan: &'a Plan,
    pub(super) began: Instant,
    proxies: Vec<Proxy>,
    // Dropped after the proxies, whose sockets are in it.
    site: Site,
}

impl<'a> Place<'a> {
    pub(super) fn new(trial: &'a Trial, plan: &'a Plan) -> Self {
        Self { trial, plan, began: now(), proxies: Vec::new(), site: Site::new(plan.transport) }
    }

    /// An address that nobody else listens on.
    pub(super) fn address(&self) -> String {
        self.site.address()
    }

    /// Has one listen, and the other dial it.
    pub(super) fn connect(&mut self, listening: &impl Socket, dialing: &impl Socket) {
        let listener = listening.listen(self.address()).expect("an address");
        dialing.dial(self.way_to(listener.address())).expect("an address");
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
