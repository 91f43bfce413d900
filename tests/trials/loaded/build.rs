//! A library whose threads go on cannot be unmapped.

fn main() {
    // While a context is there its background thread runs code of this library. With this, a host that unloads it while sockets
    // are open only lets go of its name.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
