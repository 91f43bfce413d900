//! The kit, on names.

use std::sync::atomic::{AtomicUsize, Ordering};

use hubless_inproc::Inproc;

#[test]
fn inproc_conforms() {
    let next = AtomicUsize::new(0);
    hubless_conformance::suite(&Inproc::new(), &|| format!("name {}", next.fetch_add(1, Ordering::Relaxed)));
}
