//! The programs in other languages that the guide shows, as it shows them, by the commands in their first lines.
//!
//! `cargo test --workspace -- --ignored` runs these. They need python3 with venv and pip, a C compiler, and nng, nanomsg and
//! libzmq to compile against (Debian: libnng-dev, libnanomsg-dev, libzmq3-dev).

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use hubless::{Pub, Push, Rep, Req};
use hubless_kit::interop::{open, python};
use hubless_kit::{Child, eventually};
use tempfile::TempDir;

const OTHER_LANGUAGES: &str = include_str!("../docs/guide/other_languages.md");
const BEFORE_AND_AFTER: &str = include_str!("../docs/guide/before_and_after.md");

#[test]
#[ignore = "needs pynng"]
fn ask_py_asks_a_rep_of_ours() {
    let rep = open(Rep::builder());
    let at = rep.listen("tcp://127.0.0.1:0").expect("a free port");
    let server = thread::spawn(move || {
        let request = rep.recv().expect("a request");
        let asked = request.message().as_str().map(str::to_owned);
        request.reply(r#"{"state": "waiting"}"#).expect("it is still there");
        asked
    });
    let program = Program::of(OTHER_LANGUAGES, "ask.py");
    let (status, said, errors) = program.start(at.address()).finish();
    assert!(status.success(), "{errors}");
    assert_eq!(String::from_utf8_lossy(&said), "{'state': 'waiting'}\n");
    assert_eq!(server.join().expect("no panic").as_deref(), Ok(r#"{"ask": "status", "id": 7}"#));
}

#[test]
#[ignore = "needs pynng"]
fn follow_py_hears_what_it_wants_of_a_pub_of_ours() {
    let publisher = open(Pub::builder());
    let at = publisher.listen("tcp://127.0.0.1:0").expect("a free port");
    let program = Program::of(OTHER_LANGUAGES, "follow.py");
    let subscriber = program.start(at.address());
    // It may be connected before it has subscribed, so it is told until it has heard.
    eventually(|| {
        publisher.send("rome 25").expect("a publisher never waits");
        publisher.send("oslo 17").expect("a publisher never waits");
        subscriber.has(|_| true)
    });
    assert_eq!(subscriber.line(), "oslo 17\n");
    subscriber.kill();
}

#[test]
#[ignore = "needs libnng-dev"]
fn work_c_takes_the_jobs_of_a_push_of_ours() {
    let push = open(Push::builder());
    let at = push.listen("tcp://127.0.0.1:0").expect("a free port");
    let program = Program::of(OTHER_LANGUAGES, "work.c");
    let worker = program.start(at.address());
    for job in ["1", "2", "3"] {
        push.send(job).expect("room");
        assert_eq!(worker.line().trim_end(), job);
    }
    worker.kill();
}

#[test]
#[ignore = "needs libnanomsg-dev"]
fn answer_c_answers_a_req_of_ours() {
    let program = Program::of(OTHER_LANGUAGES, "answer.c");
    let address = format!("ipc://{}/answer.sock", program.home.path().display());
    let server = program.start(&address);
    let req = open(Req::builder());
    req.dial(&address).expect("the address is good");
    assert_eq!(req.request("hello").expect("an answer"), "hello");
    server.kill();
}

#[test]
#[ignore = "needs libnng-dev"]
fn serve_c_answers_more_requests_at_once_than_it_has_contexts() {
    let program = Program::of(BEFORE_AND_AFTER, "serve.c");
    let address = format!("ipc://{}/serve.sock", program.home.path().display());
    let server = program.start(&address);
    let req = open(Req::builder());
    req.dial(&address).expect("the address is good");
    let open: Vec<_> = (0..100).map(|n| (n, req.send(n.to_string()).expect("room"))).collect();
    for (n, answer) in open {
        assert_eq!(answer.recv().expect("an answer"), n.to_string());
    }
    server.kill();
}

#[test]
#[ignore = "needs libzmq3-dev"]
fn retry_c_gets_its_answer_from_a_zeromq_server() {
    const SERVER: &str = r#"/* server.c: one answer.    cc server.c -lzmq -o server    ./server tcp://127.0.0.1:5555 */
#include <zmq.h>
int main(int argc, char **argv) {
    void *rep = zmq_socket(zmq_ctx_new(), ZMQ_REP);
    char request[16];
    if (argc != 2 || zmq_bind(rep, argv[1]) != 0) return 1;
    for (;;)
        if (zmq_recv(rep, request, sizeof request, 0) < 0 || zmq_send(rep, "waiting", 7, 0) < 0) return 1;
}
"#;
    let program = Program::write("server.c", SERVER);
    let address = format!("ipc://{}/zeromq.sock", program.home.path().display());
    let server = program.start(&address);
    let client = Program::of(BEFORE_AND_AFTER, "retry.c");
    let (status, said, errors) = client.start(&address).finish();
    assert!(status.success(), "{errors}");
    assert_eq!(String::from_utf8_lossy(&said), "waiting\n");
    server.kill();
}

#[test]
fn every_program_in_another_language_is_run_but_for_the_one_in_go() {
    let run = ["ask.py", "follow.py", "work.c", "answer.c", "retry.c", "serve.c"];
    let shown: Vec<_> = [OTHER_LANGUAGES, BEFORE_AND_AFTER]
        .iter()
        .flat_map(|chapter| programs(chapter))
        .map(|(name, _)| name)
        .filter(|name| *name != "ask.go")
        .collect();
    assert_eq!(shown, run, "each has a test above");
}

/// A program in a directory of its own, compiled where that is needed.
struct Program {
    home: TempDir,
    command: Vec<String>,
}

impl Program {
    /// The program of this name in a chapter.
    fn of(chapter: &str, name: &str) -> Self {
        let (_, text) = programs(chapter).find(|(found, _)| *found == name).expect("the chapter shows it");
        Self::write(name, text)
    }

    fn write(name: &str, text: &str) -> Self {
        let home = TempDir::new().expect("a directory");
        fs::write(home.path().join(name), text).expect("it can be written");
        let first = text.lines().next().expect("a line").trim_end_matches("*/").trim();
        let commands: Vec<_> = first.split("    ").skip(1).collect();
        let [prepare @ .., command] = &commands[..] else {
            panic!("{name} has no command in its first line")
        };
        // pip is done once for all, by `python`.
        for words in prepare.iter().filter(|words| words.starts_with("cc ")) {
            let compiled =
                Command::new("cc").args(words.split(' ').skip(1)).current_dir(home.path()).output();
            let output = compiled.expect("these tests need a C compiler");
            assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Self { home, command: command.split(' ').map(str::to_owned).collect() }
    }

    /// Runs it with this address in place of the one in its first line.
    fn start(&self, address: &str) -> Child {
        let [program, arguments @ .., _example] = &self.command[..] else {
            panic!("no address in {:?}", self.command)
        };
        let program = match program.as_str() {
            "python3" => python().to_owned(),
            compiled => self.home.path().join(compiled),
        };
        let files = arguments.iter().map(|name| self.home.path().join(name));
        let words: Vec<PathBuf> = files.chain([address.into()]).collect();
        let words: Vec<&str> = words.iter().map(|word| word.to_str().expect("a name in UTF-8")).collect();
        Child::program(&program, &words)
    }
}

/// The name and the text of each program in C, Python or Go of a chapter.
fn programs(chapter: &str) -> impl Iterator<Item = (&str, &str)> {
    chapter.split("\n```").filter_map(|block| {
        let (language, text) = block.split_once('\n')?;
        let (comment, rest) = text.split_once(' ')?;
        let name = rest.split_once(':')?.0;
        (["c", "python", "go"].contains(&language) && ["/*", "#", "//"].contains(&comment))
            .then_some((name, text))
    })
}
