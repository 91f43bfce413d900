//! Very many connections to one publisher: everybody gets everything, an idle one costs little, and the end comes at once.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use hubless::Sub;

use crate::Trial;
use hubless_kit::{Child, Site, now};

/// How many, and what they may cost.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Connections.
    pub connections: usize,
    /// Messages, each to all of them.
    pub messages: usize,
    /// KiB that an idle connection may keep of the publisher's memory, used or only asked for.
    pub idle_kib: u64,
    /// How long it may take to close them all.
    pub close: Duration,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Report {
    plan: Plan,
    deliveries: usize,
    took: Duration,
    idle_bytes: u64,
    close: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, deliveries, took, idle_bytes, close } = self;
        write!(f, "crowd: {} connections of {idle_bytes} bytes each while idle, ", plan.connections)?;
        write!(f, "{deliveries} deliveries in {took:.1?}, closed in {close:.1?}")
    }
}

/// Time enough for everything.
const LONG: Duration = Duration::from_secs(120);

/// Connects very many, publishes, and closes.
pub fn hold(_trial: &Trial, plan: Plan, actor: &Path) -> Report {
    hubless_kit::allow_descriptors();
    let site = Site::new("tcp");
    let address = site.place(0);
    let mut publisher =
        Child::program(actor, &["host", "pub", &address, &(plan.connections * 2).to_string()]);
    assert_eq!(publisher.hear(), "ready");
    let alone = ask(&mut publisher, "memory");
    let sub = Sub::new().expect("a socket");
    sub.subscribe("").expect("a topic");
    for _ in 0..plan.connections {
        sub.dial(address.as_str()).expect("an address");
    }
    publisher.say(&format!("wait {}", plan.connections));
    assert_eq!(publisher.hear(), "there");
    let idle_bytes = ask(&mut publisher, "memory").saturating_sub(alone) * 1024 / plan.connections as u64;
    assert!(idle_bytes <= plan.idle_kib * 1024, "an idle connection costs {idle_bytes} bytes");

    let (begin, deliveries) = (now(), plan.connections * plan.messages);
    publisher.say(&format!("send {}", plan.messages));
    let mut copies = vec![0; plan.messages];
    for _ in 0..deliveries {
        let message = sub.recv_timeout(LONG).expect("a message");
        let seq = usize::from_be_bytes(message.as_ref().try_into().expect("a number"));
        copies[seq] += 1;
    }
    assert_eq!(publisher.hear(), "0", "messages were dropped");
    let took = begin.elapsed();
    assert!(copies.iter().all(|copies| *copies == plan.connections), "somebody has missed a message");
    let close = Duration::from_millis(ask(&mut publisher, "close"));
    assert!(close <= plan.close, "closing took {close:?}");
    Report { plan, deliveries, took, idle_bytes, close }
}

fn ask(publisher: &mut Child, what: &str) -> u64 {
    publisher.say(what);
    publisher.hear().parse().expect("a number")
}
