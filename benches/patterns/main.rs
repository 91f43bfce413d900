//! One step of a pattern for each message, in a world that only counts.

#[path = "../common/mod.rs"]
mod common;
#[allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "the library's own files; their tests and other uses are not here"
)]
#[path = "../../src/patterns/mod.rs"]
mod patterns;

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
