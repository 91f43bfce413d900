//! Every call that waits ends by its time, and not before. A late return passes here; a hang fails.

use std::thread;
use std::time::{Duration, Instant};

use hubless::{
    Builder, Bus, Error, Pair, Pub, Pull, Push, Rep, Req, Respondent, Socket, Sub, SurveyEnd, Surveyor,
    WaitingFor,
};
use hubless_kit::{ALL, SOON, Site, link, linked, now, over, stays};

const TIME: Duration = Duration::from_millis(60);

/// The call gives a timeout, not before its time.
#[track_caller]
fn times_out<T: std::fmt::Debug>(call: impl FnOnce() -> Result<T, Error>) {
    let begin = now();
    let result = call();
    assert!(matches!(result, Err(Error::Timeout { .. })), "{result:?}");
    assert!(begin.elapsed() >= TIME, "after {:?} already", begin.elapsed());
}

/// A point in time long past.
fn past() -> Instant {
    now().checked_sub(Duration::from_secs(1)).expect("the machine runs that long")
}

fn at_once<T: std::fmt::Debug>(result: &Result<T, Error>) {
    assert!(matches!(result, Err(Error::Timeout { .. })), "{result:?}");
}

macro_rules! receiving_ends {
    ($site:expr, $kind:ty, $partner:ty) => {{
        let socket = <$kind>::builder().recv_timeout(TIME).build().unwrap();
        let partner = <$partner>::new().unwrap();
        for connected in [false, true] {
            if connected {
                link($site, &socket, &partner);
            }
            times_out(|| socket.recv());
            times_out(|| socket.recv_timeout(TIME));
            times_out(|| socket.recv_deadline(now() + TIME));
            at_once(&socket.recv_timeout(Duration::ZERO));
            at_once(&socket.recv_deadline(past()));
            assert!(matches!(socket.try_recv(), Err(Error::Empty)));
            assert_eq!(socket.iter().count(), 0);
        }
    }};
}

#[over(ALL)]
fn receiving_ends_by_its_time(site: &Site) {
    receiving_ends!(site, Pull, Push);
    receiving_ends!(site, Sub, Pub);
    receiving_ends!(site, Rep, Req);
    receiving_ends!(site, Respondent, Surveyor);
    receiving_ends!(site, Pair, Pair);
    receiving_ends!(site, Bus, Bus);
    let pull = Pull::builder().recv_timeout(TIME).build().unwrap();
    times_out(|| pull.recv_many(3));
}

#[over(ALL)]
fn receiving_ends_by_its_time_though_everything_that_arrives_is_filtered_out(site: &Site) {
    let (publisher, sub) = (Pub::new().unwrap(), Sub::new().unwrap());
    sub.subscribe("wanted").unwrap();
    link(site, &publisher, &sub);
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stopped = std::sync::Arc::clone(&stop);
    let chatting = thread::spawn(move || {
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            publisher.send("unwanted").unwrap();
        }
    });
    for _ in 0..5 {
        times_out(|| sub.recv_timeout(TIME));
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    chatting.join().unwrap();
}

macro_rules! sending_ends {
    ($socket:expr, $message:expr) => {{
        let socket = $socket;
        times_out(|| socket.send($message).map_err(Error::from));
        times_out(|| socket.send_timeout($message, TIME).map_err(Error::from));
        times_out(|| socket.send_deadline($message, now() + TIME).map_err(Error::from));
        at_once(&socket.send_timeout($message, Duration::ZERO).map_err(Error::from));
        at_once(&socket.send_deadline($message, past()).map_err(Error::from));
        assert!(matches!(socket.try_send($message).unwrap_err().error, Error::Full));
        assert_eq!(socket.send_timeout($message, Duration::ZERO).unwrap_err().message, $message);
    }};
}

#[test]
fn sending_without_a_peer_ends_by_its_time() {
    hubless_kit::within(hubless_kit::LIMIT, || {
        sending_ends!(Push::builder().send_timeout(TIME).build().unwrap(), "m");
        sending_ends!(Pair::builder().send_timeout(TIME).build().unwrap(), "m");
        sending_ends!(Req::builder().send_timeout(TIME).build().unwrap(), "m");
        let push = Push::builder().send_timeout(TIME).build().unwrap();
        times_out(|| push.send_many(["a"]).map_err(|failed| failed.error));
        assert!(
            push.send_many(["a", "b", "c"])
                .unwrap_err()
                .message
                .eq(["a", "b", "c"].map(hubless::Message::from))
        );
    });
}

#[over(ALL)]
fn sending_without_room_ends_by_its_time(site: &Site) {
    let push = Push::builder().send_buffer(2).send_timeout(TIME).build().unwrap();
    let pull = Pull::builder().recv_buffer(2).build().unwrap();
    link(site, &pull, &push);
    while push.send_timeout(vec![0; 200_000], Duration::from_secs(1)).is_ok() {}
    sending_ends!(push, "m");
}

#[over(ALL)]
fn a_batch_that_runs_out_of_time_gives_back_what_was_not_sent(site: &Site) {
    let push = Push::builder().send_buffer(2).send_timeout(TIME).build().unwrap();
    let pull = Pull::builder().recv_buffer(2).build().unwrap();
    link(site, &pull, &push);
    let numbered = |number: u32| [number.to_string().into_bytes(), vec![b' '; 100_000]].concat();
    let failed = push.send_many((0..1000).map(numbered)).unwrap_err();
    assert!(matches!(failed.error, Error::Timeout { .. }));
    // What was sent and what came back are all there is, in order.
    let left: Vec<_> = failed.message.map(hubless::Message::into_vec).collect();
    let sent = 1000 - u32::try_from(left.len()).unwrap();
    assert!(left.into_iter().eq((sent..1000).map(numbered)));
    for number in 0..sent {
        assert!(pull.recv_timeout(SOON).unwrap() == numbered(number));
    }
    stays(|| pull.stats().recv_queue == 0);
}

#[over(ALL)]
fn waiting_for_an_answer_ends_by_its_time_and_can_be_repeated(site: &Site) {
    let (rep, req) = (Rep::new().unwrap(), Req::builder().recv_timeout(TIME).build().unwrap());
    link(site, &rep, &req);
    let pending = req.send("q").unwrap();
    times_out(|| pending.recv());
    times_out(|| pending.recv_timeout(TIME));
    times_out(|| pending.recv_deadline(now() + TIME));
    at_once(&pending.recv_timeout(Duration::ZERO));
    assert!(matches!(pending.try_recv(), Err(Error::Empty)));
    times_out(|| req.request("another"));
    rep.recv().unwrap().reply("a").unwrap();
    assert_eq!(pending.recv_timeout(SOON).unwrap(), "a");
}

#[over(ALL)]
fn a_survey_ends_by_its_deadline_and_waiting_for_an_answer_by_its_own_time(site: &Site) {
    let (surveyor, _respondent) = linked::<Surveyor, Respondent>(site);
    let begin = now();
    let mut survey = surveyor.survey("q", 30 * TIME).unwrap();
    times_out(|| survey.recv_timeout(TIME));
    times_out(|| survey.recv_deadline(now() + TIME));
    assert!(matches!(survey.try_recv(), Err(Error::Empty)));
    assert_eq!(survey.end(), None);
    assert!(survey.recv().unwrap().is_none());
    assert!(begin.elapsed() >= 30 * TIME);
    assert_eq!(survey.end(), Some(SurveyEnd::Deadline));
    assert!(survey.recv().unwrap().is_none());
}

#[over(ALL)]
fn waiting_for_peers_ends_by_its_time(site: &Site) {
    let (pull, _push) = linked::<Pull, Push>(site);
    let begin = now();
    let Err(Error::Timeout { waiting_for, .. }) = pull.wait_for_peers(2, TIME) else { panic!("a peer") };
    assert!(matches!(waiting_for, WaitingFor::Peers { present: 1, wanted: 2, .. }), "{waiting_for:?}");
    assert!(begin.elapsed() >= TIME);
}

#[over(ALL)]
fn a_time_beyond_all_time_is_for_ever(site: &Site) {
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    let receiving = pull.clone();
    let receiving = thread::spawn(move || receiving.recv_timeout(Duration::MAX).unwrap());
    let sending = push.clone();
    let sending = thread::spawn(move || sending.send_timeout("at last", Duration::MAX).unwrap());
    stays(|| !receiving.is_finished() && !sending.is_finished());
    link(site, &pull, &push);
    sending.join().unwrap();
    assert_eq!(receiving.join().unwrap(), "at last");
    push.wait_for_peers(1, Duration::MAX).unwrap();
    push.close(Duration::MAX).unwrap();
}

#[over(ALL)]
fn settings_beyond_all_time_are_for_ever(site: &Site) {
    const EVER: Duration = Duration::MAX;
    fn everything_for_ever<S: Socket>(builder: Builder<S>) -> Builder<S> {
        builder
            .send_timeout(EVER)
            .recv_timeout(EVER)
            .reconnect(EVER..=EVER)
            .handshake_timeout(EVER)
            .linger(EVER)
    }
    let rep = everything_for_ever(Rep::builder()).build().unwrap();
    let req = everything_for_ever(Req::builder()).resend(EVER).deadline(EVER).build().unwrap();
    link(site, &rep, &req);
    let pending = req.send("q").unwrap();
    rep.recv().unwrap().reply("a").unwrap();
    assert_eq!(pending.recv().unwrap(), "a");

    let respondent = everything_for_ever(Respondent::builder()).build().unwrap();
    let surveyor = everything_for_ever(Surveyor::builder()).build().unwrap();
    link(site, &respondent, &surveyor);
    let mut survey = surveyor.survey("q", EVER).unwrap();
    respondent.recv().unwrap().reply("a").unwrap();
    assert_eq!(survey.recv().unwrap().expect("an answer").into_message(), "a");
    assert_eq!(survey.end(), None);
}

#[over(ALL)]
fn what_arrives_in_time_is_received(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    for number in 0..100 {
        let receiving = pull.clone();
        let receiving = thread::spawn(move || receiving.recv_timeout(SOON).unwrap());
        push.send(number.to_string()).unwrap();
        assert_eq!(receiving.join().unwrap(), number.to_string());
    }
}

#[test]
fn a_request_with_a_deadline_does_not_wait_for_a_peer_for_ever() {
    let req = Req::builder().deadline(TIME).build().unwrap();
    assert!(matches!(req.request("is anybody there?"), Err(Error::Timeout { .. })));
}

#[over(ALL)]
fn whoever_asks_again_and_again_without_waiting_receives_everything(site: &Site) {
    let (pull, push) = (Pull::builder().recv_buffer(10).build().unwrap(), Push::new().unwrap());
    link(site, &pull, &push);
    let sending = thread::spawn(move || {
        for number in 0..5000 {
            push.send(number.to_string()).unwrap();
        }
        push.close(SOON).unwrap()
    });
    let mut number = 0;
    while number < 5000 {
        match pull.recv_timeout(Duration::ZERO) {
            Ok(message) => assert_eq!(message, number.to_string()),
            Err(Error::Timeout { .. }) => continue,
            Err(error) => panic!("{error}"),
        }
        number += 1;
    }
    assert_eq!(sending.join().unwrap().dropped, 0);
}
