//! The release script releases only what fits together: `.ci/release`, in a repository made for it.
//!
//! `cargo test --workspace -- --ignored` runs these. They need bash and git.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const SCRIPT: &str = include_str!("../.ci/release");

#[test]
#[ignore = "needs bash and git"]
fn what_fits_together_is_found_to_do_so() {
    let repository = Repository::new();
    let said = repository.release("check");
    assert!(said.contains("agree on 1.2.3"), "{said}");
}

#[test]
#[ignore = "needs bash and git"]
fn a_version_that_is_not_the_same_everywhere_is_refused() {
    for (file, right, wrong, reason) in [
        (
            "Cargo.toml",
            "hubless-tcp = { path = \"tcp\", version = \"1.2.3\" }",
            "hubless-tcp = { version = \"1.2.2\" }",
            "1.2.2",
        ),
        ("CHANGELOG.md", "## 1.2.3 - 2030-01-31", "## Unreleased", "CHANGELOG.md has no section"),
        ("README.md", "hubless = \"1.2\"", "hubless = \"1.1\"", "README.md does not name version 1.2"),
    ] {
        let repository = Repository::new();
        repository.change(file, right, wrong);
        let said = repository.release("check");
        assert!(said.contains("not released: ") && said.contains(reason), "{file}: {said}");
    }
}

#[test]
#[ignore = "needs bash and git"]
fn a_tree_with_changes_and_a_section_without_a_date_get_no_tag() {
    let repository = Repository::new();
    repository.change("README.md", "# x", "# y");
    assert!(repository.release("tag").contains("changes that are not committed"));
    repository.change("CHANGELOG.md", " - 2030-01-31", "");
    repository.commit();
    assert!(repository.release("tag").contains("has no date"));
    assert_eq!(repository.run("git", &["tag"]), "");
}

#[test]
#[ignore = "needs bash and git"]
fn a_commit_is_tagged_once_its_packages_are_built() {
    let repository = Repository::new();
    assert!(repository.release("tag").contains("tagged v1.2.3"));
    assert_eq!(repository.run("git", &["tag"]), "v1.2.3\n");
    assert_eq!(repository.run("cat", &["cargo-calls"]), "publish --workspace --dry-run --locked\n");
    assert!(repository.release("tag").contains("is there already"));
}

#[test]
#[ignore = "needs bash and git"]
fn nothing_is_published_while_the_address_of_the_repository_is_a_placeholder() {
    let repository = Repository::new();
    repository.change("Cargo.toml", "https://git.test/hubless", "https://example.com/hubless");
    repository.commit();
    assert!(repository.release("publish").contains("is a placeholder"));
    assert_eq!(repository.calls(), "");
}

#[test]
#[ignore = "needs bash and git"]
fn only_the_tagged_commit_is_published_and_each_crate_after_those_it_needs() {
    let repository = Repository::new();
    assert!(repository.release("publish").contains("not the one that is tagged"));
    repository.release("tag");
    repository.release("publish");
    let calls = repository.calls();
    let order: Vec<_> =
        calls.lines().filter_map(|call| call.strip_prefix("publish --locked --package ")).collect();
    assert_eq!(order.len(), 8, "{calls}");
    let place = |name: &str| order.iter().position(|found| *found == name).expect("it is published");
    for (name, needed) in [
        ("hubless-protocol", "hubless-transport"),
        ("hubless-tcp", "hubless-transport"),
        ("hubless-conformance", "hubless-transport"),
        ("hubless", "hubless-protocol"),
        ("hubless", "hubless-inproc"),
        ("hubless-cli", "hubless"),
    ] {
        assert!(place(needed) < place(name), "{name} needs {needed}: {order:?}");
    }
}

/// A repository with the script, and with a `cargo` that writes down how it was called.
struct Repository {
    home: TempDir,
    tools: TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository =
            Self { home: TempDir::new().expect("a directory"), tools: TempDir::new().expect("a directory") };
        let home = repository.home.path();
        fs::create_dir(home.join(".ci")).expect("a directory");
        write(&home.join(".ci/release"), SCRIPT);
        write(
            &home.join("Cargo.toml"),
            "[workspace.package]\nversion = \"1.2.3\"\nrepository = \"https://git.test/hubless\"\n\n\
             [workspace.dependencies]\nhubless-tcp = { path = \"tcp\", version = \"1.2.3\" }\n",
        );
        write(&home.join("CHANGELOG.md"), "# Changelog\n\n## 1.2.3 - 2030-01-31\n");
        write(&home.join("README.md"), "# x\n\nhubless = \"1.2\"\n");
        write(&home.join(".gitignore"), "cargo-calls\n");
        write(&repository.tools.path().join("cargo"), "#!/bin/sh\necho \"$@\" >>cargo-calls\n");
        repository.run("chmod", &["+x", &format!("{}/cargo", repository.tools.path().display())]);
        repository.run("git", &["init", "--quiet"]);
        repository.commit();
        repository
    }

    fn change(&self, file: &str, from: &str, to: &str) {
        let path = self.home.path().join(file);
        let text = fs::read_to_string(&path).expect("it is there");
        assert!(text.contains(from), "{file} has no `{from}`");
        write(&path, &text.replace(from, to));
    }

    fn commit(&self) {
        self.run("git", &["add", "--all"]);
        self.run("git", &["commit", "--quiet", "--message", "x"]);
    }

    fn calls(&self) -> String {
        fs::read_to_string(self.home.path().join("cargo-calls")).unwrap_or_default()
    }

    /// What the script says, whether it refuses or not.
    fn release(&self, step: &str) -> String {
        let output = self.output("bash", &[".ci/release", step]);
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    fn run(&self, program: &str, words: &[&str]) -> String {
        let output = self.output(program, words);
        assert!(output.status.success(), "{program} {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("it is text")
    }

    fn output(&self, program: &str, words: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(words).current_dir(self.home.path());
        for (name, value) in [("NAME", "a"), ("EMAIL", "a@b.test")] {
            command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
        }
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", self.tools.path().display()));
        command.output().unwrap_or_else(|error| panic!("{program}: {error}"))
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("it can be written");
}
