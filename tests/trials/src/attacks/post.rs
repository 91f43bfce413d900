//! What is attacked beside the REP to which the honest peer talks.

use std::thread;
use std::time::Duration;

use hubless::transport::side::Listens;
use hubless::{Context, Endpoint, Listener, Message, Pub, Pull, Push, Stats, Surveyor};

use super::attack::Post;
use hubless_kit::SOON;

/// How often work is given away: once for each worker there is, the honest one among them.
const WORKERS: usize = 3;
/// Messages that are taken at a time.
const MANY: usize = 1000;

/// What is done with a request before it is answered, and the answer.
pub(super) type Deed = Box<dyn Fn(&Message) -> Message + Send>;

pub(super) struct Opened {
    pub(super) listener: Listener,
    pub(super) deed: Deed,
    pub(super) stats: Box<dyn Fn() -> Stats>,
    /// Takes what nobody has taken so far.
    pub(super) take: Box<dyn Fn()>,
}

/// Nothing comes any more when nothing has come for so long.
const PAUSE: Duration = Duration::from_millis(50);

pub(super) fn open(post: Post, context: &Context, at: Endpoint<Listens>) -> Opened {
    match post {
        Post::Front => unreachable!("it is open"),
        Post::News => news(context, at),
        Post::Work => work(context, at),
        Post::Survey => survey(context, at),
        Post::Drain | Post::Heap | Post::HeapApart => sink(post, context, at),
    }
}

fn news(context: &Context, at: Endpoint<Listens>) -> Opened {
    let publisher = Pub::builder().context(context).build().expect("a socket");
    let listener = publisher.listen(at).expect("an address");
    let stats = publisher.clone();
    let deed = move |request: &Message| {
        // The honest peer may know of us before we know of it.
        publisher.wait_for_peers(1, SOON).expect("the honest peer");
        publisher.send(request).expect("a publisher never waits");
        request.clone()
    };
    let stats = Box::new(move || stats.stats());
    Opened { listener, deed: Box::new(deed), stats, take: Box::new(|| {}) }
}

fn work(context: &Context, at: Endpoint<Listens>) -> Opened {
    let push = Push::builder().context(context).build().expect("a socket");
    let listener = push.listen(at).expect("an address");
    let stats = push.clone();
    let deed = move |request: &Message| {
        for _ in 0..WORKERS {
            push.send_timeout(request, SOON).expect("somebody has room");
        }
        request.clone()
    };
    let stats = Box::new(move || stats.stats());
    Opened { listener, deed: Box::new(deed), stats, take: Box::new(|| {}) }
}

/// Its questions are answered rightly first, because the others answer nothing that was asked.
fn survey(context: &Context, at: Endpoint<Listens>) -> Opened {
    let surveyor = Surveyor::builder().context(context).build().expect("a socket");
    let listener = surveyor.listen(at).expect("an address");
    let stats = surveyor.clone();
    let deed = move |request: &Message| {
        surveyor.wait_for_peers(1, SOON).expect("the honest peer");
        let mut survey = surveyor.survey(request, SOON).expect("respondents");
        survey.recv().expect("an open socket").expect("an answer").into_message()
    };
    let stats = Box::new(move || stats.stats());
    Opened { listener, deed: Box::new(deed), stats, take: Box::new(|| {}) }
}

fn sink(post: Post, context: &Context, at: Endpoint<Listens>) -> Opened {
    let pull = Pull::builder().context(context).build().expect("a socket");
    let listener = pull.listen(at).expect("an address");
    let stats = pull.clone();
    let mut take: Box<dyn Fn()> = Box::new(|| {});
    if post == Post::Drain {
        thread::spawn(move || while pull.recv_many(MANY).is_ok() {});
    } else {
        take = Box::new(move || while pull.recv_timeout(PAUSE).is_ok() {});
    }
    Opened { listener, deed: Box::new(Message::clone), stats: Box::new(move || stats.stats()), take }
}
