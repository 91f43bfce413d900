use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use fastrand::Rng;
use hubless::{Pair, Pull, Push};

use super::called::Called;
use hubless_kit::Site;

/// Two sockets that may know each other.
pub(super) struct Round {
    pub(super) sockets: [Box<dyn Called>; 2],
    /// Whether the close of each has begun.
    pub(super) closing: [AtomicBool; 2],
    form: &'static str,
}

impl Round {
    /// Two sockets that are connected, or are about to be, or are alone.
    pub(super) fn new(transport: &'static str, site: &Site, chance: &mut Rng) -> Self {
        let acquaintance = chance.u8(0..4);
        let address = fresh(transport, site, chance);
        macro_rules! meet {
            ($listens:expr, $dials:expr) => {{
                let (listens, dials) = ($listens.expect("a socket"), $dials.expect("a socket"));
                if acquaintance > 0 {
                    let listener = listens.listen(address.as_str()).expect("an address");
                    dials.dial(listener.address()).expect("an address");
                }
                if acquaintance > 1 {
                    listens.wait_for_peers(1, hubless_kit::SOON).expect("the other");
                }
                [Box::new(listens), Box::new(dials)]
            }};
        }
        // With little room, so that there are calls that wait for some.
        let push = || Push::builder().send_buffer(2).build();
        let pull = || Pull::builder().recv_buffer(2).build();
        let pair = || Pair::builder().send_buffer(2).recv_buffer(2).build();
        let (form, sockets): (_, [Box<dyn Called>; 2]) = match chance.u8(0..3) {
            0 => ("PULL and PUSH", meet!(pull(), push())),
            1 => ("PUSH and PULL", meet!(push(), pull())),
            _ => ("two PAIRs", meet!(pair(), pair())),
        };
        let form = if acquaintance > 0 { form } else { "strangers" };
        Self { sockets, closing: [false, false].map(AtomicBool::new), form }
    }
}

impl fmt::Debug for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let closing = self.closing.each_ref().map(|closing| closing.load(Ordering::SeqCst));
        let counted = self.sockets.each_ref().map(|socket| socket.counted());
        write!(f, "{}, closing {closing:?}, {counted:?}", self.form)
    }
}

/// An address of its own for each round: a close by a deadline returns then, and a busy background thread may let go of the
/// listener a moment later. Connections of tcp are spread over addresses of this machine, because a closed one keeps its port for
/// some time.
fn fresh(transport: &str, site: &Site, chance: &mut Rng) -> String {
    match transport {
        "tcp" => format!("tcp://127.0.0.{}:0", chance.u8(1..=64)),
        _ => format!("{}-{:x}", site.place(0), chance.u64(..)),
    }
}
