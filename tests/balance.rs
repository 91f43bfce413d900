//! The one with the least to do gets the next message.

use hubless::{Balance, Device, Pull, Push, Rep, Req, raw};
use hubless_kit::{ALL, Peers, SOON, Site, eventually, over};

/// Long enough that what the system takes is soon full.
const LENGTH: usize = 100_000;

fn numbered(number: usize) -> Vec<u8> {
    let mut body = vec![0; LENGTH];
    body[..8].copy_from_slice(&number.to_be_bytes());
    body
}

#[over(ALL)]
fn a_worker_that_takes_its_messages_gets_the_next_and_one_that_does_not_gets_none(site: &Site) {
    let push = Push::builder().balance(Balance::LeastQueued).send_buffer_bytes(1 << 30).build().unwrap();
    let at = push.listen(site.address()).unwrap();
    let [slow, quick] = [(); 2].map(|()| Pull::builder().recv_buffer(1).build().unwrap());
    slow.dial(at.address()).unwrap();
    quick.dial(at.address()).unwrap();
    push.peers(2);
    // More than the system takes in front of both, and nobody takes anything; then one takes all of his.
    let filled = 400;
    (0..filled).for_each(|number| push.send(numbered(number)).unwrap());
    eventually(|| {
        while quick.try_recv().is_ok() {}
        push.pipes().iter().any(|pipe| pipe.send_queue == 0)
    });
    for number in filled..filled + 30 {
        push.send(numbered(number)).unwrap();
        let expected = numbered(number);
        while quick.recv_timeout(SOON).unwrap() != expected {}
    }
}

#[over(ALL)]
fn a_server_that_does_not_answer_gets_no_further_request_while_another_does(site: &Site) {
    let req = Req::builder().balance(Balance::LeastQueued).build().unwrap();
    let at = req.listen(site.address()).unwrap();
    let [one, other] = [(); 2].map(|()| Rep::new().unwrap());
    one.dial(at.address()).unwrap();
    other.dial(at.address()).unwrap();
    req.peers(2);
    let _unanswered = req.send("the first").unwrap();
    let mut held = None;
    eventually(|| {
        held = one.try_recv().ok().map(|request| (request, &other));
        held = held.take().or_else(|| other.try_recv().ok().map(|request| (request, &one)));
        held.is_some()
    });
    let (_request, free) = held.unwrap();
    for number in 0..20 {
        let pending = req.send(number.to_string()).unwrap();
        free.recv_timeout(SOON).unwrap().reply("done").unwrap();
        assert_eq!(pending.recv_timeout(SOON).unwrap(), "done");
    }
}

#[over(ALL)]
fn the_sockets_of_a_device_balance_as_well(site: &Site) {
    let front = raw::Pull::new().unwrap();
    let back = raw::Push::builder().balance(Balance::LeastQueued).build().unwrap();
    let (push, pull) = (Push::new().unwrap(), Pull::new().unwrap());
    hubless_kit::link(site, &front, &push);
    hubless_kit::link(site, &back, &pull);
    let _device = Device::streamer(front, back).spawn().unwrap();
    push.send_many((0..100).map(|number: u32| number.to_string())).unwrap();
    for number in 0..100 {
        assert_eq!(pull.recv_timeout(SOON).unwrap(), number.to_string());
    }
    let _req = raw::Req::builder().balance(Balance::LeastQueued).build().unwrap();
}
