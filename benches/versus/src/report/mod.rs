//! What is shown of what was measured.

mod table;

pub use table::write;
