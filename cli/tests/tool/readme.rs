//! The sessions in README.md, as somebody would type them.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::program::Program;

/// Each block of a shell: the commands, and the lines that they print.
fn sessions(text: &str) -> Vec<(Vec<&str>, Vec<&str>)> {
    let blocks = text.split("```console\n").skip(1);
    blocks
        .map(|block| {
            let lines = block.split("```").next().unwrap().lines();
            let (commands, printed): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("$ "));
            (commands.into_iter().map(|line| &line[2..]).collect(), printed)
        })
        .collect()
}

/// The commands with a socket file of this folder in the place of each address, which is the same for one port or path.
fn here(commands: &[&str], folder: &Path) -> String {
    let mut places = HashMap::new();
    let mut script = "set -e\n".to_owned();
    for command in commands {
        for word in command.split_inclusive(' ') {
            let url = word.trim_end();
            if !url.starts_with("tcp://") && !url.starts_with("ipc://") {
                script.push_str(word);
                continue;
            }
            let place = url.rsplit([':', '/']).next().unwrap();
            let number = places.len();
            let number = *places.entry(place.to_owned()).or_insert(number);
            write!(script, "ipc://{}/{number}{}", folder.display(), &word[url.len()..]).unwrap();
        }
        script.push('\n');
    }
    script + "echo the end\n"
}

#[test]
fn each_session_prints_what_stands_there() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let sessions = sessions(&text);
    assert!(sessions.len() >= 4 && sessions.iter().all(|(commands, _)| !commands.is_empty()));
    for (commands, mut expected) in sessions {
        let folder = tempfile::tempdir().unwrap();
        let programs = Path::new(env!("CARGO_BIN_EXE_hubless")).parent().unwrap();
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(here(&commands, folder.path())).current_dir(folder.path()).env("PATH", path);
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let shell = Program::watch(shell.spawn().unwrap());
        let group = Pid::from_raw(shell.id().try_into().unwrap()).unwrap();
        // What stays in the background may print after the last command.
        expected.push("the end");
        while !expected.is_empty() {
            let line = shell.line();
            let at = expected.iter().position(|expected| *expected == line.trim_end());
            expected.remove(
                at.unwrap_or_else(|| panic!("{commands:?} print {line:?}, which is not among {expected:?}")),
            );
        }
        kill_process_group(group, Signal::TERM).unwrap();
    }
}
