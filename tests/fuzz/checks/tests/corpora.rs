//! The committed corpora, each input to its check: seeds by hand, and what the fuzzer has found.

use std::fs;
use std::path::{Path, PathBuf};

/// The inputs of a check by their file names, which say what they are.
fn corpus(check: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus").join(check);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// Panics with the file that does not hold.
fn replay(check: &str) {
    let (_, holds) = hubless_checks::ALL.into_iter().find(|(name, _)| *name == check).expect("a check");
    let corpus = corpus(check);
    assert!(corpus.len() >= 5, "{check} has {} inputs", corpus.len());
    for input in corpus {
        let bytes = fs::read(&input).expect("a file");
        let held = std::panic::catch_unwind(|| holds(&bytes));
        assert!(held.is_ok(), "{check} does not hold of {}; see above", input.display());
    }
}

#[test]
fn streams_are_cut_the_same_however_they_arrive() {
    replay("stream");
}

#[test]
fn greetings_are_judged_byte_by_byte() {
    replay("greeting");
}

#[test]
fn packed_frames_are_unpacked_or_refused() {
    replay("frames");
}

#[test]
fn headers_are_what_the_specification_says() {
    replay("headers");
}

#[test]
fn addresses_print_as_what_parses_to_the_same() {
    replay("addresses");
}

#[test]
fn messages_to_one_peer_each_go_there_once() {
    replay("distributions");
}

#[test]
fn messages_to_all_peers_reach_each_or_are_counted() {
    replay("broadcasts");
}

#[test]
fn requests_are_answered_sent_again_or_end() {
    replay("requests");
}

#[test]
fn surveys_take_answers_until_they_end() {
    replay("surveys");
}

#[test]
fn answers_go_back_the_way_the_request_came() {
    replay("replies");
}

#[test]
fn subscriptions_let_through_what_begins_with_them() {
    replay("subscriptions");
}

#[test]
fn no_input_at_all_is_an_input() {
    for (_, holds) in hubless_checks::ALL {
        holds(&[]);
    }
}

#[test]
fn every_check_has_a_target_and_every_corpus_a_check() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let stems = |folder: &str| {
        let entries = fs::read_dir(fuzz.join(folder)).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut stems: Vec<_> =
            paths.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
        stems.sort();
        stems
    };
    let mut checks: Vec<_> = hubless_checks::ALL.map(|(name, _)| name.to_owned()).into();
    checks.sort();
    assert_eq!(stems("fuzz_targets"), checks);
    assert_eq!(stems("corpus"), checks);
}
