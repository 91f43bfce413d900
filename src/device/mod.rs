//! Devices: two raw sockets, and the thread that carries messages from one to the other.

mod report;
mod running;
mod sides;
mod stopper;
mod way;

use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use crate::engine::{Blocked, CloseHook, Flag};
use crate::error::Error;
use crate::socket::{End, raw};

pub use report::DeviceReport;
pub use running::RunningDevice;
pub use sides::Reflects;
pub use stopper::Stopper;

use sides::Sides;
use way::{Carried, carry};

/// Joins two raw sockets that belong together, so that the peers of one talk to the peers of the other: a broker, a proxy
/// between two networks or transports, a node of any topology.
///
/// ```
/// use std::time::Duration;
/// use hubless::{Device, Rep, Req, raw};
///
/// // Clients and servers both dial the device; neither knows where the others are.
/// let (front, back) = (raw::Rep::new()?, raw::Req::new()?);
/// let clients = front.listen("tcp://127.0.0.1:0")?;
/// let servers = back.listen("inproc://device-example")?;
/// let device = Device::queue(front, back).spawn()?;
///
/// let (req, rep) = (Req::new()?, Rep::new()?);
/// req.dial(clients.address())?;
/// rep.dial(servers.address())?;
/// let pending = req.send("ping")?;
/// rep.recv()?.reply("pong")?;
/// assert_eq!(pending.recv()?, "pong");
///
/// let report = device.stop()?;
/// assert_eq!((report.to_back, report.to_front, report.dropped), (1, 1, 0));
/// # Ok::<(), hubless::Error>(())
/// ```
///
/// The **front** is the socket whose peers begin a conversation: clients, publishers, producers, surveyors. Either
/// socket may listen and dial any number of times, before the device begins and while it runs (keep a clone of its
/// handle). Sockets that do not belong together do not compile:
///
/// ```compile_fail
/// # use hubless::{Device, raw};
/// Device::queue(raw::Req::new()?, raw::Rep::new()?); // back to front
/// # Ok::<(), hubless::Error>(())
/// ```
///
/// # When there is no room
///
/// A device carries at most 64 messages, or 256 KiB and the message that went beyond it, at a time. While the other
/// socket has no room for them it takes no more, so the receive buffers of the first socket fill up, its peers are no
/// longer read, and the sender has to wait. Where a pattern drops instead of waiting (PUB, SURVEYOR, BUS, and answers
/// on their way back), so does its socket in a device, and counts it.
///
/// # Loops
///
/// REQ, SURVEYOR and PAIR of version 1 count hops: a message that came over more hops than a device's receiving
/// socket ([`max_hops`](crate::Builder::<raw::Rep>::max_hops), 8 by default) is dropped and counted in
/// [`Drops::too_many_hops`](crate::Drops::too_many_hops), and the connection stays. PUB, PUSH, BUS and PAIR of version
/// 0 count nothing: with these a ring of devices carries a message round for ever, so do not build one.
///
/// # The end
///
/// A device ends when it is stopped or one of its sockets is closed, either from any thread; both are no errors. It then lets
/// go of its sockets, which close in the background if nobody has kept a handle.
///
/// The options `send_timeout` and `recv_timeout` of the sockets mean nothing to a device. Others may send and receive with
/// handles they have kept, but each message goes to one receiver.
#[must_use = "it does nothing until it is run or spawned"]
pub struct Device {
    kind: &'static str,
    sides: Sides,
    /// Messages go both ways.
    both_ways: bool,
    off: Flag,
}

impl Device {
    /// What is published to the front goes to all subscribers at the back. Everything does: subscriptions do not travel.
    pub fn forwarder(front: raw::Sub, back: raw::Pub) -> Self {
        Self::new("forwarder", Sides::two(front.end(), back.end()), false)
    }

    /// What is pushed to the front goes to one of the workers at the back, each in turn.
    pub fn streamer(front: raw::Pull, back: raw::Push) -> Self {
        Self::new("streamer", Sides::two(front.end(), back.end()), false)
    }

    /// Requests from the front go to one of the servers at the back, each in turn, and their answers find their way back.
    /// A device keeps no requests: where a server dies with one, its client asks again ([`resend`](crate::Builder::<crate::Req>::resend)).
    pub fn queue(front: raw::Rep, back: raw::Req) -> Self {
        Self::new("queue", Sides::two(front.end(), back.end()), true)
    }

    /// Surveys from the front go to all respondents at the back, and their answers find their way back.
    pub fn survey(front: raw::Respondent, back: raw::Surveyor) -> Self {
        Self::new("survey", Sides::two(front.end(), back.end()), true)
    }

    /// What comes from the peers of one socket goes to those of the other. A bus passes nothing on among the peers of one
    /// side; for that see [`reflect`](Self::reflect).
    ///
    /// ```
    /// use hubless::{Device, Pair, raw};
    ///
    /// let (front, back) = (raw::Pair::new()?, raw::Pair::new()?);
    /// let here = front.listen("inproc://between-here")?;
    /// let there = back.listen("inproc://between-there")?;
    /// let _device = Device::between(front, back).spawn()?;
    /// let (left, right) = (Pair::new()?, Pair::new()?);
    /// left.dial(here.address())?;
    /// right.dial(there.address())?;
    /// left.send("hello")?;
    /// assert_eq!(right.recv()?, "hello");
    /// # Ok::<(), hubless::Error>(())
    /// ```
    ///
    /// ```compile_fail
    /// # use hubless::{Device, raw};
    /// // These do not understand each other.
    /// Device::between(raw::Pair::new()?, raw::PairV1::new()?);
    /// # Ok::<(), hubless::Error>(())
    /// ```
    pub fn between<S: Reflects>(front: S, back: S) -> Self {
        Self::new("between", Sides::two(front.side().0, back.side().0), true)
    }

    /// What comes in goes out by the same socket: a pair hears itself, and a bus becomes the hub of all its peers, each
    /// of which hears the others.
    pub fn reflect<S: Reflects>(socket: S) -> Self {
        Self::new("reflect", Sides::one(socket.side().0), false)
    }

    fn new(kind: &'static str, sides: Sides, both_ways: bool) -> Self {
        Self { kind, sides, both_ways, off: Flag::default() }
    }

    /// Something that stops it from any thread. It does not keep the device's sockets open.
    pub fn stopper(&self) -> Stopper {
        Stopper::new(&self.sides, &self.off)
    }

    /// Runs it on this thread until it is stopped or one of its sockets is closed. Where messages go both ways, a second
    /// thread, which ends with it, carries those from the back to the front.
    ///
    /// # Errors
    /// [`Error::Forked`], [`Error::Dead`]; [`Error::System`] when there is no second thread to be had.
    pub fn run(self) -> Result<DeviceReport, Error> {
        let before = self.sides.drops();
        let stopper = self.stopper();
        let stop: Arc<CloseHook> = Arc::new(move || stopper.stop());
        self.sides.when_closed(&stop);
        let (forth, back) =
            if self.both_ways { self.carry_both()? } else { (self.forth()?, Carried::default()) };
        let dropped = self.sides.drops().saturating_sub(before) + forth.held + back.held;
        Ok(DeviceReport { to_back: forth.passed, to_front: back.passed, dropped })
    }

    /// Runs it on a thread of its own, two where messages go both ways.
    ///
    /// # Errors
    /// [`Error::System`] when there is no thread to be had.
    pub fn spawn(self) -> Result<RunningDevice, Error> {
        let stopper = self.stopper();
        let born_deaf = Blocked::here();
        let thread = thread::Builder::new().name(self.kind.into()).spawn(|| self.run()).map_err(no_thread)?;
        drop(born_deaf);
        Ok(RunningDevice::new(stopper, thread))
    }

    fn carry_both(&self) -> Result<(Carried, Carried), Error> {
        thread::scope(|scope| {
            let born_deaf = Blocked::here();
            let back = thread::Builder::new()
                .name(self.kind.into())
                .spawn_scoped(scope, || self.carry(&self.sides.back, &self.sides.front))
                .map_err(no_thread)?;
            drop(born_deaf);
            let forth = self.forth();
            let back = back.join().unwrap_or_else(|panic| resume_unwind(panic));
            Ok((forth?, back?))
        })
    }

    fn forth(&self) -> Result<Carried, Error> {
        self.carry(&self.sides.front, &self.sides.back)
    }

    /// Carries one way. When that ends, however it does, so does the other.
    fn carry(&self, from: &Arc<dyn End>, to: &Arc<dyn End>) -> Result<Carried, Error> {
        let _ended = Ended(self);
        carry(from.as_ref(), to.as_ref(), &self.off)
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Cancels both ways when one has ended.
struct Ended<'a>(&'a Device);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.sides.cancel_waits(&self.0.off);
    }
}

fn no_thread(cause: std::io::Error) -> Error {
    Error::System { what: "a thread for a device", cause }
}
