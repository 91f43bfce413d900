//! What waits, or comes later, where a socket is closed.

use std::thread;
use std::time::Duration;

use hubless::{
    CloseReport, Context, DialerState, Error, Pair, Pull, Push, Rep, Req, SendError, Sub, SurveyEnd, Surveyor,
};
use hubless_kit::peer::{Host, Peer};
use hubless_kit::{
    ALL, LIMIT, SOON, Site, WIRES, eventually, link, linked, now, over, passes, stays, within,
};

/// Starts `call` on another thread, makes sure that it waits, closes, and gives its result.
fn closed_under<T: Send + 'static>(
    call: impl FnOnce() -> T + Send + 'static,
    close: impl FnOnce() -> Result<CloseReport, Error>,
) -> T {
    let waiting = thread::spawn(call);
    stays(|| !waiting.is_finished());
    close().expect("an end");
    waiting.join().expect("no panic")
}

fn is_closed<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Closed))
}

#[over(ALL)]
fn closing_ends_every_receive_that_waits(site: &Site) {
    let (pull, _push) = linked::<Pull, Push>(site);
    let calls: Vec<_> = (0..4).map(|_| pull.clone()).map(|pull| thread::spawn(move || pull.recv())).collect();
    let waiting = pull.clone();
    assert!(is_closed(&closed_under(move || waiting.recv(), || pull.close(Duration::ZERO))));
    assert!(calls.into_iter().all(|call| is_closed(&call.join().unwrap())));

    let rep = Rep::new().unwrap();
    let waiting = rep.clone();
    assert!(is_closed(&closed_under(move || waiting.recv(), || rep.close(Duration::ZERO))));

    let sub = Sub::new().unwrap();
    let waiting = sub.clone();
    assert_eq!(closed_under(move || waiting.iter().count(), || sub.close(Duration::ZERO)), 0);
}

#[over(ALL)]
fn closing_ends_every_send_that_waits(site: &Site) {
    let lonely = Push::new().unwrap();
    let waiting = lonely.clone();
    let failed = closed_under(move || waiting.send("kept"), || lonely.close(Duration::ZERO)).unwrap_err();
    assert!(matches!(failed.error, Error::Closed));
    assert_eq!(failed.message, "kept");

    let (push, pull) =
        (Push::builder().send_buffer(1).build().unwrap(), Pull::builder().recv_buffer(1).build().unwrap());
    link(site, &pull, &push);
    let waiting = push.clone();
    let flood = move || loop {
        if let Err(SendError { error, .. }) = waiting.send(vec![0; 100_000]) {
            return error;
        }
    };
    assert!(matches!(closed_under(flood, || push.close(Duration::ZERO)), Error::Closed));

    let req = Req::new().unwrap();
    let waiting = req.clone();
    let failed = closed_under(move || waiting.send("kept").unwrap_err(), || req.close(Duration::ZERO));
    assert!(matches!(failed.error, Error::Closed));

    let waiting = Pair::new().unwrap();
    let pair = waiting.clone();
    let failed =
        closed_under(move || waiting.send_many(["a", "b"]).unwrap_err(), || pair.close(Duration::ZERO));
    assert!(matches!(failed.error, Error::Closed));
    assert_eq!(failed.message.collect::<Vec<_>>(), ["a", "b"]);
}

#[over(ALL)]
fn closing_ends_waiting_for_peers_and_for_answers(site: &Site) {
    let pull = Pull::new().unwrap();
    let waiting = pull.clone();
    let result = closed_under(move || waiting.wait_for_peers(1, SOON), || pull.close(Duration::ZERO));
    assert!(is_closed(&result));

    let (_rep, req) = linked::<Rep, Req>(site);
    let pending = req.send("q").unwrap();
    assert!(is_closed(&closed_under(move || pending.recv(), || req.close(Duration::ZERO))));

    let surveyor = Surveyor::new().unwrap();
    let mut survey = surveyor.survey("anybody?", SOON).unwrap();
    let ended = closed_under(
        move || {
            assert!(survey.recv().unwrap().is_none());
            survey.end()
        },
        || surveyor.close(Duration::ZERO),
    );
    assert_eq!(ended, Some(SurveyEnd::Closed));
}

#[over(ALL)]
fn a_closed_socket_says_so_in_every_call(site: &Site) {
    let (pull, push, address) = (Pull::new().unwrap(), Push::new().unwrap(), site.address());
    link(site, &pull, &push);
    push.close(SOON).unwrap();
    pull.close(SOON).unwrap();
    let failed = |result: Result<(), SendError>| {
        let SendError { error, message, .. } = result.unwrap_err();
        matches!(error, Error::Closed) && message == "kept"
    };
    assert!(failed(push.send("kept")));
    assert!(failed(push.try_send("kept")));
    assert!(failed(push.send_timeout("kept", SOON)));
    assert!(failed(push.send_deadline("kept", now() + SOON)));
    assert!(matches!(push.send_many(["kept"]).unwrap_err().error, Error::Closed));
    assert!(is_closed(&pull.recv()));
    assert!(is_closed(&pull.try_recv()));
    assert!(is_closed(&pull.recv_timeout(SOON)));
    assert!(is_closed(&pull.recv_deadline(now() + SOON)));
    assert!(is_closed(&pull.recv_many(5)));
    assert_eq!(pull.iter().count(), 0);
    assert!(is_closed(&pull.listen(&address)));
    assert!(is_closed(&push.dial("tcp://127.0.0.1:1")));
    assert!(is_closed(&push.wait_for_peers(1, SOON)));
    assert_eq!(pull.stats().pipes, 0);
}

#[over(ALL)]
fn an_answer_on_a_closed_socket_comes_back(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    let _pending = req.send("q").unwrap();
    let request = rep.recv().unwrap();
    rep.close(Duration::ZERO).unwrap();
    let failed = request.reply("a").unwrap_err();
    assert!(matches!(failed.error, Error::Closed));
    assert_eq!(failed.message, "a");
}

#[over(ALL)]
fn a_socket_closes_while_it_dials_nobody(site: &Site) {
    let push = Push::new().unwrap();
    let dialers = [push.dial(site.quiet_address()).unwrap(), push.dial(site.quiet_address()).unwrap()];
    push.close(SOON).unwrap();
    for dialer in dialers {
        assert_eq!(dialer.status().state, DialerState::Closed);
        dialer.close();
    }
}

#[test]
fn a_socket_closes_while_a_name_is_looked_up() {
    within(LIMIT, || {
        let push = Push::new().unwrap();
        push.dial("tcp://nowhere.hubless.invalid:5555").unwrap();
        push.close(SOON).unwrap();
    });
}

#[over(WIRES)]
fn a_socket_closes_in_the_middle_of_a_handshake(site: &Site) {
    let host = Host::new(site);
    let push = Push::new().unwrap();
    push.dial(host.address()).unwrap();
    let silent = host.accept();
    silent.read_greeting();
    push.close(SOON).unwrap();
    silent.wait_for_end();

    let pull = Pull::new().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let silent = Peer::connect(at.address());
    silent.read_greeting();
    pull.close(SOON).unwrap();
    silent.wait_for_end();
}

#[over(ALL)]
fn a_context_closes_its_own_sockets_and_no_others(site: &Site) {
    let context = Context::new().unwrap();
    let inside = Pull::builder().context(&context).build().unwrap();
    let also_inside = Push::builder().context(&context).build().unwrap();
    let (outside, partner) = linked::<Pull, Push>(site);
    link(site, &inside, &also_inside);
    also_inside.send("unread").unwrap();
    let report = context.close(SOON);
    assert_eq!(report.dropped, 0);
    assert!(is_closed(&inside.recv()));
    assert!(matches!(also_inside.send("x").unwrap_err().error, Error::Closed));
    passes(&partner, &outside, "not concerned");
    context.close(SOON);
}

#[over(ALL)]
fn sockets_outlive_the_handle_of_their_context(site: &Site) {
    let context = Context::builder().threads(2).build().unwrap();
    let pull = Pull::builder().context(&context).build().unwrap();
    let push = Push::builder().context(&context).build().unwrap();
    drop(context);
    link(site, &pull, &push);
    passes(&push, &pull, "fine");
}

#[over(["tcp"])]
fn an_endpoint_that_is_opened_while_its_socket_closes_does_not_outlive_it(site: &Site) {
    for _ in 0..50 {
        let pull = Pull::new().unwrap();
        let closing = pull.clone();
        let closing = thread::spawn(move || closing.close(Duration::ZERO).unwrap());
        let listened = pull.listen(site.address());
        closing.join().unwrap();
        if let Ok(listener) = listened {
            let heir = Pull::new().unwrap();
            eventually(|| heir.listen(listener.address()).is_ok());
        }
    }
}
