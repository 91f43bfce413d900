//! What is measured of hubless alone, or beside the floor: no peer has a figure to compare with, or none needs one.

mod busy;
mod connections;
mod fairness;
mod idle_cpu;
mod lone;
mod resume;
mod several;

use crate::measure::Trial;

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    let mut trials = connections::trials();
    trials.extend(several::trials());
    trials.extend(lone::trials());
    trials.extend(resume::trials());
    trials.extend(busy::trials());
    trials.extend(fairness::trials());
    trials.extend(idle_cpu::trials());
    trials
}
