//! What is kept to be sent again counts, and is sent again where memory is short.

mod common;

use common::{SOON, WIRES, body, counts, over};
use hubless::{Context, Rep, Req};

const MEGABYTE: usize = 1 << 20;

#[test]
fn a_request_larger_than_its_share_is_sent_again_when_its_server_dies_and_small_ones_pass_it() {
    over(WIRES, |site| {
        // Beyond any share, at the half of all, and below.
        for size in [10, 8, 3].map(|megabytes| megabytes * MEGABYTE) {
            let context = Context::builder().memory(16 * MEGABYTE).build().unwrap();
            let req = Req::builder().context(&context).build().unwrap();
            let first = Rep::new().unwrap();
            req.dial(first.listen(site.address()).unwrap().address()).unwrap();
            let large = req.send_timeout(body(1, size), SOON).unwrap();
            let unanswered = first.recv_timeout(SOON).unwrap();
            drop((unanswered, first));
            counts(&req, |stats| stats.pipes == 0);

            let second = Rep::new().unwrap();
            req.dial(second.listen(site.address()).unwrap().address()).unwrap();
            let again = second.recv_timeout(SOON).unwrap();
            assert!(*again.message() == body(1, size), "{size}");
            for number in 0..5 {
                let small = req.send_timeout(body(number, 9), SOON).unwrap();
                second.recv_timeout(SOON).unwrap().reply("small").unwrap();
                assert_eq!(small.recv_timeout(SOON).unwrap(), "small");
            }
            again.reply("large").unwrap();
            assert_eq!(large.recv_timeout(SOON).unwrap(), "large");
        }
    });
}
