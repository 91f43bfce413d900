//! What a user's code may do where hubless calls it: anything, as far as locks go.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::time::Duration;

use hubless::{Error, Pair, Pull, Push};
use hubless_kit::{ALL, SOON, Site, counts, eventually, linked, over};

/// A waker that does something of its own.
struct Acting(Box<dyn Fn() + Send + Sync>);

impl Wake for Acting {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

/// Polls a future once, with this waker.
fn poll_once<T>(future: impl Future<Output = T> + Unpin, act: impl Fn() + Send + Sync + 'static) -> Poll<T> {
    let waker = Arc::new(Acting(Box::new(act))).into();
    pin!(future).poll(&mut Context::from_waker(&waker))
}

#[over(ALL)]
fn a_waker_may_close_its_own_socket(site: &Site) {
    for time in [Duration::ZERO, SOON] {
        let (pull, push) = linked::<Pull, Push>(site);
        let own = pull.clone();
        let mut receiving = pull.recv_async();
        assert!(poll_once(&mut receiving, move || drop(own.close(time))).is_pending());
        push.send("and that was all").unwrap();
        eventually(|| matches!(pull.try_recv(), Err(Error::Closed)));
    }
}

#[over(ALL)]
fn a_waker_may_receive_and_send_on_its_own_socket(site: &Site) {
    let (left, right) = linked::<Pair, Pair>(site);
    for number in 0..100 {
        let own = left.clone();
        let echo = move || own.send(own.try_recv().expect("it is here")).expect("room");
        let mut receiving = left.recv_async();
        assert!(poll_once(&mut receiving, echo).is_pending());
        right.send(number.to_string()).unwrap();
        assert_eq!(right.recv_timeout(SOON).unwrap(), number.to_string());
    }
    counts(&left, |stats| stats.received == 100 && stats.sent == 100);
}

#[over(ALL)]
fn wakers_that_close_each_others_sockets_come_to_an_end(site: &Site) {
    let (left, right) = linked::<Pair, Pair>(site);
    let (of_left, of_right) = (left.clone(), right.clone());
    let (mut at_left, mut at_right) = (left.recv_async(), right.recv_async());
    assert!(poll_once(&mut at_left, move || drop(of_right.close(Duration::ZERO))).is_pending());
    assert!(poll_once(&mut at_right, move || drop(of_left.close(Duration::ZERO))).is_pending());
    left.close(SOON).unwrap();
    eventually(|| matches!(right.try_recv(), Err(Error::Closed)));
}
