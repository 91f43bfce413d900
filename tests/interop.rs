//! Other libraries at the other end. They are one program, so that what waits for one of them waits beside the others.

mod guide_programs;
mod interop_devices;
mod interop_nanomsg;
#[path = "interop_nng/main.rs"]
mod interop_nng;
