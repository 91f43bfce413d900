//! A process ends, whatever a library that it has loaded is doing with its sockets.

use std::path::PathBuf;

use hubless_trials::Trial;
use hubless_trials::exits::{self, Plan};

/// Cargo puts it beside the tests.
fn library() -> PathBuf {
    // Without a name of it in here, cargo would not have made it.
    let _: extern "C" fn() -> _ = hubless_loaded::hubless_loaded_talk;
    std::env::current_exe().expect("a path").with_file_name("libhubless_loaded.so")
}

#[test]
fn a_program_ends_while_a_library_it_has_loaded_has_sockets_open() {
    println!("{}", exits::hold(&Trial::new("exits"), Plan { times: 20 }, &library()));
}
