//! Closing: what is queued is sent or reported, nothing that waits goes on waiting, and nothing hangs.

mod calls;
mod processes;
mod queued;

use hubless_kit::Site;
use hubless_kit::child::perform;

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| match *words {
        ["send", count, address, how] => processes::send_and_exit(count.parse().unwrap(), address, how),
        ["exit", state, how] => processes::exit_in(state, how),
        ["addresses", transport] => {
            processes::addresses_are_free(&Site::new(transport));
        }
        _ => panic!("{words:?}"),
    });
}
