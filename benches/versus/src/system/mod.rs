//! What is asked of the operating system.

pub mod cpu;
pub mod descriptors;
