//! Peers cannot fill the log. Alone in its program, for there is one logger.

mod common;

use common::lines::{self, Reading};
use common::peer::Peer;
use common::{LIMIT, SOON, Site, counts, within};
use hubless::{Pull, Push};

const STRANGERS: u64 = 500;

#[test]
fn strangers_write_few_lines_of_log() {
    lines::keep();
    within(LIMIT, || {
        let pull = Pull::new().unwrap();
        let at = pull.listen(Site::new("tcp").address()).unwrap();
        let written = Reading::begin();
        for _ in 0..STRANGERS {
            let mut peer = Peer::connect(at.address());
            peer.write(b"?");
            peer.wait_for_end();
        }
        counts(&pull, |stats| stats.refused.unknown_protocol == STRANGERS);
        written.is_short();

        let push = Push::new().unwrap();
        push.dial(at.address()).unwrap();
        push.send("honest").unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "honest");
    });
}
