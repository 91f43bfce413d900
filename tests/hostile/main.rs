//! Peers that break the rules (sp.md section 12): each gets what it deserves and is counted by name, and an honest peer of
//! the same socket does not notice.

mod handshake;
mod headers;
mod manners;
mod messages;
mod resources;
mod served;

use hubless_kit::child::perform;

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| match *words {
        ["churn", transport, rounds] => resources::churn(transport, rounds.parse().unwrap()),
        ["descriptors", transport] => resources::run_out_of_descriptors(transport),
        ["announcements", transport] => resources::believe_no_announcement(transport),
        ["share", transport] => resources::take_its_share_of_descriptors(transport),
        _ => panic!("{words:?}"),
    });
}
