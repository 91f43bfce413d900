//! What is the program's own and panics where it is dropped, a judge's captured value or a part of a transport, ends nothing but itself.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hubless::{Context, Endpoint, Pull, Push};
use hubless_kit::traps::{Mark, Step, trapped};
use hubless_kit::{ALL, SOON, Site, WIRES, counts, eventually, link, over, passes};

/// Counts its drops, and panics at each.
struct Grudge(Arc<AtomicUsize>);

impl Drop for Grudge {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        resume_unwind(Box::new("planted"));
    }
}

fn pull(context: &Context) -> Pull {
    Pull::builder().context(context).build().expect("a socket")
}

fn push(context: &Context) -> Push {
    Push::builder().context(context).build().expect("a socket")
}

/// The background thread of the context lives: new sockets find each other.
#[track_caller]
fn works(context: &Context) {
    let (pull, push) = (pull(context), push(context));
    link(&Site::new("tcp"), &pull, &push);
    passes(&push, &pull, "work");
}

/// A listener whose judge has a grudge and has judged one peer; how often it was dropped.
fn judged(site: &Site, context: &Context) -> (Pull, hubless::Listener, Arc<AtomicUsize>) {
    let dropped = Arc::new(AtomicUsize::new(0));
    let grudge = Grudge(Arc::clone(&dropped));
    let judge = move |applicant: hubless::admission::Applicant| {
        assert_eq!(grudge.0.load(Ordering::SeqCst), 0, "it is in use");
        applicant.accept()
    };
    let pull = pull(context);
    let at = pull.listen(Endpoint::new(site.address()).admit(judge)).expect("an address");
    let elsewhere = Context::new().expect("a context");
    let push = push(&elsewhere);
    push.dial(at.address()).expect("an address");
    passes(&push, &pull, "judged");
    (pull, at, dropped)
}

#[over(WIRES)]
fn a_judge_that_panics_where_a_closed_listener_drops_it_ends_nothing(site: &Site) {
    let context = Context::new().unwrap();
    let (_pull, at, dropped) = judged(site, &context);
    at.close();
    eventually(|| dropped.load(Ordering::SeqCst) == 1);
    works(&context);
}

#[over(WIRES)]
fn a_judge_that_panics_where_a_closed_socket_drops_it_ends_nothing(site: &Site) {
    let context = Context::new().unwrap();
    let (pull, _at, dropped) = judged(site, &context);
    pull.close(SOON).unwrap();
    eventually(|| dropped.load(Ordering::SeqCst) == 1);
    works(&context);
}

#[over(ALL)]
fn a_dialer_listener_or_connection_that_panics_where_it_is_dropped_ends_nothing(site: &Site) {
    for step in [Step::DropDialer, Step::DropListener, Step::DropConnection] {
        let (context, traps, address) = trapped(site);
        let (pull, push) = (pull(&context), push(&context));
        traps.mark(Mark::Accepted);
        let at = pull.listen(address.as_str()).unwrap();
        if step == Step::DropDialer {
            traps.mark(Mark::Dialer);
        }
        let dialer = push.dial(at.address()).unwrap();
        passes(&push, &pull, "before");
        traps.set(step, 1);
        dialer.close();
        counts(&pull, |stats| stats.pipes == 0);
        at.close();
        eventually(|| traps.sprung() == 1);
        pull.close(SOON).unwrap();
        push.close(SOON).unwrap();
        works(&context);
    }
}
