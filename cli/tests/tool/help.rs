//! Help fits on a screen.

use crate::program::plain;

/// Every command, as it is called.
const COMMANDS: [&str; 30] = [
    "",
    "req",
    "rep",
    "pub",
    "sub",
    "push",
    "pull",
    "surveyor",
    "respondent",
    "pair",
    "bus",
    "device",
    "device forwarder",
    "device queue",
    "device streamer",
    "device survey",
    "device pair",
    "device bus",
    "perf",
    "perf pull",
    "perf push",
    "perf rep",
    "perf req",
    "perf pub",
    "perf sub",
    "perf inproc-thr",
    "perf inproc-lat",
    "completions",
    "man",
    "sub -v",
];

#[track_caller]
fn printed(command: &str, option: &str) -> String {
    let finished = plain(&format!("{command} {option}"));
    assert_eq!(finished.status, Some(0), "{finished:?}");
    assert!(finished.diagnostics.is_empty(), "{finished:?}");
    String::from_utf8(finished.output).unwrap()
}

#[track_caller]
fn fits(help: &str, lines: usize, columns: usize) {
    assert!(help.lines().count() <= lines, "{} lines:\n{help}", help.lines().count());
    for line in help.lines() {
        assert!(line.chars().count() <= columns, "{} columns: {line}", line.chars().count());
    }
}

#[test]
fn the_short_help_fits_on_the_smallest_terminal() {
    for command in COMMANDS {
        let help = printed(command, "-h");
        fits(&help, 24, 80);
        assert!(help.contains("--help` has more"), "{help}");
    }
}

#[test]
fn the_help_of_a_command_fits_on_one_screen_and_has_examples() {
    for command in COMMANDS {
        let help = printed(command, "--help");
        fits(&help, if command.is_empty() { 48 } else { 42 }, 100);
        assert!(help.contains("\nExample") || command == "perf", "{help}");
    }
}

#[test]
fn options_are_in_groups() {
    let help = printed("req", "--help");
    let groups = ["Connections:", "Messages:", "Times:", "Diagnostics:", "Examples:"];
    let places: Vec<_> =
        groups.iter().map(|group| help.find(&format!("\n{group}\n")).expect(group)).collect();
    assert!(places.is_sorted(), "{help}");
}

#[test]
fn the_help_says_whether_an_address_is_listened_on_or_dialed() {
    for (role, side) in [("pull", "Listen on this address"), ("push", "Dial this address, or listen")] {
        for command in [role.to_owned(), format!("perf {role}")] {
            let help = printed(&command, "-h");
            let line = help.lines().find(|line| line.contains("[URL]")).unwrap();
            assert!(line.contains(side), "{line}");
        }
    }
}
