//! A batched stream: whole messages gathered and written together, read in large pieces and only counted.

use std::io::IoSlice;

use super::wire::Wire;
use crate::Outcome;
use crate::end::{Arrivals, Letter, Letters};

/// Octets of the length before each body.
const LENGTH: usize = 8;
/// Octets of one write. A little more than 65,483 is pathological on a loopback TCP connection.
const WRITE: usize = 60_000;
/// What is left of a body is gathered with the next one up to this, and written on its own above.
const GATHERED: usize = 32 * 1024;
const READ: usize = 256 * 1024;

pub(super) fn write(wire: &mut dyn Wire, letters: &mut Letters) -> Outcome<()> {
    let length = (letters.size() as u64).to_be_bytes();
    let mut gathered = Vec::with_capacity(2 * WRITE);
    while let Some(letter) = letters.next() {
        if gathered.len() + LENGTH > WRITE {
            write_out(wire, &mut gathered, &[])?;
        }
        gathered.extend_from_slice(&length);
        match letter {
            Letter::Written(octets) => {
                if gathered.len() + octets.len() > WRITE {
                    // The length just gathered goes with what came before: it is a stream.
                    write_out(wire, &mut gathered, &[])?;
                }
                gathered.extend_from_slice(octets);
            }
            Letter::Shared { body, .. } => write_body(wire, &mut gathered, body)?,
        }
    }
    write_out(wire, &mut gathered, &[])
}

/// Writes a large body from where it lies, without a small write between two bodies.
fn write_body(wire: &mut dyn Wire, gathered: &mut Vec<u8>, body: &[u8]) -> Outcome<()> {
    let mut rest = body;
    while gathered.len() + rest.len() > WRITE || rest.len() > GATHERED {
        let (now, later) = rest.split_at((WRITE - gathered.len()).min(rest.len()));
        write_out(wire, gathered, now)?;
        rest = later;
    }
    gathered.extend_from_slice(rest);
    Ok(())
}

/// Writes what is gathered, and this, in one go.
fn write_out(wire: &mut dyn Wire, gathered: &mut Vec<u8>, more: &[u8]) -> Outcome<()> {
    let mut slices = [IoSlice::new(gathered), IoSlice::new(more)];
    let mut rest = &mut slices[..];
    IoSlice::advance_slices(&mut rest, 0);
    while !rest.is_empty() {
        let written = wire.write_vectored(rest)?;
        IoSlice::advance_slices(&mut rest, written);
    }
    gathered.clear();
    Ok(())
}

pub(super) fn read(wire: &mut dyn Wire, arrivals: &mut Arrivals) -> Outcome<()> {
    let message = (LENGTH + arrivals.size()) as u64;
    let mut buffer = vec![0; READ];
    let mut octets = 0;
    while arrivals.wanted() {
        let read = wire.read(&mut buffer)? as u64;
        if read == 0 {
            return Err("the sender has gone".into());
        }
        octets += read;
        arrivals.note_unseen(octets / message);
        octets %= message;
    }
    Ok(())
}
