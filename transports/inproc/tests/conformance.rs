//! The kit, on names.

use std::sync::atomic::{AtomicUsize, Ordering};

use hubless_inproc::{Inproc, InprocTransport};

#[test]
fn inproc_conforms() {
    let next = AtomicUsize::new(0);
    hubless_conformance::suite(&InprocTransport::new(), &|| {
        format!("name {}", next.fetch_add(1, Ordering::Relaxed))
    });
}

#[test]
fn typed_endpoints_conform() {
    let listened = Inproc::name("typed").max_connections(1);
    hubless_conformance::typed_endpoints_connect(&InprocTransport::new(), listened, |address| {
        address.parse::<Inproc>().expect("an address")
    });
}
