//! The lamps at a socket: those who want to know, without waiting in a call, whether one is worth a try.

use std::sync::Arc;

use super::lamp::Lamp;

/// The lamps of one socket. Plain data, guarded by the socket's lock. Most sockets have none.
#[derive(Debug)]
pub(super) struct Lamps<W>(Vec<Mounted<W>>);

#[derive(Debug)]
struct Mounted<W> {
    want: W,
    ticket: u64,
    lit: bool,
    lamp: Arc<Lamp>,
}

impl<W: Copy + Eq> Lamps<W> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One more lamp, which is not lit.
    pub(super) fn mount(&mut self, want: W, ticket: u64, lamp: Arc<Lamp>) {
        self.0.push(Mounted { want, ticket, lit: false, lamp });
    }

    pub(super) fn unmount(&mut self, ticket: u64) {
        self.0.retain(|mounted| mounted.ticket != ticket);
    }

    pub(super) fn is_lit(&self, ticket: u64) -> bool {
        self.0.iter().any(|mounted| mounted.ticket == ticket && mounted.lit)
    }

    /// Whether one is for `want` and does not burn: whoever looks on has found nothing.
    pub(super) fn wait(&self, want: W) -> bool {
        self.0.iter().any(|mounted| mounted.want == want && !mounted.lit)
    }

    /// Lights those that are for `want`, or all; the ones that were not lit.
    pub(super) fn light(&mut self, want: Option<W>) -> impl Iterator<Item = Arc<Lamp>> + '_ {
        let meant = self.0.iter_mut().filter(move |mounted| want.is_none_or(|want| mounted.want == want));
        meant.filter(|mounted| !mounted.lit).map(|mounted| mounted.turn(true))
    }

    /// Puts out those that are for `want`; all of them, because whoever has put one out before may not have come to show
    /// that yet, and who finds nothing is to see none burn.
    pub(super) fn put_out(&mut self, want: W) -> impl Iterator<Item = Arc<Lamp>> + '_ {
        let meant = self.0.iter_mut().filter(move |mounted| mounted.want == want);
        meant.map(|mounted| mounted.turn(false))
    }
}

impl<W> Mounted<W> {
    fn turn(&mut self, lit: bool) -> Arc<Lamp> {
        if self.lit != lit {
            self.lit = lit;
            self.lamp.decide(lit);
        }
        Arc::clone(&self.lamp)
    }
}
