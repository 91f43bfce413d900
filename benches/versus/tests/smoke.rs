//! The program as it is started.

use std::process::Command;

#[test]
fn a_quick_run_compares_hubless_with_the_floor() {
    let output = Command::new(env!("CARGO_BIN_EXE_versus"))
        .args(["run", "--quick", "--only", "push-pull-tcp,req-rep", "--peers", "raw,hubless"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    for line in ["| raw |", "| hubless |", "| hubless, batch |", "*hubless / raw*", "## Targets"] {
        assert!(said.contains(line), "no {line} in {said}");
    }
    assert!(!said.contains("hung") && !said.contains("failed"), "{said}");
}
