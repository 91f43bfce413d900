//! Peers cannot fill the log. Alone in its program, for there is one logger.

use hubless::{Pull, Push};
use hubless_kit::lines::{self, Reading};
use hubless_kit::peer::Peer;
use hubless_kit::{LIMIT, Site, counts, passes, within};

const STRANGERS: u64 = 500;

#[test]
fn strangers_write_few_lines_of_log() {
    lines::keep();
    within(LIMIT, || {
        let pull = Pull::new().unwrap();
        let at = pull.listen(Site::new("tcp").address()).unwrap();
        let written = Reading::begin();
        for _ in 0..STRANGERS {
            let peer = Peer::connect(at.address());
            peer.write(b"?");
            peer.wait_for_end();
        }
        counts(&pull, |stats| stats.refused.unknown_protocol == STRANGERS);
        written.is_short();

        let push = Push::new().unwrap();
        push.dial(at.address()).unwrap();
        passes(&push, &pull, "honest");
    });
}
