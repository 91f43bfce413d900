//! Builds or finds the C libraries that are compared, and looks up the versions of the others.

use std::{env, fs};

/// Crates that cannot be asked for their version.
const CRATES: [&str; 4] = ["hubless", "omq-tokio", "rzmq", "zeromq"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    versions();
    #[cfg(feature = "libzmq")]
    libzmq();
    #[cfg(feature = "nanomsg")]
    nanomsg();
}

fn versions() {
    println!("cargo:rerun-if-changed=Cargo.lock");
    let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let lock = fs::read_to_string(folder + "/Cargo.lock").unwrap_or_default();
    for name in CRATES {
        let version = lock
            .split_once(&format!("name = \"{name}\"\nversion = \""))
            .and_then(|(_, rest)| rest.split_once('"'))
            .map_or("unknown", |(version, _)| version);
        let variable = name.to_uppercase().replace('-', "_");
        println!("cargo:rustc-env=VERSION_{variable}={version}");
    }
}

#[cfg(feature = "libzmq")]
#[allow(
    unsafe_code,
    reason = "the environment is the only way to the compiler's flags, and this program has one thread"
)]
fn libzmq() {
    // Its warnings are not ours to read. It wakes by eventfd, as where its own build has found one: the crate does not look.
    let own = " -w -DZMQ_HAVE_EVENTFD=1 -DZMQ_HAVE_EVENTFD_CLOEXEC=1";
    let flags = env::var("CXXFLAGS").unwrap_or_default() + own;
    // SAFETY: no other thread reads the environment.
    unsafe { env::set_var("CXXFLAGS", flags) };
    zeromq_src::Build::new().build();
}

/// As the system has it.
#[cfg(feature = "nanomsg")]
fn nanomsg() {
    let found = pkg_config::Config::new().probe("nanomsg");
    let library = found.unwrap_or_else(|error| {
        panic!("install pkg-config and libnanomsg-dev, or leave the feature `nanomsg` out; `./run` says what is missing: {error}")
    });
    println!("cargo:rustc-env=VERSION_NANOMSG={}", library.version);
}
