//! What the allocator of the process has given out.

#![allow(unsafe_code, reason = "glibc counts by itself, and nothing of Rust asks it")]

/// Octets in use, of Rust and C alike.
pub fn octets() -> usize {
    // SAFETY: it takes nothing and only reads the allocator's own books, under its locks.
    let books = unsafe { libc::mallinfo2() };
    books.uordblks + books.hblkhd
}
