//! The process that is attacked.

use std::io::BufRead;
use std::thread;

use hubless::transport::side::Listens;
use hubless::{Builder, Context, Endpoint, Message, Rep, Stats};

use super::attack;
use super::attack::{Post, Terms};
use super::honest::VISIT;
use super::post;
use super::tally::Tally;
use hubless_kit::child::tell;

/// Serves the honest peer at one address, and at another what the attack needs, which may be the same. Tells both; whenever it
/// hears something, tells what was counted at the second, and before that takes what is there if it hears `take`.
pub(crate) fn play(words: &[String]) {
    let [name, transport, place, lax] = words else { panic!("attack-target ATTACK TRANSPORT PLACE LAX") };
    let attack = attack(name);
    let terms = if lax == "true" { Terms::LAX } else { attack.terms };
    let context = Context::builder().max_memory(terms.memory).build().expect("a context");
    let endpoint = |name: &str| {
        let address = match transport.as_str() {
            "tcp" => "tcp://127.0.0.1:0".into(),
            _ => format!("ipc://{place}/{name}"),
        };
        limited(Endpoint::new(address), &terms)
    };

    let rep: Builder<Rep> =
        if attack.post == Post::HeapApart { Rep::builder() } else { Rep::builder().context(&context) };
    let rep = rep.build().expect("a socket");
    let front = rep.listen(endpoint("front")).expect("an address");
    tell(front.address());
    if attack.post == Post::Front {
        tell(front.address());
        let stats = rep.clone();
        thread::spawn(move || serve(&rep, &|request| request.clone()));
        obey(|| stats.stats(), || {});
    } else {
        let post = post::open(attack.post, &context, endpoint("post"));
        tell(post.listener.address());
        thread::spawn(move || serve(&rep, &*post.deed));
        obey(post.stats, post.take);
    }
}

fn limited(endpoint: Endpoint, terms: &Terms) -> Endpoint<Listens> {
    let endpoint = endpoint.max_connections(terms.connections).handshake_timeout(terms.handshake);
    match terms.max_connections_per_address {
        Some(most) => endpoint.max_connections_per_address(most),
        None => endpoint,
    }
}

/// Answers each request when it has done what is to be done.
fn serve(rep: &Rep, deed: &dyn Fn(&Message) -> Message) {
    while let Ok(request) = rep.recv() {
        let answer = if request == VISIT { VISIT.into() } else { deed(request.message()) };
        request.reply(answer).expect("an open socket");
    }
}

fn obey(stats: impl Fn() -> Stats, take: impl Fn()) {
    for word in std::io::stdin().lock().lines().map_while(Result::ok) {
        if word == "take" {
            take();
        }
        tell(&Tally::of(&stats()).to_string());
    }
}
