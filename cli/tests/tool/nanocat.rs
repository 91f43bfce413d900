//! The tool and nanocat, the tool of nanomsg, in every pattern that both have.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::program::{Program, places, start, words};

/// What each of the two is told, and the line that each must print, if it receives.
struct Case {
    ours: &'static str,
    theirs: &'static str,
    we_print: Option<&'static str>,
    they_print: Option<&'static str>,
}

const fn case(
    ours: &'static str,
    theirs: &'static str,
    we_print: Option<&'static str>,
    they_print: Option<&'static str>,
) -> Case {
    Case { ours, theirs, we_print, they_print }
}

/// Senders repeat themselves, because a publisher's or a survey's first message may be too early.
const CASES: [Case; 12] = [
    case("push -d ours -i 0.1", "--pull --ascii", None, Some("ours")),
    case("pull", "--push --data theirs --interval 1", Some("theirs"), None),
    case("pub -d ours -i 0.1", "--sub --ascii", None, Some("ours")),
    case("sub --subscribe the", "--pub --data theirs --interval 1", Some("theirs"), None),
    case("req -d ours -i 0.1", "--rep --data theirs", Some("theirs"), None),
    case("rep -d ours", "--req --data theirs --interval 1 --ascii", Some("theirs"), Some("ours")),
    case("rep -e cat", "--req --data theirs --interval 1 --ascii", Some("theirs"), Some("theirs")),
    case("surveyor -d ours -i 0.1 --deadline 0.5", "--respondent --data theirs", Some("theirs"), None),
    case("respondent -d ours", "--surveyor --data theirs --interval 1 --ascii", Some("theirs"), Some("ours")),
    case(
        "respondent -e cat",
        "--surveyor --data theirs --interval 1 --ascii",
        Some("theirs"),
        Some("theirs"),
    ),
    case("pair -d ours -i 0.1", "--pair --data theirs --interval 1 --ascii", Some("theirs"), Some("ours")),
    case("bus -d ours -i 0.1", "--bus --data theirs --interval 1 --ascii", Some("theirs"), Some("ours")),
];

fn nanocat(arguments: &str, connection: &str, address: &str) -> Program {
    let mut command = Command::new("nanocat");
    command.args(words(arguments)).args([connection, address]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Program::watch(command.spawn().expect("nanocat runs (Debian: apt-get install nanomsg-utils)"))
}

fn hear(case: &Case, mut ours: Program, mut theirs: Program) {
    for (program, line) in [(&mut ours, case.we_print), (&mut theirs, case.they_print)] {
        if let Some(line) = line {
            assert_eq!(program.line().trim_end(), line, "{} and {}", case.ours, case.theirs);
        }
    }
}

#[test]
#[ignore = "real peers: cargo test --workspace -- --ignored"]
fn the_tool_listens_and_nanocat_connects() {
    for case in &CASES {
        let (_folder, places) = places();
        for place in places {
            let mut ours = start(&[words(case.ours), vec!["--listen", &place]].concat());
            let address = ours.address();
            let theirs = nanocat(case.theirs, "--connect", &address);
            hear(case, ours, theirs);
        }
    }
}

#[test]
#[ignore = "real peers: cargo test --workspace -- --ignored"]
fn nanocat_listens_and_the_tool_connects() {
    for case in &CASES {
        let (_folder, [_, ipc]) = places();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        for address in [format!("tcp://{free}"), ipc] {
            let theirs = nanocat(case.theirs, "--bind", &address);
            let ours = start(&[words(case.ours), vec!["--dial", &address]].concat());
            hear(case, ours, theirs);
        }
    }
}

#[test]
#[ignore = "real peers: cargo test --workspace -- --ignored"]
fn nanocats_at_both_ends_meet_through_two_devices() {
    for (kind, front, back, front_prints, back_prints) in [
        ("queue", "--req --data ask --interval 1 --ascii", "--rep --data told", Some("told"), None),
        (
            "survey",
            "--surveyor --data ask --interval 1 --ascii",
            "--respondent --data told",
            Some("told"),
            None,
        ),
        ("streamer", "--push --data work --interval 1", "--pull --ascii", None, Some("work")),
        ("forwarder", "--pub --data news --interval 1", "--sub --ascii", None, Some("news")),
    ] {
        let (_folder, [tcp, ipc]) = places();
        let sides = ["--front-listen", &ipc, "--back-listen", &tcp];
        let mut far = start(&[&["device", kind], &sides[..]].concat());
        let (between, far_back) = (far.address(), far.address());
        let mut near = start(&["device", kind, "--front-listen", &tcp, "--back-dial", &between]);
        let near_front = near.address();
        let mut back = nanocat(back, "--connect", &far_back);
        let mut front = nanocat(front, "--connect", &near_front);
        for (program, line) in [(&mut front, front_prints), (&mut back, back_prints)] {
            if let Some(line) = line {
                assert_eq!(program.line().trim_end(), line, "{kind}");
            }
        }
    }
}
