//! Builds or finds the C libraries that are compared.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    #[cfg(feature = "libzmq")]
    libzmq();
}

#[cfg(feature = "libzmq")]
#[allow(
    unsafe_code,
    reason = "the environment is the only way to the compiler's flags, and this program has one thread"
)]
fn libzmq() {
    // Its warnings are not ours to read. It wakes by eventfd, as where its own build has found one: the crate does not look.
    let own = " -w -DZMQ_HAVE_EVENTFD=1 -DZMQ_HAVE_EVENTFD_CLOEXEC=1";
    let flags = std::env::var("CXXFLAGS").unwrap_or_default() + own;
    // SAFETY: no other thread reads the environment.
    unsafe { std::env::set_var("CXXFLAGS", flags) };
    zeromq_src::Build::new().build();
}
