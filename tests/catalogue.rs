//! `docs/robustness.md` names the tests that prove its rules, `docs/models.md` the models of the protocols, and `SECURITY.md` the
//! options of its limits. They exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where a row has no test, or one for a part only, it says one of these.
const EXCUSES: [&str; 2] = ["waits for", "not yet"];

/// Above the table of the mistakes that were built in.
const SEEN_TO_FAIL: &str = "## Each stage has been seen to fail";

/// Trials of the judges, which have no stage, and those with other libraries, whose stage is that of `connections.rs`.
const WITHOUT_STAGE: [&str; 3] = ["oracle.rs", "lines.rs", "interop.rs"];

/// The repository's folder.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn read(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What `docs/robustness.md` says up to how each stage failed: the rules and their proofs.
fn rules() -> String {
    let mut text = read("docs/robustness.md");
    text.truncate(text.find(SEEN_TO_FAIL).expect("how each stage failed"));
    text
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

/// What stands behind the attribute of each test, of which there are two.
fn behind_attributes(source: &str) -> impl Iterator<Item = &str> {
    source
        .split("#[test]")
        .flat_map(|part| part.split("#[over(").flat_map(|part| part.split("#[interop(")))
        .skip(1)
}

/// Whether a source has a test of this name.
fn has_test(source: &str, name: &str) -> bool {
    let signature = format!("fn {name}(");
    let is_named = |behind: &str| {
        let mut lines = behind.lines().map(|line| line.trim_start().trim_start_matches("async "));
        lines.find(|line| line.starts_with("fn ")).is_some_and(|line| line.contains(&signature))
    };
    mutants_in(source).contains(&name) || behind_attributes(source).any(is_named)
}

/// The names in the tables of mutants of a source.
fn mutants_in(source: &str) -> Vec<&str> {
    let tables =
        source.split("\nmutants! {\n").skip(1).map(|table| table.split("\n}").next().unwrap_or(table));
    let rows = tables.flat_map(str::lines).filter_map(|line| line.strip_prefix("    ")?.split_once(':'));
    let is_name = |name: &&str| name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    rows.map(|(name, _)| name).filter(is_name).collect()
}

#[test]
fn every_test_that_proves_a_rule_exists() {
    let text = rules();
    let named: BTreeSet<_> = proofs(&text).into_iter().flat_map(tests_of).collect();
    assert!(named.len() > 100, "only {} tests were found in the tables", named.len());
    let missing: Vec<_> = named.iter().filter(|(file, name)| !has_test(&read(file), name)).collect();
    assert!(missing.is_empty(), "{missing:#?} do not exist");
}

#[test]
fn every_rule_has_a_proof_or_says_why_not() {
    let text = rules();
    for proof in proofs(&text) {
        let excused = EXCUSES.iter().any(|excuse| proof.contains(excuse));
        assert!(excused || !tests_of(proof).is_empty(), "a row without a proof: {proof:?}");
    }
    let numbers = text.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |")?.0.parse().ok());
    assert_eq!(numbers.collect::<Vec<u32>>(), (1..=34).collect::<Vec<u32>>());
}

/// The cells of a row.
fn cells(row: &str) -> Vec<&str> {
    row.trim_start_matches("| ").trim_end_matches(" |").split(" | ").collect()
}

/// The rows of the table under this heading.
fn table<'a>(text: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let (_, below) = text.split_once(heading).unwrap_or_else(|| panic!("no {heading:?}"));
    let rows = below.lines().skip_while(|line| !line.starts_with("|--")).skip(1);
    rows.take_while(|line| line.starts_with("| ")).map(cells).collect()
}

#[test]
fn every_stage_of_the_trials_has_been_seen_to_fail() {
    let text = read("docs/robustness.md");
    let seen: String = table(&text, SEEN_TO_FAIL).into_iter().map(|row| row[0]).collect();
    let (without, stages): (Vec<_>, Vec<_>) = sources("tests/trials/tests")
        .into_iter()
        .partition(|file| WITHOUT_STAGE.iter().any(|name| file.ends_with(&format!("/{name}"))));
    assert_eq!(without.len(), WITHOUT_STAGE.len());
    let missing: Vec<_> = stages.iter().filter(|file| !seen.contains(&format!("`{file}`"))).collect();
    assert!(missing.is_empty(), "{missing:?} have not been seen to fail");
}

/// All Rust files below, by their path from here.
fn sources(folder: &str) -> Vec<String> {
    let folder_path = root().join(folder);
    let entries = fs::read_dir(folder_path).expect("a folder").map(|entry| entry.expect("an entry"));
    let below =
        entries.map(|entry| (entry.path().is_dir(), entry.file_name().into_string().expect("a name")));
    below
        .flat_map(|(is_folder, name)| {
            let path = format!("{folder}/{name}");
            if is_folder { sources(&path) } else { vec![path] }
        })
        .filter(|path| Path::new(path).extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// The names of the tests of a source.
fn tests_in(source: &str) -> Vec<&str> {
    let behind = behind_attributes(source);
    let tests = behind.filter_map(|behind| behind.split_once("fn ")?.1.split_once('(')).map(|(name, _)| name);
    // Those of a macro are named in its tables.
    tests.filter(|name| !name.starts_with('$')).chain(mutants_in(source)).collect()
}

#[test]
fn every_protocol_has_models_and_mutants_that_exist() {
    let text = read("docs/models.md");
    let rows = table(&text, "## Protocols");
    assert!(rows.len() > 20, "only {} protocols were found", rows.len());
    for row in &rows {
        let [protocol, models, mutants, _] = row[..] else { panic!("not four cells: {row:?}") };
        for (file, name) in tests_of(models) {
            assert!(has_test(&read(file), name), "{file}::{name} does not exist");
        }
        for (file, name) in tests_of(mutants) {
            let source = read(file);
            let mutant = source.split("#[test]").find(|test| test.contains(&format!("fn {name}(")));
            let must_panic = mutant.is_some_and(|mutant| mutant.contains("#[should_panic"));
            assert!(must_panic || mutants_in(&source).contains(&name), "{file}::{name} is no mutant");
        }
        assert!(
            !tests_of(models).is_empty() && !tests_of(mutants).is_empty(),
            "{protocol} lacks a model or mutant"
        );
    }
}

#[test]
fn every_model_is_in_the_table() {
    let text = read("docs/models.md");
    let rows = table(&text, "## Protocols");
    let named: BTreeSet<_> = rows.iter().flatten().flat_map(|cell| tests_of(cell)).collect();
    for file in
        sources("tests/models/src").into_iter().chain(["transports/inproc/tests/model/main.rs".into()])
    {
        let source = read(&file);
        let missing: Vec<_> =
            tests_in(&source).into_iter().filter(|name| !named.contains(&(&*file, *name))).collect();
        assert!(missing.is_empty(), "{file}: {missing:?} are not in docs/models.md");
    }
}

#[test]
fn every_file_with_an_atomic_says_why_its_orderings_suffice() {
    let text = read("docs/models.md");
    let told: BTreeSet<_> = table(&text, "## Atomics")
        .into_iter()
        .filter_map(|row| row[1].trim_matches('`').rsplit('/').next())
        .collect();
    let found: BTreeSet<_> = ["src", "transports/tcp/src", "transports/ipc/src", "transports/inproc/src"]
        .into_iter()
        .flat_map(sources)
        .filter(|file| file != "src/engine/sys/sync.rs" && read(file).contains("Atomic"))
        .filter_map(|file| Some(file.rsplit_once('/')?.1.to_owned()))
        .collect();
    assert_eq!(found, told.into_iter().map(str::to_owned).collect());
}

/// Where the files stand that the documents about the inside name.
const ROOTS: [&str; 5] = ["", "src/", "src/engine/", "protocol/src/", "protocol/src/wire/sp/"];

#[test]
fn every_file_that_the_map_names_exists() {
    let mut named = 0;
    for document in ["ARCHITECTURE.md", "docs/engine.md", "CONTRIBUTING.md", "SECURITY.md"] {
        let text = read(document);
        for path in text.split('`').skip(1).step_by(2).map(|name| name.split("::").next().unwrap_or(name)) {
            let is_file =
                Path::new(path).extension().is_some_and(|extension| extension == "rs" || extension == "md");
            if !is_file || !path.contains('/') || path.contains(['*', ' ']) {
                continue;
            }
            named += 1;
            let exists = |above: &str| root().join(above).join(path).exists();
            assert!(ROOTS.into_iter().any(exists), "{document} names `{path}`, which does not exist");
        }
    }
    assert!(named > 50, "only {named} files were found in the documents");
}

#[test]
fn every_file_of_tests_is_one_or_part_of_one() {
    let parts: String =
        ["tests/Cargo.toml", "tests/behaviour.rs", "tests/interop.rs"].into_iter().map(read).collect();
    let mut found = 0;
    for entry in fs::read_dir(root().join("tests")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let file =
            if path.join("main.rs").is_file() { format!("{name}/main.rs") } else { format!("{name}.rs") };
        if !root().join("tests").join(&file).is_file() {
            continue;
        }
        found += 1;
        let is_named = [format!("path = \"{file}\""), format!("\nmod {name};")];
        assert!(is_named.iter().any(|named| parts.contains(named)), "tests/{file} is not run");
    }
    assert!(found > 50, "only {found} files were found");
}

/// What stands between fences that rustdoc is told to leave alone.
fn ignored_programs(text: &str) -> impl Iterator<Item = &str> {
    text.split("```rust,ignore\n").skip(1).filter_map(|behind| behind.split("```").next())
}

/// The same, wherever it stands in a program.
fn without_indentation(text: &str) -> String {
    text.lines().flat_map(|line| [line.trim(), "\n"]).collect()
}

#[test]
fn code_of_the_guide_that_is_not_compiled_with_it_is_part_of_an_example() {
    let files = |folder: &str| {
        fs::read_dir(root().join(folder)).expect("a folder").map(|file| file.expect("an entry"))
    };
    let examples: Vec<String> = files("examples")
        .filter_map(|file| Some(without_indentation(&fs::read_to_string(file.path()).ok()?)))
        .collect();
    let mut found = 0;
    for chapter in files("docs/guide") {
        let text = fs::read_to_string(chapter.path()).expect("text");
        for program in ignored_programs(&text) {
            found += 1;
            let program = without_indentation(program);
            let is_part = examples.iter().any(|example| example.contains(&format!("\n{program}")));
            assert!(is_part, "{}: no example has\n{program}", chapter.path().display());
        }
    }
    assert!(found > 0, "no such program was found");
}

/// Where options are defined.
const OPTIONS: [&str; 10] = [
    "src/socket/builder.rs",
    "src/socket/pair.rs",
    "src/socket/req.rs",
    "src/socket/surveyor.rs",
    "src/socket/verbs/connecting.rs",
    "src/socket/verbs/opening.rs",
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
    let source = "#[test]\n#[ignore]\nfn one() {\n}\n#[over(ALL)]\nfn two(site: &Site) {}\nfn three() {}\n";
    assert!(has_test(source, "one") && has_test(source, "two"));
    assert!(!has_test(source, "three") && !has_test(source, "on"));
}
