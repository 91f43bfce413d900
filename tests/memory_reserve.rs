//! What is set aside for each peer leaves memory for larger messages, however many peers there are.

mod common;

use std::thread;

use common::peer::{Host, PULL};
use common::{LIMIT, SOON, WHILE, WIRES, body, over_within};
use hubless::{Context, Pull, Push};

/// Each has 1 KiB each way at either end: together more than the memory.
const PEERS: usize = 600;
const MEMORY: usize = 1 << 20;
const LARGER: usize = 32 * 1024;

#[test]
fn more_idle_peers_than_the_memory_has_reserves_for_leave_room_for_larger_messages() {
    over_within(3 * LIMIT, WIRES, |site| {
        let context = Context::builder().max_memory(MEMORY).build().unwrap();
        let idle = Pull::builder().context(&context).build().unwrap();
        let dialing = Push::builder().context(&context).build().unwrap();
        let listener = idle.listen(&*format!("inproc://reserve-of-{}", site.address())).unwrap();
        for _ in 0..PEERS {
            dialing.dial(listener.address()).unwrap();
        }
        idle.wait_for_peers(PEERS, LIMIT).unwrap();
        dialing.wait_for_peers(PEERS, LIMIT).unwrap();
        let push = Push::builder().context(&context).build().unwrap();
        let host = Host::new(site);
        push.dial(host.address().as_str()).unwrap();
        let _stuck = host.greeted(PULL);
        push.wait_for_peers(1, SOON).unwrap();
        // Until the system takes nothing more.
        loop {
            let mut sent = 0;
            while push.try_send(body(0, LARGER)).is_ok() {
                sent += 1;
            }
            thread::park_timeout(WHILE);
            if sent == 0 {
                break;
            }
        }
        // One is there whatever the memory is.
        let queued = push.stats().send_queue;
        assert!(queued * LARGER > MEMORY / 8, "only {queued} messages wait");
    });
}
