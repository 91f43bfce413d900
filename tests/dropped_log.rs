//! A socket that is dropped with messages queued says so in the log. Alone in its program, for there is one logger.

use hubless::{Pull, Push};
use hubless_kit::lines::{self, Reading};
use hubless_kit::{Peers, Site};

/// Both buffers are full when it is dropped, and nobody reads.
fn leave_messages(site: &Site) {
    let (pull, push) =
        (Pull::builder().recv_buffer(1).build().expect("a socket"), Push::new().expect("a socket"));
    let at = pull.listen(site.address()).expect("a free address");
    push.dial(at.address()).expect("it is an address");
    push.peers(1);
    while push.try_send("job").is_ok() {}
    let queued = push.stats().send_queue;
    assert!(queued > 0);
    drop(push);
}

#[test]
fn only_a_socket_that_is_dropped_with_messages_queued_says_so() {
    lines::keep();
    let written = Reading::begin();
    drop(Push::new().expect("a socket"));
    assert_eq!(written.lines(), Vec::<String>::new());
    leave_messages(&Site::new("inproc"));
    let lines = written.lines();
    assert!(
        lines.iter().any(|line| line
            .starts_with("PUSH was dropped with 1,000 messages queued: what does not leave within 1 s")),
        "{lines:?}"
    );
}
