//! The verbs as futures: what they do, under any executor, beside blocking callers.

use std::collections::HashSet;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use hubless::{Bus, Error, Message, Pair, Pub, Pull, Push, Rep, Req, Respondent, Sub, Surveyor, raw};
use hubless_kit::executors::{Wakes, runtime};
use hubless_kit::{ALL, SOON, Site, eventually, link, linked, over};

fn number(message: &Message) -> usize {
    message.as_str().expect("text").parse().expect("a number")
}

#[over(ALL)]
async fn messages_arrive_in_order_though_there_is_room_for_few(site: &Site) {
    let pull = Pull::builder().recv_buffer(8).build().unwrap();
    let push = Push::builder().send_buffer(4).build().unwrap();
    link(site, &pull, &push);
    let sending = smol::spawn(async move {
        for number in 0..2000 {
            push.send_async(number.to_string()).await.unwrap();
        }
        push
    });
    for expected in 0..2000 {
        assert_eq!(number(&pull.recv_async().await.unwrap()), expected);
    }
    drop(sending.await);
}

#[over(ALL)]
async fn several_messages_come_at_a_time_in_order(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    push.send_many((0..1000).map(|number: u32| number.to_string())).unwrap();
    let mut received = Vec::new();
    while received.len() < 1000 {
        let batch = pull.recv_many_async(64).await.unwrap();
        assert!((1..=64).contains(&batch.len()));
        received.extend(batch.iter().map(number));
    }
    assert_eq!(received, (0..1000).collect::<Vec<_>>());
    assert!(pull.recv_many_async(0).await.unwrap().is_empty());
}

#[over(ALL)]
async fn many_requests_are_open_at_once_and_each_gets_its_own_answer(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    let serving = smol::spawn(async move {
        while let Ok(request) = rep.recv_async().await {
            let answer = format!("{}!", request.as_str().unwrap());
            request.reply(answer).unwrap();
        }
    });
    let asking: Vec<_> = (0..200)
        .map(|number| {
            let req = req.clone();
            smol::spawn(async move {
                let answer = req.request_async(number.to_string()).await.unwrap();
                assert_eq!(answer, format!("{number}!"));
            })
        })
        .collect();
    for asked in asking {
        asked.await;
    }
    let pending = req.send_async("last").await.unwrap();
    assert_eq!(pending.recv_async().await.unwrap(), "last!");
    assert!(matches!(pending.recv_async().await, Err(Error::Answered)));
    serving.cancel().await;
}

#[over(ALL)]
fn of_several_who_wait_for_one_answer_one_gets_it_and_all_others_are_told_so(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    let pending = req.send("ping").unwrap();
    let mut waiting: Vec<_> =
        (0..5).map(|_| (Box::pin(pending.recv_async()), Arc::new(Wakes::default()))).collect();
    for (receiving, called) in &mut waiting {
        let waker = Arc::clone(called).into();
        assert!(receiving.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    rep.recv().unwrap().reply("pong").unwrap();
    let mut answers = Vec::new();
    while !waiting.is_empty() {
        eventually(|| waiting.iter().any(|(_, called)| called.count() > 0));
        let woken = waiting.iter().position(|(_, called)| called.count() > 0).unwrap();
        let (mut receiving, called) = waiting.swap_remove(woken);
        let waker = called.into();
        let Poll::Ready(answer) = receiving.as_mut().poll(&mut Context::from_waker(&waker)) else {
            panic!("it was woken")
        };
        answers.push(answer);
    }
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Ok(pong) if *pong == "pong")).count(), 1);
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Err(Error::Answered))).count(), 4);
}

#[over(ALL)]
async fn a_survey_gives_its_answers_and_ends(site: &Site) {
    let (surveyor, respondent) =
        (Surveyor::builder().end_early().build().unwrap(), Respondent::new().unwrap());
    link(site, &surveyor, &respondent);
    let answering =
        smol::spawn(async move { respondent.recv_async().await.unwrap().reply("me").map(|()| respondent) });
    let mut survey = surveyor.survey("who?", SOON).unwrap();
    assert_eq!(survey.recv_async().await.unwrap().unwrap(), "me");
    assert!(survey.recv_async().await.unwrap().is_none());
    drop(answering.await);
}

#[over(ALL)]
async fn the_deadline_of_a_survey_ends_a_future(site: &Site) {
    let (surveyor, _respondent) = linked::<Surveyor, Respondent>(site);
    let mut survey = surveyor.survey("who?", Duration::from_millis(20)).unwrap();
    assert!(survey.recv_async().await.unwrap().is_none());
}

#[over(ALL)]
async fn every_other_pattern_sends_and_receives(site: &Site) {
    let (publisher, sub) = (Pub::new().unwrap(), Sub::new().unwrap());
    sub.subscribe("a").unwrap();
    link(site, &publisher, &sub);
    publisher.send_async("b").await.unwrap();
    publisher.send_async("a").await.unwrap();
    assert_eq!(sub.recv_async().await.unwrap(), "a");

    let (left, right) = linked::<Pair, Pair>(site);
    left.send_async("ping").await.unwrap();
    assert_eq!(right.recv_async().await.unwrap(), "ping");

    let (left, right) = linked::<Bus, Bus>(site);
    left.send_async("all aboard").await.unwrap();
    assert_eq!(right.recv_async().await.unwrap(), "all aboard");

    let (rep, req) = (raw::Rep::new().unwrap(), Req::new().unwrap());
    link(site, &rep, &req);
    let pending = req.send_async("ping").await.unwrap();
    let mut packet = rep.recv_async().await.unwrap();
    packet.body = "pong".into();
    rep.send_async(packet).await.unwrap();
    assert_eq!(pending.recv_async().await.unwrap(), "pong");
}

#[over(ALL)]
async fn a_future_waits_for_peers(site: &Site) {
    let pull = Pull::new().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let pushes = [Push::new().unwrap(), Push::new().unwrap()];
    // Kept open, or it could be closed before the second has heard of it.
    let host = pull.clone();
    let meeting = smol::spawn(async move { pull.wait_for_peers_async(2).await.map(|()| pull.stats().pipes) });
    for push in &pushes {
        push.dial(at.address()).unwrap();
        push.wait_for_peers_async(1).await.unwrap();
    }
    assert_eq!(meeting.await.unwrap(), 2);
    drop(host);
}

#[over(ALL)]
fn futures_and_threads_share_what_arrives_and_each_message_has_one_receiver(site: &Site) {
    const EACH: usize = 3000;
    let (pull, push) = (Pull::new().unwrap(), Push::builder().send_buffer(16).build().unwrap());
    link(site, &pull, &push);
    let runtime = runtime();
    let tasks: Vec<_> = (0..2)
        .map(|_| {
            let pull = pull.clone();
            runtime.spawn(async move {
                let mut got = Vec::new();
                while let Ok(message) = pull.recv_async().await {
                    got.push(number(&message));
                }
                got
            })
        })
        .collect();
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let pull = pull.clone();
            thread::spawn(move || pull.iter().map(|message| number(&message)).collect::<Vec<_>>())
        })
        .collect();
    let sending = push.clone();
    let task = runtime.spawn(async move {
        for number in 0..EACH {
            sending.send_async(number.to_string()).await.unwrap();
        }
    });
    for number in EACH..2 * EACH {
        push.send(number.to_string()).unwrap();
    }
    runtime.block_on(task).unwrap();
    eventually(|| {
        let stats = pull.stats();
        stats.received == 2 * EACH as u64 && stats.recv_queue == 0
    });
    pull.close(Duration::ZERO).unwrap();
    let by_tasks = tasks.into_iter().flat_map(|task| runtime.block_on(task).unwrap());
    let by_threads = threads.into_iter().flat_map(|thread| thread.join().unwrap());
    let got: Vec<usize> = by_tasks.chain(by_threads).collect();
    assert_eq!(got.len(), 2 * EACH);
    assert_eq!(got.into_iter().collect::<HashSet<_>>().len(), 2 * EACH);
}

#[over(ALL)]
fn a_socket_that_closes_ends_every_future_and_gives_the_message_back(site: &Site) {
    let (pair, req) = (Pair::new().unwrap(), Req::new().unwrap());
    pair.listen(site.address()).unwrap();
    let (receiving, sending) = (pair.clone(), pair.clone());
    let meeting = pair.clone();
    let receiving = smol::spawn(async move { receiving.recv_async().await });
    let sending = smol::spawn(async move { sending.send_async("unsent").await });
    let meeting = smol::spawn(async move { meeting.wait_for_peers_async(1).await });
    let asking = req.clone();
    let asking = smol::spawn(async move { asking.request_async("unasked").await });
    pair.close(Duration::ZERO).unwrap();
    req.close(Duration::ZERO).unwrap();
    assert!(matches!(smol::block_on(receiving), Err(Error::Closed)));
    assert!(matches!(smol::block_on(meeting), Err(Error::Closed)));
    assert!(matches!(smol::block_on(asking), Err(Error::Closed)));
    let unsent = smol::block_on(sending).unwrap_err();
    assert!(matches!(unsent.error, Error::Closed));
    assert_eq!(unsent.message, "unsent");
}

#[over(ALL)]
fn a_waker_is_called_when_a_message_comes_and_not_before(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    let called = Arc::new(Wakes::default());
    let waker = Arc::clone(&called).into();
    let mut context = Context::from_waker(&waker);
    let mut receiving = Box::pin(pull.recv_async());
    assert!(receiving.as_mut().poll(&mut context).is_pending());
    assert_eq!(called.count(), 0);
    push.send("message").unwrap();
    eventually(|| called.count() == 1);
    let Poll::Ready(received) = receiving.as_mut().poll(&mut context) else { panic!("it was woken") };
    assert_eq!(received.unwrap(), "message");
}

#[over(ALL)]
fn a_waker_that_panics_harms_nobody_else(site: &Site) {
    struct Rude;
    impl std::task::Wake for Rude {
        fn wake(self: Arc<Self>) {
            panic!("a waker that panics");
        }
    }
    let (pull, push) = linked::<Pull, Push>(site);
    let waker = Arc::new(Rude).into();
    let mut receiving = Box::pin(pull.recv_async());
    assert!(receiving.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    push.send("one").unwrap();
    push.send("two").unwrap();
    assert_eq!(pull.recv().unwrap(), "one");
    drop(receiving);
    assert_eq!(smol::block_on(pull.recv_async()).unwrap(), "two");
}

#[test]
fn futures_can_be_spawned_and_stored() {
    fn spawnable<T: Send + 'static>(_: &T) {}
    fn movable<T: Send + Unpin + std::fmt::Debug>(_: &T) {}
    let (push, req) = (Push::new().unwrap(), Req::new().unwrap());
    movable(&push.send_async("message"));
    movable(&Pull::new().unwrap().recv_async());
    movable(&req.request_async("message"));
    movable(&req.wait_for_peers_async(1));
    spawnable(&async move { push.send_async("message").await });
    spawnable(&async move { req.request_async("message").await });
}
