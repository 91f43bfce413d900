//! What is asked of the operating system.

pub mod allocated;
pub mod clock;
pub mod cpu;
pub mod descriptors;
pub mod process;
