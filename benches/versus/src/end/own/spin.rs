//! A neighbour that always wants a processor.

use std::hint;

use crate::Outcome;
use crate::end::{Figures, Link};

pub(super) fn run() -> Outcome<Figures> {
    Link::Lines.ready();
    loop {
        hint::black_box(0);
    }
}
