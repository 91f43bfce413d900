//! Answers that are waited for are not given up, however short memory is, and those that nobody takes are read no further.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};
use std::thread;

use hubless::{Context, Error, Message, Pending, Rep, Req, Surveyor, raw};
use hubless_kit::executors::{Wakes, runtime};
use hubless_kit::{ALL, SOON, Site, WIRES, body, eventually, link, over, pass_the_time};

const MEGABYTE: usize = 1 << 20;

/// A client in so little memory, and a server.
fn client_and_server(site: &Site, memory: usize) -> (Req, Rep) {
    let context = Context::builder().max_memory(memory).build().expect("sockets, answers and threads");
    let req = Req::builder().context(&context).build().expect("sockets, answers and threads");
    // Sockets of two contexts do not meet inproc.
    let other = if site.has_wire() { Context::new().expect("sockets, answers and threads") } else { context };
    let rep = Rep::builder()
        .context(&other)
        .send_buffer_bytes(64 * MEGABYTE)
        .build()
        .expect("sockets, answers and threads");
    link(site, &rep, &req);
    (req, rep)
}

/// A client in so little memory, whose requests are each answered with so many bytes.
fn client(site: &Site, memory: usize, answer: usize) -> Req {
    let (req, rep) = client_and_server(site, memory);
    thread::spawn(move || rep.iter().try_for_each(|request| request.reply(vec![1; answer])));
    req
}

fn answer_both(rep: &Rep) {
    for _ in 0..2 {
        rep.recv_timeout(SOON)
            .expect("sockets, answers and threads")
            .reply(vec![1; LARGE])
            .expect("sockets, answers and threads");
    }
}

fn nothing_was_dropped(req: &Req) {
    let stats = req.stats();
    assert_eq!((stats.drops.inbox_full, stats.disconnected), (0, 0));
}

/// Askers, requests of each, size of an answer, memory. Not inproc: there the server has the same memory, and drops answers itself.
const LOADS: [(usize, usize, usize, usize); 3] =
    [(2, 30, 300_000, MEGABYTE / 2), (16, 30, 60_000, MEGABYTE / 2), (8, 4, 4_000_000, 16 * MEGABYTE)];

#[over(WIRES)]
fn threads_that_ask_side_by_side_all_get_their_answers_in_a_small_memory(site: &Site) {
    for (askers, requests, answer, memory) in LOADS {
        let req = client(site, memory, answer);
        thread::scope(|scope| {
            for _ in 0..askers {
                scope.spawn(|| {
                    for number in 0..requests {
                        let got = req.request("small").map(|got| got.len());
                        assert!(matches!(got, Ok(length) if length == answer), "request {number}: {got:?}");
                    }
                });
            }
        });
        nothing_was_dropped(&req);
    }
}

#[over(WIRES)]
fn futures_that_ask_side_by_side_all_get_their_answers_in_a_small_memory(site: &Site) {
    for (askers, requests, answer, memory) in LOADS {
        let req = client(site, memory, answer);
        let runtime = runtime();
        let tasks: Vec<_> = (0..askers)
            .map(|_| {
                let req = req.clone();
                runtime.spawn(async move {
                    for number in 0..requests {
                        let got = req.request_async("small").await.map(|got| got.len());
                        assert!(matches!(got, Ok(length) if length == answer), "request {number}: {got:?}");
                    }
                })
            })
            .collect();
        for task in tasks {
            runtime.block_on(task).unwrap();
        }
        nothing_was_dropped(&req);
    }
}

/// A future, and who it wakes.
struct Polled<F> {
    future: Pin<Box<F>>,
    wakes: Arc<Wakes>,
}

impl<F: Future> Polled<F> {
    fn new(future: F) -> Self {
        Self { future: Box::pin(future), wakes: Arc::default() }
    }

    fn poll(&mut self) -> Poll<F::Output> {
        let waker = Arc::clone(&self.wakes).into();
        self.future.as_mut().poll(&mut task::Context::from_waker(&waker))
    }
}

/// More than half of what the clients below have.
const LARGE: usize = 400_000;

/// Two requests, of whose answers one fits.
fn two_asked(req: &Req) -> (Pending, Pending) {
    (
        req.send("first").expect("sockets, answers and threads"),
        req.send("second").expect("sockets, answers and threads"),
    )
}

/// A future that waits for this answer.
fn waiting(pending: &Pending) -> Polled<impl Future<Output = Result<Message, Error>>> {
    let mut future = Polled::new(pending.recv_async());
    assert!(future.poll().is_pending());
    future
}

#[over(ALL)]
fn an_answer_is_kept_for_a_future_that_was_woken_for_it_and_has_not_been_polled_yet(site: &Site) {
    let (req, rep) = client_and_server(site, MEGABYTE / 2);
    let (first, second) = two_asked(&req);
    let mut taker = waiting(&first);
    answer_both(&rep);
    eventually(|| taker.wakes.count() > 0);
    let mut other = Polled::new(second.recv_async());
    for _ in 0..100 {
        assert!(other.poll().is_pending(), "it is behind the first");
        assert!(matches!(second.try_recv(), Err(Error::Empty)));
        thread::yield_now();
    }
    assert!(matches!(taker.poll(), Poll::Ready(Ok(answer)) if answer.len() == LARGE));
    eventually(|| other.wakes.count() > 0);
    assert!(matches!(other.poll(), Poll::Ready(Ok(answer)) if answer.len() == LARGE));
    nothing_was_dropped(&req);
}

#[over(ALL)]
fn an_answer_that_a_future_was_woken_for_makes_way_once_that_future_is_dropped(site: &Site) {
    let (req, rep) = client_and_server(site, MEGABYTE / 2);
    let (first, second) = two_asked(&req);
    let taker = waiting(&first);
    answer_both(&rep);
    eventually(|| taker.wakes.count() > 0);
    let mut other = Polled::new(second.recv_async());
    assert!(other.poll().is_pending(), "it is behind the first");
    drop(taker);
    eventually(|| other.wakes.count() > 0);
    assert!(matches!(other.poll(), Poll::Ready(Ok(answer)) if answer.len() == LARGE));
    assert!(matches!(first.recv_timeout(SOON), Err(Error::PeerLost)));
    assert_eq!(req.stats().drops.inbox_full, 1);
}

#[over(WIRES)]
fn answers_that_nobody_takes_are_read_no_further_and_come_when_they_are_taken(site: &Site) {
    const COUNT: usize = 40;
    let context = Context::builder().max_memory(4 * MEGABYTE).build().unwrap();
    let [req, other] = [(); 2].map(|()| Req::builder().context(&context).build().unwrap());
    let rep = Rep::builder().send_buffer_bytes(64 * MEGABYTE).build().unwrap();
    let fence = Rep::new().unwrap();
    link(site, &rep, &req);
    link(site, &fence, &other);
    let asked: Vec<_> = (0..COUNT).map(|number| req.send_timeout(body(number, 9), SOON).unwrap()).collect();
    for _ in 0..COUNT {
        let request = rep.recv_timeout(SOON).unwrap();
        let answer = request.message().repeat(MEGABYTE / 9);
        request.reply(answer).unwrap();
    }
    eventually(|| req.stats().recv_queue > 0);
    pass_the_time(&other, &fence);
    for (number, asked) in asked.into_iter().enumerate() {
        assert!(req.stats().recv_queue <= 5, "{} answers wait", req.stats().recv_queue);
        assert!(asked.recv_timeout(SOON).unwrap() == body(number, 9).repeat(MEGABYTE / 9), "answer {number}");
    }
    assert_eq!(req.stats().drops.inbox_full, 0);
}

#[over(WIRES)]
fn an_answer_that_somebody_waits_for_passes_those_that_nobody_takes(site: &Site) {
    const COUNT: usize = 40;
    let context = Context::builder().max_memory(4 * MEGABYTE).build().unwrap();
    let req = Req::builder().context(&context).build().unwrap();
    let rep = Rep::builder().send_buffer_bytes(64 * MEGABYTE).build().unwrap();
    link(site, &rep, &req);
    let mut asked: Vec<_> =
        (0..COUNT).map(|number| req.send_timeout(body(number, 9), SOON).unwrap()).collect();
    for _ in 0..COUNT {
        let request = rep.recv_timeout(SOON).unwrap();
        let answer = request.message().repeat(MEGABYTE / 9);
        request.reply(answer).unwrap();
    }
    let last = asked.pop().unwrap();
    assert!(last.recv_timeout(SOON).unwrap() == body(COUNT - 1, 9).repeat(MEGABYTE / 9));
    let mut gone = Vec::new();
    for (number, asked) in asked.into_iter().enumerate() {
        match asked.recv_timeout(SOON) {
            Ok(answer) => assert!(answer == body(number, 9).repeat(MEGABYTE / 9), "answer {number}"),
            Err(Error::PeerLost) => gone.push(number),
            Err(error) => panic!("answer {number}: {error}"),
        }
    }
    let oldest: Vec<_> = (0..gone.len()).collect();
    assert!(!gone.is_empty() && gone == oldest, "the oldest go first, and not {gone:?}");
    assert_eq!(req.stats().drops.inbox_full, gone.len() as u64);
}

#[over(WIRES)]
fn answers_to_a_survey_that_nobody_takes_are_read_no_further(site: &Site) {
    let context = Context::builder().max_memory(4 * MEGABYTE).build().unwrap();
    let surveyor = Surveyor::builder().context(&context).build().unwrap();
    let other = Req::builder().context(&context).build().unwrap();
    let fence = Rep::new().unwrap();
    link(site, &fence, &other);
    let respondent = raw::Respondent::builder().send_buffer_bytes(64 * MEGABYTE).build().unwrap();
    link(site, &surveyor, &respondent);
    let mut survey = surveyor.survey("who?", 2 * SOON).unwrap();
    let question = respondent.recv_timeout(SOON).unwrap();
    for number in 0..40 {
        let mut answer = question.clone();
        answer.body = body(number, MEGABYTE).into();
        respondent.send(answer).unwrap();
    }
    eventually(|| surveyor.stats().recv_queue > 0);
    pass_the_time(&other, &fence);
    for number in 0..40 {
        assert!(surveyor.stats().recv_queue <= 5, "{} answers wait", surveyor.stats().recv_queue);
        let answer = survey.recv_timeout(SOON).unwrap().unwrap();
        assert!(answer.message() == &body(number, MEGABYTE), "answer {number}");
    }
}
