//! A message that was written is received, or counted by one of the two: nothing vanishes between two sockets that end.

use std::thread;
use std::time::Duration;

use hubless::{Bus, CloseReport, Context, Dialer, Error, Listener, Pair, Pull, Push, SendError};
use hubless_kit::{ALL, SOON, Site, Socket, counts, eventually_sees, link, over};

/// The n-th choice of a round.
fn picks(round: u64, choice: u32) -> bool {
    round >> choice & 1 == 1
}

/// Time for something, and little enough to be spent hundreds of times.
const SHORT: Duration = Duration::from_millis(20);

/// What one has sent arrived at the other, or is counted by one of the two; what arrived was taken or is counted, too.
#[track_caller]
fn is_all_accounted_for(sender: &impl Socket, receiver: &impl Socket, taken: u64) {
    let view = || (sender.stats(), receiver.stats());
    eventually_sees(view, |(sender, receiver)| {
        let lost = sender.drops.closed + sender.drops.pipe_lost;
        let arrived = receiver.received + receiver.drops.stray;
        sender.sent == arrived + lost
            && receiver.received == taken + receiver.drops.unreceived
            && sender.pipes + receiver.pipes == 0
    });
}

/// Sends up to a number that the round chooses while the other takes what it likes, and ends both in one of several ways.
fn ends<S: Socket, R: Socket>(
    round: u64,
    (sender, receiver): (&S, &R),
    (listener, dialer): (&Listener, &Dialer),
    send: impl Fn() -> bool + Send,
    receive: impl Fn() -> bool,
) {
    let taken = thread::scope(|scope| {
        let sending = scope.spawn(move || (0..200 + round % 7 * 100).take_while(|_| send()).count());
        let mut taken = 0;
        while taken < round % 5 * 10 && receive() {
            taken += 1;
        }
        if picks(round, 0) {
            counts(receiver, |stats| stats.recv_queue > 0);
        }
        if picks(round, 1) {
            if picks(round, 2) { listener.close() } else { dialer.close() }
        }
        let ends: [&dyn Fn(Duration) -> CloseReport; 2] =
            [&|time| sender.close(time).expect("a report"), &|time| receiver.close(time).expect("a report")];
        let first = usize::from(picks(round, 5));
        ends[first](if picks(round, 3) { SHORT } else { Duration::ZERO });
        ends[1 - first](if picks(round, 4) { SOON } else { Duration::ZERO });
        sending.join().expect("the sender ends");
        taken
    });
    is_all_accounted_for(sender, receiver, taken);
}

fn hurried<T>(result: &Result<(), SendError<T>>) -> bool {
    !matches!(result, Err(SendError { error: Error::Closed | Error::Timeout { .. }, .. }))
}

const ROUNDS: u64 = 128;
const INPROC: [&str; 1] = ["inproc"];

#[over(INPROC)]
fn every_job_is_received_or_counted_however_both_ends_close(site: &Site) {
    let context = Context::new().unwrap();
    for round in 0..ROUNDS {
        let push = Push::builder().context(&context).send_timeout(SHORT).build().unwrap();
        let pull = Pull::builder().context(&context).recv_buffer(8).build().unwrap();
        let (listener, dialer) =
            if picks(round, 6) { link(site, &pull, &push) } else { link(site, &push, &pull) };
        let receive = || pull.recv_timeout(SHORT).is_ok();
        ends(round, (&push, &pull), (&listener, &dialer), || hurried(&push.send("job")), receive);
    }
}

#[over(INPROC)]
fn so_is_what_a_pair_and_a_bus_send(site: &Site) {
    let context = Context::new().unwrap();
    for round in 0..ROUNDS {
        let pair = || Pair::builder().context(&context).recv_buffer(8).send_timeout(SHORT).build().unwrap();
        let (sender, receiver) = (pair(), pair());
        let (listener, dialer) = link(site, &sender, &receiver);
        let send = || hurried(&sender.send("said"));
        let receive = || receiver.recv_timeout(SHORT).is_ok();
        ends(round, (&sender, &receiver), (&listener, &dialer), send, receive);

        let bus = || Bus::builder().context(&context).recv_buffer(8).build().unwrap();
        let (sender, receiver) = (bus(), bus());
        let (listener, dialer) = link(site, &sender, &receiver);
        let send = || hurried(&sender.send("said"));
        let receive = || receiver.recv_timeout(SHORT).is_ok();
        ends(round, (&sender, &receiver), (&listener, &dialer), send, receive);
    }
}

/// Ten messages that came in one piece, of which the socket has delivered two and holds the others back.
fn held_back(site: &Site) -> (Push, Pull, Listener, Dialer) {
    let context = Context::new().expect("a context");
    let push = Push::builder().context(&context).build().expect("a socket");
    let pull = Pull::builder().context(&context).recv_buffer(2).build().expect("a socket");
    let (listener, dialer) = link(site, &pull, &push);
    assert_eq!(push.send_many((0..10).map(|_| "job")).expect("room"), 10);
    counts(&push, |stats| stats.send_queue == 0);
    counts(&pull, |stats| stats.recv_queue == 2);
    (push, pull, listener, dialer)
}

#[over(ALL)]
fn what_was_read_and_not_delivered_is_counted_when_its_socket_closes(site: &Site) {
    for time in [Duration::ZERO, SOON] {
        let (push, pull, ..) = held_back(site);
        let report = pull.close(time).unwrap();
        assert_eq!(report.unreceived, 10);
        let stats = pull.stats();
        assert_eq!((stats.received, stats.drops.unreceived), (10, 10));
        assert_eq!(push.close(SOON).unwrap().dropped, 0);
    }
}

#[over(ALL)]
fn what_was_read_and_not_delivered_is_counted_when_its_listener_closes(site: &Site) {
    let (push, pull, listener, _dialer) = held_back(site);
    listener.close();
    let stats = counts(&pull, |stats| stats.pipes == 0 && stats.drops.unreceived > 0);
    assert_eq!((stats.received, stats.recv_queue, stats.drops.unreceived), (10, 2, 8));
    for _ in 0..2 {
        assert_eq!(pull.try_recv().unwrap(), "job");
    }
    assert_eq!(push.stats().drops.total(), 0);
}

#[over(ALL)]
fn what_was_read_and_not_delivered_still_comes_when_the_peer_closes_what_it_came_through(site: &Site) {
    let (push, pull, _listener, dialer) = held_back(site);
    dialer.close();
    for _ in 0..10 {
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "job");
    }
    assert_eq!((pull.stats().drops.total(), push.stats().drops.total()), (0, 0));
}

#[over(INPROC)]
fn what_was_said_to_one_who_had_not_greeted_when_it_closed_is_counted(site: &Site) {
    let context = Context::builder().threads(2).build().unwrap();
    for round in 0..100_u64 {
        let push = Push::builder().context(&context).build().unwrap();
        let at = push.listen(site.address()).unwrap();
        let pull = Pull::builder().context(&context).build().unwrap();
        let sending = push.clone();
        let sending = thread::spawn(move || (0..50).take_while(|_| sending.send("job").is_ok()).count());
        pull.dial(at.address()).unwrap();
        if picks(round, 0) {
            let _ = push.wait_for_peers(1, SOON);
        }
        if picks(round, 1) {
            thread::yield_now();
        }
        pull.close(Duration::ZERO).unwrap();
        push.close(Duration::ZERO).unwrap();
        sending.join().unwrap();
        let view = || (push.stats(), pull.stats());
        eventually_sees(view, |(push, pull)| {
            push.sent == pull.received + push.drops.closed + push.drops.pipe_lost
                && pull.received == pull.drops.unreceived
        });
    }
}
