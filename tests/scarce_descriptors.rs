//! Whichever step finds no descriptor left, it is an error of that step: nothing ends, and nothing hangs.

use std::fs::File;
use std::time::Duration;

use hubless::{Context, Error, Pull, Push};
use hubless_kit::child::{in_own_process, perform};
use hubless_kit::{ALL, LIMIT, SOON, Site, limit_descriptors, linked, over};

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
    let site = Site::new(transport);
    let (pull, push) = linked::<Pull, Push>(&site);
    let usual = limit_descriptors(MOST);

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
    limit_descriptors(usual);
    open_and_talk(&site, SOON).expect("there are descriptors again");
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| run_short(words[0]));
}

#[over(ALL, 2 * LIMIT)]
fn whichever_step_finds_no_descriptor_it_is_an_error_and_nothing_ends(site: &Site) {
    in_own_process(&[site.transport]);
}
