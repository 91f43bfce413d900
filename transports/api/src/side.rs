//! Which end of a connection an endpoint is for, as a type: what only listeners have, such as a backlog, makes a
//! listener's endpoint of it, and such an endpoint cannot be dialed.

use std::fmt::Debug;

/// One of [`Either`], [`Dials`] and [`Listens`].
pub trait Side: sealed::Sealed + Debug + Clone + Send + Sync + 'static {}

/// An endpoint of this side can be dialed.
#[diagnostic::on_unimplemented(
    message = "this endpoint is for listening: it has settings that a dialer does not have",
    label = "cannot be dialed"
)]
pub trait MayDial: Side {}

/// An endpoint of this side can be listened on.
#[diagnostic::on_unimplemented(
    message = "this endpoint is for dialing: it has settings that a listener does not have",
    label = "cannot be listened on"
)]
pub trait MayListen: Side {}

/// The endpoint can be dialed and listened on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Either {}

/// The endpoint can be dialed only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dials {}

/// The endpoint can be listened on only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Listens {}

impl Side for Either {}
impl Side for Dials {}
impl Side for Listens {}
impl MayDial for Either {}
impl MayDial for Dials {}
impl MayListen for Either {}
impl MayListen for Listens {}

mod sealed {
    #[allow(unnameable_types, reason = "it seals `Side`, which is nameable")]
    pub trait Sealed {}
    impl Sealed for super::Either {}
    impl Sealed for super::Dials {}
    impl Sealed for super::Listens {}
}
