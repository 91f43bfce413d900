//! Whichever step finds no descriptor left, it is an error of that step: nothing ends, and nothing hangs.

mod common;

use std::fs::File;
use std::time::Duration;

use common::child::{Child, task, tell};
use common::{ALL, LIMIT, SOON, Site, link, over_within};
use hubless::{Context, Error, Pull, Push};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that the process may have.
const MOST: u64 = 128;
/// More than two sockets of a context of their own need.
const ENOUGH: usize = 40;

/// Everything that takes descriptors, from the first to a message that has arrived.
fn open_and_talk(site: &Site, patience: Duration) -> Result<(), Error> {
    let context = Context::new()?;
    let pull = Pull::builder().context(&context).build()?;
    let push = Push::builder().context(&context).build()?;
    let at = pull.listen(site.address())?;
    push.dial(at.address())?;
    push.send_timeout("hello", patience)?;
    assert_eq!(pull.recv_timeout(patience)?, "hello");
    context.close(Duration::ZERO);
    Ok(())
}

/// Files, until there can be no more.
fn hoard(files: &mut Vec<File>) {
    while let Ok(file) = File::open("/dev/null") {
        files.push(file);
    }
}

fn run_short(transport: &str) {
    let site = Site::new(ALL.into_iter().find(|known| *known == transport).expect("a transport"));
    let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    link(&site, &pull, &push);
    let usual = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(MOST), maximum: usual.maximum }).expect("a limit");

    let mut files = Vec::new();
    for free in 0..ENOUGH {
        hoard(&mut files);
        files.truncate(files.len().saturating_sub(free));
        // What it comes to depends on which step comes first: a message that does not get through is a fair outcome.
        let outcome = open_and_talk(&site, Duration::from_millis(20));
        assert!(!matches!(outcome, Err(Error::Dead)), "with {free} descriptors the background thread died");
        assert!(free > 0 || outcome.is_err(), "the system is to refuse something");
        push.send(free.to_string()).expect("room");
        assert_eq!(pull.recv_timeout(SOON).expect("a message"), free.to_string());
    }
    hoard(&mut files);
    files.truncate(files.len().saturating_sub(ENOUGH));
    open_and_talk(&site, SOON).expect("so many are enough");
    drop(files);
    setrlimit(Resource::Nofile, usual).expect("the usual limit");
    open_and_talk(&site, SOON).expect("there are descriptors again");
}

const CHILD: &str = "this_is_the_child_process_of_the_tests_here";

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    let Some(words) = task() else { return };
    run_short(&words[0]);
    tell("done");
}

#[test]
fn whichever_step_finds_no_descriptor_it_is_an_error_and_nothing_ends() {
    over_within(2 * LIMIT, ALL, |site| {
        let mut child = Child::start(CHILD, &[site.transport]);
        assert_eq!(child.hear(), "done");
        assert!(child.wait().success());
    });
}
