//! Who may know whom (ARCHITECTURE.md): device -> socket -> engine -> hubless-protocol { patterns, wire } ->
//! hubless-transport <- transports.
//!
//! Reads the `use` lines of the sources, nested and multi-line ones included, and the paths written out in the code.

use std::fs;
use std::path::{Path, PathBuf};

/// What the pure layers must not know: the outside world, time, threads and locks.
const IMPURE: [&str; 12] = [
    "mio",
    "rustix",
    "libc",
    "std::net",
    "std::os",
    "std::fs",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "std::sync::Condvar",
];

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// All Rust files below, by their path from the root of the repository.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    assert!(!found.is_empty(), "{folder} has no sources");
    let name =
        |path: &Path| path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
    found.into_iter().map(|path| (name(&path), fs::read_to_string(&path).expect("text"))).collect()
}

/// The code without its comments.
fn code(text: &str) -> String {
    text.lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The path of the module that a file is: `src/patterns/raw/mod.rs` is `crate::patterns::raw`.
fn module(file: &str) -> Vec<String> {
    let inside = file.rsplit_once("src/").map_or(file, |(_, inside)| inside).trim_end_matches(".rs");
    let inside = inside.trim_end_matches("mod").trim_end_matches("lib").trim_end_matches('/');
    let segments = inside.split('/').filter(|segment| !segment.is_empty()).map(Into::into);
    std::iter::once("crate".into()).chain(segments).collect()
}

/// `a::{b, c::{d, e as f}}` as `a::b`, `a::c::d`, `a::c::e`.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((prefix, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().expect("a path").trim().to_owned()];
    };
    let inside = rest.strip_suffix('}').expect("a closing brace");
    let (mut depth, mut begin, mut paths) = (0, 0, Vec::new());
    for (at, letter) in inside.char_indices().chain([(inside.len(), ',')]) {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = &inside[begin..at];
                begin = at + 1;
                if !part.trim().is_empty() {
                    paths.extend(expand(part).into_iter().map(|path| format!("{}{path}", prefix.trim())));
                }
            }
            _ => {}
        }
    }
    paths
}

/// What a file uses, from the root of its crate.
fn uses(file: &str, text: &str) -> Vec<String> {
    let code = code(text);
    let mut trees = Vec::new();
    for statement in code.split(';') {
        let last = statement.lines().position(|line| {
            let line = line.trim_start();
            let line = line.strip_prefix("pub").map_or(line, |rest| {
                rest.strip_prefix('(')
                    .and_then(|rest| rest.split_once(')'))
                    .map_or(rest, |(_, rest)| rest)
                    .trim_start()
            });
            line.starts_with("use ")
        });
        if let Some(first) = last {
            let lines: Vec<&str> = statement.lines().skip(first).map(str::trim).collect();
            let text = lines.join(" ");
            trees.push(text.split_once("use ").expect("it was found").1.to_owned());
        }
    }
    let own = module(file);
    let mut paths: Vec<String> = trees.iter().flat_map(|tree| expand(tree)).collect();
    paths.extend(written_out(&code));
    paths.into_iter().map(|path| absolute(&own, &path)).collect()
}

/// Paths in the code itself that begin at a crate.
fn written_out(code: &str) -> Vec<String> {
    let part_of_path = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    let paths = code.split(|letter| !part_of_path(letter)).filter(|path| path.contains("::"));
    paths.filter(|path| !path.starts_with(':')).map(|path| path.trim_end_matches(':').to_owned()).collect()
}

fn absolute(own: &[String], path: &str) -> String {
    let path = path.trim_start_matches("::");
    let mut base = own.to_vec();
    let mut rest = path;
    while let Some(above) = rest.strip_prefix("super::") {
        rest = above;
        if base.len() > 1 {
            base.pop();
        }
    }
    let rest = rest.strip_prefix("self::").map_or(rest, |inside| inside);
    if rest == path { path.to_owned() } else { format!("{}::{rest}", base.join("::")) }
}

fn leads_to(path: &str, target: &str) -> bool {
    path == target || path.strip_prefix(target).is_some_and(|rest| rest.starts_with("::"))
}

/// Every arrow from a file below `folder` to one of `targets`.
fn arrows<S: AsRef<str>>(folder: &str, targets: &[S]) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in sources(folder) {
        for path in uses(&file, &text) {
            if targets.iter().any(|target| leads_to(&path, target.as_ref())) {
                found.push(format!("{file} uses {path}"));
            }
        }
    }
    found
}

#[track_caller]
fn forbidden<S: AsRef<str>>(folder: &str, targets: &[S]) {
    let found = arrows(folder, targets);
    assert!(found.is_empty(), "{folder} must not know of this:\n{}", found.join("\n"));
}

#[test]
fn patterns_and_wire_do_not_know_each_other() {
    forbidden("protocol/src/patterns", &["crate::wire"]);
    forbidden("protocol/src/wire", &["crate::patterns"]);
}

#[test]
fn patterns_and_wire_are_pure() {
    forbidden("protocol", &["hubless", "hubless_tcp", "hubless_ipc", "hubless_inproc"]);
    forbidden("protocol/src", &IMPURE);
}

/// What is taken from the system in one place, so that model checkers can be put in its place.
const SEAM: [&str; 6] = [
    "std::sync::atomic",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "std::sync::Condvar",
    "std::sync::mpsc",
    "std::thread",
];

#[test]
fn locks_atomics_and_threads_come_from_one_file() {
    for (folder, seam) in [
        ("src/engine", "src/engine/sys/sync.rs "),
        ("transports/inproc/src", "transports/inproc/src/sync.rs "),
    ] {
        let (inside, outside): (Vec<_>, Vec<_>) =
            arrows(folder, &SEAM).into_iter().partition(|arrow| arrow.starts_with(seam));
        assert!(!inside.is_empty(), "{seam}takes nothing from the system");
        assert!(outside.is_empty(), "not the seam:\n{}", outside.join("\n"));
    }
}

/// Whether code writes into the log by itself.
fn logs(code: &str) -> bool {
    let part_of_path = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    code.split(|letter| !part_of_path(letter)).any(|path| path.trim_matches(':').starts_with("log::"))
}

#[test]
fn a_logger_that_panics_is_met_in_one_file() {
    let seam = "src/engine/sys/logging.rs";
    // Its tests have a logger.
    let planted = "src/background_death.rs";
    for (file, text) in sources("src").into_iter().filter(|(file, _)| file != planted) {
        assert_eq!(logs(&code(&text)), file == seam, "{file}: lines go through `log_line!`");
    }
    // A transport writes where it has caught the panic beforehand.
    for (file, text) in sources("transports").into_iter().filter(|(file, _)| file.contains("/src/")) {
        assert!(!logs(&code(&text)) || text.contains("catch_unwind(line)"), "{file}");
    }
    assert!(logs("{ log::warn!(\"x\") }") && logs("::log::warn!()") && logs("use log::warn;"));
    assert!(!logs("self.log.say()") && !logs("catalog::x()") && !logs("super::log::x()"));
}

#[test]
fn nothing_knows_the_sockets_but_the_root_and_devices() {
    for (file, text) in sources("src") {
        if ["src/lib.rs", "src/socket/", "src/device/"].iter().any(|above| file.starts_with(above)) {
            continue;
        }
        let found: Vec<_> =
            uses(&file, &text).into_iter().filter(|path| leads_to(path, "crate::socket")).collect();
        assert!(found.is_empty(), "{file} uses {found:?}");
    }
}

/// The rooms of the engine, lower ones first. The head of each one's `mod.rs` says what it is for; its `use` line names the rooms
/// it knows, and its files reach no others.
const ROOMS: [&str; 8] = ["sys", "wait", "memory", "pipe", "connect", "control", "socket", "background"];

/// Whether a room may not know of this: a room above it, or what the engine and the library show to others, which comes from
/// above.
fn is_above(room: &str, path: &str) -> bool {
    let floor = ROOMS.iter().position(|other| *other == room).expect("a room of the engine");
    let Some(inside) = path.strip_prefix("crate::") else { return false };
    let Some(inside) = inside.strip_prefix("engine::") else {
        return inside == "engine" || inside.starts_with(char::is_uppercase);
    };
    let other = inside.split("::").next().expect("a name");
    !ROOMS[..=floor].contains(&other)
}

#[test]
fn a_room_of_the_engine_knows_the_rooms_below_it_only() {
    for room in ROOMS {
        for (file, text) in sources(&format!("src/engine/{room}")) {
            let found: Vec<_> = uses(&file, &text).into_iter().filter(|path| is_above(room, path)).collect();
            assert!(found.is_empty(), "{file} must not know of {found:?}");
        }
    }
}

#[test]
fn every_file_of_the_engine_is_in_a_room_but_the_context() {
    for (file, _) in sources("src/engine") {
        let inside = file.strip_prefix("src/engine/").expect("below the engine");
        let is_in_a_room = inside.split_once('/').is_some_and(|(room, _)| ROOMS.contains(&room));
        assert!(is_in_a_room || ["mod.rs", "context.rs", "connecting.rs"].contains(&inside), "{file}");
    }
}

/// Whether a line begins an implementation for this type.
fn implements(line: &str, name: &str) -> bool {
    let words = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    line.starts_with("impl") && line.ends_with('{') && words.clone().any(|word| word == name)
}

#[test]
fn sockets_and_the_background_thread_are_implemented_in_one_room_each() {
    let rooms = [
        ("Socket", "src/engine/socket/"),
        ("AnySocket", "src/engine/socket/"),
        ("Worker", "src/engine/background/"),
    ];
    for (name, room) in rooms {
        for (file, text) in sources("src/engine") {
            let found: Vec<_> = text.lines().filter(|line| implements(line, name)).collect();
            assert!(found.is_empty() || file.starts_with(room), "{file}: {found:?}");
        }
    }
}

#[test]
fn nothing_knows_the_devices_but_the_root() {
    for folder in ["src/socket", "src/engine"] {
        forbidden(folder, &["crate::device", "crate::Device"]);
    }
}

#[test]
fn sockets_do_no_io_and_no_protocol() {
    let outside =
        ["mio", "rustix", "libc", "std::net", "std::thread", "std::sync::Mutex", "hubless_protocol::wire"];
    forbidden("src/socket", &outside);
}

#[test]
fn no_transport_knows_the_library() {
    for (file, text) in sources("transports") {
        let found: Vec<_> = uses(&file, &text).into_iter().filter(|path| leads_to(path, "hubless")).collect();
        assert!(found.is_empty(), "{file} uses {found:?}");
    }
    for name in ["api", "tcp", "ipc", "inproc", "conformance", "layered"] {
        let path = root().join("transports").join(name).join("Cargo.toml");
        let manifest = fs::read_to_string(path).expect("a manifest");
        assert!(!is_built_with_the_library(&manifest), "{name} depends on the library");
    }
}

/// Whether a manifest names the library where that is not for examples alone: those in the documentation are programs.
fn is_built_with_the_library(manifest: &str) -> bool {
    let names_it = |line: &str| ["hubless.", "hubless ="].iter().any(|beginning| line.starts_with(beginning));
    let mut section = "";
    manifest.lines().any(|line| {
        section = if line.starts_with('[') { line } else { section };
        section != "[dev-dependencies]" && names_it(line)
    })
}

/// What a transport would have to say of a wire protocol.
const OF_A_WIRE: [&str; 4] = ["SP", "ZMTP", "greeting", "nanomsg.org"];

/// The words of a file's code and comments that are about a wire protocol.
fn of_a_wire(text: &str) -> Vec<&'static str> {
    let part_of_word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    let said =
        |word: &str| text.split(|letter| !part_of_word(letter)).any(|said| said.trim_matches('.') == word);
    OF_A_WIRE.into_iter().filter(|word| said(word)).collect()
}

#[test]
fn transports_know_no_wire_protocol() {
    // What users read of messages says what becomes of their frames.
    let of_messages = |file: &str| file.starts_with("transports/api/src/message/");
    for (file, text) in sources("transports").into_iter().filter(|(file, _)| !of_messages(file)) {
        let found = of_a_wire(&text);
        assert!(found.is_empty(), "{file} speaks of {found:?}");
    }
    assert_eq!(of_a_wire("/// The SP number of nanomsg.org"), ["SP", "nanomsg.org"]);
    assert_eq!(of_a_wire("after its greeting."), ["greeting"]);
}

#[test]
fn transports_know_the_interface_only_and_not_each_other() {
    forbidden("transports/api", &["hubless_tcp", "hubless_ipc", "hubless_inproc", "hubless_conformance"]);
    forbidden("transports/conformance", &["hubless_tcp", "hubless_ipc", "hubless_inproc"]);
    forbidden("transports/tcp", &["hubless_ipc", "hubless_inproc"]);
    forbidden("transports/ipc", &["hubless_tcp", "hubless_inproc"]);
    forbidden("transports/inproc", &["hubless_tcp", "hubless_ipc"]);
}

#[test]
fn one_file_knows_which_transports_there_are() {
    let found = arrows("src", &["hubless_tcp", "hubless_ipc", "hubless_inproc"]);
    assert!(found.iter().all(|arrow| arrow.starts_with("src/transports.rs ")), "{found:?}");
}

#[test]
fn forbidden_arrows_would_be_found() {
    let example = "[dev-dependencies]\nhubless = { path = \"../..\" }\n";
    assert!(!is_built_with_the_library(example));
    for real in
        ["[dependencies]\nhubless.workspace = true", "[target.'cfg(unix)'.dependencies]\nhubless = \"1\""]
    {
        assert!(is_built_with_the_library(&format!("{example}{real}")), "{real}");
    }
    let text = "pub(crate) use crate::{\n    engine::Context as Other,\n    patterns::{Pull, raw::{self, Push}},\n};\n\
                use super::super::wire::Decoder; // use crate::nothing;\n\
                mod tests {\n    use super::*;\n}\n\
                fn f() { let x = std::thread::spawn(|| ()); }";
    let found = uses("src/patterns/raw/pull.rs", text);
    for path in [
        "crate::engine::Context",
        "crate::patterns::Pull",
        "crate::patterns::raw::self",
        "crate::patterns::raw::Push",
        "crate::patterns::wire::Decoder",
        "crate::patterns::raw::*",
        "std::thread::spawn",
    ] {
        assert!(found.iter().any(|found| found == path), "{path} is not in {found:?}");
    }
    assert!(!found.iter().any(|path| path.contains("nothing")));
    for upwards in [
        "use super::{socket, sys};",
        "use crate::engine::socket::core::State;",
        "use crate::engine::Socket;",
        "use crate::Context;",
        "fn f() { crate::engine::close_all(); }",
    ] {
        let found = uses("src/engine/wait/mod.rs", upwards);
        assert!(found.iter().any(|path| is_above("wait", path)), "{upwards}");
    }
    assert!(
        !is_above("wait", "crate::engine::sys::sync::Mutex") && !is_above("wait", "crate::monitor::Event")
    );
    assert!(implements("impl<P: Listed> Socket<P> {", "Socket") && !implements("impl Sockets {", "Socket"));
    assert_eq!(absolute(&module("src/patterns/pull.rs"), "super::super::engine::X"), "crate::engine::X");
    assert_eq!(module("src/lib.rs"), ["crate"]);
    assert_eq!(module("src/wire/mod.rs"), ["crate", "wire"]);
}
