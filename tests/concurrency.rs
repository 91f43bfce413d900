//! Many threads in one socket, many sockets in one process.

use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use hubless::{Context, Error, Message, Pair, Pub, Pull, Push, Rep, Req, Sub};
use hubless_kit::{ALL, LIMIT, Peers, SOON, Site, counts, link, linked, over};

const SENDERS: usize = 4;
const RECEIVERS: usize = 4;

fn encode(sender: usize, number: usize) -> Message {
    format!("{sender} {number}").into()
}

fn decode(message: &Message) -> (usize, usize) {
    let (sender, number) = message.as_str().expect("text").split_once(' ').expect("two numbers");
    (sender.parse().expect("a number"), number.parse().expect("a number"))
}

/// Four threads send on one PUSH and four receive on one PULL; whatever a thread receives of one sender comes in order.
fn through_one_pipe(site: &Site, each: usize) {
    let (pull, push) = linked::<Pull, Push>(site);
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let push = push.clone();
            thread::spawn(move || {
                for number in 0..each {
                    push.send(encode(sender, number)).expect("room");
                }
            })
        })
        .collect();
    drop(push);
    let receivers: Vec<_> = (0..RECEIVERS)
        .map(|_| {
            let pull = pull.clone();
            thread::spawn(move || {
                let mut received = Vec::new();
                loop {
                    match pull.recv() {
                        Ok(message) => received.push(decode(&message)),
                        Err(Error::Closed) => return received,
                        Err(other) => panic!("{other:?}"),
                    }
                }
            })
        })
        .collect();
    for sender in senders {
        sender.join().expect("no panic");
    }
    let total = SENDERS * each;
    hubless_kit::eventually_sees(
        || pull.stats(),
        |stats| stats.received == total as u64 && stats.recv_queue == 0,
    );
    pull.close(Duration::ZERO).expect("an end");
    let mut seen = vec![false; total];
    for receiver in receivers {
        let mut last = HashMap::new();
        for (sender, number) in receiver.join().expect("no panic") {
            let before = last.insert(sender, number);
            assert!(before.is_none_or(|before| before < number), "{number} of {sender} after {before:?}");
            assert!(
                !std::mem::replace(&mut seen[sender * each + number], true),
                "{number} of {sender} came twice"
            );
        }
    }
    assert!(seen.iter().all(|seen| *seen), "messages are missing");
}

#[over(ALL)]
fn four_threads_send_and_four_receive_and_each_message_has_one_receiver(site: &Site) {
    through_one_pipe(site, 50_000 / SENDERS);
}

#[over(ALL, Duration::from_secs(600))]
#[ignore = "long: cargo test --workspace -- --ignored"]
fn four_threads_send_and_four_receive_a_million_messages(site: &Site) {
    through_one_pipe(site, 1_000_000 / SENDERS);
}

#[over(ALL)]
fn the_messages_of_each_sender_stay_in_order_for_one_receiver(site: &Site) {
    let pull = Pull::new().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let senders: Vec<_> = (0..8)
        .map(|sender| {
            let address = at.address().to_owned();
            thread::spawn(move || {
                let push = Push::new().unwrap();
                push.dial(&address).unwrap();
                push.send_many((0..2000).map(|number| encode(sender, number))).unwrap();
                assert_eq!(push.close(SOON).unwrap().dropped, 0);
            })
        })
        .collect();
    let mut next = [0; 8];
    for _ in 0..16_000 {
        let (sender, number) = decode(&pull.recv_timeout(SOON).unwrap());
        assert_eq!(number, next[sender]);
        next[sender] += 1;
    }
    for sender in senders {
        sender.join().unwrap();
    }
}

#[over(ALL)]
fn many_threads_ask_on_one_socket_and_each_gets_its_own_answer(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    let servers: Vec<_> = (0..2)
        .map(|_| rep.clone())
        .map(|rep| {
            thread::spawn(move || {
                for request in &rep {
                    let echo = request.message().clone();
                    request.reply(echo).unwrap();
                }
            })
        })
        .collect();
    let askers: Vec<_> = (0..8)
        .map(|asker| (asker, req.clone()))
        .map(|(asker, req)| {
            thread::spawn(move || {
                for number in 0..300 {
                    assert_eq!(req.request(encode(asker, number)).unwrap(), encode(asker, number));
                }
            })
        })
        .collect();
    for asker in askers {
        asker.join().unwrap();
    }
    rep.close(Duration::ZERO).unwrap();
    for server in servers {
        server.join().unwrap();
    }
    assert_eq!(req.stats().drops.total(), 0);
}

#[over(ALL)]
fn a_request_is_answered_on_another_thread_while_its_socket_goes_on(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    let slow = req.send("slow").unwrap();
    let held = rep.recv().unwrap();
    for _ in 0..10 {
        let quick = req.send("quick").unwrap();
        rep.recv().unwrap().reply("at once").unwrap();
        assert_eq!(quick.recv().unwrap(), "at once");
    }
    thread::spawn(move || held.reply("in the end").unwrap()).join().unwrap();
    assert_eq!(slow.recv().unwrap(), "in the end");
}

#[over(ALL)]
fn a_pair_is_used_in_both_directions_by_several_threads(site: &Site) {
    let (left, right) = linked::<Pair, Pair>(site);
    let ends = [left.clone(), right.clone()];
    let tasks: Vec<_> = ends
        .into_iter()
        .flat_map(|end| {
            let sending = end.clone();
            let send = move || (0..5000).for_each(|number| sending.send(encode(0, number)).unwrap());
            let recv = move || {
                for number in 0..5000 {
                    assert_eq!(decode(&end.recv_timeout(SOON).unwrap()), (0, number));
                }
            };
            [thread::spawn(send), thread::spawn(recv)]
        })
        .collect();
    for task in tasks {
        task.join().unwrap();
    }
}

#[over(ALL)]
fn a_hundred_sockets_work_side_by_side(site: &Site) {
    let pull = Pull::new().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let pushes: Vec<Push> = (0..100).map(|_| Push::new().unwrap()).collect();
    for push in &pushes {
        push.dial(at.address()).unwrap();
    }
    pull.peers(100);
    for number in 0..20 {
        for (sender, push) in pushes.iter().enumerate() {
            push.send(encode(sender, number)).unwrap();
        }
    }
    let mut next = [0; 100];
    for message in pull.iter().take(2000) {
        let (sender, number) = decode(&message);
        assert_eq!(number, next[sender]);
        next[sender] += 1;
    }
    assert_eq!(next, [20; 100]);
}

#[over(ALL)]
fn a_publisher_serves_fifty_subscribers(site: &Site) {
    let publisher = Pub::new().unwrap();
    let at = publisher.listen(site.address()).unwrap();
    let subs: Vec<Sub> = (0..50).map(|_| Sub::new().unwrap()).collect();
    for sub in &subs {
        sub.subscribe("").unwrap();
        sub.dial(at.address()).unwrap();
    }
    publisher.peers(50);
    for number in 0..100 {
        publisher.send(encode(0, number)).unwrap();
    }
    for sub in &subs {
        for number in 0..100 {
            assert_eq!(decode(&sub.recv_timeout(SOON).unwrap()), (0, number));
        }
    }
    assert_eq!(publisher.stats().sent, 5000);
}

#[over(ALL, 2 * LIMIT)]
fn sockets_come_and_go_on_many_threads(site: &Site) {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for number in 0..25 {
                    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
                    let at = pull.listen(site.address()).unwrap();
                    push.dial(at.address()).unwrap();
                    push.send(encode(0, number)).unwrap();
                    assert_eq!(decode(&pull.recv_timeout(SOON).unwrap()), (0, number));
                }
            });
        }
    });
}

#[over(ALL)]
fn a_context_with_several_threads_serves_its_sockets(site: &Site) {
    let context = Context::builder().threads(4).build().unwrap();
    let links: Vec<(Pull, Push)> = (0..12)
        .map(|_| {
            let pull = Pull::builder().context(&context).build().unwrap();
            let push = Push::builder().context(&context).build().unwrap();
            link(site, &pull, &push);
            (pull, push)
        })
        .collect();
    for number in 0..200 {
        for (_, push) in &links {
            push.send(encode(0, number)).unwrap();
        }
    }
    for (pull, _) in &links {
        counts(pull, |stats| stats.received == 200);
        for number in 0..200 {
            assert_eq!(decode(&pull.try_recv().unwrap()), (0, number));
        }
    }
    assert_eq!(context.close(SOON).dropped, 0);
}

#[over(ALL)]
fn receivers_with_deadlines_pass_their_turn_on(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    let impatient: Vec<_> = (1..5)
        .map(|time| (pull.clone(), Duration::from_millis(time)))
        .map(|(pull, time)| {
            thread::spawn(move || {
                let mut received = 0;
                loop {
                    match pull.recv_timeout(time) {
                        Ok(_) => received += 1,
                        Err(Error::Timeout { .. }) => {}
                        Err(_) => return received,
                    }
                }
            })
        })
        .collect();
    for number in 0..500 {
        push.send(encode(0, number)).unwrap();
        if number % 50 == 0 {
            thread::park_timeout(Duration::from_millis(5));
        }
    }
    counts(&pull, |stats| stats.received == 500 && stats.recv_queue == 0);
    pull.close(Duration::ZERO).unwrap();
    assert_eq!(impatient.into_iter().map(|thread| thread.join().unwrap()).sum::<i32>(), 500);
}
