//! The lamps at a socket: those who want to know, without waiting in a call, whether one is worth a try.

use std::sync::Arc;

use super::lamp::Lamp;

/// The lamps of one socket. Plain data, guarded by the socket's lock. Most sockets have none.
#[derive(Debug)]
pub(crate) struct Lamps<W>(Vec<Mounted<W>>);

#[derive(Debug)]
struct Mounted<W> {
    want: W,
    ticket: u64,
    lit: bool,
    lamp: Arc<Lamp>,
}

impl<W: Copy + Eq> Lamps<W> {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One more lamp, which is not lit.
    pub(crate) fn mount(&mut self, want: W, ticket: u64, lamp: Arc<Lamp>) {
        self.0.push(Mounted { want, ticket, lit: false, lamp });
    }

    pub(crate) fn unmount(&mut self, ticket: u64) {
        self.0.retain(|mounted| mounted.ticket != ticket);
    }

    pub(crate) fn is_lit(&self, ticket: u64) -> bool {
        self.0.iter().any(|mounted| mounted.ticket == ticket && mounted.lit)
    }

    /// Lights those that are for `want`, or all, or puts them out; the ones that change.
    pub(crate) fn turn(&mut self, want: Option<W>, lit: bool) -> impl Iterator<Item = Arc<Lamp>> + '_ {
        let meant = self.0.iter_mut().filter(move |mounted| want.is_none_or(|want| mounted.want == want));
        meant.filter(move |mounted| mounted.lit != lit).map(move |mounted| {
            mounted.lit = lit;
            mounted.lamp.decide(lit);
            Arc::clone(&mounted.lamp)
        })
    }
}
