//! A batched stream: whole messages gathered and written together, read in large pieces and only counted.

use std::io::IoSlice;

use super::inflow::Inflow;
use super::wire::Wire;
use crate::Outcome;
use crate::end::{Arrivals, Letter, Letters};

/// Octets of the length before each body.
const LENGTH: usize = 8;
/// What is left of a body is gathered with the next one up to this, and written on its own above.
const GATHERED: usize = 32 * 1024;
const READ: usize = 256 * 1024;

/// Writes this many bytes at once, and less only before a pause.
pub(super) fn write(wire: &mut dyn Wire, letters: &mut Letters, at_once: usize) -> Outcome<()> {
    let length = (letters.size() as u64).to_be_bytes();
    let mut gathered = Vec::with_capacity(2 * at_once);
    while let Some(letter) = letters.next() {
        if gathered.len() + LENGTH > at_once {
            write_out(wire, &mut gathered, &[])?;
        }
        gathered.extend_from_slice(&length);
        match letter {
            Letter::Written(octets) => {
                if gathered.len() + octets.len() > at_once {
                    // The length just gathered goes with what came before: it is a stream.
                    write_out(wire, &mut gathered, &[])?;
                }
                gathered.extend_from_slice(octets);
            }
            Letter::Shared { body, .. } => write_body(wire, &mut gathered, body, at_once)?,
        }
        if letters.pauses() {
            write_out(wire, &mut gathered, &[])?;
        }
    }
    write_out(wire, &mut gathered, &[])
}

/// Writes a large body from where it lies, without a small write between two bodies.
fn write_body(wire: &mut dyn Wire, gathered: &mut Vec<u8>, body: &[u8], at_once: usize) -> Outcome<()> {
    let mut rest = body;
    while gathered.len() + rest.len() > at_once || rest.len() > GATHERED {
        let (now, later) = rest.split_at((at_once - gathered.len()).min(rest.len()));
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
    if arrivals.has_bursts() {
        return read_each(wire, arrivals);
    }
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

/// The same where each message is looked at.
fn read_each(wire: &mut dyn Wire, arrivals: &mut Arrivals) -> Outcome<()> {
    let mut inflow = Inflow::new(wire, READ, LENGTH + arrivals.size());
    while arrivals.wanted() {
        inflow.read(|message| arrivals.note(&message[LENGTH..]))?;
    }
    Ok(())
}
