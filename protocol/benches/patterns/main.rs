//! One step of a pattern for each message, in a world that only counts.

#[path = "../common/mod.rs"]
mod common;

mod counting;
mod pipeline;
mod publishing;
mod requesting;

fn main() {
    let mut criterion = common::criterion();
    pipeline::push(&mut criterion);
    pipeline::pull(&mut criterion);
    requesting::request_and_reply(&mut criterion);
    publishing::publish(&mut criterion);
    publishing::subscribe(&mut criterion);
    criterion.final_summary();
}
