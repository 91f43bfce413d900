//! What is set aside for each peer leaves memory for larger messages, however many peers there are.

use hubless::{Context, Pull, Push};
use hubless_kit::peer::{Host, PULL};
use hubless_kit::{LIMIT, SOON, Site, WHILE, WIRES, body, eventually, over, send_until_stuck, stays};

/// Each has 1 KiB each way at either end: together more than the memory.
const PEERS: usize = 600;
const MEMORY: usize = 1 << 20;
const LARGER: usize = 32 * 1024;

#[over(WIRES, 3 * LIMIT)]
fn more_idle_peers_than_the_memory_has_reserves_for_leave_room_for_larger_messages(site: &Site) {
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
    send_until_stuck(&push, LARGER);
    // One is there whatever the memory is.
    let queued = push.stats().send_queue;
    assert!(queued * LARGER > MEMORY / 8, "only {queued} messages wait");
}

/// Peers that a socket looks at in more than one step, and what each sends, beyond what is set aside for it.
const MANY: usize = 300;
const SENT: usize = 8 * 1024;

#[over(["ipc"], 3 * LIMIT)]
fn all_of_many_peers_are_read_on_when_memory_comes_back(site: &Site) {
    let context = Context::builder().max_memory(8 * MEMORY).build().unwrap();
    let (full, pull) = (Pull::builder().context(&context), Pull::builder().context(&context));
    let (full, pull) = (full.build().unwrap(), pull.build().unwrap());
    let push = Push::new().unwrap();
    let listener = pull.listen(site.address()).unwrap();
    for _ in 0..MANY {
        push.dial(listener.address()).unwrap();
    }
    push.wait_for_peers(MANY, LIMIT).unwrap();
    pull.wait_for_peers(MANY, LIMIT).unwrap();
    // Each takes half of what is left, and nobody takes what it has sent.
    let listener = full.listen(site.address()).unwrap();
    let filling = [(); 14].map(|()| Push::builder().send_buffer(1).build().unwrap());
    for push in &filling {
        push.dial(listener.address()).unwrap();
        push.wait_for_peers(1, SOON).unwrap();
        while push.send_timeout(body(0, LARGER), WHILE).is_ok() {}
    }
    for number in 0..MANY {
        push.send_timeout(body(number, SENT), SOON).unwrap();
    }
    stays(|| pull.stats().recv_queue < MANY / 2);
    drop(filling);
    while full.recv_timeout(WHILE).is_ok() {}
    eventually(|| pull.stats().recv_queue == MANY);
}
