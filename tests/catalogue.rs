//! `docs/robustness.md` names the tests that prove its rules, and `SECURITY.md` the options of its limits. They exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where a row has no test, or one for a part only, it says one of these.
const EXCUSES: [&str; 2] = ["waits for", "not yet"];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The last cell of every row of every table.
fn proofs(text: &str) -> Vec<&str> {
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.ends_with("| proof |"));
    rows.filter_map(|row| row.strip_suffix(" |")?.rsplit_once("| ")).map(|(_, proof)| proof).collect()
}

/// The tests that a cell names: a file, and a function in it.
fn tests_of(proof: &str) -> Vec<(&str, &str)> {
    proof.split('`').skip(1).step_by(2).filter_map(|name| name.split_once("::")).collect()
}

/// Whether a source has a test of this name.
fn has_test(source: &str, name: &str) -> bool {
    let signature = format!("fn {name}(");
    source.split("#[test]").skip(1).any(|behind| {
        let first = behind.lines().find(|line| line.trim_start().starts_with("fn "));
        first.is_some_and(|line| line.contains(&signature))
    })
}

#[test]
fn every_test_that_proves_a_rule_exists() {
    let text = read("docs/robustness.md");
    let named: BTreeSet<_> = proofs(&text).into_iter().flat_map(tests_of).collect();
    assert!(named.len() > 100, "only {} tests were found in the tables", named.len());
    let missing: Vec<_> = named.iter().filter(|(file, name)| !has_test(&read(file), name)).collect();
    assert!(missing.is_empty(), "{missing:#?} do not exist");
}

#[test]
fn every_rule_has_a_proof_or_says_why_not() {
    let text = read("docs/robustness.md");
    for proof in proofs(&text) {
        let excused = EXCUSES.iter().any(|excuse| proof.contains(excuse));
        assert!(excused || !tests_of(proof).is_empty(), "a row without a proof: {proof:?}");
    }
    let numbers = text.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |")?.0.parse().ok());
    assert_eq!(numbers.collect::<Vec<u32>>(), (1..=34).collect::<Vec<u32>>());
}

/// Where options are defined.
const OPTIONS: [&str; 9] = [
    "src/socket/builder.rs",
    "src/socket/pair.rs",
    "src/socket/req.rs",
    "src/socket/surveyor.rs",
    "src/socket/verbs/connecting.rs",
    "src/engine/context.rs",
    "transports/api/src/settings.rs",
    "transports/tcp/src/endpoint.rs",
    "transports/ipc/src/endpoint.rs",
];

#[test]
fn every_limit_has_an_option_that_exists_or_none() {
    let sources: String = OPTIONS.into_iter().map(read).collect();
    let text = read("SECURITY.md");
    let (_, limits) = text.split_once("## Limits").expect("the limits");
    let (limits, _) = limits.split_once("## Known limits").expect("an end of them");
    let rows = limits.lines().filter(|line| line.starts_with("| ") && !line.ends_with("| option |"));
    let cells: Vec<&str> = rows.filter_map(|row| row.strip_suffix(" |")?.rsplit(" | ").next()).collect();
    assert!(cells.len() > 20, "only {} limits were found", cells.len());
    for cell in cells.into_iter().filter(|cell| !["none", "`ulimit -n`"].contains(cell)) {
        let names: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no option: {cell}");
        for name in names {
            let method = name.rsplit("::").next().expect("a name");
            assert!(sources.contains(&format!("pub fn {method}(")), "`{name}` does not exist");
        }
    }
}

#[test]
fn a_test_that_does_not_exist_would_be_found() {
    let source = "#[test]\n#[ignore]\nfn one() {\n}\n#[test]\nfn two() {}\nfn three() {}\n";
    assert!(has_test(source, "one") && has_test(source, "two"));
    assert!(!has_test(source, "three") && !has_test(source, "on"));
}
